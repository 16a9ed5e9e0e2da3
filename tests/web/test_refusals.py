"""What the browser, the log and the book of refusals show of a login or a launch that is not admitted."""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from gatelodge.lti import errors
from gatelodge.lti.errors import Heading
from gatelodge.storage import refusals as stored
from tests.support.browsers import Browser, browsing
from tests.support.campuses import OpenCampus
from tests.support.gateways import OTTO, Campus
from tests.support.lms import CLAIM, public_jwk

pytestmark = pytest.mark.asyncio

Refuse = Callable[[Browser], Awaitable[httpx2.Response]]


def login(**how: Any) -> Refuse:
    return lambda browser: browser.begin(**how)


def launch(**how: Any) -> Refuse:
    return lambda browser: browser.launch(**how)


def posted(**fields: str) -> Refuse:
    """A launch with other fields than a platform sends; one that is empty is left out."""

    async def post(browser: Browser) -> httpx2.Response:
        begun = await browser.login()
        form = {"state": begun.state, "id_token": browser.token(begun), **fields}
        kept = {name: value for name, value in form.items() if value}
        return await browser.http.post("/lti/hello/launch", data=kept)

    return post


async def replayed(browser: Browser) -> httpx2.Response:
    begun = await browser.login()
    token = browser.token(begun)
    assert (await browser.post(begun, token)).status_code == 303
    return await browser.post(begun, token)


async def too_late(browser: Browser) -> httpx2.Response:
    begun = await browser.login()
    browser.campus.clock.pass_seconds(601)
    return await browser.post(begun, browser.token(begun))


async def without_cookies(browser: Browser) -> httpx2.Response:
    begun = await browser.login()
    browser.http.cookies.jar.clear()
    return await browser.post(begun, browser.token(begun))


async def from_another_browser(browser: Browser) -> httpx2.Response:
    begun = await browser.login()
    browser.http.cookies.jar.clear()
    await browser.begin()
    return await browser.post(begun, browser.token(begun))


async def with_another_logins_token(browser: Browser) -> httpx2.Response:
    begun, other = await browser.login(), await browser.login()
    return await browser.post(begun, browser.token(other))


async def under_another_tool(browser: Browser) -> httpx2.Response:
    browser.campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    begun = await browser.login()
    form = {"state": begun.state, "id_token": browser.token(begun)}
    return await browser.http.post("/lti/quiz/launch", data=form)


async def of_another_tool(browser: Browser) -> httpx2.Response:
    browser.campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    return await browser.launch(login={"tool": "quiz"})


async def switched_off(browser: Browser) -> httpx2.Response:
    gateway = browser.campus.gateway
    gateway.registrations.disable(OTTO, browser.campus.registration())
    return await browser.launch()


async def suspended(browser: Browser) -> httpx2.Response:
    browser.campus.gateway.tenants.suspend(OTTO, "northfield")
    return await browser.launch()


async def deleted_meanwhile(browser: Browser) -> httpx2.Response:
    begun = await browser.login()
    browser.campus.gateway.registrations.delete(OTTO, browser.campus.registration())
    return await browser.post(begun, browser.token(begun))


async def blocked(browser: Browser) -> httpx2.Response:
    gateway = browser.campus.gateway
    [known] = gateway.registrations.show(OTTO, browser.campus.registration()).deployments
    gateway.deployments.block(OTTO, known.id)
    return await browser.launch()


async def unfit_key(browser: Browser) -> httpx2.Response:
    encryption = public_jwk("first") | {"use": "enc"}
    browser.campus.lms.body = json.dumps({"keys": [encryption]}).encode()
    return await browser.launch()


async def silent_lms(browser: Browser) -> httpx2.Response:
    browser.campus.lms.status = 500
    return await browser.launch()


async def sign_in_page(browser: Browser) -> httpx2.Response:
    browser.campus.lms.body = b"<html>Please sign in</html>"
    return await browser.launch()


