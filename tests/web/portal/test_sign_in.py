"""The sign-in page and the local form: who comes in, and what doesn't work."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from gatelodge.services.caller import Role
from gatelodge.web.portal.portal import SESSION_COOKIE
from gatelodge.web.portal.strangers import FORM_COOKIE
from tests.hostile.forms import VALUES, faults_of
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import csrf_of, sign_in

pytestmark = pytest.mark.asyncio

PASSWORD = "correct horse battery staple"
ADA = "ada@northfield.example"


@pytest_asyncio.fixture
async def http(campus: Campus) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that knows nobody; Ada has a local account."""
    campus.gateway.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name="Ada Okafor", email=ADA, password=PASSWORD
    )
    async with browsing(campus) as browser:
        yield browser.http


async def token_of(http: httpx2.AsyncClient, address: str = "/sign-in") -> str:
    [token] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', (await http.get(address)).text))
    return token


async def submit(http: httpx2.AsyncClient, **changes: str) -> httpx2.Response:
    form = {"csrf": await token_of(http), "email": ADA, "password": PASSWORD, "to": "", **changes}
    return await http.post("/sign-in", data=form, headers={"origin": BASE})


async def test_a_local_account_comes_in_and_lands_where_it_was_going(
    http: httpx2.AsyncClient,
) -> None:
    answer = await submit(http, to="/portal/sessions")

    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sessions")
    assert "Ada Okafor" in (await http.get("/portal/sessions")).text


