"""What each of the standing cast gets at each address: an address without a row fails.

`EVERYBODY_GETS` are addresses that ask nobody who they are. `EACH_GETS` are those of the portal: a
row has one status for each of the cast, in the order of `WHO`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatelodge.services.attachments import File
from gatelodge.services.caller import Caller, Role
from gatelodge.services.problems import NewReport
from gatelodge.storage import refusals
from tests.storage.cast import a_refusal
from tests.support.asking import ask_to_be_registered, lead_to_northfield
from tests.support.browsers import browsing
from tests.support.gateways import BASE, Campus
from tests.support.people import add_person, csrf_of, sign_in
from tests.web.portal.operators import share_client

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "addresses.md"

OPEN, GO_ON, FORBIDDEN, UNKNOWN, NOT_THE_WAY = 200, 303, 403, 404, 405

# Address, method, what anybody gets, signed in or not.
EVERYBODY_GETS = [
    ("/", "GET", OPEN),
    ("/accessibility", "GET", OPEN),
    ("/help", "GET", OPEN),
    ("/privacy", "GET", OPEN),
    ("/help/codes", "GET", OPEN),
    ("/static/{name}", "GET", UNKNOWN),  # of a name that no file has
    ("/tools/{tool}/icon", "GET", UNKNOWN),  # it has none
    ("/healthz", "GET", OPEN),
    ("/readyz", "GET", OPEN),
    ("/metrics", "GET", OPEN),
    ("/.well-known/openid-configuration", "GET", OPEN),
    ("/.well-known/oauth-authorization-server", "GET", OPEN),
    ("/lti/keys", "GET", OPEN),
    ("/lti/keys/{registration}", "GET", OPEN),  # public keys, for whoever knows the address
    ("/problems/launch", "GET", 410),  # without the token of a page
    ("/problems/launch", "POST", 400),
    ("/oauth/token", "POST", 400),
    ("/oauth/token", "GET", NOT_THE_WAY),
    ("/lti/{tool}/login", "GET", 400),  # refused: it says nothing
    ("/lti/{tool}/login", "POST", 400),
    ("/lti/{tool}/launch", "POST", 400),
    ("/lti/{tool}/launch", "GET", NOT_THE_WAY),
    ("/lti/{tool}/{registration}/login", "GET", 400),
    ("/lti/{tool}/{registration}/login", "POST", 400),
    ("/lti/{tool}/{registration}/launch", "POST", 400),
    ("/lti/{tool}/{registration}/launch", "GET", NOT_THE_WAY),
    ("/sign-in", "POST", FORBIDDEN),  # without the token of its page
    ("/sign-in/{provider}", "POST", UNKNOWN),  # there are no providers
    ("/sign-in/{provider}/ask", "POST", UNKNOWN),
    ("/sign-in/{provider}/return", "GET", UNKNOWN),
    ("/sign-out", "GET", OPEN),
    ("/sign-out", "POST", FORBIDDEN),  # from nowhere
    ("/set-up/{token}", "GET", UNKNOWN),
    ("/set-up/{token}", "POST", UNKNOWN),
    ("/invitation/{token}", "GET", UNKNOWN),  # of a token that was never made
    ("/invitation/{token}", "POST", UNKNOWN),
]

WHO = ("Ada", "Ben", "Cleo", "Otto", "Nobody")

OTTOS = (FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN, GO_ON)
OTTOS_FORM = (FORBIDDEN, FORBIDDEN, FORBIDDEN, 422, FORBIDDEN)
OTTOS_CHANGE = (FORBIDDEN, FORBIDDEN, FORBIDDEN, GO_ON, FORBIDDEN)

# What administrators of Northfield and the operator see and change.
ADMINS_SEE = (OPEN, FORBIDDEN, UNKNOWN, OPEN, GO_ON)
ADMINS_CHANGE = (GO_ON, FORBIDDEN, UNKNOWN, GO_ON, FORBIDDEN)

# Address, method, what each gets. Things belong to Northfield; a form is sent empty, with its token.
EACH_GETS: list[tuple[str, str, tuple[int, int, int, int, int]]] = [
    ("/portal", "GET", (GO_ON, GO_ON, GO_ON, GO_ON, GO_ON)),
    ("/portal/language", "POST", (GO_ON, GO_ON, GO_ON, GO_ON, FORBIDDEN)),
    ("/portal/registrations/new", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/registrations/new", "POST", (422, FORBIDDEN, 422, OPEN, FORBIDDEN)),
    ("/portal/registrations", "GET", (OPEN, OPEN, OPEN, OPEN, GO_ON)),
    ("/portal/bin", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/registrations/{registration}", "GET", (OPEN, OPEN, UNKNOWN, OPEN, GO_ON)),
    ("/portal/registrations/{registration}/delete", "GET", ADMINS_SEE),
    ("/portal/registrations/{registration}/delete", "POST", ADMINS_CHANGE),
    ("/portal/registrations/{registration}/restore", "POST", ADMINS_CHANGE),
    ("/portal/registrations/{registration}/disable", "POST", ADMINS_CHANGE),
    ("/portal/registrations/{registration}/enable", "POST", ADMINS_CHANGE),
    ("/portal/launches", "GET", (OPEN, OPEN, OPEN, OPEN, GO_ON)),
    ("/portal/launches/{launch}", "GET", (OPEN, OPEN, UNKNOWN, OPEN, GO_ON)),
    ("/portal/launches/{launch}/page", "GET", (OPEN, OPEN, UNKNOWN, OPEN, GO_ON)),
    ("/portal/launches/{launch}", "POST", (OPEN, FORBIDDEN, UNKNOWN, OPEN, FORBIDDEN)),
    ("/portal/deployments", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/deployments/{placed}/approve", "POST", ADMINS_CHANGE),
    ("/portal/deployments/{placed}/block", "POST", ADMINS_CHANGE),
    ("/portal/registrations/{registration}/edit", "GET", (OPEN, FORBIDDEN, UNKNOWN, OPEN, GO_ON)),
    (
        "/portal/registrations/{registration}/edit",
        "POST",
        (409, FORBIDDEN, UNKNOWN, 409, FORBIDDEN),
    ),
    ("/portal/drafts/{draft}/{step}", "GET", (OPEN, FORBIDDEN, UNKNOWN, FORBIDDEN, GO_ON)),
    ("/portal/drafts/{draft}/{step}", "POST", (422, FORBIDDEN, UNKNOWN, FORBIDDEN, FORBIDDEN)),
    ("/portal/drafts/{draft}/delete", "GET", (OPEN, FORBIDDEN, UNKNOWN, FORBIDDEN, GO_ON)),
    ("/portal/drafts/{draft}/delete", "POST", (GO_ON, FORBIDDEN, UNKNOWN, FORBIDDEN, FORBIDDEN)),
    ("/portal/problems", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/problems/new", "GET", (OPEN, OPEN, OPEN, OPEN, GO_ON)),
    ("/portal/problems/new", "POST", (422, 422, 422, 422, FORBIDDEN)),
    ("/portal/problems/mine", "GET", (OPEN, OPEN, OPEN, OPEN, GO_ON)),
    ("/portal/problems/mine/{report}", "GET", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, GO_ON)),
    ("/portal/problems/mine/{report}", "POST", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, FORBIDDEN)),
    ("/portal/problems/{report}", "GET", (OPEN, FORBIDDEN, UNKNOWN, UNKNOWN, GO_ON)),
    ("/portal/problems/{report}", "POST", (422, FORBIDDEN, UNKNOWN, UNKNOWN, FORBIDDEN)),
    ("/portal/problems/{report}/pass-on", "POST", (409, FORBIDDEN, UNKNOWN, UNKNOWN, FORBIDDEN)),
    (
        "/portal/problems/{report}/files/{attachment}",
        "GET",
        (OPEN, UNKNOWN, UNKNOWN, UNKNOWN, GO_ON),
    ),
    ("/portal/data", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/data/exports/{export}", "GET", ADMINS_SEE),
    # What is asked for anew takes the place of the one above.
    ("/portal/data/export", "POST", (GO_ON, FORBIDDEN, GO_ON, UNKNOWN, FORBIDDEN)),
    ("/portal/data/people", "POST", (422, FORBIDDEN, 422, 422, FORBIDDEN)),
    ("/portal/data/people/{person}", "GET", ADMINS_SEE),
    ("/portal/data/people/{person}", "POST", (422, FORBIDDEN, UNKNOWN, 422, FORBIDDEN)),
    ("/portal/data/people/{person}/receipt", "GET", (UNKNOWN, FORBIDDEN, UNKNOWN, UNKNOWN, GO_ON)),
    ("/portal/data/delete", "GET", (OPEN, FORBIDDEN, OPEN, GO_ON, GO_ON)),
    ("/portal/data/delete", "POST", (422, FORBIDDEN, 422, UNKNOWN, FORBIDDEN)),
    ("/portal/data/keep", "POST", (GO_ON, FORBIDDEN, GO_ON, UNKNOWN, FORBIDDEN)),
    ("/sign-in", "GET", (GO_ON, GO_ON, GO_ON, GO_ON, OPEN)),
    ("/portal/sessions", "GET", (OPEN, OPEN, OPEN, OPEN, GO_ON)),
    ("/portal/sessions/{session}/end", "POST", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, FORBIDDEN)),
    ("/portal/standing", "POST", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, FORBIDDEN)),
    ("/portal/tenants", "GET", OTTOS),
    ("/portal/tenants/options", "GET", OTTOS),
    ("/portal/tenants/new", "GET", OTTOS),
    ("/portal/tenants/new", "POST", OTTOS_FORM),
    ("/portal/tenants/{tenant}", "GET", OTTOS),
    ("/portal/tenants/{tenant}", "POST", OTTOS_FORM),
    ("/portal/tenants/{tenant}/suspend", "GET", OTTOS),
    ("/portal/tenants/{tenant}/suspend", "POST", OTTOS_CHANGE),
    ("/portal/tenants/{tenant}/resume", "POST", OTTOS_CHANGE),
    ("/portal/tenants/{tenant}/identities/{identity}/remove", "GET", OTTOS),
    ("/portal/tenants/{tenant}/identities/{identity}/remove", "POST", OTTOS_CHANGE),
    ("/portal/requests", "GET", OTTOS),
    ("/portal/requests/{tenant_request}", "GET", OTTOS),
    ("/portal/requests/{tenant_request}/approve", "POST", OTTOS_FORM),
    ("/portal/requests/{tenant_request}/join", "POST", OTTOS_FORM),
    ("/portal/requests/{tenant_request}/decline", "POST", OTTOS_FORM),
    ("/portal/people", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/people/{account}", "GET", ADMINS_SEE),
    ("/portal/people/{account}/disable", "GET", OTTOS),
    ("/portal/people/{account}/disable", "POST", OTTOS_CHANGE),
    ("/portal/people/{account}/enable", "POST", OTTOS_CHANGE),
    ("/portal/people/{account}", "POST", ADMINS_CHANGE),
    ("/portal/invitations", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/invitations/new", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/invitations/new", "POST", (422, FORBIDDEN, 422, 422, FORBIDDEN)),
    ("/portal/invitations/{invitation}/revoke", "POST", ADMINS_CHANGE),
    ("/portal/tools", "GET", OTTOS),
    ("/portal/tools/new", "GET", OTTOS),
    ("/portal/tools/new", "POST", OTTOS_FORM),
    ("/portal/tools/{tool}", "GET", OTTOS),
    ("/portal/tools/{tool}/edit", "GET", OTTOS),
    ("/portal/tools/{tool}/edit", "POST", OTTOS_FORM),
    ("/portal/tools/{tool}/secret", "GET", OTTOS),
    ("/portal/tools/{tool}/secret", "POST", (FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN, FORBIDDEN)),
    ("/portal/tools/{tool}/icon", "POST", OTTOS_FORM),
    ("/portal/tools/{tool}/delete", "GET", OTTOS),
    ("/portal/tools/{tool}/delete", "POST", (FORBIDDEN, FORBIDDEN, FORBIDDEN, 409, FORBIDDEN)),
    ("/portal/clients", "GET", OTTOS),
    ("/portal/clients/new", "GET", OTTOS),
    ("/portal/clients/new", "POST", OTTOS_FORM),
    ("/portal/clients/waiting", "GET", OTTOS),
    ("/portal/clients/{client}", "GET", OTTOS),
    ("/portal/clients/{client}/edit", "GET", OTTOS),
    ("/portal/clients/{client}/edit", "POST", OTTOS_FORM),
    ("/portal/clients/{client}/delete", "GET", OTTOS),
    ("/portal/clients/{client}/deployments/{deployment}", "GET", OTTOS),
    ("/portal/clients/{client}/deployments/{deployment}", "POST", OTTOS_FORM),
    ("/portal/clients/{client}/requests/{request}", "POST", OTTOS_CHANGE),
    ("/portal/clients/{client}/delete", "POST", (FORBIDDEN, FORBIDDEN, FORBIDDEN, 409, FORBIDDEN)),
    ("/portal/audit", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/audit/export.{file}", "GET", (OPEN, FORBIDDEN, OPEN, OPEN, GO_ON)),
    ("/portal/patterns", "GET", (FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN, GO_ON)),
]


def values_of(campus: Campus) -> dict[str, str]:
    """What stands in the addresses."""
    northfield = Caller.admin("ada", campus.tenant())
    return {
        "tool": "hello",
        "registration": campus.registration(),
        "name": "nothing.css",
        "draft": campus.gateway.drafts.begin(northfield, {"tool": "hello"}).id,
        "step": "1",
        "provider": "campus",
        "file": "csv",
        "token": "t" * 43,
        "session": campus.gateway.ids.new(),
        "tenant": campus.tenant(),
        "tenant_request": ask_to_be_registered(campus),
        "identity": lead_to_northfield(campus),
        "launch": refuse_launch(campus),
        "account": add_person(campus, "Ben"),
        "invitation": campus.gateway.invitations.make(northfield, "northfield", Role.ADMIN).id,
        "placed": campus.gateway.deployments.list(northfield)[0].id,
        **report_problem(campus),
        **share_client(campus),
        **ask_for_data(campus),
    }


def report_problem(campus: Campus) -> dict[str, str]:
    """What an educator of Northfield's reported, with a file; its sender is none of the cast.

    Without an administrator it would be the operator's.
    """
    add_person(campus, "Ada")
    problems, sender = campus.gateway.problems, Caller.educator("dora", campus.tenant())
    attached = File("log.txt", b"It says no.")
    report = problems.report(sender, NewReport("once", text="It says no.", files=[attached]))
    [file] = problems.show_mine(sender, report).files
    return {"report": report, "attachment": file.id}


def ask_for_data(campus: Campus) -> dict[str, str]:
    """An export of Northfield's that is ready, and a search that found nobody."""
    gateway, ada = campus.gateway, Caller.admin("ada", campus.tenant())
    gateway.tenant_exports.ask(ada, "northfield")
    gateway.tenant_exports.work(gateway.clock() + 60)
    [export] = gateway.tenant_exports.list(ada, "northfield")
    person = gateway.persons.find(ada, "nobody-at-all").request.id
    gateway.persons.work(gateway.clock() + 60)
    return {"export": export.id, "person": person}


