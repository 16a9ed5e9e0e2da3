"""Every page of the portal and every public one, in every state that a person can bring it to.

`STATES` is the table, `open_house` a gateway on which there is something to see in each of them.
Addresses are written as the routes are; `tests/web/test_standing_cast.py` has the list of routes.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gatelodge.lti.errors import Heading
from gatelodge.services.attachments import File
from gatelodge.services.caller import Caller, Role
from gatelodge.services.problems import NewReport
from gatelodge.services.tenant_requests import Door
from gatelodge.services.tenant_requests import State as RequestState
from gatelodge.storage import launches
from gatelodge.storage import refusals as stored_refusals
from gatelodge.web.pages.headers import Headers, portal_headers, refusal_headers
from gatelodge.web.pages.languages import ENGLISH, LANGUAGES, Language
from gatelodge.web.pages.models import RefusalPage, StatusPage, status_page
from gatelodge.web.pages.rendering import render_plain, render_portal, render_refusal
from tests.services.test_persons import add_account
from tests.storage.cast import a_refusal
from tests.support import processes
from tests.support.asking import ask_to_be_registered, lead_to_northfield
from tests.support.browsers import browsing
from tests.support.clock import Clock
from tests.support.gateways import OTTO, Campus, open_campus
from tests.support.lms import Lms
from tests.support.partner_providers import campus_settings
from tests.support.people import SESSION_COOKIE, add_person, sign_in
from tests.support.pictures import png
from tests.web.pages.cases import longest_of, page_of
from tests.web.portal.drawn import ADA, NOW
from tests.web.portal.operators import share_client

LONG = "The registration of the Faculty of Continuing Professional Education, its evening classes and more"
UNBROKEN = "https://" + "learning-management-system-of-the-university." * 4 + "example"


# ---------------------------------------------------------------- the gateway


@dataclass
class House:
    """A gateway that serves, with what its addresses are filled in with, and everybody's cookies."""

    address: str
    campus: Campus
    values: Mapping[str, str]
    cookies: Mapping[str, Mapping[str, str]]

    @property
    def ada(self) -> Caller:
        return Caller.admin("ada", self.campus.tenant())

    def account(self, who: str) -> str:
        """The id of an account of the cast."""
        visitor = self.campus.gateway.sessions.find(self.cookies[who][SESSION_COOKIE])
        assert visitor is not None
        return visitor.account_id

    def enter(self, browser: Browser, who: str, **options: object) -> BrowserContext:
        """A browser of one of the cast, signed in."""
        context = browser.new_context(
            base_url=self.address,
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        # To a browser localhost is as safe as https, but cookies with a prefix are set for https.
        home = self.address.replace("http:", "https:")
        context.add_cookies(
            [
                {"name": name, "value": value, "url": home, "secure": True}
                for name, value in self.cookies[who].items()
            ]
        )
        return context


@contextmanager
def open_house(
    settled: tuple[Path, str], lmss: tuple[Lms, Lms], directory: Path
) -> Iterator[House]:
    path, _ = settled
    shutil.copyfile(path, directory / "gatelodge.db")
    with processes.reserved_port() as port, processes.reserved_port() as closed:
        address = f"http://localhost:{port}"
        campus = open_campus(
            f"sqlite:///{directory}/gatelodge.db",
            directory,
            *lmss,
            clock=Clock(time.time()),
            base_url=address,
        )
        values = furnish(campus)
        cookies = {who: sign_in(campus, who) for who in ("Ada", "Ben", "Cleo", "Otto", "Nobody")}
        values["bens"] = _reported_by(campus, cookies["Ben"])
        settings = processes.environment(campus) | {
            "GATELODGE_BASE_URL": address,
            "GATELODGE_SUPPORT_CONTACT": "help@northfield.example",
            # Nobody listens there: the provider is down.
            "GATELODGE_OIDC": campus_settings(f"http://localhost:{closed}/campus"),
            "GATELODGE_OUTBOUND_ALLOW": f"localhost:{closed}",
        }
        with processes.serving(settings, directory / "log", port=port):
            yield House(address, campus, values, cookies)
        campus.gateway.close()


def furnish(campus: Campus) -> dict[str, str]:
    """Registrations, launches and drafts in every state; Southbank has none, Eastvale more than a page."""
    gateway, ada = campus.gateway, Caller.admin("ada", campus.tenant())
    share = share_client(campus)
    failing = campus.register(
        name=LONG, issuer=UNBROKEN, client_id="c" * 255, deployment_ids=("1", "d" * 255)
    )
    off = campus.register(name="Archive", client_id="archive", deployment_ids=())
    gateway.registrations.disable(OTTO, off.id)
    binned = campus.register(name="Old", client_id="old", deployment_ids=())
    gateway.registrations.delete(OTTO, binned.id)
    spare = campus.register(name="Spare", client_id="spare", deployment_ids=("1",))
    for number in range(3):
        _refuse(campus, failing.id, f"7F3K-4MB{number}", count=number * 4 + 1)
    gateway.registrations.delete(OTTO, campus.registration("southbank"))
    gateway.tenants.add(OTTO, "Eastvale College of " + "Arts and " * 8, "eastvale")
    for number in range(52):
        campus.register(
            tenant="eastvale",
            name=f"Moodle {number}",
            issuer=f"https://moodle-{number}.example",
            client_id=f"client-{number}",
            deployment_ids=(),
        )
    gateway.tool_icons.put(OTTO, "hello", png())
    empty = gateway.drafts.begin(ada, {"tool": "hello"})
    draft = gateway.drafts.begin(ada, {"tool": "hello", "name": "x" * 90})
    odd = {"platform": "moodle", "issuer": "http://moodle.example/", "client_id": "y" * 200}
    gateway.drafts.save(ada, draft.id, odd, step=5, version=draft.version)
    vendor = gateway.drafts.begin(ada, {"tool": "hello", "name": "Learn"})
    gateway.drafts.save(ada, vendor.id, {"platform": "blackboard"}, step=3, version=vendor.version)
    inviter = Caller.admin(add_person(campus, "Ada"), campus.tenant())
    made = gateway.invitations.make(inviter, campus.tenant(), Role.EDUCATOR, "x" * 100)
    invited = made.address.rpartition("/")[2]
    gateway.invitations.make(inviter, campus.tenant(), Role.ADMIN)
    return (
        share
        | _ask_for_data(campus)
        | {
            "registration": failing.id,
            "off": off.id,
            "binned": binned.id,
            "spare": spare.id,
            "draft": draft.id,
            "empty": empty.id,
            "vendor": vendor.id,
            "tenant": campus.tenant(),
            "tenant_request": ask_to_be_registered(campus, LONG[:100], note=f"{LONG}\n{UNBROKEN}"),
            "declined": _declined(campus),
            "identity": lead_to_northfield(campus, UNBROKEN),
            "tool": "hello",
            "provider": "campus",
            "token": "t" * 43,
            "account": add_person(campus, "Ben"),
            "invited": invited,
            "launch": "7F3K-4MB2",
            "accepted": _accepted(campus),
            **report_problems(campus),
        }
    )


def report_problems(campus: Campus) -> dict[str, str]:
    """From an error page, and by Ben, with a file; one is answered, one the operator's."""
    gateway, tenant_id = campus.gateway, campus.tenant()
    ada = Caller.admin("ada", tenant_id)

    def page() -> str:
        return gateway.problem_pages.token("7F3K-4MB2", client_id=None, tenant_id=tenant_id)

    reported = page()
    report = gateway.problem_pages.report(reported, f"{LONG} {UNBROKEN}", address="192.0.2.1")
    sender = Caller.educator("dora", tenant_id)
    files = [File("x" * 90 + ".txt", b"It says no."), File("log.txt", b"no")]
    new = NewReport("one", wanted=LONG, text=LONG, reach="course", launch="7F3K-4MB2", files=files)
    answered = gateway.problems.report(sender, new)
    for text, note in (("Try it now.", False), (UNBROKEN, True)):
        seen = gateway.problems.show(ada, answered).version
        gateway.problems.answer(ada, answered, seen=seen, state="waiting", text=text, note=note)
    passed_on = gateway.problems.report(sender, NewReport("two", text="No."))
    gateway.problems.pass_on(ada, passed_on, seen=1, text="Yours, I think.")
    return {
        "report": report,
        "answered": answered,
        "passed-on": passed_on,
        "page": page(),
        "reported": reported,
    }


def _ask_for_data(campus: Campus) -> dict[str, str]:
    """An export, and people who were found, erased and not there."""
    gateway, ada = campus.gateway, Caller.admin("ada", campus.tenant())
    gateway.tenant_exports.ask(ada, "northfield")
    gateway.tenant_exports.work(gateway.clock() + 60)
    role = ("educator", campus.tenant())
    dora = add_account(campus, LONG[:90], "dora@northfield.example", role)
    add_account(campus, "x" * 90, "emil@northfield.example", role)
    found = {}
    wanted = {"found": "emil@northfield.example", "erased": "dora@northfield.example"}
    for name in ("found", "erased", "person"):
        found[name] = gateway.persons.find(ada, wanted.get(name, "nobody")).request.id
        gateway.persons.work(gateway.clock() + 60)
    gateway.persons.erase(ada, found["erased"], [], [dora])
    gateway.persons.work(gateway.clock() + 60)
    return found


def _refuse(campus: Campus, registration_id: str, trace_id: str, *, count: int) -> None:
    overview = campus.gateway.registrations.show(OTTO, registration_id).overview
    now = int(campus.clock())
    row = a_refusal(
        id=campus.gateway.ids.new(),
        trace_id=trace_id,
        occurred_at=now - 60 * count,
        last_at=now,
        count=count,
        tenant_id=campus.tenant(),
        registration_id=registration_id,
        platform_client_id=overview.client.id,
        tool_id=overview.tool.id,
        code="launch.target_link_foreign",
        trace="login.received 100\ntoken.signature 4000 1\n!launch.target_link_foreign 5100",
        details='{"sent": "http://gate.example/lti/hello/launch/",'
        ' "expected": "https://gate.example/lti/hello/launch"}',
    )
    campus.database.write(lambda connection: stored_refusals.add_proven(connection, row))


def _declined(campus: Campus) -> str:
    request_id = ask_to_be_registered(campus, "Old College", "old.example")
    campus.gateway.tenant_requests.decline(OTTO, request_id, f"{LONG}\n{UNBROKEN}")
    return request_id


def _accepted(campus: Campus) -> str:
    """A launch that opened the tool; its id."""

    async def click(campus: Campus) -> None:
        async with browsing(campus) as student:
            assert (await student.launch()).status_code == 303

    # Playwright may run an event loop on this thread.
    with campus.beside() as beside, ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, click(beside)).result()
    [newest] = campus.database.read(lambda c: launches.list_recent(c, None, limit=1))
    return newest.id


