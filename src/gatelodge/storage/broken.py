"""Turns what a driver raises into our errors, alike for both databases.

PostgreSQL names the constraint that was broken; SQLite names its columns, from which we find it.
"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import exc as sqlalchemy_errors

from gatelodge.lti.errors import GatelodgeError
from gatelodge.storage import errors, tables
from gatelodge.words import N_

CONFLICTS: dict[str, tuple[type[errors.Conflict], str]] = {
    "uq_tenants_slug": (
        errors.TenantSlugTaken,
        "There is a tenant with this short name already.",
    ),
    "uq_tools_key": (
        errors.ToolKeyTaken,
        "There is a tool with this key already.",
    ),
    "uq_platform_clients_issuer_client_id": (
        errors.PlatformClientTaken,
        "This issuer and client id are registered with this gateway already.",
    ),
    "uq_registrations_tenant_tool_client": (
        errors.RegistrationTaken,
        "This tool is registered with this issuer and client id already.",
    ),
    "uq_deployments_client_deployment": (
        errors.DeploymentTaken,
        "This deployment id is known already; it belongs to one registration at most.",
    ),
    "uq_local_logins_email": (
        errors.EmailTaken,
        "Somebody signs in with this e-mail address already.",
    ),
}
"""What it means that a constraint is broken. Those not named here guard ids that we make."""

_NO_REFERENCE = "What this refers to is not there, or belongs to somebody else."
_ID_TAKEN = "There is a row with this id already."

_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: N_("The database is locked by another program."),
    sqlite3.SQLITE_LOCKED: N_("The database is locked by another program."),
    sqlite3.SQLITE_FULL: N_("There is no space left for the database."),
    sqlite3.SQLITE_CANTOPEN: N_("The database file cannot be opened."),
    sqlite3.SQLITE_READONLY: N_("The database cannot be written to."),
    sqlite3.SQLITE_PERM: N_("The database file may not be read."),
    sqlite3.SQLITE_IOERR: N_("The database file cannot be read or written."),
    sqlite3.SQLITE_NOMEM: N_("There is no memory left for the database."),
    sqlite3.SQLITE_CORRUPT: N_("The database file is damaged."),
    sqlite3.SQLITE_NOTADB: N_("The file named is not a database."),
}


def translated(error: Exception) -> Exception:
    """Our error for what happened, or the error itself where it is a mistake in our code."""
    cause = _cause_of(error)
    if isinstance(cause, GatelodgeError):
        return cause
    if isinstance(cause, sqlalchemy_errors.TimeoutError):
        return errors.StorageUnavailable(N_("The database is too busy: no connection became free."))
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause) or error
    # With SQLite its driver isn't loaded, for it takes eight megabytes.
    if "psycopg" in sys.modules:
        return _from_postgresql(cause) or error
    return error


@contextmanager
def in_our_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        ours = translated(error)
        if ours is error:
            raise
        raise ours from error


def _cause_of(error: Exception) -> BaseException:
    if isinstance(error, sqlalchemy_errors.StatementError) and error.orig is not None:
        return error.orig
    return error


def _from_sqlite(error: sqlite3.Error) -> GatelodgeError | None:
    # The lower byte is the kind; the rest says more exactly what happened.
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind in _SQLITE_UNAVAILABLE:
        return errors.StorageUnavailable(_SQLITE_UNAVAILABLE[kind])
    if kind == sqlite3.SQLITE_CONSTRAINT:
        return _from_sqlite_constraint(str(error))
    if kind in {sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH}:
        return errors.UnstorableValue("A value is too large for the database.")
    return None


def _from_sqlite_constraint(message: str) -> GatelodgeError | None:
    if message.startswith("FOREIGN KEY"):
        return errors.ReferenceMissing(_NO_REFERENCE)
    if message.startswith("UNIQUE constraint failed: "):
        columns = frozenset(re.split(r",\s*", message.partition(": ")[2]))
        return _conflict(_UNIQUE_BY_COLUMNS.get(columns, ""))
    return None


def _from_postgresql(error: BaseException) -> GatelodgeError | None:
    import psycopg  # noqa: PLC0415

    match error:
        case psycopg.errors.UniqueViolation():
            return _conflict(error.diag.constraint_name or "")
        case psycopg.errors.ForeignKeyViolation():
            return errors.ReferenceMissing(_NO_REFERENCE)
        case psycopg.errors.ReadOnlySqlTransaction():
            return errors.StorageUnavailable(N_("The database cannot be written to."))
        case psycopg.errors.ProgramLimitExceeded() | psycopg.DataError():
            return errors.UnstorableValue("A value is too large for the database, or not text.")
        case psycopg.errors.DiskFull():
            return errors.StorageUnavailable(N_("There is no space left for the database."))
        case (
            # Among other things what it says when the system does not let a file grow.
            psycopg.errors.InternalError_()
            | psycopg.errors.DataCorrupted()
            | psycopg.errors.IndexCorrupted()
        ):
            return errors.StorageUnavailable(
                N_("The database has a fault of its own; its log says which.")
            )
        case psycopg.errors.LockNotAvailable() | psycopg.errors.QueryCanceled():
            return errors.StorageUnavailable(
                N_("The database is too busy, or locked by another program.")
            )
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return errors.StorageUnavailable(N_("The database cannot be reached."))
    return None


def _conflict(constraint: str) -> GatelodgeError:
    kind, sentence = CONFLICTS.get(constraint, (errors.IdTaken, _ID_TAKEN))
    return kind(sentence)


def _unique_by_columns() -> dict[frozenset[str], str]:
    """The name of each unique constraint and index, by the columns that SQLite's message lists."""
    return {
        frozenset(f"{table.name}.{column}" for column in columns): name
        for table in tables.metadata.tables.values()
        for name, columns in _unique_of(table)
    }


def _unique_of(table: Table) -> list[tuple[str, list[str]]]:
    unique: list[UniqueConstraint | Index] = [
        *(each for each in table.constraints if isinstance(each, UniqueConstraint)),
        *(each for each in table.indexes if each.unique),
    ]
    return [(str(each.name), [column.name for column in each.columns]) for each in unique]


_UNIQUE_BY_COLUMNS = _unique_by_columns()
