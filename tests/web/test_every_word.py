"""Every word of every page can be translated: pages are drawn in a language whose letters are not ours.

In it each text of ours has wide letters. What still has narrow ones is data: a name that somebody
gave, an address, an id, a code, a word of an LMS. Anything else is a hole in the translations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest

from gatelodge.lti.errors import Refusal, all_refusals
from gatelodge.lti.notes import SENTENCES
from gatelodge.platforms import Platform, all_platforms
from gatelodge.services.caller import Caller
from gatelodge.storage import refusals
from gatelodge.web.pages.languages import ENGLISH, LANGUAGES
from gatelodge.web.pages.models import status_page
from gatelodge.web.pages.rendering import render_plain, render_portal
from gatelodge.web.portal.causes import CHECKS
from tests.storage.cast import a_refusal
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import csrf_of, sign_in
from tests.web.pages.cases import NOW, REFERENCE
from tests.web.portal.everywhere import EVERYWHERE, LONG, STATES, UNBROKEN, State, furnish, stay
from tests.web.test_standing_cast import EACH_GETS, WHO, values_of
from tools.texts import texts

WIDE = str.maketrans({chr(each): chr(each + 0xFEE0) for each in (*range(65, 91), *range(97, 123))})
_KEPT = re.compile(r"(\{[\w:]*\}|%\(\w+\)s|<[^>]*>|&\w+;)")


def widened(text: str) -> str:
    """The text in wide letters, save for names to fill in and elements."""
    parts = _KEPT.split(text)
    return "".join(each if at % 2 else each.translate(WIDE) for at, each in enumerate(parts))


class Widening(NullTranslations):
    def gettext(self, message: str) -> str:
        return widened(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return widened(msgid1 if n == 1 else msgid2)


WIDE_ENGLISH = ENGLISH._replace(code="qps", name="ｗｉｄｅ", translations=Widening())  # noqa: RUF001
BROWSER = {"accept": "text/html", "accept-language": "qps"}


@pytest.fixture(autouse=True)
def wide_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANGUAGES, "qps", WIDE_ENGLISH)


# ----------------------------------------------------------------------- what is read

OURS = {each.id for each in texts() if isinstance(each.id, str) and " " in each.id}
"""Sentences of ours: in the place of data, too, they are to be translated."""

# Elements for what isn't ours to translate, and for times, which Babel writes.
_DATA = {"bdi", "code", "kbd", "pre", "script", "style", "svg", "textarea", "time"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "use", "path"}
_READ = ("alt", "aria-label", "data-busy", "data-copied", "data-filled", "placeholder", "title")


class _Reader(HTMLParser):
    """The texts of a page, without those of elements that hold data."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        is_data = (
            tag in _DATA
            or attributes.get("translate") == "no"
            or "mono" in (attributes.get("class") or "").split()
            or ("lang" in attributes and tag != "html")
        )
        if not any(self._open) and not is_data:
            self.texts += [attributes[name] or "" for name in _READ if name in attributes]
        if tag not in _VOID:
            self._open.append(is_data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open) or data in OURS:
            self.texts.append(data)


def labels_of(platform: Platform) -> Iterator[str]:
    """What an LMS calls its fields."""
    yield from platform.fields_from_platform.values()
    yield from platform.fields_to_platform.values()
    yield from (line.label for line in platform.form)


# Where names stand in our sentences without an element of their own: titles, and what is read aloud.
_NAMES = sorted(
    {
        *(each.name for each in all_platforms() if each.id != "other"),
        *(label for each in all_platforms() for label in labels_of(each)),
        *("Gatelodge", "HTTP", "UTC", "LTI", "Hello", "Northfield", "Southbank", "Lakeside"),
    },
    key=len,
    reverse=True,
)
_ADDRESS = re.compile(r"\b(https?://|mailto:)\S*|\S+@\S+|\b[\w-]+(\.[\w-]+)+(/\S*)?")
_FIGURE = re.compile(r"[\d.,]+ (ms|secs?|min)\b( ago)?")
_ID = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b(?=\w*\d)\w+(-\w+)*\b")
_NARROW = re.compile(r"[A-Za-z]{2,}")


