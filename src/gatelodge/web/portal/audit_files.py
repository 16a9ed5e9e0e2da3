"""The audit log as a file: CSV for spreadsheets, JSON lines for programs; a line at a time."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from gatelodge.services.audit_log import Entry
from gatelodge.web.portal.activity import Translate, actor_name, told

COLUMNS = (
    *("id", "at", "event", "said", "who", "who_id"),
    *("thing", "thing_id", "tenant", "tenant_id", "details"),
)

_BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets know that it is UTF-8."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - as wide letters


def as_csv(entries: Iterable[Entry], translate: Translate) -> Iterator[str]:
    yield _BYTE_ORDER_MARK + _line(COLUMNS)
    for entry in entries:
        row = described(entry, translate)
        details = msgspec.json.encode(row["details"]).decode()
        yield _line([_harmless(str(row[name] or "")) for name in COLUMNS[:-1]] + [details])


def as_json_lines(entries: Iterable[Entry], translate: Translate) -> Iterator[str]:
    for entry in entries:
        yield msgspec.json.encode(described(entry, translate)).decode() + "\n"


FILES: Mapping[str, tuple[str, Callable[[Iterable[Entry], Translate], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl; charset=utf-8", as_json_lines),
}


def described(entry: Entry, translate: Translate) -> dict[str, Any]:
    event = entry.event
    return {
        "id": event.id,
        "at": datetime.fromtimestamp(event.occurred_at, UTC).isoformat(),
        "event": event.tag,
        "said": told(entry, translate),
        "who": actor_name(entry.actor, translate),
        "who_id": entry.actor.id or None,
        "thing": (entry.thing or (entry.subject and entry.subject.name)) or None,
        "thing_id": event.subject if entry.may_name_subject else None,
        "tenant": entry.tenant or None,
        "tenant_id": event.tenant_id,
        "details": entry.details,
    }


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins like a formula for one; after an apostrophe it doesn't."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell
