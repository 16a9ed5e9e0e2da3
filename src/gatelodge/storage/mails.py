"""Mails on their way: a row until it is sent, leased by whichever process is sending it."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from gatelodge.storage.tables import mails


class MailRow(NamedTuple):
    """``tries`` counts the ones before."""

    id: str
    sealed: bytes
    created_at: int
    tries: int


class Queue(NamedTuple):
    """How many wait after a try that failed, why the last of those did, and how many were given up."""

    waiting: int
    trouble: str | None
    given_up: int


def add(
    connection: Connection, mail_id: str, sealed: bytes, *, account_id: str | None, now: float
) -> None:
    connection.execute(
        insert(mails).values(
            id=mail_id,
            account_id=account_id,
            sealed=sealed,
            created_at=now,
            due_at=now,
            leased_until=0,
            tries=0,
        )
    )


def claim(connection: Connection, owner: str, *, now: float, lease: float) -> MailRow | None:
    """The one that is due longest and that nobody else is sending, or whose sender died."""
    chosen = (
        select(mails.c.id)
        .where(mails.c.given_up_at.is_(None), mails.c.due_at <= now, mails.c.leased_until <= now)
        .order_by(mails.c.due_at, mails.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = connection.execute(
        update(mails)
        .where(mails.c.id == chosen)
        .values(leased_until=now + lease, leased_by=owner, tries=mails.c.tries + 1)
        .returning(mails.c.id, mails.c.sealed, mails.c.created_at, mails.c.tries - 1)
    ).first()
    return MailRow(*row) if row else None


def finish(connection: Connection, mail_id: str, owner: str) -> bool:
    """It is sent. False when somebody else has taken it over meanwhile."""
    return connection.execute(delete(mails).where(_held(mail_id, owner))).rowcount == 1


def put_off(
    connection: Connection, mail_id: str, owner: str, *, due_at: float, trouble: str
) -> None:
    connection.execute(
        update(mails)
        .where(_held(mail_id, owner))
        .values(due_at=due_at, leased_until=0, leased_by=None, trouble=trouble)
    )


def give_up(connection: Connection, mail_id: str, owner: str, *, now: float, trouble: str) -> None:
    connection.execute(
        update(mails)
        .where(_held(mail_id, owner))
        .values(given_up_at=now, sealed=None, leased_until=0, leased_by=None, trouble=trouble)
    )


def delete_for_account(connection: Connection, account_id: str) -> None:
    connection.execute(delete(mails).where(mails.c.account_id == account_id))


def look(connection: Connection) -> Queue:
    waiting = mails.c.given_up_at.is_(None) & mails.c.trouble.is_not(None)
    given_up = mails.c.given_up_at.is_not(None)
    counts = connection.execute(
        select(func.count().filter(waiting), func.count().filter(given_up))
    ).one()
    last = connection.execute(
        select(mails.c.trouble).where(waiting).order_by(mails.c.due_at.desc()).limit(1)
    ).scalar_one_or_none()
    return Queue(counts[0], last, counts[1])


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Those given up longest ago."""
    due = select(mails.c.id).where(mails.c.given_up_at < int(before)).limit(limit)
    return connection.execute(delete(mails).where(mails.c.id.in_(due))).rowcount


def _held(mail_id: str, owner: str) -> ColumnElement[bool]:
    return (mails.c.id == mail_id) & (mails.c.leased_by == owner)