def headed(key: str | None = None, **header: object) -> Refuse:
    """A token with another header than platforms write."""

    async def post(browser: Browser) -> httpx2.Response:
        begun = await browser.login()
        return await browser.post(begun, browser.token(begun, key=key, header=header))

    return post


DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

CASES: list[tuple[type[errors.Refusal], Refuse, int]] = [
    (errors.LoginParameterMissing, login(login_hint=None), 400),
    (errors.LoginParameterTooLong, login(login_hint="7" * 8001), 400),
    (errors.LoginParameterMalformed, login(login_hint="7\x00"), 400),
    (errors.LoginParameterForbidden, login(redirect_uri="https://evil.example"), 400),
    (errors.OldLti, login(iss=None, oauth_consumer_key="k"), 400),
    (errors.IssuerUnknown, login(iss="https://nobody.example"), 403),
    (errors.ClientUnknown, login(client_id="nobody"), 403),
    (errors.LoginTargetForeign, login(target_link_uri="https://evil.example/"), 400),
    (errors.LoginDeploymentMalformed, login(lti_deployment_id="ü"), 400),
    (errors.StorageTargetMalformed, login(lti_storage_target="a b"), 400),
    (errors.ToolUnknown, login(tool="nothing"), 404),
    (errors.RegistrationNotFound, login(path="nothing/"), 403),
    (errors.LaunchNotPosted, lambda browser: browser.http.get("/lti/hello/launch?state=1"), 405),
    (errors.TokenMissing, posted(id_token=""), 400),
    (errors.StateMissing, posted(state=""), 401),
    (errors.StateInvalid, posted(state="made up"), 401),
    (errors.StateInvalid, under_another_tool, 401),
    (errors.StateExpired, too_late, 401),
    (errors.ProofMissing, without_cookies, 401),
    (errors.ProofForeign, from_another_browser, 401),
    (errors.PlatformError, posted(error="access_denied"), 403),
    (errors.PlatformSessionEnded, posted(error="login_required"), 403),
    (errors.TokenMalformed, posted(id_token="a.b"), 401),
    (errors.AlgorithmNone, headed(alg="none"), 401),
    (errors.AlgorithmSymmetric, headed(alg="HS256"), 401),
    (errors.AlgorithmRefused, headed(alg="PS256"), 401),
    (errors.HeaderCritical, headed(crit=["b64"], b64=False), 401),
    (errors.KeyIdMissing, headed(kid=None), 401),
    (errors.KeyUnknown, launch(key="nobody's"), 401),
    (errors.KeyUnfit, unfit_key, 401),
    (errors.SignatureInvalid, headed(key="second", kid="first"), 401),
    (errors.KeySetUnreachable, silent_lms, 400),
    (errors.KeySetInvalid, sign_in_page, 400),
    (errors.IssuerMismatch, launch(iss="https://lms.example/"), 401),
    (errors.AudienceMismatch, launch(aud="somebody"), 401),
    (errors.AudienceUntrusted, launch(aud=["client-1", "x"], azp="client-1"), 401),
    (errors.AuthorizedPartyMissing, launch(aud=["client-1", "x"]), 401),
    (errors.AuthorizedPartyMismatch, launch(azp="x"), 401),
    (errors.ExpiryMissing, launch(exp=None), 401),
    (errors.Expired, launch(iat=1_799_999_000, exp=1_799_999_060), 401),
    (errors.IssuedAtMissing, launch(iat="now"), 401),
    (errors.IssuedInFuture, launch(iat=1_800_000_900, exp=1_800_001_000), 401),
    (errors.TooOld, launch(iat=1_799_999_000), 401),
    (errors.ExpiryBeforeIssue, launch(iat=1_800_000_050, exp=1_800_000_040), 401),
    (errors.NotYetValid, launch(nbf=1_800_000_900), 401),
    (errors.NonceMissing, launch(nonce=None), 401),
    (errors.NonceMismatch, with_another_logins_token, 401),
    (errors.NonceSpent, replayed, 401),
    (errors.VersionWrong, launch(**{CLAIM + "version": "1.2"}), 400),
    (errors.MessageTypeMissing, launch(**{CLAIM + "message_type": None}), 400),
    (errors.MessageTypeUnknown, launch(**{CLAIM + "message_type": "LtiStartProctoring"}), 400),
    (errors.DeploymentMissing, launch(**{CLAIM + "deployment_id": None}), 400),
    (errors.DeploymentMismatch, launch(**{CLAIM + "deployment_id": "2"}), 401),
    (errors.DeploymentBlocked, blocked, 403),
    (
        errors.DeploymentWaiting,
        launch(login={"lti_deployment_id": None}, **{CLAIM + "deployment_id": "new"}),
        403,
    ),
    (errors.TargetLinkMissing, launch(**{CLAIM + "target_link_uri": None}), 400),
    (errors.TargetLinkForeign, launch(**{CLAIM + "target_link_uri": "https://e.example/"}), 400),
    (
        errors.TargetLinkMismatch,
        launch(**{CLAIM + "target_link_uri": "https://lti.example/lti/hello/launch?x"}),
        400,
    ),
    (errors.ToolNotRegistered, of_another_tool, 403),
    (errors.RegistrationDisabled, switched_off, 403),
    (errors.TenantSuspended, suspended, 403),
    (errors.RegistrationNotFound, deleted_meanwhile, 403),
    (errors.RolesMissing, launch(**{CLAIM + "roles": None}), 400),
    (errors.ResourceLinkMissing, launch(**{CLAIM + "resource_link": {}}), 400),
    (errors.SubjectMissing, launch(sub=None), 400),
    (errors.SubjectMalformed, launch(sub=3), 400),
    (errors.ContextMalformed, launch(**{CLAIM + "context": {"title": "Biology"}}), 400),
    (errors.ToolPlatformMalformed, launch(**{CLAIM + "tool_platform": {"name": "M"}}), 400),
    (
        errors.DeepLinkingSettingsMissing,
        launch(**{CLAIM + "message_type": "LtiDeepLinkingRequest"}),
        400,
    ),
    (
        errors.DeepLinkingReturnForeign,
        launch(
            **{
                CLAIM + "message_type": "LtiDeepLinkingRequest",
                DEEP_LINKING: {
                    "deep_link_return_url": "ftp://lms.example/",
                    "accept_types": ["link"],
                    "accept_presentation_document_targets": ["iframe"],
                },
            }
        ),
        400,
    ),
    (
        errors.ForUserMissing,
        launch(**{CLAIM + "message_type": "LtiSubmissionReviewRequest"}),
        400,
    ),
]

