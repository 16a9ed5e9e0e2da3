"""What is neither a login nor a launch: machines, discovery, key sets, and addresses that are not there."""

from __future__ import annotations

import html

import pytest

from tests.support.browsers import Browser, browsing
from tests.support.campuses import OpenCampus
from tests.support.gateways import BASE, OTTO

pytestmark = pytest.mark.asyncio


async def test_the_gateway_is_alive_and_ready(browser: Browser) -> None:
    assert (await browser.http.get("/healthz")).text == "alive\n"
    assert (await browser.http.get("/readyz")).text == "ready\n"


async def test_without_its_database_it_is_alive_but_not_ready(browser: Browser) -> None:
    browser.campus.database.close()

    ready = await browser.http.get("/readyz")

    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "5"
    assert ready.json()["code"] == "storage.unavailable"
    assert (await browser.http.get("/healthz")).status_code == 200


async def test_the_metrics_count_by_outcome_and_code(browser: Browser) -> None:
    await browser.redeem(await browser.launch())
    await browser.launch(aud="somebody")
    await browser.begin(login_hint=None)

    page = (await browser.http.get("/metrics")).text

    for line in (
        'gatelodge_logins_total{code="",outcome="begun"} 2.0',
        'gatelodge_logins_total{code="login.parameter_missing",outcome="refused"} 1.0',
        'gatelodge_launches_total{code="",outcome="accepted"} 1.0',
        'gatelodge_launches_total{code="launch.audience_mismatch",outcome="refused"} 1.0',
        "gatelodge_launch_seconds_count 2.0",
        'gatelodge_key_set_fetches_total{outcome="fetched"} 1.0',
        'gatelodge_redemptions_total{outcome="redeemed"} 1.0',
    ):
        assert line in page.splitlines()


@pytest.mark.parametrize(
    "address", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
)
async def test_the_discovery_document_names_our_addresses(browser: Browser, address: str) -> None:
    answer = await browser.http.get(address)

    document = answer.json()
    assert document["issuer"] == BASE
    assert document["token_endpoint"] == f"{BASE}/oauth/token"
    assert document["jwks_uri"] == f"{BASE}/lti/keys"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_lms_is_given_the_public_keys_of_its_own_client_alone(browser: Browser) -> None:
    campus = browser.campus
    north, south = [
        (await browser.http.get(f"/lti/keys/{campus.registration(each)}")).json()["keys"]
        for each in ("northfield", "southbank")
    ]

    assert len(north) == len(south) == 1
    assert north[0]["kid"] != south[0]["kid"]
    assert set(north[0]) == {"kty", "kid", "use", "alg", "n", "e"}


@pytest.mark.parametrize("unknown", ["nothing", "%00", "%FF", "x" * 3000, "%ED%A0%80"])
async def test_an_unknown_registration_has_no_key_set(browser: Browser, unknown: str) -> None:
    answer = await browser.http.get(f"/lti/keys/{unknown}")

    assert answer.status_code == 404
    assert "keys" not in answer.json()


async def test_a_deleted_registration_has_no_key_set(browser: Browser) -> None:
    address = f"/lti/keys/{browser.campus.registration()}"
    assert (await browser.http.get(address)).status_code == 200

    browser.campus.gateway.registrations.delete(OTTO, browser.campus.registration())

    assert (await browser.http.get(address)).status_code == 404


ADDRESSES = (
    "/",
    "/healthz",
    "/healthz/",
    "/readyz",
    "/metrics",
    "/metrics/",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/",
    "/lti/keys",
    "/lti/keys/",
    "/lti/keys/nothing",
    "/oauth/token",
    "/oauth/token/",
    "/lti/hello/login",
    "/lti/hello/launch",
    "/lti/hello/launch/",
    "/static/nothing.css",
    "/nothing",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_the_host_that_a_request_names_is_in_no_answer(
    browser: Browser, method: str, address: str
) -> None:
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "accept": "text/html"}

    answer = await browser.http.request(method, address, headers=headers)

    assert answer.status_code < 500
    assert not 300 <= answer.status_code < 400
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)


