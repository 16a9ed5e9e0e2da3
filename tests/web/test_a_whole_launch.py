"""From the click in the LMS to the launch that the tool's server holds in its hands."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.browsers import Browser, browsing, code_of
from tests.support.gateways import BASE, HELLO, OTTO, Campus
from tests.support.lms import CLAIM

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_click_ends_in_the_tool_with_the_right_person(
    browser: Browser, method: str
) -> None:
    launched = await browser.launch(login={"method": method})
    redeemed = await browser.redeem(launched)

    assert redeemed["launch"]["person"]["name"] == "Mia Learner"
    assert redeemed["launch"]["context"]["title"] == "Biology 101"
    assert redeemed["launch"]["resource_link"]["title"] == "Cell division warm-up"
    assert redeemed["launch"]["roles"]["learner"] is True
    assert redeemed["launch"]["tenant"]["name"] == "Northfield"


async def test_a_whole_launch_works_on_both_databases(campus_on_both: Campus) -> None:
    async with browsing(campus_on_both) as browser:
        redeemed = await browser.redeem(await browser.launch())

    assert redeemed["launch"]["person"]["name"] == "Mia Learner"


async def test_the_browser_goes_to_the_tool_with_code_and_issuer_and_leaves_no_trace(
    browser: Browser,
) -> None:
    launched = await browser.launch()

    assert launched.status_code == 303
    address, _, query = launched.headers["location"].partition("?")
    assert address == HELLO
    assert [name for name, _ in parse_qsl(query)] == ["code", "iss"]
    assert dict(parse_qsl(query))["iss"] == BASE
    assert launched.headers["cache-control"] == "no-store"
    assert launched.headers["referrer-policy"] == "no-referrer"
    assert launched.content == b""


# ---------------------------------------------------------------- where the link leads


async def test_the_query_of_the_link_reaches_the_tool(browser: Browser) -> None:
    launched = await browser.launch(login={"query": "?page=4&note=a%20b%26c&empty="})

    query = parse_qsl(urlsplit(launched.headers["location"]).query, keep_blank_values=True)
    assert query[:3] == [("page", "4"), ("note", "a b&c"), ("empty", "")]
    assert [name for name, _ in query[3:]] == ["code", "iss"]


async def test_the_query_of_the_link_reaches_the_tool_as_it_was_written(browser: Browser) -> None:
    launched = await browser.launch(login={"query": "?flag&name=a+b&q=%2F"})

    assert "?flag&name=a+b&q=%2F&code=" in launched.headers["location"]


async def test_a_query_in_the_tools_own_launch_address_is_kept(campus: Campus) -> None:
    campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/go?mode=lti")
    campus.register(tool="quiz", name="Quiz", deployment_ids=("quiz",))

    async with browsing(campus) as browser:
        launched = await browser.launch(
            login={"tool": "quiz", "query": "?page=4", "lti_deployment_id": "quiz"},
            **{CLAIM + "deployment_id": "quiz"},
        )

    address, _, query = launched.headers["location"].partition("?")
    assert address == "https://quiz.example/go"
    assert [pair for pair in parse_qsl(query) if pair[0] not in ("code", "iss")] == [
        ("mode", "lti"),
        ("page", "4"),
    ]


async def test_a_link_cannot_set_the_code_or_the_issuer(browser: Browser) -> None:
    launched = await browser.launch(
        login={"query": "?code=stolen&iss=https%3A%2F%2Fevil.example&c%6fde=again&page=4"}
    )

    query = parse_qsl(urlsplit(launched.headers["location"]).query)
    assert [name for name, _ in query] == ["page", "code", "iss"]
    assert "stolen" not in launched.headers["location"]
    assert "evil" not in launched.headers["location"]


async def test_a_tool_that_asks_for_it_is_posted_the_code(campus: Campus) -> None:
    campus.gateway.tools.add(
        OTTO, "quiz", "Quiz", "https://quiz.example/go?mode=lti", hand_off="form_post"
    )
    campus.register(tool="quiz", name="Quiz", deployment_ids=("quiz",))

    async with browsing(campus) as browser:
        launched = await browser.launch(
            login={"tool": "quiz", "lti_deployment_id": "quiz"},
            **{CLAIM + "deployment_id": "quiz"},
        )

    assert launched.status_code == 200
    assert 'action="https://quiz.example/go?mode=lti"' in launched.text
    assert 'name="code"' in launched.text
    assert f'value="{BASE}"' in launched.text
    assert "no-store" in launched.headers["cache-control"]
    assert "form-action https:" in launched.headers["content-security-policy"]
    assert "id_token" not in launched.text


async def test_a_registration_has_addresses_of_its_own(campus: Campus) -> None:
    own = f"{campus.registration()}/"

    async with browsing(campus) as browser:
        begun = await browser.login(path=own, client_id=None)
        launched = await browser.post(begun, browser.token(begun))

    assert begun.request["redirect_uri"] == f"{BASE}/lti/hello/{own}launch"
    assert launched.status_code == 303


async def test_at_its_own_addresses_a_link_may_still_name_the_tools_common_one(
    campus: Campus,
) -> None:
    own, common = f"{campus.registration()}/", f"{BASE}/lti/hello/launch"

    async with browsing(campus) as browser:
        launched = await browser.launch(login={"path": own, "target_link_uri": common})

    assert launched.status_code == 303


@pytest.mark.parametrize(
    ("message_type", "short", "more"),
    [
        ("LtiResourceLinkRequest", "resource_link", {}),
        (
            "LtiDeepLinkingRequest",
            "deep_linking",
            {
                CLAIM + "resource_link": None,
                "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
                    "deep_link_return_url": "https://lms.example/return",
                    "accept_types": ["ltiResourceLink"],
                    "accept_presentation_document_targets": ["iframe"],
                },
            },
        ),
        (
            "LtiSubmissionReviewRequest",
            "submission_review",
            {CLAIM + "for_user": {"user_id": "9"}},
        ),
    ],
)
async def test_each_message_type_reaches_the_tool_under_a_short_name(
    browser: Browser, message_type: str, short: str, more: dict[str, object]
) -> None:
    launched = await browser.launch(**{CLAIM + "message_type": message_type, **more})
    redeemed = await browser.redeem(launched)

    assert redeemed["launch"]["message_type"] == short


async def test_a_tool_for_anonymous_launches_is_told_that_nobody_is_known(campus: Campus) -> None:
    secret = campus.gateway.tools.add(
        OTTO, "poll", "Poll", "https://poll.example/", anonymous=True
    ).client_secret
    campus.register(tool="poll", name="Poll", deployment_ids=("poll",))
    service = {"lineitems": "https://lms.example/items", "scope": ["x"]}

    async with browsing(campus) as browser:
        launched = await browser.launch(
            login={"tool": "poll", "lti_deployment_id": "poll"},
            sub=None,
            name=None,
            given_name=None,
            family_name=None,
            email=None,
            **{
                CLAIM + "deployment_id": "poll",
                "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": service,
            },
        )
        answer = await browser.http.post(
            "/oauth/token",
            data={"grant_type": "authorization_code", "code": code_of(launched)},
            auth=(campus.tool("poll").client_id, secret),
        )

    launch = answer.json()["launch"]
    assert launch["person"]["id"] is None
    assert launch["person"]["anonymous"] is True
    assert launch["services"] == {"line_items": False, "memberships": False}


# ---------------------------------------------------------------- the proof that the browser carries


async def test_a_browser_without_proof_is_given_one_twice_with_the_same_value(
    browser: Browser,
) -> None:
    answer = await browser.begin()

    plain, partitioned = (line.split("; ") for line in answer.headers.get_list("set-cookie"))
    assert plain[0].partition("=")[2] == partitioned[0].partition("=")[2]
    assert plain[0].startswith("__Host-gatelodge-")
    everyone = {"Path=/", "Secure", "HttpOnly", "SameSite=None"}
    assert everyone <= set(plain)
    assert "Partitioned" not in plain
    assert everyone | {"Partitioned"} <= set(partitioned)


async def test_either_of_the_two_cookies_is_proof_enough(browser: Browser) -> None:
    answer = await browser.begin()
    names = [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")]

    for kept in names:
        begun = await browser.login()
        browser.http.cookies.jar.clear()
        cookie = answer.headers.get_list("set-cookie")[names.index(kept)].partition(";")[0]
        launched = await browser.http.post(
            begun.request["redirect_uri"],
            data={"id_token": browser.token(begun), "state": begun.state},
            headers={"cookie": cookie},
        )
        browser.http.cookies.set(*cookie.split("=", 1), domain="lti.example")
        assert launched.status_code == 303


async def test_a_browser_that_has_a_proof_is_only_redirected(browser: Browser) -> None:
    await browser.launch()

    again = await browser.begin()

    assert again.status_code == 302
    assert "set-cookie" not in again.headers


async def test_two_tabs_that_begin_at_once_both_arrive(browser: Browser) -> None:
    begun, also_begun = await asyncio.gather(browser.login(), browser.login())
    assert len(browser.http.cookies) == 4

    launched = await asyncio.gather(
        browser.post(begun, browser.token(begun)),
        browser.post(also_begun, browser.token(also_begun)),
    )

    assert [each.status_code for each in launched] == [303, 303]


# ---------------------------------------------------------------- which client a login means


async def test_without_a_client_id_the_only_client_of_the_issuer_is_meant(
    browser: Browser,
) -> None:
    for _ in range(2):
        assert (await browser.launch(login={"client_id": None})).status_code == 303


async def test_without_a_client_id_two_clients_of_an_issuer_are_one_too_many(
    browser: Browser,
) -> None:
    browser.campus.register(client_id="client-9", name="Second")

    refused = await browser.begin(client_id=None)

    assert refused.status_code == 403
    assert "login.client_ambiguous" in refused.text


async def test_a_second_client_makes_the_sole_one_ambiguous_at_the_next_look(
    browser: Browser,
) -> None:
    await browser.login(client_id=None)
    browser.campus.register(client_id="client-9", name="Second")
    await browser.campus.gateway.catalogue.refresh()

    refused = await browser.begin(client_id=None)

    assert "login.client_ambiguous" in refused.text


async def test_an_unknown_client_of_a_known_issuer_is_told_from_an_unknown_issuer(
    browser: Browser,
) -> None:
    client = await browser.begin(client_id="client-1 ")
    issuer = await browser.begin(iss="https://lms.example/")
    neither = await browser.begin(iss="https://nobody.example", client_id=None)

    assert "login.client_unknown" in client.text
    assert "login.issuer_unknown" in issuer.text
    assert "login.issuer_unknown" in neither.text


async def test_canvas_spells_the_deployment_without_its_prefix(browser: Browser) -> None:
    said = {"lti_deployment_id": None, "deployment_id": "1"}

    launched = await browser.launch(login=said)
    refused = await browser.launch(login=said | {"deployment_id": "2"})

    assert launched.status_code == 303
    assert "launch.deployment_mismatch" in refused.text


async def test_the_lms_is_asked_as_the_standard_says(browser: Browser) -> None:
    answer = await browser.begin()

    address, _, query = answer.headers["location"].partition("?")
    asked = dict(parse_qsl(query))
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "no-store"
    assert address == "https://lms.example/auth"
    assert (
        asked.items()
        >= {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": "client-1",
            "redirect_uri": f"{BASE}/lti/hello/launch",
            "login_hint": "7",
            "lti_message_hint": "link 12",
        }.items()
    )


async def test_a_login_writes_nothing_down(browser: Browser) -> None:
    before, size = browser.campus.rows(), _bytes_on_disk(browser)

    for _ in range(50):
        await browser.login()

    assert browser.campus.rows() == before
    assert _bytes_on_disk(browser) == size


def _bytes_on_disk(browser: Browser) -> dict[str, int]:
    return {
        each.name: each.stat().st_size for each in browser.campus.directory.glob("gatelodge.db*")
    }


# ---------------------------------------------------------------- the keys of the LMS


async def test_a_key_that_the_lms_has_just_made_works_at_the_next_launch(
    browser: Browser,
) -> None:
    await browser.launch()
    browser.campus.lms.keys = ["newest", "first"]

    assert (await browser.launch(key="newest")).status_code == 303
    assert (await browser.launch(key="first")).status_code == 303
    assert browser.campus.lms.fetches == 2


async def test_many_launches_at_once_ask_the_lms_once(browser: Browser) -> None:
    logins = [await browser.login() for _ in range(30)]

    launched = await asyncio.gather(*(browser.post(each, browser.token(each)) for each in logins))

    assert {each.status_code for each in launched} == {303}
    assert browser.campus.lms.fetches == 1


async def test_while_the_lms_serves_nothing_its_last_keys_still_open_the_gate(
    browser: Browser,
) -> None:
    await browser.launch()
    browser.campus.lms.status = 503
    browser.campus.clock.pass_seconds(3600)

    assert (await browser.launch()).status_code == 303
