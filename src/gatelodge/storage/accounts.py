"""Accounts: people who sign in, the identities they are known by, and the roles they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from gatelodge.storage import people_index
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import (
    account_identities,
    account_roles,
    accounts,
    local_logins,
    tenants,
)
from gatelodge.storage.upserts import insert_into

OPERATOR = "operator"

_ONE_AT_A_TIME = 0x6761_7465_6C6F  # "gatelo": the number of our lock, for PostgreSQL


@dataclass(frozen=True, slots=True)
class AccountRow:
    """``roleless_since`` is when the worker first saw that it holds no role."""

    id: str
    name: str
    email: str | None
    language: str | None
    created_at: int
    disabled_at: int | None
    roleless_since: int | None = None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """``source`` is "given" by a person, or "claims" of a provider."""

    id: str
    account_id: str
    role: str
    tenant_id: str | None
    source: str
    created_at: int


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role as people read it, with its tenant's name."""

    account_id: str
    role: str
    tenant_id: str | None
    tenant_slug: str | None
    tenant_name: str | None
    source: str
    is_suspended: bool
    seen_at: int | None = None


@dataclass(frozen=True, slots=True)
class LocalLogin:
    account_id: str
    password_hash: str
    disabled_at: int | None


def one_at_a_time(connection: Connection) -> None:
    """Whoever comes second sees what the first one did.

    Until the end of the transaction. On SQLite writers stand in a line anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


# ---------------------------------------------------------------- accounts


def add(connection: Connection, row: AccountRow) -> None:
    connection.execute(
        insert(accounts).values({name: getattr(row, name) for name in row.__slots__})
    )
    people_index.note(connection, [row.id])


def get(connection: Connection, account_id: str) -> AccountRow | None:
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().first()
    return _account(row) if row else None


def list_all(
    connection: Connection, tenant_id: str | None, *, after: str | None = None, limit: int = PAGE
) -> list[AccountRow]:
    """Those with a role in the tenant, or all."""
    query = oldest_first(select(accounts), accounts.c.id, after, limit)
    if tenant_id is not None:
        held = select(account_roles.c.account_id).where(account_roles.c.tenant_id == tenant_id)
        query = query.where(accounts.c.id.in_(held))
    return [_account(row) for row in connection.execute(query).mappings()]


def rename(connection: Connection, account_id: str, name: str, email: str | None) -> None:
    is_other = accounts.c.name != name, accounts.c.email.is_distinct_from(email)
    renamed = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, or_(*is_other))
        .values(name=name, email=email)
    )
    if renamed.rowcount:
        people_index.note(connection, [account_id])


def set_disabled(connection: Connection, account_id: str, disabled_at: float | None) -> None:
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(disabled_at=disabled_at)
    )


def set_language(connection: Connection, account_id: str, language: str | None) -> None:
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(language=language)
    )


# ---------------------------------------------------------------- identities


def get_by_identity(connection: Connection, issuer: str, subject: str) -> AccountRow | None:
    row = (
        connection.execute(
            select(accounts)
            .join(account_identities, account_identities.c.account_id == accounts.c.id)
            .where(account_identities.c.issuer == issuer, account_identities.c.subject == subject)
        )
        .mappings()
        .first()
    )
    return _account(row) if row else None


def add_identity(
    connection: Connection,
    row_id: str,
    account_id: str,
    issuer: str,
    subject: str,
    *,
    created_at: float,
) -> None:
    connection.execute(
        insert(account_identities).values(
            id=row_id, account_id=account_id, issuer=issuer, subject=subject, created_at=created_at
        )
    )


# ---------------------------------------------------------------- roles


def roles_of(connection: Connection, account_ids: Iterable[str]) -> list[HeldRole]:
    query = (
        select(
            account_roles.c.account_id,
            account_roles.c.role,
            account_roles.c.tenant_id,
            tenants.c.slug.label("tenant_slug"),
            tenants.c.name.label("tenant_name"),
            account_roles.c.source,
            tenants.c.suspended_at.is_not(None).label("is_suspended"),
            account_roles.c.seen_at,
        )
        .outerjoin(tenants, tenants.c.id == account_roles.c.tenant_id)
        .where(account_roles.c.account_id.in_(list(account_ids)))
        .order_by(account_roles.c.id)
    )
    return [HeldRole(**row) for row in connection.execute(query).mappings()]


def give_role(connection: Connection, row: RoleRow) -> bool:
    """False if the account holds it already; then it goes on coming from where it came."""
    query = insert_into(connection, account_roles).values(
        {name: getattr(row, name) for name in row.__slots__}
    )
    given = connection.execute(query.on_conflict_do_nothing().returning(account_roles.c.id)).first()
    if given:
        people_index.note(connection, [row.account_id])
    return given is not None


def take_role(connection: Connection, account_id: str, role: str, tenant_id: str | None) -> bool:
    taken = connection.execute(delete(account_roles).where(_same(account_id, role, tenant_id)))
    if taken.rowcount:
        people_index.note(connection, [account_id])
    return taken.rowcount == 1


def take_claimed(connection: Connection, tenant_id: str, issuer: str) -> int:
    """What claims gave in this tenant to people of this issuer; how many roles that were."""
    of_issuer = select(account_identities.c.account_id).where(account_identities.c.issuer == issuer)
    taken = connection.execute(
        delete(account_roles).where(
            account_roles.c.tenant_id == tenant_id,
            account_roles.c.source == "claims",
            account_roles.c.account_id.in_(of_issuer),
        )
    )
    people_index.leave(connection, tenant_id)
    return taken.rowcount


def mark_seen(
    connection: Connection, account_id: str, role: str, tenant_id: str | None, now: float
) -> bool:
    """False when the role was taken meanwhile."""
    seen = connection.execute(
        update(account_roles).where(_same(account_id, role, tenant_id)).values(seen_at=now)
    )
    return seen.rowcount == 1


def count_operators(connection: Connection, *, besides: str | None = None) -> int:
    """Operators who can sign in."""
    return count_holders(connection, OPERATOR, None, besides=besides)


def count_holders(
    connection: Connection, role: str, tenant_id: str | None, *, besides: str | None = None
) -> int:
    """Those who hold the role there and can sign in."""
    query = (
        select(func.count())
        .select_from(account_roles)
        .join(accounts, accounts.c.id == account_roles.c.account_id)
        .where(
            account_roles.c.tenant_id.is_not_distinct_from(tenant_id),
            account_roles.c.role == role,
            accounts.c.disabled_at.is_(None),
        )
    )
    if besides is not None:
        query = query.where(accounts.c.id != besides)
    return connection.execute(query).scalar_one()


# ---------------------------------------------------------------- local logins


def add_local_login(
    connection: Connection, account_id: str, email: str, password_hash: str, *, now: float
) -> None:
    connection.execute(
        insert(local_logins).values(
            account_id=account_id, email=email, password_hash=password_hash, changed_at=now
        )
    )


def get_local_login(connection: Connection, email: str) -> LocalLogin | None:
    row = (
        connection.execute(
            select(local_logins.c.account_id, local_logins.c.password_hash, accounts.c.disabled_at)
            .join(accounts, accounts.c.id == local_logins.c.account_id)
            .where(local_logins.c.email == email)
        )
        .mappings()
        .first()
    )
    return LocalLogin(**row) if row else None


def set_password(
    connection: Connection, account_id: str, password_hash: str, *, now: float
) -> bool:
    changed = connection.execute(
        update(local_logins)
        .where(local_logins.c.account_id == account_id)
        .values(password_hash=password_hash, changed_at=now)
    )
    return changed.rowcount == 1


def _same(account_id: str, role: str, tenant_id: str | None) -> ColumnElement[bool]:
    return (
        (account_roles.c.account_id == account_id)
        & (account_roles.c.role == role)
        & (account_roles.c.tenant_id.is_not_distinct_from(tenant_id))
    )


def _account(row: RowMapping) -> AccountRow:
    return AccountRow(**row)
