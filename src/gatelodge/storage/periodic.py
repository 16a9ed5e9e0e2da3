"""Work that comes round again: a row per kind of work, leased by whichever process does it."""

from sqlalchemy import Connection, update

from gatelodge.storage.tables import periodic
from gatelodge.storage.upserts import insert_into


def claim(connection: Connection, name: str, owner: str, *, now: float, lease: float) -> bool:
    """Whether ``owner`` is to do it now: it is due, and nobody else has it or their lease ended."""
    query = insert_into(connection, periodic).values(
        name=name, due_at=now, leased_until=now + lease, leased_by=owner
    )
    claimed = connection.execute(
        query.on_conflict_do_update(
            index_elements=[periodic.c.name],
            set_={"leased_until": query.excluded.leased_until, "leased_by": owner},
            where=(periodic.c.due_at <= now) & (periodic.c.leased_until <= now),
        ).returning(periodic.c.name)
    )
    return claimed.first() is not None


def finish(connection: Connection, name: str, owner: str, *, due_at: float) -> bool:
    """Gives it back until it is due again; False when somebody else has taken it over."""
    finished = connection.execute(
        update(periodic)
        .where(periodic.c.name == name, periodic.c.leased_by == owner)
        .values(due_at=due_at, leased_until=0, leased_by=None)
    )
    return finished.rowcount == 1