async def test_a_launch_under_another_host_name_leads_where_it_always_leads(
    browser: Browser,
) -> None:
    parameters = browser.campus.lms.login(browser.target())

    answer = await browser.http.post(
        "/lti/hello/login", data=parameters, headers={"host": "evil.example"}
    )

    assert answer.status_code == 302
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize(
    ("method", "address", "allow"),
    [
        ("DELETE", "/lti/hello/login", "GET, POST"),
        ("HEAD", "/lti/hello/login", "GET, POST"),
        ("GET", "/lti/hello/launch", "POST"),
        ("HEAD", "/lti/hello/launch", "POST"),
        ("PUT", "/lti/hello/launch", "POST"),
        ("GET", "/oauth/token", "POST"),
        ("POST", "/lti/keys", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    browser: Browser, method: str, address: str, allow: str
) -> None:
    answer = await browser.http.request(method, address)

    assert answer.status_code == 405
    assert set(allow.split(", ")) <= set(answer.headers["allow"].split(", "))


async def test_what_is_not_there_is_told_in_the_askers_own_language(browser: Browser) -> None:
    program = await browser.http.get("/nothing")
    person = await browser.http.get("/nothing", headers={"accept": "text/html"})

    assert program.status_code == person.status_code == 404
    assert program.json()["code"] == "http.404"
    assert "There's nothing at this address" in html.unescape(person.text)
    assert person.headers["cache-control"] == "no-store"


# ---------------------------------------------------------------- limits


async def test_too_many_launches_of_a_client_from_one_address_have_to_wait(
    campus_with: OpenCampus,
) -> None:
    campus = campus_with(rate_limits="launches=3/minute,tokens=1/minute")
    async with browsing(campus) as browser:
        for _ in range(3):
            assert (await browser.begin()).status_code == 302
        refused = await browser.begin()
        other_client = await browser.begin(lms=campus.southbank_lms)

    async with browsing(campus, address="192.0.2.8") as elsewhere:
        other_address = await elsewhere.begin()

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "60"
    assert "login.too_many" in refused.text
    assert other_client.status_code == other_address.status_code == 302


async def test_a_launch_counts_as_a_login_does(campus_with: OpenCampus) -> None:
    async with browsing(campus_with(rate_limits="launches=3/minute")) as browser:
        assert (await browser.launch()).status_code == 303
        refused = await browser.launch()

    assert refused.status_code == 429


async def test_too_many_redemptions_of_a_tool_have_to_wait(campus_with: OpenCampus) -> None:
    async with browsing(campus_with(rate_limits="tokens=1/minute")) as browser:
        await browser.redeem(await browser.launch())
        answer = await browser.http.post(
            "/oauth/token",
            data={"grant_type": "authorization_code", "code": "a.b"},
            auth=(browser.campus.hello.client_id, browser.campus.hello_secret),
        )

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["code"] == "token.too_many"


async def test_limits_can_be_off(campus_with: OpenCampus) -> None:
    async with browsing(campus_with(rate_limits="off")) as browser:
        statuses = {(await browser.begin()).status_code for _ in range(50)}

    assert statuses == {302}


async def test_behind_a_proxy_of_ours_each_person_is_counted_alone(
    campus_with: OpenCampus,
) -> None:
    campus = campus_with(rate_limits="launches=1/minute", trusted_proxies="10.0.0.0/8")
    parameters = campus.lms.login(f"{BASE}/lti/hello/launch")
    async with browsing(campus, address="10.0.0.1") as proxy:
        statuses = [
            (
                await proxy.http.post(
                    "/lti/hello/login", data=parameters, headers={"x-forwarded-for": person}
                )
            ).status_code
            for person in ("192.0.2.7", "192.0.2.8", "192.0.2.7")
        ]

    assert statuses == [302, 302, 429]


async def test_plain_http_before_a_proxy_of_ours_is_refused(campus_with: OpenCampus) -> None:
    campus = campus_with(trusted_proxies="10.0.0.0/8")
    parameters = campus.lms.login(f"{BASE}/lti/hello/launch")
    plain = {"x-forwarded-proto": "http"}
    async with browsing(campus, address="10.0.0.1") as proxy:
        login = await proxy.http.post("/lti/hello/login", data=parameters, headers=plain)
        begun = await proxy.login()
        form = {"state": begun.state, "id_token": proxy.token(begun)}
        launch = await proxy.http.post("/lti/hello/launch", data=form, headers=plain)
        secure = await proxy.http.post("/lti/hello/launch", data=form)

    for answer in (login, launch):
        assert answer.status_code == 403
        assert "login.insecure" in answer.text
    assert secure.status_code == 303


async def test_a_service_on_a_foreign_server_is_left_out_and_the_trace_says_so(
    browser: Browser,
) -> None:
    foreign = {"lineitems": "https://evil.example/items", "scope": ["x"]}

    await browser.launch(
        **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": foreign},
    )

    kept = b"".join(each.read_bytes() for each in browser.campus.directory.glob("gatelodge.db*"))
    assert b"message.services_ignored" in kept