async def test_the_session_is_for_this_host_and_no_script(http: httpx2.AsyncClient) -> None:
    answer = await submit(http)

    [line] = [
        each for each in answer.headers.get_list("set-cookie") if each.startswith(SESSION_COOKIE)
    ]
    attributes = {each.strip().lower() for each in line.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
    assert not any(each.startswith("domain") for each in attributes)


async def test_a_session_that_was_planted_is_not_taken_over(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    planted = sign_in(campus, "Cleo")[SESSION_COOKIE]
    token = await token_of(http)
    http.cookies.set(SESSION_COOKIE, planted)

    form = {"csrf": token, "email": ADA, "password": PASSWORD}
    answer = await http.post("/sign-in", data=form, headers={"origin": BASE})

    assert answer.status_code == 303
    assert answer.cookies[SESSION_COOKIE] != planted
    assert campus.gateway.sessions.find(planted) is None


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/portal\n//x"]
)
async def test_nobody_is_led_away_after_signing_in(http: httpx2.AsyncClient, to: str) -> None:
    assert (await submit(http, to=to)).headers["location"] == "/portal"


async def test_who_is_unknown_and_who_mistypes_read_the_same(http: httpx2.AsyncClient) -> None:
    unknown = await submit(http, email="eve@northfield.example")
    mistyped = await submit(http, password="correct horse")

    assert unknown.status_code == mistyped.status_code == 422
    assert unknown.text.replace("eve@", "ada@") == mistyped.text
    assert 'value="ada@northfield.example"' in mistyped.text
    assert "correct horse" not in mistyped.text


@pytest.mark.parametrize("email", ["", "a\x00b@x.example", "\u202e", "x" * 10_000, "ada"])
async def test_an_address_that_nobody_can_have_is_just_unknown(
    http: httpx2.AsyncClient, email: str
) -> None:
    answer = await submit(http, email=email)

    assert answer.status_code == 422
    assert "The e-mail address or the password isn't right" in answer.text


async def test_too_many_attempts_have_to_wait(http: httpx2.AsyncClient) -> None:
    for _ in range(10):
        await submit(http, password="wrong")

    answer = await submit(http)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "There were too many attempts" in answer.text
    assert SESSION_COOKIE not in answer.cookies


async def test_a_form_without_the_token_of_this_browser_signs_nobody_in(
    http: httpx2.AsyncClient,
) -> None:
    strangers = await token_of(http)
    http.cookies.clear()

    without_cookie = await http.post(
        "/sign-in", data={"csrf": strangers, "email": ADA, "password": PASSWORD}
    )
    http.cookies.set(FORM_COOKIE, "a secret that the stranger cannot know")
    with_another = await http.post(
        "/sign-in", data={"csrf": strangers, "email": ADA, "password": PASSWORD}
    )

    for answer in (without_cookie, with_another):
        assert answer.status_code == 403
        assert SESSION_COOKIE not in answer.cookies
        assert "Nothing was sent yet" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_of_another_site_signs_nobody_in(
    http: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    form = {"csrf": await token_of(http), "email": ADA, "password": PASSWORD}

    answer = await http.post("/sign-in", data=form, headers=headers)

    assert answer.status_code == 403
    assert SESSION_COOKIE not in answer.cookies


async def test_the_page_goes_on_for_who_is_signed_in(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    http.cookies.update(sign_in(campus, "Ben"))

    answer = await http.get("/sign-in?to=/portal/sessions")

    assert answer.headers["location"] == "/portal/sessions"


async def test_what_was_typed_stays_text(http: httpx2.AsyncClient) -> None:
    answer = await submit(http, email='"><script>alert(1)</script>@x', to='/portal/"><b>')

    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


# ----------------------------------------------------------------------- out


async def test_signing_out_ends_the_session_and_clears_the_browser(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    cookies = sign_in(campus, "Ada")
    http.cookies.update(cookies)

    answer = await http.post("/sign-out", headers={"origin": BASE})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-out")
    assert answer.headers["clear-site-data"] == '"storage"'
    assert campus.gateway.sessions.find(cookies[SESSION_COOKIE]) is None
    assert "You're signed out" in (await http.get("/sign-out")).text


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
async def test_nobody_is_signed_out_by_another_site(
    http: httpx2.AsyncClient, campus: Campus, headers: dict[str, str]
) -> None:
    cookies = sign_in(campus, "Ada")
    http.cookies.update(cookies)

    answer = await http.post("/sign-out", headers=headers)

    assert answer.status_code == 403
    assert "clear-site-data" not in answer.headers
    assert campus.gateway.sessions.find(cookies[SESSION_COOKIE]) is not None


async def test_a_browser_that_names_no_origin_signs_out_by_its_token(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    cookies = sign_in(campus, "Ada")
    http.cookies.update(cookies)

    answer = await http.post("/sign-out", data={"csrf": csrf_of(campus, cookies)})

    assert answer.headers["location"] == "/sign-out"


async def test_clearing_leads_back_to_where_one_was_going(http: httpx2.AsyncClient) -> None:
    answer = await http.post(
        "/sign-out", data={"clear": "1", "to": "/portal/sessions"}, headers={"origin": BASE}
    )

    assert answer.headers["location"] == "/sign-in?to=%2Fportal%2Fsessions"
    assert answer.headers["clear-site-data"] == '"cookies", "storage"'


# ----------------------------------------------------------------------- sessions and standings


async def test_sessions_are_listed_and_ended(http: httpx2.AsyncClient, campus: Campus) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    await submit(http)
    visitor = campus.gateway.sessions.find(http.cookies[SESSION_COOKIE])
    assert visitor is not None
    other = campus.gateway.sessions.begin(visitor.account_id, user_agent=firefox)

    page = (await http.get("/portal/sessions")).text
    [address] = re.findall(r'action="(/portal/sessions/[^"]+/end)"', page)
    ended = await http.post(address, data={"csrf": visitor.csrf}, headers={"origin": BASE})

    assert "Firefox on Linux" in page
    assert ended.headers["location"] == "/portal/sessions"
    assert campus.gateway.sessions.find(other) is None
    assert "That session has ended" in (await http.get("/portal/sessions")).text


async def test_nobody_ends_the_session_of_somebody_else(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    cleos = campus.gateway.sessions.find(sign_in(campus, "Cleo")[SESSION_COOKIE])
    assert cleos is not None
    cookies = sign_in(campus, "Ada")
    http.cookies.update(cookies)

    answer = await http.post(
        f"/portal/sessions/{cleos.session_id}/end",
        data={"csrf": csrf_of(campus, cookies)},
        headers={"origin": BASE},
    )

    assert answer.status_code == 404
    assert len(campus.gateway.sessions.list(cleos)) == 1


async def test_a_standing_is_switched_under_a_new_token(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    await submit(http)
    before = http.cookies[SESSION_COOKIE]
    visitor = campus.gateway.sessions.find(before)
    assert visitor is not None
    campus.gateway.accounts.set_roles(OTTO, visitor.account_id, "southbank", [Role.EDUCATOR])

    answer = await http.post(
        "/portal/standing",
        data={"csrf": visitor.csrf, "standing": f"educator:{campus.tenant('southbank')}"},
        headers={"origin": BASE},
    )

    assert answer.headers["location"] == "/portal"
    assert campus.gateway.sessions.find(before) is None
    now = campus.gateway.sessions.find(http.cookies[SESSION_COOKIE])
    assert now is not None
    assert (now.standing.role, now.standing.tenant_name) == (Role.EDUCATOR, "Southbank")


@pytest.mark.parametrize("standing", ["operator:", "admin:", "educator:x", "", "king:"])
async def test_nobody_stands_where_they_hold_no_role(
    http: httpx2.AsyncClient, campus: Campus, standing: str
) -> None:
    cookies = sign_in(campus, "Ada")
    http.cookies.update(cookies)

    answer = await http.post(
        "/portal/standing",
        data={"csrf": csrf_of(campus, cookies), "standing": standing},
        headers={"origin": BASE},
    )

    assert answer.status_code == 404


# ----------------------------------------------------------------------- set-up


async def set_up(http: httpx2.AsyncClient, path: str, **changes: str) -> httpx2.Response:
    form = {
        "csrf": await token_of(http, path),
        "tenant": "Lakeside College",
        "name": "Otto Brandt",
        "email": "otto@lti.example",
        "password": PASSWORD,
        **changes,
    }
    return await http.post(path, data=form, headers={"origin": BASE})


async def test_a_set_up_link_makes_the_operator_and_the_first_tenant_once(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    path = campus.gateway.setup_links.make(OTTO).removeprefix(BASE)

    answer = await set_up(http, path)

    assert answer.headers["location"] == "/portal"
    visitor = campus.gateway.sessions.find(http.cookies[SESSION_COOKIE])
    assert visitor is not None
    assert [(each.role, each.tenant_name) for each in visitor.standings] == [
        (Role.OPERATOR, None),
        (Role.ADMIN, "Lakeside College"),
    ]
    again = await http.get(path)
    assert again.status_code == 404
    assert "This set-up link can't be used" in again.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("tenant", ""), ("tenant", "x" * 101), ("name", ""), ("email", "otto"), ("password", "short")],
)
async def test_a_set_up_form_that_fails_keeps_what_was_typed(
    http: httpx2.AsyncClient, campus: Campus, field: str, value: str
) -> None:
    path = campus.gateway.setup_links.make(OTTO).removeprefix(BASE)

    answer = await set_up(http, path, **{field: value})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert f'href="#{field}"' in answer.text
    kept = {"tenant": "Lakeside College", "name": "Otto Brandt", "email": "otto@lti.example"}
    assert all(f'value="{each}"' in answer.text for name, each in kept.items() if name != field)
    assert PASSWORD not in answer.text
    assert campus.gateway.setup_links.is_good(path.rpartition("/")[2])


async def test_a_set_up_form_of_another_site_makes_nothing(
    http: httpx2.AsyncClient, campus: Campus
) -> None:
    path = campus.gateway.setup_links.make(OTTO).removeprefix(BASE)

    answer = await set_up(http, path, csrf="0" * 64)

    assert answer.status_code == 403
    assert campus.gateway.setup_links.is_needed()


@pytest.mark.parametrize("field", ["tenant", "name", "email", "password"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_no_field_of_a_set_up_becomes_markup(
    http: httpx2.AsyncClient, campus: Campus, field: str, value: str
) -> None:
    path = campus.gateway.setup_links.make(OTTO).removeprefix(BASE)

    answer = await set_up(http, path, **{field: value})

    assert answer.status_code in (303, 422)
    assert faults_of(answer.text) == []
    for each in ("/portal", "/portal/tenants"):
        assert faults_of((await http.get(each, follow_redirects=True)).text) == []
