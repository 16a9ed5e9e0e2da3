"""The list of launches, accepted and refused, newest first: a page at a time, however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import merge
from itertools import islice

from gatelodge.services.caller import Caller
from gatelodge.services.launch_records import Record, records_of
from gatelodge.storage import launches, refusals, registrations
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.launches import LaunchSummary
from gatelodge.storage.refusals import RefusalRow

PAGE = 50


class Outcome(StrEnum):
    ALL = "all"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """``code`` is the cause of a refusal."""

    outcome: Outcome = Outcome.ALL
    registration: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after these, of the launches, of proven and of unproven refusals."""

    launch: int | None = None
    proven: str | None = None
    unproven: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchPage:
    """``registration_name`` is None if none was asked for, or there is no such; ``older`` at the end."""

    records: tuple[Record, ...]
    registration_name: str | None
    older: Place | None


FIRST = Place()

_Row = LaunchSummary | RefusalRow


class LaunchPages:
    def __init__(self, database: Database) -> None:
        self._database = database

    def look(self, caller: Caller, wanted: Wanted, place: Place = FIRST) -> LaunchPage:
        caller.must_administer()
        return self._database.read(lambda connection: _page(caller, connection, wanted, place))


def _page(caller: Caller, connection: Connection, wanted: Wanted, place: Place) -> LaunchPage:
    scope, name = caller.tenant_scope, None
    if wanted.registration:
        registration = registrations.get(connection, scope, wanted.registration)
        if registration is None:
            return LaunchPage((), None, None)
        # What is the registration's is the tenant's: a database that is asked for both may take the
        # index of the tenant, and go through all of its launches.
        scope, name = None, registration.name
    streams: tuple[Sequence[_Row], ...] = (
        _accepted(connection, scope, wanted, place.launch),
        _refused(connection, scope, wanted, place.proven, proven=True),
        _refused(connection, scope, wanted, place.unproven, proven=False),
    )
    rows = list(islice(merge(*streams, key=_newest_first), PAGE + 1))
    shown = rows[:PAGE]
    accepted = [each for each in shown if isinstance(each, LaunchSummary)]
    refused = [each for each in shown if isinstance(each, RefusalRow)]
    older = _after(shown, place) if len(rows) > PAGE else None
    return LaunchPage(tuple(records_of(connection, accepted, refused)), name, older)


def _accepted(
    connection: Connection, scope: str | None, wanted: Wanted, before: int | None
) -> list[LaunchSummary]:
    if wanted.code or wanted.outcome is Outcome.REFUSED:
        return []
    return launches.list_recent(
        connection,
        scope,
        limit=PAGE + 1,
        before=before,
        registration_id=wanted.registration or None,
    )


def _refused(
    connection: Connection, scope: str | None, wanted: Wanted, before: str | None, *, proven: bool
) -> list[RefusalRow]:
    if not wanted.code and wanted.outcome is Outcome.ACCEPTED:
        return []
    return refusals.list_recent(
        connection,
        scope,
        proven=proven,
        limit=PAGE + 1,
        before=before,
        registration_id=wanted.registration or None,
        code=wanted.code or None,
    )


def _newest_first(row: _Row) -> int:
    return -(row.launched_at if isinstance(row, LaunchSummary) else row.occurred_at)


def _after(shown: Iterable[_Row], place: Place) -> Place:
    launch, proven, unproven = place.launch, place.proven, place.unproven
    for row in shown:
        if isinstance(row, LaunchSummary):
            launch = row.number
        elif row.proven:
            proven = row.id
        else:
            unproven = row.id
    return Place(launch, proven, unproven)
