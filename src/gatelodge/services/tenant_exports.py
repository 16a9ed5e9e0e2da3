"""All that is kept of a tenant as one archive: read in the background, a page at a time.

Pages lie sealed in the database, where every process finds them, and become a zip archive while
they are sent; so neither making nor sending holds more than a page in memory, and a process that
dies loses none. After a day they go.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import RawIOBase
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import ExportNotFound, SealBroken
from gatelodge.services.notices import EXPORT_ASKED, Notices
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.problem_book import MESSAGE_PURPOSE, REPORT_PURPOSE
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import exports
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.exports import PARTS, Export, Page
from gatelodge.words import N_

EXPORT_DAYS = 1
"""How long an export can be fetched."""

AT_ONCE = 500
SHOWN = 10

EXPORT_PURPOSE = "tenant export"


@dataclass(frozen=True, slots=True)
class Archive:
    """A file on its way: it is read while it is sent."""

    name: str
    content: Iterator[bytes]


class TenantExports:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        audit: Audit,
        notices: Notices,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit
        self._notices = notices

    # ------------------------------------------------------------------- for people

    def ask(self, caller: Caller, tenant: str) -> bool:
        """Begin one; False when one is being made already."""
        caller.must_administer()

        def write(connection: Connection) -> bool:
            found, now = find_tenant(caller, connection, tenant), int(self._clock())
            row = Export(self._ids.new(), found.id, caller.account, now, PARTS[0], "", 0, None)
            if not exports.begin(connection, row):
                return False
            self._record(caller, connection, Tag.EXPORT_ASKED, row)
            self._notices.tell(caller, connection, found, EXPORT_ASKED)
            return True

        return self._database.write(write)

    def list(self, caller: Caller, tenant: str) -> list[Export]:
        """Newest first; those that are a day old are gone."""
        caller.must_administer()

        def read(connection: Connection) -> list[Export]:
            tenant_id = find_tenant(caller, connection, tenant).id
            found = exports.list_recent(connection, tenant_id, limit=SHOWN)
            return [each for each in found if not self._is_over(each)]

        return self._database.read(read)

    def take(self, caller: Caller, export_id: str, word: Callable[[str], str] = str) -> Archive:
        """The archive; taking it is written down. ``word`` translates what explains it."""
        caller.must_administer()

        def write(connection: Connection) -> tuple[Export, str]:
            export = exports.get(connection, caller.tenant_scope, export_id)
            if export is None or export.ready_at is None or self._is_over(export):
                raise ExportNotFound(export_id)
            self._record(caller, connection, Tag.EXPORT_TAKEN, export)
            return export, find_tenant(caller, connection, export.tenant_id).slug

        export, slug = self._database.write(write)
        day = datetime.fromtimestamp(export.asked_at, UTC).strftime("%Y-%m-%d")
        return Archive(f"gatelodge-{slug}-{day}.zip", self._zipped(export, word))

    # ------------------------------------------------------------------- making one

    def work(self, until: float) -> int:
        """Read pages of what was asked for until that time; how many."""
        pages = 0
        while self._clock() < until:
            export_id = self._database.read(exports.next_unfinished)
            if export_id is None or not self._read_page(export_id):
                break
            pages += 1
        return pages

    def _read_page(self, export_id: str) -> bool:
        """False when somebody else went on with it meanwhile."""
        found = self._database.read(lambda connection: _found(connection, export_id))
        if found is None:
            return False
        export, rows = found
        lines = b"".join(msgspec.json.encode(self._line(export.part, row)) + b"\n" for row in rows)
        after = _next(export, rows, now=int(self._clock()))
        number = export.pages + 1
        sealed = self._sealer.seal(
            zlib.compress(lines), purpose=EXPORT_PURPOSE, about=f"{export_id}:{number}"
        )

        def write(connection: Connection) -> bool:
            if not exports.go_on(connection, export, replace(after, pages=number)):
                return False
            exports.add_page(connection, export_id, Page(export.part, number, sealed))
            return True

        return self._database.write(write)

    def _line(self, part: str, row: dict[str, Any]) -> dict[str, Any]:
        """A row in words: times as programs read them, JSON as JSON, and nothing that is sealed."""
        if part == "launches":
            row["facts"] = _without_the_platforms_name(row["facts"])
        elif part == "reports":
            plain = self._opened(row["sealed"], REPORT_PURPOSE, row["id"])
            row["typed"] = None if plain is None else msgspec.json.decode(plain)
        elif part == "report_messages" and row["sealed"] is not None:
            plain = self._opened(row["sealed"], MESSAGE_PURPOSE, row["id"])
            row["text"] = None if plain is None else plain.decode()
        for name in ("details", "content"):
            if isinstance(row.get(name), str):
                row[name] = msgspec.json.decode(row[name])
        return {
            name: _moment(value) if name.endswith("_at") else value
            for name, value in row.items()
            if not isinstance(value, bytes)
        }

    def _opened(self, sealed: bytes, purpose: str, about: str) -> bytes | None:
        """None for what no key of ours opens any more: one such row must not hold up the others."""
        try:
            return self._sealer.open(sealed, purpose=purpose, about=about)
        except SealBroken:
            return None

    # ------------------------------------------------------------------- sending one

    def _zipped(self, export: Export, word: Callable[[str], str]) -> Iterator[bytes]:
        sink = _Sink()
        made = datetime.fromtimestamp(export.asked_at, UTC).timetuple()[:6]
        with ZipFile(cast("IO[bytes]", sink), "w", ZIP_DEFLATED) as archive:
            archive.writestr(_entry("README.txt", made), _readme(word))
            page = self._page_after(export, 0)
            for part in PARTS:
                with archive.open(_entry(f"{part}.jsonl", made), "w", force_zip64=True) as file:
                    while page is not None and page.part == part:
                        file.write(self._plain(export, page))
                        yield sink.taken()
                        page = self._page_after(export, page.number)
        yield sink.taken()

    def _page_after(self, export: Export, number: int) -> Page | None:
        """Raises `ExportNotFound` where it went meanwhile, lest half of it be taken for all."""
        page = self._database.read(
            lambda connection: exports.next_page(connection, export.id, number)
        )
        if page is None and number < export.pages:
            raise ExportNotFound(export.id)
        return page

    def _plain(self, export: Export, page: Page) -> bytes:
        about = f"{export.id}:{page.number}"
        return zlib.decompress(self._sealer.open(page.sealed, purpose=EXPORT_PURPOSE, about=about))

    # ------------------------------------------------------------------- parts

    def _is_over(self, export: Export) -> bool:
        return export.asked_at + EXPORT_DAYS * 24 * 3600 <= self._clock()

    def _record(self, caller: Caller, connection: Connection, tag: Tag, export: Export) -> None:
        self._audit.record(caller, connection, tag, export.id, tenant_id=export.tenant_id)


def _found(connection: Connection, export_id: str) -> tuple[Export, list[dict[str, Any]]] | None:
    export = exports.get(connection, None, export_id)
    if export is None:
        return None
    tenant_id, after = export.tenant_id, export.after
    return export, exports.read(connection, export.part, tenant_id, after=after, limit=AT_ONCE)


class _Sink(RawIOBase):
    """What was written and not yet taken; it can't be wound back, and `ZipFile` knows that."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _entry(name: str, made: tuple[int, ...]) -> ZipInfo:
    year, month, day, hour, minute, second = made
    entry = ZipInfo(name, (year, month, day, hour, minute, second))
    entry.compress_type = ZIP_DEFLATED
    return entry


