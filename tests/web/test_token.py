"""``/oauth/token``: a code becomes a launch once, for its tool, within a minute."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import httpx2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.browsers import Browser, browsing, code_of, redeem
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.lms import CLAIM

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def code(browser: Browser) -> str:
    return code_of(await browser.launch())


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


async def ask(browser: Browser, *, authorization: str = "", **form: str) -> httpx2.Response:
    headers = {"authorization": authorization} if authorization else {}
    return await browser.http.post("/oauth/token", data=form, headers=headers)


async def test_the_answer_holds_an_access_token_an_id_token_and_the_launch(
    browser: Browser, code: str
) -> None:
    answer = await redeem(browser.http, browser.campus, code)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    response = answer.json()
    assert set(response) == {"access_token", "token_type", "expires_in", "id_token", "launch"}
    assert response["token_type"] == "Bearer"
    assert response["expires_in"] == 3600


async def test_the_launch_has_the_promised_shape(browser: Browser, code: str) -> None:
    launch = (await redeem(browser.http, browser.campus, code)).json()["launch"]

    campus = browser.campus
    opaque = {"person": launch["person"].pop("id")}
    opaque |= {each: launch[each].pop("id") for each in ("context", "resource_link")}
    assert all(len(each) == 32 and each.isalnum() for each in opaque.values())
    assert launch == {
        "id": code.partition(".")[0],
        "message_type": "resource_link",
        "tenant": {"id": campus.tenant(), "name": "Northfield"},
        "person": {
            "anonymous": False,
            "test_user": False,
            "name": "Mia Learner",
            "given_name": "Mia",
            "family_name": "Learner",
            "email": "mia.learner@northfield.example",
            "picture": "https://lms.example/mia.png",
        },
        "roles": {
            "instructor": False,
            "learner": True,
            "in_context": ["Learner"],
            "all": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        },
        "mentored": [],
        "context": {
            "title": "Biology 101",
            "label": "BIO101",
            "types": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        },
        "resource_link": {"title": "Cell division warm-up", "description": None},
        "target_link_uri": f"{BASE}/lti/hello/launch",
        "locale": "en",
        "presentation": {
            "document_target": None,
            "return_url": None,
            "width": None,
            "height": None,
        },
        "for_person": None,
        "deep_linking": None,
        "services": {"line_items": False, "memberships": False},
        "platform": {
            "issuer": "https://lms.example",
            "client_id": "client-1",
            "deployment_id": "1",
            "person_id": "3",
            "context_id": "c-7",
            "resource_link_id": "l-12",
            "product": None,
            "version": None,
            "name": None,
            "guid": None,
        },
        "custom": {"chapter": "mitosis"},
    }


# ---------------------------------------------------------------- once, and by whom


async def test_a_second_redemption_is_refused_and_takes_back_what_the_first_gave(
    browser: Browser, code: str
) -> None:
    hand_offs = browser.campus.gateway.hand_offs
    first = (await redeem(browser.http, browser.campus, code)).json()
    launch_before = await hand_offs.launch_of(first["access_token"])

    second = await redeem(browser.http, browser.campus, code)

    assert launch_before == first["launch"]
    assert_refused(second, 400, "invalid_grant")
    assert "revoked" in second.json()["error_description"]
    assert await hand_offs.launch_of(first["access_token"]) is None


async def test_an_access_token_ends_with_its_hour(browser: Browser, code: str) -> None:
    hand_offs, clock = browser.campus.gateway.hand_offs, browser.campus.clock
    token = (await redeem(browser.http, browser.campus, code)).json()["access_token"]

    clock.pass_seconds(3599)
    assert await hand_offs.launch_of(token) is not None
    clock.pass_seconds(1)
    assert await hand_offs.launch_of(token) is None


@pytest.mark.parametrize("token", ["", ".", "made.up", "no dot", "\x00.\x00", "x" * 5000])
async def test_a_made_up_access_token_opens_nothing(browser: Browser, token: str) -> None:
    assert await browser.campus.gateway.hand_offs.launch_of(token) is None


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
async def test_a_code_is_good_for_a_minute(
    browser: Browser, code: str, seconds: float, status: int
) -> None:
    browser.campus.clock.pass_seconds(seconds)

    answer = await redeem(browser.http, browser.campus, code)

    assert answer.status_code == status
    if status == 400:
        assert_refused(answer, 400, "invalid_grant")
        assert "more than a minute old" in answer.json()["error_description"]


async def test_a_wrong_secret_spends_nothing(browser: Browser, code: str) -> None:
    wrong = await redeem(browser.http, browser.campus, code, secret="guessed")
    right = await redeem(browser.http, browser.campus, code)

    assert_refused(wrong, 401, "invalid_client")
    assert wrong.headers["www-authenticate"].startswith("Basic ")
    assert right.status_code == 200


async def test_another_tool_cannot_redeem_a_code_nor_spend_it(browser: Browser, code: str) -> None:
    secret = browser.campus.gateway.tools.add(
        OTTO, "quiz", "Quiz", "https://quiz.example/"
    ).client_secret

    foreign = await redeem(browser.http, browser.campus, code, tool="quiz", secret=secret)
    own = await redeem(browser.http, browser.campus, code)

    assert_refused(foreign, 400, "invalid_grant")
    assert own.status_code == 200


async def test_a_guessed_secret_half_neither_redeems_nor_spends(
    browser: Browser, code: str
) -> None:
    guessed = await redeem(browser.http, browser.campus, code[:-1] + "x" + "x")
    right = await redeem(browser.http, browser.campus, code)

    assert_refused(guessed, 400, "invalid_grant")
    assert right.status_code == 200


@pytest.mark.parametrize(
    "made_up", ["x", "a.b", ".", "ü.ü", "\x00.\x00", "a" * 150 + ".b", "x." * 99]
)
async def test_a_made_up_code_is_refused(browser: Browser, made_up: str) -> None:
    answer = await redeem(browser.http, browser.campus, made_up)

    assert_refused(answer, 400, "invalid_grant")


def assert_refused(answer: httpx2.Response, status: int, error: str) -> None:
    """RFC 6749 section 5.2, and ours: a code and a hint."""
    assert answer.status_code == status
    body = answer.json()
    assert body["error"] == error
    assert set(body) == {"error", "error_description", "code", "hint"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


# ---------------------------------------------------------------- how a tool says who it is


async def test_credentials_may_stand_in_the_form(browser: Browser, code: str) -> None:
    campus = browser.campus
    answer = await ask(
        browser,
        grant_type="authorization_code",
        code=code,
        client_id=campus.hello.client_id,
        client_secret=campus.hello_secret,
    )

    assert answer.status_code == 200


async def test_basic_credentials_may_be_percent_encoded_as_the_standard_wants(
    browser: Browser, code: str
) -> None:
    campus = browser.campus
    everything = "".join(f"%{ord(each):02X}" for each in campus.hello_secret)

    answer = await ask(
        browser,
        authorization=basic(quote_plus(campus.hello.client_id), everything),
        grant_type="authorization_code",
        code=code,
    )

    assert answer.status_code == 200


async def test_credentials_in_both_places_are_refused(browser: Browser, code: str) -> None:
    campus = browser.campus
    answer = await ask(
        browser,
        authorization=basic(campus.hello.client_id, campus.hello_secret),
        grant_type="authorization_code",
        code=code,
        client_secret=campus.hello_secret,
    )

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer abc",
        "Basic",
        "Basic !!!",
        "Basic /w==",
        basic("", ""),
        basic("nobody", "x"),
        basic("%00", "%00"),
        basic("x" * 5000, "x"),
        basic("%ED%A0%80", "x"),
    ],
)
async def test_who_is_nobody_is_told_to_say_who_it_is(
    browser: Browser, code: str, authorization: str
) -> None:
    answer = await ask(
        browser, authorization=authorization, grant_type="authorization_code", code=code
    )

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "\x00" * 99, "code": "a.b"}, "unsupported_grant_type"),
    ],
)
async def test_a_request_that_asks_for_something_else_is_refused(
    browser: Browser, form: dict[str, str], error: str
) -> None:
    campus = browser.campus
    answer = await ask(
        browser, authorization=basic(campus.hello.client_id, campus.hello_secret), **form
    )

    assert_refused(answer, 400, error)


async def test_a_parameter_that_is_said_twice_or_in_the_address_is_refused(
    browser: Browser, code: str
) -> None:
    body = f"grant_type=authorization_code&code={code}"
    kind = {"content-type": "application/x-www-form-urlencoded"}

    twice = await browser.http.post("/oauth/token", content=f"{body}&code=x", headers=kind)
    address = await browser.http.post(f"/oauth/token?code={code}", content=body, headers=kind)

    assert_refused(twice, 400, "invalid_request")
    assert_refused(address, 400, "invalid_request")


@pytest.mark.parametrize(
    "request_body",
    [
        {"json": {"grant_type": "authorization_code"}},
        {"content": b""},
        {"data": {"code": "x" * 20_000}},
        {"data": {f"field{number}": "" for number in range(200)}},
    ],
)
async def test_what_is_no_small_form_is_refused(
    browser: Browser, request_body: dict[str, Any]
) -> None:
    answer = await browser.http.post("/oauth/token", **request_body)

    assert_refused(answer, 400, "invalid_request")


async def test_without_its_database_the_gateway_asks_the_tool_to_come_again(
    browser: Browser, code: str
) -> None:
    browser.campus.database.close()
    client = basic("x", "y")

    answer = await ask(browser, authorization=client, grant_type="authorization_code", code=code)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["error"] == "temporarily_unavailable"


# ---------------------------------------------------------------- the id_token


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_an_id_token_verifies_with_the_published_keys(campus: Campus, algorithm: str) -> None:
    secret = campus.gateway.tools.add(
        OTTO, "quiz", "Quiz", "https://quiz.example/", id_token_algorithm=algorithm
    ).client_secret
    campus.register(tool="quiz", name="Quiz", deployment_ids=("q",))

    async with browsing(campus) as browser:
        launched = await browser.launch(
            login={"tool": "quiz", "lti_deployment_id": "q"}, **{CLAIM + "deployment_id": "q"}
        )
        answer = await redeem(browser.http, campus, code_of(launched), tool="quiz", secret=secret)
        keys = (await browser.http.get("/lti/keys")).json()

    token = jwt.decode(
        answer.json()["id_token"], KeySet.import_key_set(keys), algorithms=[algorithm]
    )
    launch = answer.json()["launch"]
    now = int(campus.clock())
    assert token.header["alg"] == algorithm
    assert token.claims == {
        "iss": BASE,
        "aud": campus.tool("quiz").client_id,
        "sub": launch["person"]["id"],
        "iat": now,
        "exp": now + 300,
        "name": "Mia Learner",
        "given_name": "Mia",
        "family_name": "Learner",
        "email": "mia.learner@northfield.example",
        "picture": "https://lms.example/mia.png",
        "locale": "en",
        "urn:gatelodge:launch_id": launch["id"],
    }


async def test_an_id_token_verifies_by_hand(browser: Browser, code: str) -> None:
    token = (await redeem(browser.http, browser.campus, code)).json()["id_token"]
    header, payload, signature = token.split(".")
    [jwk] = [
        each
        for each in (await browser.http.get("/lti/keys")).json()["keys"]
        if each["kid"] == json.loads(decoded(header))["kid"]
    ]
    modulus, exponent = (int.from_bytes(decoded(jwk[each])) for each in ("n", "e"))
    key = RSAPublicNumbers(exponent, modulus).public_key()

    key.verify(decoded(signature), f"{header}.{payload}".encode(), PKCS1v15(), SHA256())

    assert set(jwk) == {"kty", "kid", "use", "alg", "n", "e"}
    assert json.loads(decoded(payload))["iss"] == BASE


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_no_lms_is_given_the_keys_that_sign_for_tools(browser: Browser) -> None:
    ours = (await browser.http.get("/lti/keys")).json()["keys"]
    theirs = (await browser.http.get(f"/lti/keys/{browser.campus.registration()}")).json()["keys"]

    assert {each["kid"] for each in ours}.isdisjoint(each["kid"] for each in theirs)


# ---------------------------------------------------------------- personal data


SENT = {
    "name": ("Mia Quillfeather", "Mia", "Quillfeather", "Quentina"),
    "email": ("mia.learner@northfield.example",),
    "picture": ("https://lms.example/mia.png",),
    "sourced_id": ("school:3",),
    "custom": ("mitosis",),
}
NAMES = dict(zip(("name", "given_name", "family_name", "middle_name"), SENT["name"], strict=True))


@pytest.mark.parametrize(
    "claims", [(), ("name",), ("email",), ("picture",), ("sourced_id",), ("custom",), tuple(SENT)]
)
async def test_a_tool_receives_the_claims_it_declared_and_no_others(
    campus: Campus, claims: tuple[str, ...]
) -> None:
    secret = campus.gateway.tools.add(
        OTTO, "quiz", "Quiz", "https://quiz.example/", claims=claims
    ).client_secret
    campus.register(tool="quiz", name="Quiz", deployment_ids=("q",))

    async with browsing(campus) as browser:
        launched = await browser.launch(
            login={"tool": "quiz", "lti_deployment_id": "q"},
            **NAMES,
            **{CLAIM + "deployment_id": "q"},
        )
        answer = await redeem(browser.http, campus, code_of(launched), tool="quiz", secret=secret)

    given = json.dumps(answer.json()["launch"])
    told = decoded(answer.json()["id_token"].split(".")[1]).decode()
    for claim, values in SENT.items():
        for value in values:
            assert (f'"{value}"' in given) == (claim in claims)
            assert (f'"{value}"' in told) <= (claim in claims)


@pytest_asyncio.fixture
async def launched(browser: Browser) -> AsyncIterator[Browser]:
    await browser.redeem(await browser.launch(**NAMES))
    await browser.launch(aud="somebody", **NAMES)
    yield browser


async def test_on_disk_nothing_personal_can_be_read(launched: Browser) -> None:
    files = list(launched.campus.directory.glob("gatelodge.db*"))

    kept = b"".join(each.read_bytes() for each in files)

    assert b"Biology 101" in kept
    for values in SENT.values():
        for value in values:
            assert len(value) < 4 or value.encode() not in kept


async def test_on_disk_no_secret_can_be_read(launched: Browser) -> None:
    redeemed = await launched.redeem(await launched.launch())
    files = list(launched.campus.directory.glob("gatelodge.db*"))

    kept = b"".join(each.read_bytes() for each in files)

    proof = next(iter(launched.http.cookies.jar)).value or ""
    for secret in (
        redeemed["access_token"].partition(".")[2],
        redeemed["id_token"].rpartition(".")[2],
        launched.campus.hello_secret,
        proof,
    ):
        assert secret.encode() not in kept
