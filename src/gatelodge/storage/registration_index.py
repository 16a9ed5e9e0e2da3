"""What the list of registrations is found by: how many there are of each kind, and their words.

Counting ten thousand rows, or looking for a word in them, would be paid at each look at the list.
So it is kept up to date by whatever changes a registration, in the same transaction.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from gatelodge.lti.registration import RegistrationState
from gatelodge.storage.search_words import words_of
from gatelodge.storage.tables import (
    launches,
    platform_clients,
    registration_counts,
    registration_words,
    registrations,
)
from gatelodge.storage.upserts import insert_into

OVERLAP = 1000
"""So many launches are looked at twice: those of another process may have been committed later."""

_Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Indexed:
    """``words`` tells of each whether it stands in the client id alone."""

    tenant_id: str
    place: _Place
    words: dict[str, bool]


@contextmanager
def indexed(connection: Connection, which: ColumnElement[bool]) -> Iterator[None]:
    """Around a change of these registrations, of whatever is shown of them, or of whether they are there."""
    before = _read(connection, which)
    yield
    after = _read(connection, which)
    _count(connection, before, after)
    changed = [each for each in before | after if before.get(each) != after.get(each)]
    _note_words(connection, before, after, changed)


def _read(connection: Connection, which: ColumnElement[bool]) -> dict[str, _Indexed]:
    query = (
        select(
            registrations.c.id,
            registrations.c.tenant_id,
            registrations.c.state,
            registrations.c.deleted_at,
            registrations.c.platform,
            registrations.c.tool_id,
            registrations.c.name,
            registrations.c.issuer,
            platform_clients.c.client_id,
        )
        .join(platform_clients, platform_clients.c.id == registrations.c.platform_client_id)
        .where(which)
    )
    found = {}
    for row in connection.execute(query):
        state = row.state if row.deleted_at is None else RegistrationState.BIN
        for_all = words_of(row.name, row.issuer)
        words = dict.fromkeys(words_of(row.client_id), True) | dict.fromkeys(for_all, False)
        place = (row.tenant_id, state, row.platform, row.tool_id)
        found[row.id] = _Indexed(row.tenant_id, place, words)
    return found


def _count(connection: Connection, before: dict[str, _Indexed], after: dict[str, _Indexed]) -> None:
    change = Counter(each.place for each in after.values())
    change.subtract(each.place for each in before.values())
    # In one order, so that two who count the same never wait for each other.
    for place, count in sorted(change.items()):
        if count:
            query = insert_into(connection, registration_counts).values((*place, count))
            more = registration_counts.c.count + query.excluded.count
            connection.execute(
                query.on_conflict_do_update(
                    index_elements=list(registration_counts.primary_key), set_={"count": more}
                )
            )


def _note_words(
    connection: Connection,
    before: dict[str, _Indexed],
    after: dict[str, _Indexed],
    changed: list[str],
) -> None:
    gone = [each for each in changed if each in before]
    if gone:
        connection.execute(
            delete(registration_words).where(registration_words.c.registration_id.in_(gone))
        )
    rows = [
        {
            "registration_id": each,
            "word": word,
            "tenant_id": after[each].tenant_id,
            "in_client_id": in_client_id,
        }
        for each in changed
        if each in after
        for word, in_client_id in after[each].words.items()
    ]
    if rows:
        connection.execute(insert(registration_words), rows)


# ---------------------------------------------------------------- the last launch of each


def knows_last_launches(connection: Connection) -> bool:
    newest = connection.execute(select(func.max(launches.c.number))).scalar() or 0
    return newest <= _last_noted(connection)


def note_last_launches(
    connection: Connection, *, after: int | None = None, limit: int = 10_000
) -> int | None:
    """Notes which launch is the newest of each registration; returns how far it came, None at the end.

    Launches are written without this: each would wait for the row of its registration.
    """
    begin = max(0, _last_noted(connection) - OVERLAP) if after is None else after
    seen = (
        select(launches.c.registration_id, launches.c.number)
        .where(launches.c.number > begin)
        .order_by(launches.c.number)
        .limit(limit)
        .subquery()
    )
    newest = func.max(seen.c.number)
    query = select(seen.c.registration_id, newest).group_by(seen.c.registration_id)
    found = {row[0]: row[1] for row in connection.execute(query)}
    if found:
        rows = [{"which": each, "newest": found[each]} for each in sorted(found)]
        connection.execute(_NOTE, rows)
    return max(found.values(), default=None)


def _last_noted(connection: Connection) -> int:
    return connection.execute(select(func.max(registrations.c.last_launch))).scalar() or 0


_NOTE = (
    update(registrations)
    .where(
        registrations.c.id == bindparam("which"),
        registrations.c.last_launch < bindparam("newest"),
    )
    .values(last_launch=bindparam("newest"))
)
