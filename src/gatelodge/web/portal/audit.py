"""``/portal/audit``: who did what, newest first, narrowed; the same as a file; whether it was edited."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response, StreamingResponse

from gatelodge.services.audit_log import Asked, Entry, Kind, Who
from gatelodge.web.pages.headers import portal_headers
from gatelodge.web.pages.names import isolated
from gatelodge.web.portal.activity import KINDS, names_in, sentence_of
from gatelodge.web.portal.audit_files import FILES
from gatelodge.web.portal.pages import ADMINS, NotHere, Page, Visit

LIST = "/portal/audit"

_ID = re.compile(r"[\w:.@-]{1,100}")
_AT_ONCE = 200
_NO_IDS = {"nobody", "unknown"}


def index(visit: Visit) -> Response:
    asked, query = _asked(visit.query)
    before = _id(visit.query.get("before", ""))
    found = visit.gateway.audit_log.look(visit.caller, asked, before or None)
    return visit.page(
        "audit.html",
        current="audit",
        found=found,
        asked=asked,
        query=query,
        verdict=visit.gateway.audit_chain.verdict(visit.caller),
        kinds=[(kind.value, visit.word(KINDS[kind])) for kind in _kinds(visit)],
        address=partial(_address, query),
        newest=_address(query) if before else None,
        older=_address(query, before=found.older) if found.older else None,
        said_by=partial(_said, visit, query),
        is_operator=visit.caller.is_operator,
        days=visit.gateway.settings.audit_days,
    )


def export(visit: Visit) -> Response:
    """Everything that is asked for, written while it is read: as long as it may be, it takes no room."""
    kind = visit.path["file"]
    if kind not in FILES:
        raise NotHere
    content_type, written = FILES[kind]
    asked, _ = _asked(visit.query)
    entries = visit.gateway.audit_log.each(visit.caller, asked)
    headers = dict(portal_headers()) | {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="audit.{kind}"',
    }
    lines = written(entries, visit.language.translations.gettext)
    return StreamingResponse(_in_pieces(lines), headers=headers)


def _in_pieces(lines: Iterator[str]) -> Iterator[str]:
    """Many lines at once: each piece is a turn for a thread."""
    while piece := "".join(islice(lines, _AT_ONCE)):
        yield piece


# ----------------------------------------------------------------------- what is asked for


def _asked(query: Mapping[str, str]) -> tuple[Asked, dict[str, str]]:
    """From an address that anybody may have typed: what makes no sense is left out.

    And what of it goes into the addresses of other pages.
    """
    since, until = _day(query.get("from", "")), _day(query.get("to", ""))
    kept = {
        "kind": next((each.value for each in Kind if each == query.get("kind")), ""),
        "person": _id(query.get("person", "")),
        "thing": _id(query.get("thing", "")),
        "tenant": _id(query.get("tenant", "")),
        "from": since.isoformat() if since else "",
        "to": until.isoformat() if until else "",
    }
    asked = Asked(
        kind=Kind(kept["kind"]) if kept["kind"] else None,
        person=kept["person"],
        thing=kept["thing"],
        tenant=kept["tenant"],
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )
    return asked, kept


def _id(asked: str) -> str:
    return asked if _ID.fullmatch(asked) else ""


def _day(asked: str) -> date | None:
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _kinds(visit: Visit) -> list[Kind]:
    """What is the operator's own a tenant never sees."""
    operators = {Kind.TOOLS}
    return [kind for kind in Kind if visit.caller.is_operator or kind not in operators]


def _address(query: Mapping[str, str], path: str = LIST, **changes: str) -> str:
    asked = {name: value for name, value in {**query, **changes}.items() if value}
    return f"{path}?{urlencode(asked)}".removesuffix("?")


# ----------------------------------------------------------------------- words


def _said(visit: Visit, query: Mapping[str, str], entry: Entry) -> Markup:
    """The sentence of an event; who did it, and to what, leads to the others of that person or thing."""
    translate = visit.language.translations.gettext
    shown: dict[str, Any] = {
        name: isolated(value) for name, value in names_in(entry, translate).items()
    }
    if entry.actor.who in (Who.PERSON, Who.COMMAND) and not query["person"]:
        shown["who"] = _link(_address(query, person=entry.actor.id), shown["who"])
    if not query["thing"] and entry.event.subject not in _NO_IDS and _may_ask(entry):
        place = "person" if entry.subject else "thing"
        shown[place] = _link(_address(query, thing=entry.event.subject), shown[place])
    sentence = Markup(sentence_of(entry, translate))  # noqa: S704 (our own text; the values are escaped)
    return sentence.format_map(shown)


def _may_ask(entry: Entry) -> bool:
    return entry.subject is None or entry.subject.who is Who.PERSON


def _link(address: str, shown: Markup) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, shown)


PAGES = (
    Page(LIST, {"GET": index}, ADMINS),
    Page(f"{LIST}/export.{{file}}", {"GET": export}, ADMINS),
)
