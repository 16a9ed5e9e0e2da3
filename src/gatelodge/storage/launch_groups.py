"""Writes a group of launches in one transaction: the one durable write that a launch is.

It goes through the driver: SQLAlchemy's care per row would cost more than the insert. Each row is
*admitted*, or it is *spent* (a row with its id, the nonce, is there), or *stale* (the catalogue
has changed since the launch was judged).
"""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import astuple

from gatelodge.lti.errors import GatelodgeError
from gatelodge.storage.broken import translated
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_connection import ConnectionLost
from gatelodge.storage.launches import LaunchRow
from gatelodge.words import N_

if TYPE_CHECKING:
    import psycopg

Outcome = Literal["admitted", "spent", "stale"]
Answer = Outcome | GatelodgeError


class GroupWriter:
    """Writes groups, and says what became of each row, whatever happens.

    What is wrong with one row is its own affair: a group that fails is written again row by row.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = self._into_sqlite if database.kind == "sqlite" else self._into_postgresql

    def write(self, rows: Sequence[LaunchRow]) -> list[Answer]:
        try:
            return [*self._insert(rows)]
        except StorageUnavailable as error:
            return [error] * len(rows)
        except Exception:  # noqa: BLE001 - whatever it was, it is of one row
            return self._one_by_one(rows)

    def _one_by_one(self, rows: Sequence[LaunchRow]) -> list[Answer]:
        answers: list[Answer] = []
        for row in rows:
            try:
                answers += self._insert([row])
            except StorageUnavailable as error:
                # Nor for the others, who would wait for it one after the other.
                return answers + [error] * (len(rows) - len(answers))
            except Exception as error:  # noqa: BLE001 - it must not take the others along
                answers.append(_row_failed(error))
        return answers

    def _into_sqlite(self, rows: Sequence[LaunchRow]) -> list[Outcome]:
        with self._database.launch_connection() as connection:
            return insert_into_sqlite(connection, rows)

    def _into_postgresql(self, rows: Sequence[LaunchRow]) -> list[Outcome]:
        with suppress(ConnectionLost), self._database.launch_connection() as connection:
            return insert_into_postgresql(connection, rows)
        # The server was restarted perhaps, and may have written them before.
        with self._database.launch_connection() as connection:
            recorded = already_recorded(connection, rows)
            missing = [row for row in rows if _key(row) not in recorded]
            outcomes = iter(insert_into_postgresql(connection, missing) if missing else [])
            return ["admitted" if _key(row) in recorded else next(outcomes) for row in rows]


def _row_failed(error: Exception) -> GatelodgeError:
    ours = translated(error)
    if isinstance(ours, GatelodgeError):
        return ours
    failed = StorageUnavailable(N_("This launch cannot be written to the database."))
    failed.__cause__ = error
    return failed


# The fields of a row are the columns in their order, but for its personal data and the version.
*_LAUNCH, _, _ = LaunchRow.__struct_fields__
_COLUMNS = ", ".join(_LAUNCH)
_VERSION = "SELECT version FROM catalogue_version"


# ---------------------------------------------------------------- SQLite

_VERSION_AND_LAST = f"SELECT ({_VERSION}), (SELECT coalesce(max(number), 0) FROM launches)"  # noqa: S608
_INSERT = (
    f"INSERT INTO launches (number, {_COLUMNS}) VALUES (?, {', '.join('?' * len(_LAUNCH))}) "  # noqa: S608
    "ON CONFLICT (id) DO NOTHING"
)
_NUMBERS_AFTER = "SELECT number FROM launches WHERE number > ?"
_INSERT_PERSONAL = (
    "INSERT INTO launch_personal (launch_number, launched_at, sealed) VALUES (?, ?, ?)"
)


def insert_into_sqlite(connection: sqlite3.Connection, rows: Sequence[LaunchRow]) -> list[Outcome]:
    """Rows are numbered here, where nobody else writes, and go in table by table."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        version, last = cursor.execute(_VERSION_AND_LAST).fetchone()
        numbered = {
            number: row for number, row in enumerate(rows, last + 1) if row.seen_version == version
        }
        admitted = _insert(cursor, numbered, last)
        cursor.executemany(
            _INSERT_PERSONAL,
            [
                (number, numbered[number].launched_at, numbered[number].sealed_personal)
                for number in admitted
                if numbered[number].sealed_personal is not None
            ],
        )
        cursor.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return [
        "admitted" if number in admitted else "spent" if number in numbered else "stale"
        for number in range(last + 1, last + 1 + len(rows))
    ]


def _insert(
    cursor: sqlite3.Cursor, numbered: Mapping[int, LaunchRow], last: int
) -> Collection[int]:
    """The numbers of those that went in; the others' ids were there before, or came twice."""
    cursor.executemany(_INSERT, [(number, *astuple(row)[:-2]) for number, row in numbered.items()])
    if cursor.rowcount == len(numbered):
        return numbered
    return {number for (number,) in cursor.execute(_NUMBERS_AFTER, (last,))}


# ---------------------------------------------------------------- PostgreSQL

# One statement, so one round trip. The version is read in the statement's own snapshot.
_ARRAY_TYPES = {"launched_at": "bigint[]", "code_expires_at": "bigint[]", "code_hash": "bytea[]"}
_ARRAYS = ", ".join(f"%b::{_ARRAY_TYPES.get(name, 'text[]')}" for name in _LAUNCH)
_INSERT_GROUP = f"""
    WITH now_at AS MATERIALIZED ({_VERSION}),
    proposed AS MATERIALIZED (
      SELECT * FROM unnest({_ARRAYS}, %b::bytea[], %b::bigint[])
               AS p ({_COLUMNS}, sealed, seen_version)
    ),
    admitted AS (
      INSERT INTO launches ({_COLUMNS})
      SELECT {_COLUMNS} FROM proposed WHERE seen_version = (SELECT version FROM now_at)
      ON CONFLICT (id) DO NOTHING
      RETURNING number, id
    ),
    kept AS (
      INSERT INTO launch_personal (launch_number, launched_at, sealed)
      SELECT number, launched_at, sealed FROM proposed JOIN admitted USING (id)
      WHERE sealed IS NOT NULL
    )
    SELECT (SELECT version FROM now_at), ARRAY(SELECT id FROM admitted)
"""  # noqa: S608
_RECORDED = """
    SELECT id, code_hash FROM launches JOIN unnest(%b::text[], %b::bytea[]) AS p (id, code_hash)
    USING (id, code_hash)
"""


def insert_into_postgresql(
    connection: "psycopg.Connection[Any]", rows: Sequence[LaunchRow]
) -> list[Outcome]:
    """On a connection that commits by itself.

    Ids go in sorted, so that two groups with the same ids cannot wait for each other; and of equal
    rows only the first goes in, since the answer tells ids.
    """
    first: dict[tuple[str, int], int] = {}
    for place, row in enumerate(rows):
        first.setdefault((row.id, row.seen_version), place)
    proposed = [rows[first[each]] for each in sorted(first)]
    columns = [*map(list, zip(*map(astuple, proposed), strict=True))]
    found = connection.execute(_INSERT_GROUP, columns).fetchone()
    assert found is not None  # noqa: S101 - a SELECT without FROM has one row
    version, admitted = found[0], set(found[1])

    def outcome(place: int, row: LaunchRow) -> Outcome:
        if row.seen_version != version:
            return "stale"
        is_first = first[row.id, row.seen_version] == place
        return "admitted" if is_first and row.id in admitted else "spent"

    return [outcome(place, row) for place, row in enumerate(rows)]


def already_recorded(
    connection: "psycopg.Connection[Any]", rows: Sequence[LaunchRow]
) -> set[tuple[str, bytes]]:
    """Which of these rows were written, though the answer was lost with the connection.

    The code's hash is random, so a row that has the same one is this very launch and no other.
    """
    ids, hashes = [row.id for row in rows], [row.code_hash for row in rows]
    return {(each[0], each[1]) for each in connection.execute(_RECORDED, (ids, hashes))}


def _key(row: LaunchRow) -> tuple[str, bytes]:
    return row.id, row.code_hash
