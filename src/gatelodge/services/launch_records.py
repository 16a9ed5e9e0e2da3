"""Launches and refusals as people look at them: a list, and one of them step by step.

What is personal is masked unless it is asked for, and asking is written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from gatelodge import platforms
from gatelodge.lti.errors import Refusal, all_refusals
from gatelodge.lti.notes import Note, measured
from gatelodge.platforms import Platform
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import Invalid, LaunchNotFound
from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import launches, overviews, refusals
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.launches import LaunchSummary, StoredLaunch
from gatelodge.storage.overviews import Names
from gatelodge.storage.refusals import Alike, RefusalRow
from gatelodge.words import Sentence

MOST = 1000
MASK = "•••"


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the list. ``named`` is what `show` takes; ``code`` is None for an accepted launch.

    ``count`` is how often it happened: unproven refusals of one cause and minute are one line.
    """

    named: str
    at: int
    tenant: str | None
    registration: str | None
    tool: str | None
    code: str | None
    proven: bool
    count: int

    @property
    def is_accepted(self) -> bool:
        return self.code is None


@dataclass(frozen=True, slots=True)
class Step:
    """A check, milliseconds after the beginning, and what was measured."""

    check: str
    milliseconds: float
    note: Sentence | None
    passed: bool


@dataclass(frozen=True, slots=True)
class AcceptedLaunch:
    """``personal`` is None when nothing personal came, or when it is deleted by now."""

    record: Record
    launch: StoredLaunch
    facts: dict[str, Any]
    personal: dict[str, Any] | None
    unmasked: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RefusedLaunch:
    """Why, in the words for an administrator; ``advice`` names the screen of that LMS.

    ``path`` are the menus that lead there, where a path leads there.
    """

    record: Record
    refusal: RefusalRow
    heading: str
    person: str
    finding: str
    hint: str
    mender: str
    advice: Sentence | None
    sent: str | None
    expected: str | None
    note: Sentence | None
    steps: tuple[Step, ...]
    platform: Platform | None
    path: tuple[str, ...]
    alike: Alike


class LaunchRecords:
    def __init__(self, database: Database, sealer: Sealer, audit: Audit) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit

    def list(
        self,
        caller: Caller,
        *,
        tenant: str | None = None,
        refused_only: bool = False,
        limit: int = 20,
    ) -> list[Record]:
        """The newest, accepted and refused; `LaunchPages` has them all, a page at a time."""
        caller.must_administer()
        if not 1 <= limit <= MOST:
            raise Invalid("limit", f"The limit is 1 to {MOST}, not {limit}.")

        def read(connection: Connection) -> list[Record]:
            scope = caller.tenant_scope
            if tenant is not None:
                scope = find_tenant(caller, connection, tenant).id
            refused = [
                row
                for proven in (True, False)
                for row in refusals.list_recent(connection, scope, proven=proven, limit=limit)
            ]
            accepted = [] if refused_only else launches.list_recent(connection, scope, limit=limit)
            return records_of(connection, accepted, refused)[:limit]

        return self._database.read(read)

    def show(
        self, caller: Caller, named: str, *, unmask: bool = False
    ) -> AcceptedLaunch | RefusedLaunch:
        """``named`` is a launch's id or a refusal's trace id, as its page shows it.

        An educator finds refusals by the trace id alone, and what stopped them without the values.
        """
        if caller.role is Role.EDUCATOR:
            if unmask:
                caller.must_administer()
            return self._database.read(lambda connection: _plain(caller, connection, named))
        found = self._database.read(lambda connection: self._found(caller, connection, named))
        if unmask and isinstance(found, AcceptedLaunch):
            return self._database.write(
                lambda connection: self._unmasked(caller, connection, found)
            )
        return found

    def _found(
        self, caller: Caller, connection: Connection, named: str
    ) -> AcceptedLaunch | RefusedLaunch:
        scope = caller.tenant_scope
        launch = launches.get(connection, scope, named.strip().lower())
        if launch is not None:
            return self._accepted(connection, scope, launch)
        return _found_refused(caller, connection, named)

    def _accepted(
        self, connection: Connection, scope: str | None, launch: StoredLaunch
    ) -> AcceptedLaunch:
        sealed = launches.personal(connection, scope, launch.id)
        [record] = records_of(connection, [launch], [])
        facts = msgspec.json.decode(launch.facts)["launch"]
        return AcceptedLaunch(
            record=record,
            launch=launch,
            facts=_masked_facts(facts),
            personal=None if sealed is None else _masked(self._opened(launch.id, sealed)),
            unmasked=False,
            steps=_steps(launch.trace),
        )

    def _unmasked(
        self, caller: Caller, connection: Connection, found: AcceptedLaunch
    ) -> AcceptedLaunch:
        launch = found.launch
        sealed = launches.personal(connection, caller.tenant_scope, launch.id)
        self._audit.record(
            caller, connection, Tag.LAUNCH_UNMASKED, launch.id, tenant_id=launch.tenant_id
        )
        return AcceptedLaunch(
            record=found.record,
            launch=launch,
            facts=msgspec.json.decode(launch.facts)["launch"],
            personal=None if sealed is None else self._opened(launch.id, sealed),
            unmasked=True,
            steps=found.steps,
        )

    def _opened(self, launch_id: str, sealed: bytes) -> dict[str, Any]:
        plain = self._sealer.open(sealed, purpose=PERSONAL_PURPOSE, about=launch_id)
        opened = msgspec.json.decode(plain)
        # Addresses to return to hold keys of the person's session: nobody is shown them.
        return {part: opened[part] for part in ("person", "custom") if part in opened}