def _next(export: Export, rows: list[dict[str, Any]], *, now: int) -> Export:
    """Where to go on: in this part, at the beginning of the next, or nowhere."""
    if len(rows) == AT_ONCE:
        key = "number" if export.part == "launches" else "id"
        return replace(export, after=str(rows[-1][key]))
    place = PARTS.index(export.part) + 1
    if place < len(PARTS):
        return replace(export, part=PARTS[place], after="")
    return replace(export, ready_at=now)


def _without_the_platforms_name(facts: str) -> Any:
    """What the LMS calls the person is personal; what we call them means nothing elsewhere."""
    launch = msgspec.json.decode(facts)["launch"]
    launch["platform"]["person_id"] = None
    return launch


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC).isoformat()


_ABOUT = (
    N_("What Gatelodge keeps of one institution."),
    N_(
        "Each file has one thing a line, as JSON. Times are UTC. Ids lead from one file to another."
    ),
)
_FILES = {
    "tenant": N_("the institution itself"),
    "tools": N_("what it is offered"),
    "platform_clients": N_("its LMSs; keys are left out"),
    "registrations": N_("tools registered with its LMSs, those in the bin too"),
    "deployments": N_("deployments of these registrations"),
    "drafts": N_("registrations that were begun"),
    "people": N_("who holds which role, with name and e-mail address"),
    "launches": N_("launches that were accepted, without names, addresses or custom values"),
    "refusals": N_("launches that were refused"),
    "reports": N_("problems that were reported, with what was typed"),
    "report_messages": N_("answers to them"),
    "audit": N_("who changed what"),
}
_FILES_OF_REPORTS = N_("Files that were attached to reports are taken from the reports' own pages.")


def _readme(word: Callable[[str], str]) -> str:
    files = [f"{part}: {word(_FILES[part])}" for part in PARTS]
    about = [part for text in _ABOUT for part in (word(text), "")]
    return "\n".join([*about, *files, "", word(_FILES_OF_REPORTS), ""])