def holes(page: str, *names: str) -> Iterator[str]:
    """Texts of the page that aren't translated; ``names`` are those that people gave."""
    reader = _Reader()
    reader.feed(page)
    for text in reader.texts:
        rest = text
        for name in (*names, *_NAMES):
            rest = rest.replace(name.strip(), "")
        for data in (_FIGURE, _ADDRESS, _ID):
            rest = data.sub("", rest)
        if _NARROW.search(rest):
            yield " ".join(text.split())


def test_a_text_that_is_not_translated_is_found() -> None:
    page = f"<p title='{widened('Two')}'>{widened('One &amp; two')} <bdi>Three</bdi></p><b>Four</b>"

    assert list(holes(page)) == ["Four"]


# ----------------------------------------------------------------------- pages and their states


FIELDS = (
    *(
        "name",
        "slug",
        "key",
        "launch_url",
        "message_types",
        "claims",
        "hand_off",
        "tenants",
        "icon",
    ),
    *("issuer", "client_id", "key_set_url", "token_url", "authorization_url", "token_audience"),
    *("platform", "service_origins", "leeway", "algorithms", "id_token_algorithm", "registration"),
    *("new_deployment", "unknown_deployments"),
)
"""What forms of the portal call their fields."""

PATTERNS = "/portal/patterns"
"""It shows patterns by names that are made up, in the hands of who works on pages."""

GIVEN = (
    *(LONG, UNBROKEN, "x" * 100, "x" * 90, "c" * 255, "d" * 255),
    *("Archive", "Old College", "Old", "Spare", "Learn", "On a shared client", "nothing"),
    *("Ada", "Ben", "Cleo", "Otto"),
    *("shared", "asked-for", "waits", "Eastvale College of " + "Arts and " * 8),
)
"""Names that the things of `furnish` were given, and what is searched for."""


@pytest.mark.asyncio
async def test_every_page_in_every_state_that_an_address_leads_to(campus: Campus) -> None:
    values = furnish(campus)
    cookies = {who: sign_in(campus, who) for who in WHO}

    found = {}
    async with browsing(campus) as browser:
        for state in STATES:
            if state.reach is not stay or state.route == PATTERNS:
                continue
            browser.http.cookies.clear()
            browser.http.cookies.update(cookies[state.who])
            named = {name: values.get(value, value) for name, value in state.values.items()}
            page = await browser.http.get(
                state.address.format_map({**values, **named}),
                headers=BROWSER,
                follow_redirects=True,
            )
            assert 'lang="qps"' in page.text, state.id
            if left := [*holes(page.text, *GIVEN)]:
                found[state.id] = left

    assert not found, told(found)


@pytest.mark.parametrize("who", ["Ada", "Otto"])
@pytest.mark.parametrize("typed", [{}, dict.fromkeys(FIELDS, "http://x")], ids=["empty", "odd"])
@pytest.mark.asyncio
async def test_every_form_that_is_filled_in_badly(
    campus: Campus, who: str, typed: Mapping[str, str]
) -> None:
    values = values_of(campus)
    cookies = sign_in(campus, who)

    found = {}
    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        for address, method, _ in EACH_GETS:
            if method == "GET":
                continue
            page = await browser.http.post(
                address.format(**values),
                data={**typed, "csrf": csrf_of(campus, cookies)},
                headers={**BROWSER, "origin": BASE},
                follow_redirects=True,
            )
            if left := [*holes(page.text, *GIVEN)]:
                found[address] = left

    assert not found, told(found)


