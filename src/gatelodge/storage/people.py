"""Lists of people: accounts as those see them who give and take roles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from gatelodge.storage.accounts import AccountRow
from gatelodge.storage.tables import account_identities, account_roles, accounts, local_logins


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody proves who they are: at a provider, or with a password (no ``issuer``)."""

    account_id: str
    issuer: str | None


def search(
    connection: Connection, tenant_id: str | None, asked: str, *, limit: int, offset: int
) -> list[AccountRow]:
    """By name; those with a role in the tenant, or all, whose name or e-mail address holds it."""
    query = select(accounts).where(_are_of(tenant_id), _match(asked))
    query = query.order_by(accounts.c.name, accounts.c.id).limit(limit).offset(offset)
    return [AccountRow(**row) for row in connection.execute(query).mappings()]


def count_found(connection: Connection, tenant_id: str | None, asked: str) -> int:
    query = select(func.count()).select_from(accounts).where(_are_of(tenant_id), _match(asked))
    return connection.execute(query).scalar_one()


def ways_of(connection: Connection, account_ids: Collection[str]) -> Sequence[Way]:
    by_provider = (
        select(account_identities.c.account_id, account_identities.c.issuer)
        .where(account_identities.c.account_id.in_(account_ids))
        .order_by(account_identities.c.id)
    )
    by_password = select(local_logins.c.account_id).where(
        local_logins.c.account_id.in_(account_ids)
    )
    return [
        *(Way(*row) for row in connection.execute(by_provider)),
        *(Way(each, None) for each in connection.execute(by_password).scalars()),
    ]


def _are_of(tenant_id: str | None) -> ColumnElement[bool]:
    if tenant_id is None:
        return true()
    held = select(account_roles.c.account_id).where(account_roles.c.tenant_id == tenant_id)
    return accounts.c.id.in_(held)


def _match(asked: str) -> ColumnElement[bool]:
    return or_(
        accounts.c.name.icontains(asked, autoescape=True),
        accounts.c.email.icontains(asked, autoescape=True),
    )