def refuse_launch(campus: Campus) -> str:
    """A launch of Northfield's that was refused, by the reference that its page shows."""
    row = a_refusal(
        id=campus.gateway.ids.new(),
        tenant_id=campus.tenant(),
        registration_id=campus.registration(),
        trace="!launch.audience_mismatch 1500",
    )
    campus.database.write(lambda connection: refusals.add_proven(connection, row))
    return row.trace_id


@pytest.mark.parametrize("who", WHO)
@pytest.mark.asyncio
async def test_some_addresses_ask_nobody_who_they_are(campus: Campus, who: str) -> None:
    values = values_of(campus)

    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, who))
        answers = {
            (address, method): (
                await browser.http.request(method, address.format(**values), follow_redirects=False)
            ).status_code
            for address, method, _ in EVERYBODY_GETS
        }

    assert answers == {(address, method): status for address, method, status in EVERYBODY_GETS}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.asyncio
async def test_the_portal_gives_everybody_what_is_theirs(campus: Campus, who: str) -> None:
    cookies, place = sign_in(campus, who), WHO.index(who)
    values, csrf = values_of(campus), csrf_of(campus, cookies)

    answers = {}
    async with browsing(campus) as browser:
        for address, method, _ in EACH_GETS:
            browser.http.cookies.clear()
            browser.http.cookies.update(cookies)
            answer = await browser.http.request(
                method,
                address.format(**values),
                data={"csrf": csrf} if method == "POST" else None,
                headers={"origin": BASE},
                follow_redirects=False,
            )
            answers[address, method] = answer.status_code

    assert answers == {(address, method): each[place] for address, method, each in EACH_GETS}


def test_every_address_has_its_row() -> None:
    told = set(re.findall(r"^\| `(/[^`]*)`", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))

    rows = {address for address, *_ in (*EVERYBODY_GETS, *EACH_GETS)}
    assert told == rows
