"""Signing in at a provider, by a provider and a browser that may both be lying."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
import pytest_asyncio

from gatelodge.services.caller import Role
from gatelodge.services.health import Finding, Severity
from gatelodge.services.provider_sign_in import LIFETIME
from gatelodge.services.sessions import Visitor
from gatelodge.storage import audit
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.browsers import browsing
from tests.support.campuses import OpenCampus
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.openid import OpenId, serving_provider
from tests.support.people import sign_in

pytestmark = pytest.mark.asyncio

FAILED = "Authentication failed. Try again"
FORBIDDEN = "Your account doesn't have permission to access this page"


@dataclass
class Door:
    """Two providers, and a browser in front of the gateway."""

    http: httpx2.AsyncClient
    campus: Campus
    college: OpenId
    other: OpenId

    async def begin(self, name: str = "college", to: str = "", **more: str) -> dict[str, str]:
        """The parameters with which the browser comes to the provider."""
        page = (await self.http.get("/sign-in")).text
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]
        answer = await self.http.post(
            f"/sign-in/{name}", data={"csrf": csrf, "to": to, **more}, headers={"origin": BASE}
        )
        assert answer.status_code == 200, answer.text
        [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
        asked = dict(parse_qsl(urlsplit(html.unescape(address)).query))
        for provider in (self.college, self.other):
            provider.nonce, provider.now = asked["nonce"], self.campus.clock()
        return asked

    async def come_back(
        self, asked: dict[str, str], name: str = "college", **changes: str | None
    ) -> httpx2.Response:
        answer = {"code": "c-1", "state": asked["state"], **changes}
        parameters = {key: value for key, value in answer.items() if value is not None}
        return await self.http.get(f"/sign-in/{name}/return", params=parameters)

    async def sign_in(self, to: str = "", **claims: Any) -> httpx2.Response:
        self.college.claims = claims
        return await self.come_back(await self.begin(to=to))

    def audited(self) -> list[str]:
        """Why people were sent away."""
        events = self.campus.database.read(
            lambda connection: audit.list_recent(connection, None, limit=100)
        )
        refused = [each for each in events if each.tag == "account.sign_in_refused"]
        return [json.loads(each.details)["why"] for each in refused]

    def visitor(self) -> Visitor:
        visitor = self.campus.gateway.sessions.find(self.http.cookies[SESSION_COOKIE])
        assert visitor is not None
        return visitor


@pytest_asyncio.fixture
async def door(campus_with: OpenCampus) -> AsyncIterator[Door]:
    with ExitStack() as stack:
        college = stack.enter_context(serving_provider(OpenId("college")))
        other = stack.enter_context(serving_provider(OpenId("other")))
        campus = campus_with(
            oidc=college.settings() + other.settings(),
            outbound_allow=(college.allow, other.allow),
        )
        async with browsing(campus) as browser:
            yield Door(browser.http, campus, college, other)


def refused(answer: httpx2.Response, status: int = 401, title: str = FAILED) -> None:
    assert answer.status_code == status, answer.text
    assert title in answer.text
    assert SESSION_COOKIE not in answer.cookies


# ----------------------------------------------------------------------- what works


async def test_the_request_is_bound_to_browser_code_and_token(door: Door) -> None:
    asked = await door.begin()

    answer = await door.come_back(asked)

    [form] = door.college.asked
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == form["redirect_uri"] == f"{BASE}/sign-in/college/return"
    assert asked["code_challenge_method"] == "S256"
    challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
    assert asked["code_challenge"] == challenge.decode()
    assert len({asked["state"], asked["nonce"], form["code_verifier"]}) == 3
    assert answer.headers["location"] == "/portal"


async def test_the_secret_is_told_as_the_rfc_writes_it(door: Door) -> None:
    await door.sign_in()

    [credentials] = door.college.credentials
    user, _, password = b64decode(credentials.removeprefix("Basic ")).decode().partition(":")
    assert (unquote(user), unquote(password)) == ("gatelodge", "s3cret:&")


async def test_one_lands_where_one_was_going(door: Door) -> None:
    answer = await door.sign_in(to="/portal/sessions?x=1")

    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sessions?x=1")
    visitor = door.visitor()
    assert (visitor.name, visitor.standing.role) == ("Ada Okafor", Role.ADMIN)
    assert visitor.standing.tenant_name == "Northfield"


async def test_roles_follow_the_claims_at_each_sign_in(door: Door) -> None:
    await door.sign_in(roles=["admin", "educator"])
    account_id = door.visitor().account_id
    await door.http.post("/sign-out", headers={"origin": BASE})

    await door.sign_in(roles=["educator"])

    visitor = door.visitor()
    assert visitor.account_id == account_id
    assert [each.role for each in visitor.standings] == [Role.EDUCATOR]


async def test_signing_out_leads_to_the_provider_with_what_it_needs(door: Door) -> None:
    await door.sign_in()

    answer = await door.http.post("/sign-out", headers={"origin": BASE})

    [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    address = html.unescape(address)
    fields = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{door.college.address}/end?")
    assert fields["post_logout_redirect_uri"] == f"{BASE}/sign-out"
    assert fields["id_token_hint"].count(".") == 2
    assert answer.headers["clear-site-data"] == '"storage"'


async def test_a_provider_without_a_place_to_sign_out_is_asked_for_another_account(
    door: Door,
) -> None:
    door.college.left_out = {"end_session_endpoint"}
    await door.sign_in(roles=[])

    answer = await door.http.post(
        "/sign-out", data={"provider": "college"}, headers={"origin": BASE}
    )
    page = (await door.http.get(answer.headers["location"])).text
    asked = await door.begin(other="1")

    assert answer.headers["location"] == "/sign-in?other=1"
    assert page.count('name="other" value="1"') == 2
    assert asked["prompt"] == "select_account"


# ----------------------------------------------------------------------- state and browser


async def test_a_forged_state_is_refused(door: Door) -> None:
    await door.begin()

    refused(await door.come_back({"state": "x" * 43}))
    assert door.college.asked == []


async def test_a_state_of_another_browser_is_refused(door: Door) -> None:
    asked = await door.begin()
    door.http.cookies.clear()

    refused(await door.come_back(asked))
    assert door.college.asked == []


async def test_a_return_is_good_once(door: Door) -> None:
    asked = await door.begin()
    await door.come_back(asked)
    door.http.cookies.delete(SESSION_COOKIE)

    refused(await door.come_back(asked))
    assert len(door.college.asked) == 1


async def test_a_state_is_too_old_after_ten_minutes(door: Door) -> None:
    asked = await door.begin(to="/portal/sessions")
    door.campus.clock.now += LIFETIME + 1

    answer = await door.come_back(asked)

    refused(answer)
    assert "/sign-in?to=/portal/sessions" in unquote(html.unescape(answer.text))


async def test_a_cookie_that_was_changed_is_refused(door: Door) -> None:
    asked = await door.begin()
    [name] = [each for each in door.http.cookies if each.startswith("__Host-gatelodge-sign-in")]
    value = door.http.cookies[name]
    door.http.cookies.delete(name)
    door.http.cookies.set(name, f"{value[:60]}{'B' if value[60] == 'A' else 'A'}{value[61:]}")

    refused(await door.come_back(asked))


async def test_two_tabs_don_t_take_each_other_s_state_away(door: Door) -> None:
    first = await door.begin(to="/portal/sessions")
    nonce = door.college.nonce
    await door.begin()
    door.college.nonce = nonce

    answer = await door.come_back(first)

    assert answer.headers["location"] == "/portal/sessions"


async def test_a_parameter_that_stands_twice_is_refused(door: Door) -> None:
    asked = await door.begin()

    answer = await door.http.get(f"/sign-in/college/return?code=a&code=b&state={asked['state']}")

    refused(answer)
    assert door.college.asked == []


# ----------------------------------------------------------------------- mix-up


async def test_what_was_begun_with_one_provider_is_not_finished_with_another(door: Door) -> None:
    asked = await door.begin("college")

    refused(await door.come_back(asked, "other"))
    assert door.other.asked == []


async def test_an_answer_that_names_another_issuer_is_refused_before_the_code_is_sent(
    door: Door,
) -> None:
    asked = await door.begin("college")

    refused(await door.come_back(asked, iss=door.other.issuer))
    assert door.college.asked == door.other.asked == []


async def test_an_answer_without_issuer_is_refused_where_the_provider_names_it(door: Door) -> None:
    door.college.document = {"authorization_response_iss_parameter_supported": True}
    asked = await door.begin()

    refused(await door.come_back(asked))
    assert (await door.come_back(await door.begin(), iss=door.college.issuer)).is_redirect


async def test_a_document_of_another_issuer_is_not_believed(door: Door) -> None:
    door.college.document = {"issuer": door.other.issuer}
    page = (await door.http.get("/sign-in")).text
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]

    answer = await door.http.post("/sign-in/college", data={"csrf": csrf}, headers={"origin": BASE})

    refused(answer, 503)


# ----------------------------------------------------------------------- the token


def without(claim: str) -> Callable[[OpenId, float], dict[str, Any]]:
    return lambda _, __: {claim: None}


LIES: dict[str, Callable[[OpenId, float], dict[str, Any]]] = {
    "wrong nonce": lambda _, __: {"nonce": "another"},
    "no nonce": without("nonce"),
    "wrong issuer": lambda provider, _: {"iss": f"{provider.issuer}/"},
    "no issuer": without("iss"),
    "wrong audience": lambda _, __: {"aud": "somebody-else"},
    "one audience too many": lambda _, __: {"aud": ["gatelodge", "else"], "azp": "gatelodge"},
    "no audience": without("aud"),
    "another party": lambda _, __: {"azp": "somebody-else"},
    "expired": lambda _, now: {"exp": int(now) - 61, "iat": int(now) - 400},
    "no expiry": without("exp"),
    "expiry of words": lambda _, __: {"exp": "tomorrow"},
    "from the future": lambda _, now: {"iat": int(now) + 3600},
    "no subject": without("sub"),
    "empty subject": lambda _, __: {"sub": ""},
    "subject of numbers": lambda _, __: {"sub": 7},
    "subject that can't be kept": lambda _, __: {"sub": "ada\x00"},
    "endless subject": lambda _, __: {"sub": "x" * 256},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies_signs_nobody_in(door: Door, lie: str) -> None:
    claims = LIES[lie](door.college, door.campus.clock())

    refused(await door.sign_in(**claims))


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"kid": ""}, {"kid": "unknown"}, {"crit": ["exp"]}],
)
async def test_a_token_with_an_odd_header_signs_nobody_in(
    door: Door, header: dict[str, Any]
) -> None:
    door.college.header = header

    refused(await door.sign_in())


async def test_a_token_needs_to_name_its_key_only_where_there_are_several(door: Door) -> None:
    door.college.header = {"kid": None}

    only_one = await door.sign_in()
    door.http.cookies.clear()
    door.college.key = "stranger"
    of_a_stranger = await door.sign_in()
    door.college.key, door.college.published = "campus", ("campus", "next")
    door.campus.clock.now += 3601
    one_of_two = await door.sign_in()

    assert only_one.is_redirect
    refused(of_a_stranger)
    refused(one_of_two)


async def test_a_token_signed_by_somebody_else_signs_nobody_in(door: Door) -> None:
    door.college.key, door.college.header = "stranger", {"kid": "campus"}

    refused(await door.sign_in())


async def test_a_code_that_the_provider_doesn_t_know_signs_nobody_in(door: Door) -> None:
    door.college.token_status = 400

    refused(await door.sign_in())


@pytest.mark.parametrize("status", [500, 503])
async def test_a_provider_that_is_down_is_no_failure_of_the_person(door: Door, status: int) -> None:
    door.college.token_status = status

    answer = await door.sign_in()

    refused(answer, 503)
    assert "can't be reached just now" in answer.text


async def test_a_provider_that_is_down_at_the_button_keeps_where_one_was_going(door: Door) -> None:
    door.college.is_down = True
    page = (await door.http.get("/sign-in")).text
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]

    answer = await door.http.post(
        "/sign-in/college",
        data={"csrf": csrf, "to": "/portal/sessions"},
        headers={"origin": BASE},
    )

    refused(answer, 503)
    assert 'value="/portal/sessions"' in answer.text


async def test_an_error_of_the_provider_is_told_without_its_words(door: Door) -> None:
    asked = await door.begin()

    answer = await door.come_back(
        asked, code=None, error="access_denied", error_description="<b>Call 555-1234</b>"
    )

    refused(answer)
    assert "555-1234" not in answer.text


# ----------------------------------------------------------------------- who one is


async def test_an_e_mail_address_is_nobody_s_identity(door: Door) -> None:
    await door.sign_in()
    adas = door.visitor().account_id
    local = door.campus.gateway.accounts.add_local(
        OTTO,
        "southbank",
        Role.ADMIN,
        name="Cleo",
        email="cleo@southbank.example",
        password="correct horse battery staple",
    )
    door.http.cookies.clear()

    await door.sign_in(
        sub="eve-1", email="ada@northfield.example", email_verified=True, roles=["educator"]
    )
    as_ada = door.visitor().account_id
    door.http.cookies.clear()
    await door.sign_in(sub="eve-2", email="cleo@southbank.example", email_verified=True)
    as_cleo = door.visitor()

    assert as_ada != adas
    assert as_cleo.account_id != local.id
    assert [each.tenant_name for each in as_cleo.standings] == ["Northfield"]


async def test_the_same_subject_of_another_issuer_is_somebody_else(door: Door) -> None:
    await door.sign_in()
    first = door.visitor().account_id
    door.http.cookies.clear()

    await door.come_back(await door.begin("other"), "other")

    assert door.visitor().account_id != first


async def test_a_session_that_was_planted_is_not_taken_over(door: Door) -> None:
    planted = sign_in(door.campus, "Cleo")[SESSION_COOKIE]
    asked = await door.begin()
    door.http.cookies.set(SESSION_COOKIE, planted, domain="lti.example")

    answer = await door.come_back(asked)

    assert answer.cookies[SESSION_COOKIE] != planted
    assert door.campus.gateway.sessions.find(planted) is None


# ----------------------------------------------------------------------- what is told at userinfo


async def test_roles_that_stand_at_userinfo_are_read_there(door: Door) -> None:
    door.college.userinfo = {"sub": "ada-1", "roles": ["admin"]}

    await door.sign_in(roles=None)

    assert [each.role for each in door.visitor().standings] == [Role.ADMIN]
    assert door.college.credentials[-1] == "Bearer a-1"


async def test_who_the_token_only_numbers_has_a_name_at_userinfo(door: Door) -> None:
    door.college.userinfo = {"sub": "ada-1", "name": "Ada Okafor", "roles": ["educator"]}

    await door.sign_in(name=None, email=None, groups=[])

    visitor = door.visitor()
    assert visitor.name == "Ada Okafor"
    assert [each.role for each in visitor.standings] == [Role.ADMIN]


async def test_what_the_token_says_counts_more_than_userinfo(door: Door) -> None:
    door.college.userinfo = {"sub": "ada-1", "roles": ["admin"], "groups": ["t"], "name": "Eve"}

    await door.sign_in(roles=["student"])

    visitor = door.visitor()
    assert [each.role for each in visitor.standings] == [Role.EDUCATOR]
    assert visitor.name == "Ada Okafor"


async def test_userinfo_is_not_asked_where_the_token_says_all(door: Door) -> None:
    door.college.userinfo = {"sub": "ada-1", "roles": ["admin"]}

    await door.sign_in(roles=["educator"], groups=[])

    assert len(door.college.credentials) == 1


@pytest.mark.parametrize("subject", ["ada-2", None, ["ada-1"]])
async def test_userinfo_of_somebody_else_signs_nobody_in(door: Door, subject: object) -> None:
    door.college.userinfo = {"sub": subject, "roles": ["admin"]}

    refused(await door.sign_in(roles=None))


@pytest.mark.parametrize(("status", "answered"), [(500, 503), (503, 503), (401, 401), (403, 401)])
async def test_a_userinfo_address_that_fails_takes_nobody_s_role_away(
    door: Door, status: int, answered: int
) -> None:
    door.college.userinfo = {"sub": "ada-1", "roles": ["admin"]}
    await door.sign_in(roles=None)
    token = door.http.cookies[SESSION_COOKIE]
    door.http.cookies.clear()
    door.college.userinfo_status = status

    answer = await door.sign_in(roles=None)

    assert answer.status_code == answered
    assert FAILED in answer.text
    assert door.campus.gateway.sessions.find(token) is not None


@pytest.mark.parametrize("userinfo", ["https://10.0.0.7/userinfo", "ftp://college.example/", 7])
async def test_a_userinfo_address_is_called_as_any_other(door: Door, userinfo: object) -> None:
    door.college.document = {"userinfo_endpoint": userinfo}
    page = (await door.http.get("/sign-in")).text
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]

    left = await door.http.post("/sign-in/college", data={"csrf": csrf}, headers={"origin": BASE})

    if left.status_code == 200:
        refused(await door.sign_in(roles=None), 503)
    assert (left.status_code == 200) is str(userinfo).startswith("https:")


# ----------------------------------------------------------------------- who may not come in


async def test_an_unknown_institution_is_told_so_and_leaves_nothing_behind(door: Door) -> None:
    before = door.campus.rows()["accounts"]

    answer = await door.sign_in(org="lakeside")

    refused(answer, 403, FORBIDDEN)
    assert "has to be registered with this gateway first" in answer.text
    assert "Ada Okafor" in answer.text
    assert door.audited() == ["sign_in.institution_unknown"]
    assert "Sign out & switch accounts" in answer.text
    assert door.campus.rows()["accounts"] == before


async def test_who_has_no_role_is_told_so_and_gets_no_account(door: Door) -> None:
    before = door.campus.rows()["accounts"]

    answer = await door.sign_in(roles=["student"])

    refused(answer, 403, FORBIDDEN)
    assert "neither an administrator nor an educator" in answer.text
    assert door.audited() == ["sign_in.role_missing"]
    assert door.campus.rows()["accounts"] == before


async def test_a_suspended_institution_is_told_so(door: Door) -> None:
    door.campus.gateway.tenants.suspend(OTTO, "northfield")

    answer = await door.sign_in()

    refused(answer, 403, FORBIDDEN)
    assert "is suspended on this gateway" in answer.text


async def test_a_disabled_account_is_told_so(door: Door) -> None:
    await door.sign_in()
    door.campus.gateway.accounts.disable(OTTO, door.visitor().account_id)
    door.http.cookies.clear()

    answer = await door.sign_in()

    refused(answer, 403, FORBIDDEN)
    assert "is disabled" in answer.text


async def test_who_lost_the_role_at_the_provider_comes_in_no_more(door: Door) -> None:
    await door.sign_in()
    token = door.http.cookies[SESSION_COOKIE]
    door.http.cookies.clear()

    refused(await door.sign_in(org="lakeside"), 403, FORBIDDEN)

    assert door.campus.gateway.sessions.find(token) is None


async def test_groups_that_were_left_out_are_told_and_not_taken_for_none(door: Door) -> None:
    answer = await door.sign_in(roles=None, _claim_names={"groups": "src1"})

    refused(answer)
    assert door.audited() == ["sign_in.groups_not_told"]
    assert "in more groups than College tells us" in re.sub(r"</?bdi[^>]*>", "", answer.text)


async def test_switching_accounts_goes_by_way_of_the_provider(door: Door) -> None:
    await door.sign_in(roles=[])

    answer = await door.http.post(
        "/sign-out", data={"provider": "college"}, headers={"origin": BASE}
    )

    assert f"url={door.college.address}/end?" in answer.text


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "\u202eevil", "x" * 10_000, "a\x00b"]
)
async def test_what_a_provider_writes_stays_text(door: Door, value: str) -> None:
    answer = await door.sign_in(name=value, email=value, org=value, roles=[value])

    refused(answer, 403, FORBIDDEN)
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.content) < 30_000


# ----------------------------------------------------------------------- what the doctor says


async def providers_of(campus: Campus) -> list[Finding]:
    found = await campus.gateway.health.look(OTTO)
    return [each for each in found if each.code.startswith("provider")]


async def test_the_doctor_asks_each_provider(door: Door) -> None:
    door.other.is_down = True

    well, down = await providers_of(door.campus)

    assert (well.severity, well.text) == (Severity.GOOD, f"It answers as {door.college.issuer}.")
    assert down.severity is Severity.ERROR
    assert "gave status 503" in down.text


async def test_the_doctor_names_a_tenant_that_is_not_there(campus_with: OpenCampus) -> None:
    with serving_provider(OpenId("college")) as college:
        table = college.settings() + '[college.tenants]\n"a" = "northfield"\n"b" = "lakeside"\n'
        campus = campus_with(oidc=table, outbound_allow=(college.allow,))

        [finding] = await providers_of(campus)
        await campus.gateway.outbound.aclose()

    assert (finding.code, finding.severity) == ("provider.tenant", Severity.WARNING)
    assert "'lakeside'" in finding.text
    assert "'northfield'" not in finding.text