ELSEWHERE = {
    # Need a body, a proxy, a limit or a tool of their own.
    errors.LoginParameterRepeated,
    errors.LoginInsecure,
    errors.TooManyRequests,
    errors.ClientAmbiguous,
    errors.LaunchFormMalformed,
    errors.LaunchTooLarge,
    errors.MessageTypeNotEnabled,
    errors.DeploymentUnknown,
    errors.DatabaseUnavailable,
    errors.StillChanging,
}


async def test_every_refusal_there_is_has_a_case() -> None:
    assert set(errors.all_refusals()) == {kind for kind, _, _ in CASES} | ELSEWHERE


@pytest.mark.parametrize(
    ("kind", "refuse", "status"), [pytest.param(*case, id=case[0].code) for case in CASES]
)
async def test_a_refusal_is_a_page_with_its_code_and_a_row_with_the_same_reference(
    browser: Browser, kind: type[errors.Refusal], refuse: Refuse, status: int
) -> None:
    answer = await refuse(browser)

    rows = [
        row
        for proven in (True, False)
        for row in browser.campus.refusals(proven=proven)
        if row.trace_id in answer.text
    ]
    assert answer.status_code == status
    assert_is_refusal_page(answer, kind)
    assert [row.code for row in rows] == [kind.code]
    assert rows[0].trace.splitlines()[-1].startswith(f"!{kind.code} ")


def assert_is_refusal_page(answer: httpx2.Response, kind: type[errors.Refusal]) -> None:
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"<h1>{kind.heading}</h1>" in html.unescape(answer.text)
    assert f"<code>{kind.code}</code>" in answer.text
    assert "<script" not in answer.text


async def test_every_heading_is_met_by_a_case() -> None:
    assert {kind.heading for kind, _, _ in CASES} | {errors.TroubleRefusal.heading} == set(Heading)


async def test_the_page_shows_nothing_that_was_sent(browser: Browser) -> None:
    begun = await browser.login()
    token = browser.token(begun, aud="another-client")

    answer = await browser.post(begun, token)

    for secret in (token, begun.state, begun.nonce, "another-client", "Mia", "client-1"):
        assert secret not in answer.text


# ---------------------------------------------------------------- the book


async def test_the_trace_shows_what_passed_and_where_it_stopped(browser: Browser) -> None:
    await browser.launch(aud="somebody")

    [row] = browser.campus.refusals(proven=True)
    steps = [line.split(" ")[0] for line in row.trace.splitlines()]
    assert steps == [
        "state.signed",
        "state.browser",
        "token.header",
        "token.signature",
        "token.issuer",
        "!launch.audience_mismatch",
    ]
    assert json.loads(row.details)["sent"] == "somebody"
    assert json.loads(row.details)["expected"] == "client-1"


async def test_a_refusal_after_a_good_signature_is_proven_and_stands_under_its_tenant(
    browser: Browser,
) -> None:
    campus = browser.campus
    await browser.launch(aud="somebody")
    await browser.launch(lms=campus.southbank_lms, exp=None)

    [north] = campus.refusals(proven=True, tenant="northfield")
    [south] = campus.refusals(proven=True, tenant="southbank")
    assert (north.code, south.code) == ("launch.audience_mismatch", "launch.expiry_missing")
    assert north.registration_id == campus.registration("northfield")
    assert south.registration_id == campus.registration("southbank")
    assert campus.refusals(proven=False) == []


async def test_on_a_shared_client_the_signed_deployment_tells_whose_refusal_it_is(
    campus: Campus,
) -> None:
    gateway, lms = campus.gateway, campus.lms
    gateway.registrations.delete(OTTO, campus.registration())
    campus.register(shared=True, deployment_ids=("north",))
    campus.register(shared=True, tenant="southbank", deployment_ids=("south",))

    async with browsing(campus) as browser:
        for deployment in ("north", "south", "neither"):
            await browser.launch(
                login={"lti_deployment_id": None},
                aud="somebody",
                **{CLAIM + "deployment_id": deployment},
            )

    assert lms.client_id == "client-1"
    assert len(campus.refusals(proven=True, tenant="northfield")) == 1
    assert len(campus.refusals(proven=True, tenant="southbank")) == 1
    assert len(campus.refusals(proven=True)) == 3


async def test_what_anybody_can_send_is_unproven(browser: Browser) -> None:
    await browser.begin(login_hint=None)
    await browser.launch(key="nobody's")

    unproven = browser.campus.refusals(proven=False)
    assert {row.code for row in unproven} == {"login.parameter_missing", "launch.key_unknown"}
    assert browser.campus.refusals(proven=True) == []


async def test_a_flood_of_one_cause_is_one_row_and_one_reference(browser: Browser) -> None:
    pages = [await browser.begin(client_id=None, iss="https://x.example") for _ in range(500)]
    await browser.campus.gateway.refusals.flush()

    [row] = browser.campus.refusals(proven=False)
    assert row.count == 500
    assert all(row.trace_id in page.text for page in pages)
    found = browser.campus.database.read(
        lambda connection: stored.get_by_trace_id(connection, None, row.trace_id)
    )
    assert found == row