def _reported_by(campus: Campus, cookies: Mapping[str, str]) -> str:
    visitor = campus.gateway.sessions.find(cookies[SESSION_COOKIE])
    assert visitor is not None
    reference = campus.gateway.problems.report(visitor.caller, NewReport("three", text=LONG))
    campus.gateway.problems.answer(
        Caller.admin("ada", campus.tenant()),
        reference,
        seen=1,
        state="solved",
        text="Done.",
        note=False,
    )
    return reference


@pytest.fixture(scope="module")
def house(
    settled: tuple[Path, str],
    served_lmss: tuple[Lms, Lms],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    with open_house(settled, served_lmss, tmp_path_factory.mktemp("house")) as house:
        yield house


# ---------------------------------------------------------------- how a state is come to


Reach = Callable[[Page], object]


def stay(_: Page) -> None:
    """The page as its address gives it."""


def send(**typed: str) -> Reach:
    """Its form is sent, with this typed into it, whatever the browser itself would have said."""

    def reach(page: Page) -> None:
        with page.expect_navigation():
            page.evaluate(
                """typed => {
                    const form = [...document.querySelectorAll("main form[method=post]:not(.one-button)")].at(-1);
                    for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
                    form.noValidate = true;
                    form.requestSubmit([...form.querySelectorAll("button:not([type=button])")].at(-1));
                }""",
                typed,
            )

    return reach


def go_to_provider(page: Page) -> None:
    page.locator(".provider").click()
    page.wait_for_load_state()


def ask(page: Page) -> None:
    """Whether to delete something is asked over the page."""
    page.locator("a[data-dialog]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def delete(page: Page) -> None:
    """What is opened is deleted, which can be undone; if that was done before, it is restored first."""
    address = page.url
    if (restore := page.locator("form[action$='/restore'] button")).count():
        restore.click()
        page.goto(address)
    page.locator(".panel a[data-dialog]").click()
    page.locator("dialog .danger").click()
    expect(page.locator("form[action$='/restore']")).to_be_visible()


def switch(page: Page) -> None:
    """Off, or on again."""
    page.locator("form:is([action$='/disable'], [action$='/enable']) button").first.click()
    expect(page.locator(".panel .message")).to_be_visible()


def open_filters(page: Page) -> None:
    """On a phone, where they are behind a button."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.locator("[popovertarget=more-filters]").click()
    expect(page.locator(":popover-open")).to_be_visible()


def menu(name: str) -> Reach:
    """A menu of the header is open."""

    def reach(page: Page) -> None:
        opener = page.locator(f"[popovertarget=menu-{name}]")
        if not opener.is_visible():
            page.set_viewport_size({"width": 320, "height": 800})
        opener.click()
        expect(page.locator(":popover-open")).to_be_visible()

    return reach


def open_details(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


def show(template: str, **values: object) -> Reach:
    """A page that only an accident leads to, drawn without one."""

    def reach(page: Page) -> None:
        values_of_all = EVERYWHERE | values
        body = render_portal(template, values_of_all, now=NOW, language=_language_of(page))
        _answer(page, body, portal_headers())

    return reach


def show_in_frame(shown: RefusalPage | StatusPage) -> Reach:
    """A page that people meet in their LMS's frame, where the tool would have been."""

    def reach(page: Page) -> None:
        render = render_refusal if isinstance(shown, RefusalPage) else render_plain
        _answer(page, render(shown, _language_of(page)), refusal_headers())  # type: ignore[arg-type]

    return reach


def _language_of(page: Page) -> Language:
    locale = page.evaluate("navigator.language").partition("-")[0]
    return LANGUAGES.get(locale, ENGLISH)


def _answer(page: Page, body: bytes, headers: Headers) -> None:
    page.route("**/drawn", lambda route: route.fulfill(body=body, headers=dict(headers)))
    page.goto("/drawn")


# What every page is drawn with; a page that is drawn for somebody says for whom.
EVERYWHERE: Mapping[str, object] = {
    "visitor": None,
    "csrf": "",
    "said": None,
    "current": None,
    "here": "/drawn",
    "support": "help@northfield.example",
    "takes_reports": True,
    "new_reports": 0,
    "trace_id": "A1-6QX2-PT",
    "error": None,
}


class State(NamedTuple):
    address: str
    who: str = "Ada"
    reach: Reach = stay
    called: str = ""
    values: Mapping[str, str] = {}
    drawn: tuple[str, Mapping[str, object]] | None = None
    """The template and its values, of a page that only an accident leads to."""

    @property
    def route(self) -> str:
        return self.address.partition("?")[0]

    @property
    def id(self) -> str:
        filled = self.address.format_map(_Kept(self.values))
        return " ".join(filter(None, (self.who, filled[:80], self.called)))

    def open(self, page: Page, house: House) -> None:
        page.goto(self.address.format_map({**house.values, **_named(self.values, house)}))
        self.reach(page)


class _Kept(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _named(values: Mapping[str, str], house: House) -> dict[str, str]:
    """A value may be the name of another thing of the same kind."""
    return {name: house.values.get(value, value) for name, value in values.items()}


LEFT_OUT = [("files", "screen shot.png"), ("files", "a" * 100 + ".har")]


def _drawn(called: str, template: str, **values: object) -> State:
    return State("", "Nobody", show(template, **values), called, drawn=(template, values))


def _in_frame(called: str, shown: RefusalPage | StatusPage) -> State:
    return State("", "Nobody", show_in_frame(shown), f"in an LMS's frame: {called}")


def _problem(status: int) -> State:
    visitor = ADA if status == 403 else None
    return _drawn(f"error {status}", "error.html", problem=status, visitor=visitor)


_LIST, _ONE = "/portal/registrations", "/portal/registrations/{registration}"
_STEP = "/portal/drafts/{draft}/{step}"
_CLIENT = "/portal/clients/{client}"
_ENDLESS = "x" * 10_000
_PROVIDER_FAULTS = [
    *("sign_in.state_lost", "sign_in.provider_refused"),
    *("sign_in.groups_not_told", "sign_in.token_refused"),
]
_TYPED = {"tenant": "", "name": LONG, "email": ""}
_STRANGER = {"name": LONG, "email": "nobody@northfield.example"}

_DECLINED = {"tenant_request": "declined"}
_DOORS = {
    "may ask": Door("", "sealed"),
    "waits": Door(LONG, state=RequestState.WAITING, since=1_800_000_000),
    "was declined": Door(LONG, "sealed", RequestState.DECLINED, 1_800_000_000, UNBROKEN),
}

STATES = [
    # Before the sign-in.
    State("/", "Nobody"),
    State("/help", "Nobody"),
    State("/help"),
    State("/privacy", "Nobody"),
    State("/privacy"),
    State("/help/codes"),
    State("/accessibility", "Nobody"),
    State("/accessibility"),
    State("/sign-in", "Nobody"),
    State("/sign-in?other=1", "Nobody"),
    State("/sign-in", "Nobody", send(email="ada@northfield.example", password="wrong"), "refused"),
    State("/sign-in", "Nobody", go_to_provider, "with the provider down"),
    State("/sign-in/{provider}/return", "Nobody"),
    State("/sign-out", "Nobody"),
    State("/sign-out"),
    State("/set-up/{token}", "Nobody", called="used up"),
    _drawn("set-up", "set-up.html", typed=_TYPED, errors={}, is_stale=True),
    _drawn(
        "set-up, failed",
        "set-up.html",
        typed=_TYPED,
        errors={"tenant": "It has no name.", "password": "It is too short."},
        is_stale=False,
    ),
    _drawn("to the provider", "leaving.html", name="Northfield", address="/drawn#"),
    _drawn("a form of an ended session", "again.html", fields=[("name", "x")], left_out=[]),
    _drawn("files of an ended session", "again.html", fields=[], left_out=LEFT_OUT),
    _drawn(
        "a form, signed in again", "again.html", fields=[("name", "x")], left_out=[], visitor=ADA
    ),
    _drawn("files, signed in again", "again.html", fields=[], left_out=LEFT_OUT, visitor=ADA),
    *(
        _drawn(code, "sign-in-failed.html", code=code, name=LONG, to="/portal")
        for code in _PROVIDER_FAULTS
    ),
    _drawn(
        "a form that came too late",
        "sign-in-failed.html",
        code="sign_in.state_lost",
        name=LONG,
        to="/portal",
        note="word " * 200,
    ),
    *(
        _drawn(cause, "no-permission.html", cause=cause, who=_STRANGER, provider=None)
        for cause in ("sign_in.institution_unknown", "account.disabled", "sign_in.no_role")
    ),
    *(
        _drawn(
            f"an unknown institution, {called}",
            "no-permission.html",
            cause="sign_in.institution_unknown",
            who=_STRANGER,
            provider="campus",
            door=door,
        )
        for called, door in _DOORS.items()
    ),
    _drawn("asked for", "asked.html", state="waiting", provider={"key": "campus"}),
    _drawn("asked for, at once", "asked.html", state="approved", provider={"key": "campus"}),
    *(_problem(status) for status in (400, 401, 403, 404, 413, 429, 500, 503)),
    State("", "Nobody", lambda page: page.goto("/nothing"), "an address that isn't"),
    # In an LMS's frame.
    *(_in_frame(each.name, page_of(longest_of(each))) for each in Heading),
    _in_frame("a long name", page_of(longest_of(Heading.REGISTRATION), tool=LONG, platform=LONG)),
    *(
        _in_frame(str(status), status_page(status, trace_id="A1-6QX2-PT", now=NOW))
        for status in (404, 429, 500)
    ),
    # Registrations.
    State("/portal"),
    State(_LIST),
    State(_LIST, "Ben"),
    State(_LIST, "Otto", called="more than a page"),
    State(f"{_LIST}?page=2", "Otto"),
    State("/portal/audit"),
    State("/portal/audit", "Otto"),
    State("/portal/audit", "Otto", open_filters, "filters open"),
    State("/portal/audit?kind=keys&from=2026-01-01&thing=x", called="nothing like that"),
    State("/portal/audit?kind=registrations", called="narrowed"),
    State(f"{_LIST}?tenant=eastvale&q=nothing", "Otto"),
    State(_LIST, "Cleo", called="empty"),
    State(f"{_LIST}?q=archive&sort=name"),
    State(f"{_LIST}?show=attention"),
    State(f"{_LIST}?q=nothing"),
    State(f"{_LIST}?lms=canvas"),
    State(f"{_LIST}?q={{words}}", called="long search", values={"words": "x" * 200}),
    State(_LIST, reach=ask, called="asked whether to delete"),
    State(_LIST, reach=open_filters, called="filters"),
    State(_LIST, reach=menu("nav"), called="menu"),
    State(_LIST, reach=menu("help"), called="help menu"),
    State(_LIST, reach=menu("profile"), called="profile menu"),
    State("/portal/tools", "Otto", menu("help"), "help menu"),
    State(_ONE, reach=open_details),
    State(_ONE, "Ben"),
    State(f"{_ONE}?tenant=northfield", "Otto"),
    State(_ONE, values={"registration": "off"}),
    State(_ONE, values={"registration": "binned"}),
    State(_ONE, reach=delete, called="deleted", values={"registration": "spare"}),
    State(_ONE, reach=switch, called="switched", values={"registration": "off"}),
    State(f"{_ONE}/delete"),
    State(f"{_ONE}/edit", reach=open_details),
    State(f"{_ONE}/edit", reach=send(name=_ENDLESS, issuer=_ENDLESS), called="endless"),
    State(f"{_ONE}/edit", reach=send(name="", client_id=""), called="failed"),
    State("/portal/bin"),
    State("/portal/bin", "Cleo"),
    # The wizard.
    State("/portal/registrations/new"),
    State("/portal/registrations/new", "Otto", called="whose it is"),
    State("/portal/registrations/new", reach=send(), called="failed"),
    *(State(_STEP, values={"step": str(step)}) for step in range(1, 6)),
    *(State(_STEP, values={"draft": "empty", "step": str(step)}) for step in (2, 5)),
    State(_STEP, reach=send(name=""), called="failed", values={"draft": "empty", "step": "2"}),
    State(_STEP, values={"draft": "vendor", "step": "3"}),
    State(f"{_STEP}?way=own", values={"draft": "vendor", "step": "3"}),
    State(_STEP, values={"draft": "vendor", "step": "4"}),
    State(_STEP, reach=send(issuer="http://x"), called="failed", values={"step": "4"}),
    State(_STEP, reach=send(issuer=_ENDLESS), called="endless", values={"step": "4"}),
    State("/portal/drafts/{draft}/delete"),
    # Launches and deployments.
    State("/portal/launches"),
    State("/portal/launches", "Ben"),
    State("/portal/launches", "Cleo"),
    State("/portal/launches?q=nothing"),
    State("/portal/launches/{launch}", reach=open_details),
    State("/portal/launches/{launch}", "Ben"),
    State("/portal/launches/{launch}/page"),
    State("/portal/launches/{launch}", values={"launch": "accepted"}),
    State("/portal/deployments"),
    State("/portal/deployments?show=all"),
    State("/portal/deployments", "Cleo"),
    State("/portal/sessions"),
    # Reports of problems.
    State("/problems/launch?page={page}", "Nobody"),
    State("/problems/launch?page={page}", "Nobody", send(text=""), "failed"),
    State("/problems/launch?page={reported}", "Nobody", called="reported already"),
    State("/problems/launch", "Nobody", called="too late"),
    State("/portal/problems"),
    State("/portal/problems", "Cleo"),
    State("/portal/problems", "Otto"),
    State("/portal/problems?q=nothing"),
    State("/portal/problems?state=waiting"),
    State("/portal/problems/new"),
    State("/portal/problems/new?launch={launch}", "Ben"),
    State("/portal/problems/new?registration={registration}"),
    State("/portal/problems/new", "Ben", send(launch="x"), "failed"),
    State("/portal/problems/mine"),
    State("/portal/problems/mine", "Ben"),
    State("/portal/problems/mine/{report}", "Ben", values={"report": "bens"}),
    State("/portal/problems/mine/{report}", "Ben", send(), "failed", {"report": "bens"}),
    State("/portal/problems/{report}"),
    State("/portal/problems/{report}", values={"report": "answered"}),
    State("/portal/problems/{report}", "Otto", values={"report": "passed-on"}),
    State("/portal/problems/{report}", values={"report": "passed-on"}),
    State("/portal/problems/{report}", reach=send(), called="nothing passed on"),
    # People.
    State("/portal/people"),
    State("/portal/people", "Otto"),
    State("/portal/people?q=nothing"),
    State("/portal/people/{account}"),
    State("/portal/people/{account}", "Otto"),
    State("/portal/people/{account}", "Otto", send(tenant="nowhere"), "failed"),
    State("/portal/people/{account}/disable", "Otto"),
    State("/portal/invitations"),
    State("/portal/invitations", "Otto"),
    State("/portal/invitations", "Cleo", called="empty"),
    State("/portal/invitations/new"),
    State("/portal/invitations/new", "Otto", send(tenant="nowhere"), "failed"),
    State("/portal/invitations/new", reach=send(note="for Ben"), called="made"),
    State("/invitation/{token}", "Nobody", open_details, values={"token": "invited"}),
    State("/invitation/{token}", "Ada", values={"token": "invited"}),
    State("/invitation/{token}", "Ben", values={"token": "invited"}, called="held"),
    State("/invitation/{token}", "Nobody", send(email="x"), "failed", values={"token": "invited"}),
    State("/invitation/{token}", "Nobody", called="dead"),
    _drawn("too many dead invitations", "invitation-dead.html", wait=14),
    # The operator's.
    State("/portal/data"),
    State("/portal/data", "Otto"),
    State("/portal/data?tenant=southbank", "Otto", called="of an institution"),
    State("/portal/data?tenant=southbank", "Cleo", called="with nothing asked"),
    State("/portal/data/people/{person}"),
    State("/portal/data/people/{person}", called="erased", values={"person": "erased"}),
    State("/portal/data/people/{person}", called="found", values={"person": "found"}),
    State("/portal/data/people/{person}", "Ada", send(), "not sure", {"person": "found"}),
    State("/portal/data/delete"),
    State("/portal/data/delete", "Ada", send(typed="Another"), "another name"),
    State("/portal/data/delete?tenant=southbank", "Otto"),
    State("/portal/tenants", "Otto"),
    State("/portal/tenants?q=nothing", "Otto"),
    State("/portal/tenants/new", "Otto"),
    State("/portal/tenants/new", "Otto", send(), "failed"),
    State("/portal/tenants/{tenant}", "Otto"),
    State("/portal/tenants/{tenant}/suspend", "Otto"),
    State("/portal/tenants/{tenant}/identities/{identity}/remove", "Otto"),
    State("/portal/requests", "Otto"),
    State("/portal/requests?state=approved", "Otto"),
    State("/portal/requests?q=nothing", "Otto"),
    State("/portal/requests/{tenant_request}", "Otto"),
    State("/portal/requests/{tenant_request}", "Otto", send(), "failed"),
    State("/portal/requests/{tenant_request}", "Otto", called="declined", values=_DECLINED),
    State("/portal/tools", "Otto"),
    State("/portal/tools/new", "Otto"),
    State("/portal/tools/new", "Otto", send(), "failed"),
    State("/portal/tools/new", "Otto", send(key=_ENDLESS, name=_ENDLESS), "endless"),
    State("/portal/tools/{tool}", "Otto"),
    State("/portal/tools/{tool}", "Otto", send(), "without a picture"),
    State("/portal/tools/{tool}/edit", "Otto"),
    State("/portal/tools/{tool}/edit", "Otto", send(name="", launch_url="x"), "failed"),
    State("/portal/tools/{tool}/secret", "Otto"),
    State("/portal/tools/{tool}/secret", "Otto", send(), "renewed"),
    State("/portal/tools/{tool}/delete", "Otto"),
    State("/portal/clients", "Otto"),
    State("/portal/clients/new", "Otto"),
    State("/portal/clients/new", "Otto", send(), "failed"),
    State("/portal/clients/waiting", "Otto"),
    State(_CLIENT, "Otto"),
    State(f"{_CLIENT}/edit", "Otto"),
    State(f"{_CLIENT}/edit", "Otto", send(key_set_url="x"), "failed"),
    State(f"{_CLIENT}/delete", "Otto"),
    State(f"{_CLIENT}/deployments/{{deployment}}", "Otto"),
    State(f"{_CLIENT}/deployments/{{deployment}}", "Otto", send(), "failed"),
    State("/portal/patterns", "Otto"),
    # Who may not.
    State("/portal/tenants", "Ada", called="may not"),
]