# ----------------------------------------------------------------------- masking


def _masked(personal: dict[str, Any]) -> dict[str, Any]:
    """Which values came, and none of them."""
    return {part: dict.fromkeys(values, MASK) for part, values in personal.items()}


def _masked_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The platform's own id of a person is theirs, too; ours is a number that means nothing elsewhere."""
    platform = facts["platform"]
    if platform["person_id"] is None:
        return facts
    return {**facts, "platform": {**platform, "person_id": MASK}}


# ----------------------------------------------------------------------- records


def records_of(
    connection: Connection,
    accepted: Sequence[LaunchSummary | StoredLaunch],
    refused: Sequence[RefusalRow],
) -> list[Record]:
    rows = [*accepted, *refused]
    names = overviews.names_of(
        connection,
        tenants={row.tenant_id for row in rows if row.tenant_id},
        tools={row.tool_id for row in rows if row.tool_id},
        registrations={row.registration_id for row in rows if row.registration_id},
    )
    found = [*(_accepted_record(row, names) for row in accepted)]
    found += [_refused_record(row, names) for row in refused]
    return sorted(found, key=lambda record: record.at, reverse=True)


def _accepted_record(row: LaunchSummary | StoredLaunch, names: Names) -> Record:
    return Record(
        named=row.id,
        at=row.launched_at,
        tenant=names.tenants.get(row.tenant_id),
        registration=names.registrations.get(row.registration_id),
        tool=names.tools.get(row.tool_id),
        code=None,
        proven=True,
        count=1,
    )


def _refused_record(row: RefusalRow, names: Names) -> Record:
    return Record(
        named=row.trace_id,
        at=row.last_at,
        tenant=names.tenants.get(row.tenant_id or ""),
        registration=names.registrations.get(row.registration_id or ""),
        tool=names.tools.get(row.tool_id or ""),
        code=row.code,
        proven=row.proven,
        count=row.count,
    )


def _found_refused(caller: Caller, connection: Connection, named: str) -> RefusedLaunch:
    row = refusals.get_by_trace_id(connection, caller.tenant_scope, _trace_id(named))
    if row is None:
        raise LaunchNotFound(named)
    return _refused(connection, row)


def _plain(caller: Caller, connection: Connection, named: str) -> RefusedLaunch:
    """What was checked and where it stopped, without what was sent, expected or measured."""
    found = _found_refused(caller, connection, named)
    steps = tuple(replace(each, note=None) for each in found.steps)
    return replace(found, sent=None, expected=None, note=None, steps=steps)


def _refused(connection: Connection, row: RefusalRow) -> RefusedLaunch:
    [record] = records_of(connection, [], [row])
    kind = _KINDS.get(row.code, Refusal)
    details = msgspec.json.decode(row.details)
    named = overviews.platform_of(connection, row.platform_client_id)
    platform = platforms.get(named) if named else None
    has_path = platform and kind.screen != "clock" and kind.screen not in platform.notes
    return RefusedLaunch(
        record=record,
        refusal=row,
        heading=getattr(kind, "heading", ""),
        person=getattr(kind, "person", ""),
        finding=getattr(kind, "finding", ""),
        hint=kind.hint,
        mender=kind.mender,
        advice=platform.advice(kind.screen) if platform else None,
        sent=details.get("sent"),
        expected=details.get("expected"),
        note=Note(*details["note"]).sentence if details.get("note") else None,
        steps=_steps(row.trace),
        platform=platform,
        path=tuple(platform.screen(kind.screen)) if platform and has_path else (),
        alike=refusals.count_alike(connection, row),
    )


_KINDS: dict[str, type[Refusal]] = {kind.code: kind for kind in all_refusals()}


# ----------------------------------------------------------------------- reading


def _steps(trace: str) -> tuple[Step, ...]:
    """The lines that `gatelodge.lti.trace.Trace` wrote."""
    return tuple(_step(line) for line in trace.splitlines())


def _step(line: str) -> Step:
    check, _, rest = line.partition(" ")
    microseconds, _, value = rest.partition(" ")
    name = check.removeprefix("!")
    return Step(name, int(microseconds) / 1000, measured(name, value), not check.startswith("!"))


def _trace_id(named: str) -> str:
    """As it was read from a screen or over the telephone: 7f3k 4mb9, 7F3K4MB9."""
    text = "".join(each for each in named.upper() if each.isalnum())
    text = text.translate(str.maketrans("OIL", "011"))
    return f"{text[:4]}-{text[4:]}"