async def test_the_first_of_a_cause_is_found_at_once(browser: Browser) -> None:
    page = await browser.begin(login_hint=None)

    [row] = browser.campus.refusals(proven=False)
    assert row.count == 1
    assert row.trace_id in page.text


async def test_a_flood_does_not_push_out_what_is_proven(browser: Browser) -> None:
    proven = await browser.launch(aud="somebody")
    for minute in range(20):
        browser.campus.clock.now += 60 * minute
        await browser.begin(login_hint=None)
        await browser.begin(iss="https://x.example")
    await browser.campus.gateway.refusals.flush()

    browser.campus.database.write(
        lambda connection: stored.purge_unproven(connection, 0, keep=5, limit=1000)
    )

    [row] = browser.campus.refusals(proven=True)
    assert row.trace_id in proven.text
    assert len(browser.campus.refusals(proven=False)) == 5


async def test_two_gateways_count_one_cause_together(campus: Campus) -> None:
    with campus.beside() as other:
        async with browsing(campus) as here, browsing(other) as there:
            pages = [await each.begin(login_hint=None) for each in (here, there, here, there)]

    [row] = campus.refusals(proven=False)
    assert row.count == 4
    assert all(row.trace_id in page.text for page in pages)


# ---------------------------------------------------------------- those that need something of their own


async def test_a_parameter_that_is_said_twice_is_refused(browser: Browser) -> None:
    parameters = browser.campus.lms.login(browser.target())

    answer = await browser.http.post("/lti/hello/login?iss=https://other.example", data=parameters)

    assert_is_refusal_page(answer, errors.LoginParameterRepeated)


async def test_a_query_that_the_lms_keeps_on_the_login_address_may_say_the_same_again(
    browser: Browser,
) -> None:
    parameters = browser.campus.lms.login(browser.target())

    answer = await browser.http.post(
        "/lti/hello/login", params={"iss": parameters["iss"], "vendor": "x"}, data=parameters
    )

    assert answer.status_code == 302


async def test_a_launch_that_is_no_form_is_refused(browser: Browser) -> None:
    answer = await browser.http.post("/lti/hello/launch", json={"id_token": "x"})

    assert answer.status_code == 400
    assert_is_refusal_page(answer, errors.LaunchFormMalformed)


async def test_a_launch_that_is_too_large_is_refused(browser: Browser) -> None:
    answer = await browser.http.post("/lti/hello/launch", data={"id_token": "x" * 300_000})

    assert answer.status_code == 413
    assert_is_refusal_page(answer, errors.LaunchTooLarge)


async def test_a_message_type_that_the_tool_does_not_take_is_refused(campus: Campus) -> None:
    campus.gateway.tools.add(
        OTTO,
        "quiz",
        "Quiz",
        "https://quiz.example/",
        message_types=("LtiDeepLinkingRequest",),
    )
    campus.register(tool="quiz", name="Quiz", deployment_ids=("quiz",))

    async with browsing(campus) as browser:
        answer = await browser.launch(
            login={"tool": "quiz", "lti_deployment_id": None},
            **{CLAIM + "deployment_id": "quiz"},
        )

    assert_is_refusal_page(answer, errors.MessageTypeNotEnabled)


async def test_without_its_database_the_gateway_says_so_and_asks_to_come_again(
    campus_with: OpenCampus,
) -> None:
    campus = campus_with()
    async with browsing(campus) as browser:
        begun = await browser.login()
        campus.database.close()

        known = await browser.begin()
        unknown = await browser.begin(tool="quiz")
        launched = await browser.post(begun, browser.token(begun))

    assert known.status_code == 302
    for answer in (unknown, launched):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert_is_refusal_page(answer, errors.DatabaseUnavailable)
