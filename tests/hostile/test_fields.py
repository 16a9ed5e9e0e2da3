"""Whatever stands in a field of a form, of an LMS or of an account, is text on every page of the portal.

The forms are found, not listed: each page of the portal is asked for, and each field of each of its
forms is sent with each of the values. A page without a row in the standing cast fails elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import urlsplit

import httpx2
import pytest

from gatelodge.services.caller import Caller, Role
from gatelodge.storage import accounts, launches
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.hostile.forms import VALUES, Form, faults_of, forms_of
from tests.hostile.test_injection import CLAIMS, SHAPES
from tests.support.browsers import browsing
from tests.support.gateways import BASE, Campus
from tests.support.people import SESSION_COOKIE, csrf_of
from tests.web.portal.operators import Desk, at_the_desk
from tests.web.test_standing_cast import EACH_GETS, OPEN, WHO, values_of

pytestmark = pytest.mark.asyncio

EVERYWHERE = [
    *("/portal/registrations", "/portal/registrations?show=drafts", "/portal/bin"),
    *("/portal/deployments?show=all", "/portal/launches", "/portal/sessions"),
    *("/portal/tenants", "/portal/tools", "/portal/clients", "/portal/clients/waiting"),
]
STEPS = [f"/portal/drafts/{{draft}}/{step}" for step in (2, 3, 4, 5)]

OF_THE_HEADER = {"/portal/language", "/portal/standing", "/sign-out"}


def pages() -> Iterator[tuple[str, str]]:
    """Every page, with somebody who may see it."""
    for address, method, statuses in EACH_GETS:
        allowed = [who for who, status in zip(WHO, statuses, strict=True) if status == OPEN]
        if method == "GET" and allowed and address != "/portal/patterns":
            yield address, "Otto" if allowed == ["Otto"] else "Ada"
    yield from ((address, "Ada") for address in STEPS)
    yield "/sign-in", "Nobody"


@pytest.mark.parametrize(("address", "who"), list(pages()))
async def test_no_field_of_a_form_becomes_markup(campus: Campus, address: str, who: str) -> None:
    values = values_of(campus)
    draft = campus.gateway.drafts.show(Caller.admin("ada", campus.tenant()), values["draft"])
    campus.gateway.drafts.save(
        Caller.admin("ada", campus.tenant()),
        draft.id,
        {"name": "Begun", "platform": "moodle"},
        step=4,
        version=draft.version,
    )
    found: dict[object, list[str]] = {}

    async with at_the_desk(campus, who) as desk:
        for kind, value in VALUES.items():
            something_was_saved = False
            async for form, name, page in fields_of(desk, address, values):
                for answer in await sent(desk, page, form, name, value):
                    assert answer.status_code < 500, (form.action, name, kind)
                    found[form.action, name, kind] = faults_of(answer.text)
                    something_was_saved |= answer.status_code == 303
            for each in EVERYWHERE if something_was_saved else ():
                found[each, kind] = faults_of((await desk.get(each)).text)

    assert {where: faults for where, faults in found.items() if faults} == {}


async def fields_of(
    desk: Desk, address: str, values: Mapping[str, str]
) -> AsyncIterator[tuple[Form, str, str]]:
    """Each field of each form, drawn anew for each: what was taken has another version."""
    page = await desk.get(address.format(**values))
    for place, first in enumerate(forms_of(page.text)):
        if first.action in OF_THE_HEADER and address != "/portal/sessions":
            continue
        for name in sorted(first.names - {"csrf"}):
            page = await desk.get(address.format(**values))
            for form in forms_of(page.text)[place : place + 1]:
                yield form, name, str(page.url)


async def sent(desk: Desk, page: str, form: Form, name: str, value: str) -> list[httpx2.Response]:
    """The answer to the form with this value, and the page that it leads to."""
    fields = form.with_value(name, value)
    address = str(httpx2.URL(page).join(form.action)) if form.action else page
    if form.method == "get":
        return [await desk.http.get(address, params=fields)]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page))
    answer = await desk.http.post(address, data=fields, headers={"origin": origin})
    leads_to = answer.headers.get("location")
    if leads_to is None:
        return [answer]
    assert leads_to.startswith("/"), leads_to
    return [answer, await desk.http.get(leads_to)]


# ---------------------------------------------------------------- an LMS, and an account


@pytest.mark.parametrize("claim", CLAIMS)
async def test_no_claim_of_a_launch_becomes_markup_in_the_portal(
    campus: Campus, claim: str
) -> None:
    async with browsing(campus) as student:
        for value in VALUES.values():
            for shape in SHAPES:
                await student.launch(**{claim: shape(value)})
                await student.launch(**{"aud": "another", claim: shape(value)})

    assert await faults_in_launches(campus) == {}


async def test_nothing_else_that_an_lms_sends_becomes_markup_in_the_portal(campus: Campus) -> None:
    async with browsing(campus) as student:
        for value in VALUES.values():
            begun = await student.login()
            for header in ("kid", "typ", "alg"):
                await student.post(begun, student.token(begun, header={header: value}))
            await student.post(begun, value, error=value, error_description=value)
            for name in ("iss", "client_id", "lti_deployment_id", "login_hint", "target_link_uri"):
                await student.begin(**{name: value})

    assert await faults_in_launches(campus) == {}


async def faults_in_launches(campus: Campus) -> dict[str, list[str]]:
    """On the pages of all launches, and on what lists and counts them."""
    accepted = campus.database.read(lambda c: launches.list_recent(c, None, limit=100))
    refused = [*campus.refusals(proven=True, limit=100), *campus.refusals(proven=False, limit=100)]
    named = [each.id for each in accepted] + [each.trace_id for each in refused]
    assert named
    addresses = [
        *EVERYWHERE,
        f"/portal/registrations/{campus.registration()}",
        *(f"/portal/launches/{each}" for each in named),
    ]
    async with at_the_desk(campus, "Ada") as desk:
        found = {each: faults_of((await desk.get(each)).text) for each in addresses}
    return {where: faults for where, faults in found.items() if faults}


# Characters that no database keeps are taken out before.
@pytest.mark.parametrize("kind", sorted(VALUES.keys() - {"control"}))
async def test_no_name_that_a_provider_gives_an_account_becomes_markup(
    campus: Campus, kind: str
) -> None:
    gateway, value = campus.gateway, VALUES[kind]
    account = AccountRow(gateway.ids.new(), value, value, None, 0, None)
    role = RoleRow(gateway.ids.new(), account.id, Role.ADMIN, campus.tenant(), "given", 0)

    def write(connection: Connection) -> None:
        accounts.add(connection, account)
        accounts.give_role(connection, role)

    campus.database.write(write)
    cookies = {SESSION_COOKIE: gateway.sessions.begin(account.id, user_agent=value)}
    found = {}

    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        home = f"/portal/registrations/{campus.registration()}"
        form = {"csrf": csrf_of(campus, cookies)}
        await browser.http.post(f"{home}/disable", data=form, headers={"origin": BASE})
        for address in (home, "/portal/sessions", "/portal/tenants", "/sign-out", "/help"):
            found[address] = faults_of((await browser.http.get(address)).text)

    assert {where: faults for where, faults in found.items() if faults} == {}
