"""The pages of people and invitations: what they show, take, and refuse."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from gatelodge.services.caller import Caller, Role
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import add_person, sign_in
from tests.web.portal.operators import Desk, at_the_desk

pytestmark = pytest.mark.asyncio

PASSWORD = "a lantern over nine bridges"
DEAD = "This invitation can't be used"
BEN = {"way": "new", "name": "Ben Sato", "email": "ben@n.example", "password": PASSWORD}


@pytest_asyncio.fixture
async def ada(campus: Campus) -> AsyncIterator[Desk]:
    async with at_the_desk(campus, "Ada") as desk:
        yield desk


@pytest_asyncio.fixture
async def otto(campus: Campus) -> AsyncIterator[Desk]:
    async with at_the_desk(campus) as desk:
        yield desk


def account_of(desk: Desk) -> str:
    visitor = desk.campus.gateway.sessions.find(desk.http.cookies[SESSION_COOKIE])
    assert visitor is not None
    return visitor.account_id


def held(campus: Campus, account_id: str) -> list[tuple[str, str | None]]:
    view = campus.gateway.accounts.find(OTTO, account_id)
    return sorted((each.role, each.tenant_slug) for each in view.roles)


async def invite(desk: Desk, **typed: str) -> str:
    """The path of the link."""
    answer = await desk.send("/portal/invitations/new", **{"role": "educator", **typed})
    assert answer.status_code == 200, answer.text
    [address] = set(re.findall(rf"{BASE}(/invitation/[\w-]+)", answer.text))
    return address


async def send(http: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    """The form of this page, by somebody who has not signed in."""
    page = (await http.get(path)).text
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]
    return await http.post(
        path, data={"csrf": csrf, **fields}, headers={"origin": BASE}, follow_redirects=False
    )


# ---------------------------------------------------------------- people


async def test_an_administrator_sees_the_own_people_and_no_others(ada: Desk) -> None:
    cleo = add_person(ada.campus, "Cleo")

    page = (await ada.get("/portal/people")).text

    assert "Ada" in page
    assert "Cleo" not in page
    assert (await ada.get(f"/portal/people/{cleo}")).status_code == 404


async def test_the_operator_finds_people_of_all_institutions(otto: Desk) -> None:
    for name in ("Ada", "Cleo"):
        add_person(otto.campus, name)

    page = (await otto.get("/portal/people", q="cle")).text

    assert ("Cleo" in page, "Ada" in page) == (True, False)
    assert "Southbank" in page
    assert "Nobody matches." in (await otto.get("/portal/people", q="<b>")).text


async def test_roles_are_given_and_taken(ada: Desk) -> None:
    ben = add_person(ada.campus, "Ben")

    page = await ada.done(f"/portal/people/{ben}", role=["admin", "educator"])
    assert "The roles of <bdi>Ben</bdi> are changed" in page or "are changed" in page
    assert held(ada.campus, ben) == [("admin", "northfield"), ("educator", "northfield")]

    page = await ada.done(f"/portal/people/{ben}")
    assert "holds no role here any more" in page
    assert held(ada.campus, ben) == []


async def test_an_administrator_gives_no_role_above_the_own_and_none_elsewhere(ada: Desk) -> None:
    ben = add_person(ada.campus, "Ben")

    answer = await ada.send(f"/portal/people/{ben}", role="operator", tenant="")
    await ada.send(f"/portal/people/{ben}", role="admin", tenant="southbank")

    assert answer.status_code == 403
    assert held(ada.campus, ben) == [("admin", "northfield")]


async def test_the_last_administrator_is_told_so(ada: Desk) -> None:
    me = account_of(ada)

    answer = await ada.send(f"/portal/people/{me}", role="educator")

    assert answer.status_code == 409
    assert "only administrator" in answer.text
    assert held(ada.campus, me) == [("admin", "northfield")]


async def test_whose_role_is_taken_is_out_at_once(ada: Desk) -> None:
    campus = ada.campus
    other = add_person(campus, "Ada")
    token = campus.gateway.sessions.begin(other)

    await ada.done(f"/portal/people/{other}")

    assert campus.gateway.sessions.find(token) is None


async def test_the_operator_gives_roles_anywhere_and_disables_accounts(otto: Desk) -> None:
    ben = add_person(otto.campus, "Ben")

    await otto.done(f"/portal/people/{ben}", tenant="southbank", role="admin")
    await otto.done(f"/portal/people/{ben}", tenant="", role="operator")
    nowhere = await otto.send(f"/portal/people/{ben}", tenant="nowhere", role="admin")
    unnamed = await otto.send(f"/portal/people/{ben}", tenant="", role="admin")
    page = await otto.done(f"/portal/people/{ben}/disable")

    assert (nowhere.status_code, unnamed.status_code) == (422, 422)
    assert "no institution with this short name" in nowhere.text
    assert "is disabled" in page
    assert held(otto.campus, ben) == [
        ("admin", "southbank"),
        ("educator", "northfield"),
        ("operator", None),
    ]
    assert "can be used again" in await otto.done(f"/portal/people/{ben}/enable")


async def test_roles_given_elsewhere_are_added_to_those_held_there(otto: Desk) -> None:
    ben = add_person(otto.campus, "Ben")
    await otto.done(f"/portal/people/{ben}", tenant="northfield", role="admin")

    await otto.done(f"/portal/people/{ben}", tenant="northfield", role="educator", more="yes")
    nothing = await otto.send(f"/portal/people/{ben}", tenant="northfield", more="yes")

    assert nothing.status_code == 422
    assert "Choose one of these roles" in nothing.text
    assert held(otto.campus, ben) == [("admin", "northfield"), ("educator", "northfield")]


async def test_the_last_operator_can_t_be_taken_or_disabled(otto: Desk) -> None:
    me = account_of(otto)

    for address in (f"/portal/people/{me}", f"/portal/people/{me}/disable"):
        answer = await otto.send(address, tenant="")
        assert answer.status_code == 409
        assert "only operator" in answer.text


async def test_names_are_no_markup(campus: Campus) -> None:
    evil = "<img src=x onerror=alert(1)>"
    campus.gateway.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name=evil, email="e@n.example", password=PASSWORD
    )
    async with at_the_desk(campus, "Ada") as desk:
        page = (await desk.get("/portal/people")).text
        path = await invite(desk, note=evil)
        invitations = (await desk.get("/portal/invitations")).text

    assert evil not in page + invitations
    assert html.escape(evil) in page
    assert path.startswith("/invitation/")


# ---------------------------------------------------------------- inviting


async def test_a_link_is_shown_once_and_the_list_doesn_t_have_it(ada: Desk) -> None:
    path = await invite(ada, note="for Ben")

    page = (await ada.get("/portal/invitations")).text

    assert "for Ben" in page
    assert path.rpartition("/")[2] not in page


async def test_an_administrator_invites_no_operator_and_nobody_elsewhere(ada: Desk) -> None:
    operator = await ada.send("/portal/invitations/new", role="operator")
    path = await invite(ada, role="admin", tenant="southbank")

    assert operator.status_code == 422
    assert "invited to <bdi>Northfield</bdi>" in (await ada.get(path)).text


async def test_the_operator_says_which_institution(otto: Desk) -> None:
    for tenant in ("", "nowhere"):
        answer = await otto.send("/portal/invitations/new", role="admin", tenant=tenant)
        assert answer.status_code == 422

    path = await invite(otto, role="admin", tenant="southbank")

    assert "invited to <bdi>Southbank</bdi>" in (await otto.get(path)).text


async def test_a_revoked_link_opens_nothing(ada: Desk) -> None:
    path = await invite(ada)
    [row], _ = ada.campus.gateway.invitations.list(OTTO, limit=1, offset=0)

    await ada.done(f"/portal/invitations/{row.invitation.id}/revoke")

    answer = await ada.get(path)
    assert (answer.status_code, DEAD in answer.text) == (404, True)
    again = await ada.send(f"/portal/invitations/{row.invitation.id}/revoke")
    assert again.status_code == 404


# ---------------------------------------------------------------- accepting


async def test_a_stranger_makes_a_login_and_is_in(ada: Desk) -> None:
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        answer = await send(browser.http, path, **BEN)

        assert answer.headers["location"] == "/portal"
        visitor = ada.campus.gateway.sessions.find(answer.cookies[SESSION_COOKIE])
        assert visitor is not None
        assert visitor.caller == Caller.educator(visitor.account_id, ada.campus.tenant())
        again = await browser.http.get(path)
    assert (again.status_code, DEAD in again.text) == (404, True)
    assert "Ben Sato" in (await ada.get("/portal/invitations")).text


async def test_looking_uses_nothing_up_and_keeps_the_link_to_itself(ada: Desk) -> None:
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        for _ in range(3):
            page = await browser.http.get(path)

    assert page.status_code == 200
    assert page.text.count("Use 12 to 200 characters") == 1
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "nonsense"), ("email", "cleo@s.example"), ("password", "short")],
)
async def test_what_can_t_be_taken_is_said_beside_its_field(
    ada: Desk, field: str, value: str
) -> None:
    ada.campus.gateway.accounts.add_local(
        OTTO, "southbank", Role.ADMIN, name="Cleo", email="cleo@s.example", password=PASSWORD
    )
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        answer = await send(browser.http, path, **{**BEN, field: value})
        assert (await browser.http.get(path)).status_code == 200

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text


async def test_a_local_login_is_brought_along(ada: Desk) -> None:
    view = ada.campus.gateway.accounts.add_local(
        OTTO, "southbank", Role.ADMIN, name="Cleo", email="cleo@s.example", password=PASSWORD
    )
    path = await invite(ada)
    cleo = {"way": "login", "email": "cleo@s.example"}
    async with browsing(ada.campus) as browser:
        wrong = await send(browser.http, path, **cleo, password="wrong")
        right = await send(browser.http, path, **cleo, password=PASSWORD)

    assert wrong.status_code == 422
    assert right.headers["location"] == "/portal"
    assert held(ada.campus, view.id) == [("admin", "southbank"), ("educator", "northfield")]


async def test_somebody_signed_in_accepts_with_one_button_and_stands_there(ada: Desk) -> None:
    path = await invite(ada)
    async with at_the_desk(ada.campus, "Cleo") as cleo:
        page = (await cleo.get(path)).text
        answer = await cleo.send(path)

    assert "Accept as <bdi>Cleo</bdi>" in page
    visitor = ada.campus.gateway.sessions.find(answer.cookies[SESSION_COOKIE])
    assert visitor is not None
    assert visitor.standing.tenant_id == ada.campus.tenant()


async def test_an_invitation_is_taken_to_no_other_tenant_and_no_other_role(ada: Desk) -> None:
    path = await invite(ada)
    wished = {"tenant": "southbank", "role": "admin", "standing": "operator:"}
    async with at_the_desk(ada.campus, "Cleo") as cleo:
        known = account_of(cleo)
        await cleo.send(path, **wished)
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        answer = await send(browser.http, path, **BEN, **wished)
    visitor = ada.campus.gateway.sessions.find(answer.cookies[SESSION_COOKIE])

    assert visitor is not None
    assert held(ada.campus, known) == [("admin", "southbank"), ("educator", "northfield")]
    assert held(ada.campus, visitor.account_id) == [("educator", "northfield")]


async def test_whoever_holds_the_role_is_told_so(ada: Desk) -> None:
    page = (await ada.get(await invite(ada, role="admin"))).text

    assert "You hold this role already." in page
    assert "Accept as" not in page


@pytest.mark.parametrize("who", ["Cleo", "Nobody"])
async def test_no_other_site_accepts_in_somebody_s_name(ada: Desk, who: str) -> None:
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        browser.http.cookies.update(sign_in(ada.campus, who))
        csrf = re.findall(r'name="csrf" value="(\w+)"', (await browser.http.get(path)).text)[0]
        answers = [
            await browser.http.post(path, data=BEN, headers={"origin": BASE}),
            await browser.http.post(
                path, data={**BEN, "csrf": csrf}, headers={"origin": "https://x"}
            ),
            await browser.http.post(path, data={**BEN, "csrf": "0" * 64}, headers={"origin": BASE}),
        ]

    assert [each.status_code for each in answers] == [403] * 3
    assert (await ada.get(path)).status_code == 200


async def test_those_of_a_suspended_tenant_open_nothing(ada: Desk) -> None:
    path = await invite(ada)
    ada.campus.gateway.tenants.suspend(OTTO, "northfield")

    async with browsing(ada.campus) as browser:
        assert (await browser.http.get(path)).status_code == 404


async def test_whoever_tries_many_links_is_sent_away(
    ada: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.services.sign_in_limits.PER_ADDRESS", 3)
    path = await invite(ada)
    async with browsing(ada.campus) as browser:
        for _ in range(3):
            await browser.http.get("/invitation/guessed")

        answer = await browser.http.get("/invitation/guessed")
        good = await browser.http.get(path)

    assert answer.status_code == 429
    assert "retry-after" in answer.headers
    assert good.status_code == 200
