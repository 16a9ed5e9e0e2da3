"""What happens at the door: how often somebody tried, and links that make the first operator."""

from typing import NamedTuple

from sqlalchemy import Connection, case, delete, insert, select, update

from gatelodge.storage.tables import setup_links, sign_in_counts
from gatelodge.storage.upserts import insert_into

# ---------------------------------------------------------------- counts


class Counted(NamedTuple):
    times: int
    since: int


def count(connection: Connection, name: str, now: float, *, window: int) -> Counted:
    """One more; a window that is over begins anew."""
    query = insert_into(connection, sign_in_counts).values(name=name, since=now, count=1)
    is_over = sign_in_counts.c.since <= int(now) - window
    row = connection.execute(
        query.on_conflict_do_update(
            index_elements=[sign_in_counts.c.name],
            set_={
                "count": case((is_over, 1), else_=sign_in_counts.c.count + 1),
                "since": case((is_over, query.excluded.since), else_=sign_in_counts.c.since),
            },
        ).returning(sign_in_counts.c.count, sign_in_counts.c.since)
    ).one()
    return Counted(row[0], row[1])


def uncount(connection: Connection, name: str) -> None:
    """One less."""
    connection.execute(
        update(sign_in_counts)
        .where(sign_in_counts.c.name == name, sign_in_counts.c.count > 0)
        .values(count=sign_in_counts.c.count - 1)
    )


def forget(connection: Connection, name: str) -> None:
    connection.execute(delete(sign_in_counts).where(sign_in_counts.c.name == name))


def purge_counts(connection: Connection, before: float, *, limit: int = 1000) -> int:
    due = (
        select(sign_in_counts.c.name)
        .where(sign_in_counts.c.since < int(before))
        .order_by(sign_in_counts.c.since)
        .limit(limit)
    )
    return connection.execute(delete(sign_in_counts).where(sign_in_counts.c.name.in_(due))).rowcount


# ---------------------------------------------------------------- set-up links


def add_link(
    connection: Connection, link_id: str, token_hash: bytes, *, now: float, expires_at: float
) -> None:
    connection.execute(
        insert(setup_links).values(
            id=link_id, token_hash=token_hash, created_at=now, expires_at=expires_at
        )
    )


def find_link(connection: Connection, token_hash: bytes, now: float) -> str | None:
    """The id of a link that is good still."""
    return connection.execute(
        select(setup_links.c.id).where(
            setup_links.c.token_hash == token_hash, setup_links.c.expires_at > int(now)
        )
    ).scalar_one_or_none()


def remove_links(connection: Connection) -> None:
    connection.execute(delete(setup_links))


def purge_links(connection: Connection, before: float, *, limit: int = 1000) -> int:
    due = (
        select(setup_links.c.id)
        .where(setup_links.c.expires_at < int(before))
        .order_by(setup_links.c.expires_at)
        .limit(limit)
    )
    return connection.execute(delete(setup_links).where(setup_links.c.id.in_(due))).rowcount