@pytest.mark.parametrize("platform", all_platforms(), ids=lambda each: each.id)
@pytest.mark.asyncio
async def test_every_step_of_the_wizard_for_every_lms(campus: Campus, platform: Platform) -> None:
    ada = Caller.admin("ada", campus.tenant())
    cookies = sign_in(campus, "Ada")

    found = {}
    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        for way in ("own", "shared"):
            for values in ({}, ODD):
                draft = campus.gateway.drafts.begin(ada, {"tool": "hello", "name": "Draft"})
                draft = campus.gateway.drafts.save(
                    ada,
                    draft.id,
                    {"platform": platform.id, "way": way, **values},
                    step=5,
                    version=draft.version,
                )
                for step in range(1, 6):
                    page = await browser.http.get(
                        f"/portal/drafts/{draft.id}/{step}", headers=BROWSER, follow_redirects=True
                    )
                    if left := [*holes(page.text, "Draft", *ODD.values())]:
                        found[way, step, *values] = left

    assert not found, told(found)


ODD = {
    "site": "http://lms.example/",
    "issuer": "lms.example/",
    "client_id": "same",
    "deployment_id": "same",
    "key_set_url": "http://lms.example/keys",
    "token_url": "https://lms.example",
    "authorization_url": "wrong",
}


# ----------------------------------------------------------------------- launches


@pytest.mark.asyncio
async def test_every_refused_launch_with_every_note(campus: Campus) -> None:
    cookies = sign_in(campus, "Ada")
    kinds = sorted(all_refusals(), key=lambda kind: kind.code)
    notes = [*SENTENCES]

    found = {}
    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        for at in range(max(len(kinds), len(notes))):
            kind, note = kinds[at % len(kinds)], notes[at % len(notes)]
            for address in (row := refused(campus, kind, note), f"{row}/page"):
                page = await browser.http.get(f"/portal/launches/{address}", headers=BROWSER)
                assert page.status_code == 200, page.text
                if left := [*holes(page.text, "Moodle", "made-up")]:
                    found[address, kind.code, note] = left

    assert not found, told(found)


def refused(campus: Campus, kind: type[Refusal], note: str) -> str:
    """A refusal of this kind, with a note and with every check passed before it; its reference."""
    values = {
        name: 7 if name in _COUNTED else "header" if name == "part" else "made-up"
        for name in re.findall(r"\{(\w+)", SENTENCES[note])
    }
    steps = [f"{name} 1000 {_MEASURED.get(name, '')}".rstrip() for name in CHECKS]
    ids = campus.gateway.ids
    row = a_refusal(
        id=ids.new(),
        trace_id=ids.trace_id(),
        code=kind.code,
        tenant_id=campus.tenant(),
        registration_id=campus.registration(),
        platform_client_id=campus.gateway.registrations.list(OTTO)[0].client.id,
        trace="\n".join([*steps, f"!{kind.code} 2500"]),
        details=json.dumps({"sent": None, "expected": None, "note": [note, values]}),
    )
    campus.database.write(lambda connection: refusals.add_proven(connection, row))
    return row.trace_id


_COUNTED = {"count", "most", "least", "bits", "begun", "made", "ahead", "wait", "ended"}
_MEASURED = {
    "state.signed": "7",
    "token.header": "RS256",
    "token.signature": "made-up",
    "token.time": "-3",
    "message.subject": "anonymous",
    "message.roles": "-",
}


@pytest.mark.parametrize("status", [400, 404, 405, 413, 429, 500, 503])
def test_every_status(status: int) -> None:
    page = status_page(status, trace_id=REFERENCE, now=NOW)

    assert [*holes(render_plain(page, WIDE_ENGLISH).decode())] == []


# ----------------------------------------------------------------------- pages that an accident leads to


@pytest.mark.parametrize("state", [each for each in STATES if each.drawn], ids=lambda each: each.id)
def test_every_page_that_an_accident_leads_to(state: State) -> None:
    template, values = state.drawn
    page = render_portal(template, {**EVERYWHERE, **values}, now=NOW, language=WIDE_ENGLISH)

    assert [*holes(page.decode(), LONG, "Ada Whitlock", *SAID)] == []


SAID = ("It has no name.", "It is too short.")
"""Sentences that a handler would have translated."""


def told(found: Mapping[object, list[str]]) -> str:
    return "\n".join(f"{where}: {left}" for where, left in found.items())
