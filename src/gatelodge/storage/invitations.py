"""Invitations: links that give one role in one place to whoever comes with them first."""

from dataclasses import dataclass, fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from gatelodge.storage.tables import account_roles, accounts, invitations, tenants

_taker = accounts.alias("takers")


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """``inviter`` and ``used_by`` are accounts; ``note`` is the inviter's own, for whom it is."""

    id: str
    tenant_id: str | None
    role: str
    note: str
    inviter: str
    created_at: int
    expires_at: int
    used_at: int | None = None
    used_by: str | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class InvitationOverview:
    """``is_backed``: the inviter could still make it, and the tenant isn't suspended."""

    invitation: InvitationRow
    tenant_name: str | None
    inviter_name: str | None
    taker_name: str | None
    is_backed: bool


def add(connection: Connection, row: InvitationRow, token_hash: bytes) -> None:
    values = {name: getattr(row, name) for name in row.__slots__}
    connection.execute(insert(invitations).values(token_hash=token_hash, **values))


def get_by_token(connection: Connection, token_hash: bytes) -> InvitationOverview | None:
    query = _overviews().where(invitations.c.token_hash == token_hash)
    row = connection.execute(query).mappings().first()
    return _overview(row) if row else None


def get(
    connection: Connection, tenant_id: str | None, invitation_id: str
) -> InvitationOverview | None:
    query = _overviews().where(invitations.c.id == invitation_id, _are_of(tenant_id))
    row = connection.execute(query).mappings().first()
    return _overview(row) if row else None


def list_newest(
    connection: Connection, tenant_id: str | None, *, limit: int, offset: int
) -> list[InvitationOverview]:
    """The tenant's, or all."""
    query = _overviews().where(_are_of(tenant_id)).order_by(invitations.c.id.desc())
    rows = connection.execute(query.limit(limit).offset(offset)).mappings()
    return [_overview(row) for row in rows]


def count(connection: Connection, tenant_id: str | None) -> int:
    query = select(func.count()).select_from(invitations).where(_are_of(tenant_id))
    return connection.execute(query).scalar_one()


def count_open(connection: Connection, tenant_id: str | None, now: float) -> int:
    """To this place: the tenant, or the host."""
    query = select(func.count()).select_from(invitations)
    is_there = invitations.c.tenant_id.is_not_distinct_from(tenant_id)
    return connection.execute(query.where(is_there, _is_open(now))).scalar_one()


def take(connection: Connection, invitation_id: str, account_id: str, now: float) -> bool:
    """False for the slower one of two, and for what is dead."""
    taken = connection.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id, _is_open(now))
        .values(used_at=now, used_by=account_id)
    )
    return taken.rowcount == 1


def revoke(connection: Connection, tenant_id: str | None, invitation_id: str, now: float) -> bool:
    """False if it was used, revoked or over before."""
    revoked = connection.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id, _are_of(tenant_id), _is_open(now))
        .values(revoked_at=now)
    )
    return revoked.rowcount == 1


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Those that were over before this time, used or not."""
    due = (
        select(invitations.c.id)
        .where(invitations.c.expires_at < int(before))
        .order_by(invitations.c.expires_at)
        .limit(limit)
    )
    return connection.execute(delete(invitations).where(invitations.c.id.in_(due))).rowcount


def _is_open(now: float) -> ColumnElement[bool]:
    return and_(
        invitations.c.used_at.is_(None),
        invitations.c.revoked_at.is_(None),
        invitations.c.expires_at > int(now),
    )


def _are_of(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else invitations.c.tenant_id == tenant_id


def _overviews() -> Select[*tuple[object, ...]]:
    held = exists().where(
        account_roles.c.account_id == invitations.c.inviter,
        or_(
            account_roles.c.tenant_id.is_(None) & (account_roles.c.role == "operator"),
            (account_roles.c.tenant_id == invitations.c.tenant_id)
            & (account_roles.c.role == "admin"),
        ),
    )
    is_backed = and_(held, accounts.c.disabled_at.is_(None), tenants.c.suspended_at.is_(None))
    return (
        select(
            invitations,
            tenants.c.name.label("tenant_name"),
            accounts.c.name.label("inviter_name"),
            _taker.c.name.label("taker_name"),
            is_backed.label("is_backed"),
        )
        .outerjoin(tenants, tenants.c.id == invitations.c.tenant_id)
        .outerjoin(accounts, accounts.c.id == invitations.c.inviter)
        .outerjoin(_taker, _taker.c.id == invitations.c.used_by)
    )


def _overview(row: RowMapping) -> InvitationOverview:
    return InvitationOverview(
        InvitationRow(**{each.name: row[each.name] for each in fields(InvitationRow)}),
        row["tenant_name"],
        row["inviter_name"],
        row["taker_name"],
        bool(row["is_backed"]),
    )
