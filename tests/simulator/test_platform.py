"""What the simulated LMS demands of a tool, and what it sends to one."""

from __future__ import annotations

import json
import time

import pytest

from tests.simulator.lms import LMS, TOOL, Browser, Token, form_in

P = "https://purl.imsglobal.org/spec/lti/claim/"


def test_a_click_begins_a_login(mia: Browser) -> None:
    login = mia.click()

    assert (login.address, login.method) == (f"{TOOL}/login", "post")
    assert login["iss"] == LMS
    assert login["login_hint"] == "3"
    assert login["target_link_uri"] == f"{TOOL}/launch"
    assert login["client_id"] == "course-at-northfield"
    assert login["lti_deployment_id"] == "1"
    assert json.loads(login["lti_message_hint"])["link"] == "11"


def test_a_login_can_come_as_an_address(mia: Browser) -> None:
    assert mia.click("login-by-get").method == "get"


def test_a_good_request_is_answered_with_token_and_state(mia: Browser) -> None:
    answer = mia.launch()

    assert (answer.address, answer.method) == (f"{TOOL}/launch", "post")
    assert [name for name, _ in answer.fields] == ["id_token", "state"]
    assert answer["state"] == "the-state"


def test_the_request_may_be_posted(mia: Browser) -> None:
    request = mia.request_for(mia.click())

    assert "id_token" in form_in(mia.web.post("/authorize", data=request).text)


def test_the_token_is_signed_with_a_published_key(mia: Browser) -> None:
    token = Token(mia.launch()["id_token"])

    key = mia.key_set()[token.header["kid"]]
    assert token.header == {"typ": "JWT", "alg": "RS256", "kid": key["kid"]}
    assert key["use"] == "sig"
    assert token.is_signed_by(key)


def test_the_key_set_holds_public_halves_alone(mia: Browser) -> None:
    keys = mia.key_set().values()

    assert len(keys) >= 3
    assert all(not {"d", "p", "q"} & key.keys() for key in keys)


def test_mia_is_a_learner_in_biology_101(mia: Browser) -> None:
    claims = mia.claims()

    assert claims["sub"] == "3"
    assert claims["name"] == "Mia Learner"
    assert claims[P + "roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert claims[P + "context"]["title"] == "Biology 101"
    assert claims[P + "resource_link"] == {
        "id": "11",
        "title": "Cell division warm-up",
        "description": "Ten minutes on mitosis before Tuesday's class.",
    }


def test_a_token_is_for_one_tool_and_one_minute(mia: Browser) -> None:
    claims = mia.claims()

    assert claims["iss"] == LMS
    assert claims["aud"] == "course-at-northfield"
    assert claims["nonce"] == "the-nonce"
    assert claims["exp"] - claims["iat"] == 60
    assert abs(claims["iat"] - time.time()) < 30


def test_who_shares_nothing_is_a_number(lms: Browser) -> None:
    lms.become("4")
    claims = lms.claims()

    assert claims["sub"] == "4"
    assert not {"name", "given_name", "family_name", "email"} & claims.keys()


def test_one_person_has_another_role_in_another_course(lms: Browser) -> None:
    lms.become("5")

    assert lms.claims()[P + "roles"][0].endswith("#Learner")
    assert lms.claims(link="21")[P + "roles"][0].endswith("#Instructor")


def test_choosing_content_is_a_deep_linking_request(lms: Browser) -> None:
    lms.become("2")
    claims = lms.claims("deep-linking")

    settings = claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    assert claims[P + "message_type"] == "LtiDeepLinkingRequest"
    assert P + "resource_link" not in claims
    assert settings["deep_link_return_url"] == f"{LMS}/content"


def test_a_review_names_the_learner_and_the_line_item(lms: Browser) -> None:
    lms.become("2")
    claims = lms.claims("submission-review", reviewed="3")

    assert claims[P + "message_type"] == "LtiSubmissionReviewRequest"
    assert claims[P + "for_user"] == {"user_id": "3"}
    endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert endpoint["lineitem"].startswith(LMS)


@pytest.mark.parametrize("target", ["iframe", "window"])
def test_the_message_says_where_the_tool_opens(mia: Browser, target: str) -> None:
    presentation = mia.claims(target=target)[P + "launch_presentation"]

    assert presentation["document_target"] == target


# ----------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://thief.example/launch"},
        {"redirect_uri": f"{TOOL}/launch?extra=1"},
        {"redirect_uri": f"{TOOL}/launch/"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
    ],
)
def test_nothing_is_posted_to_an_address_that_is_not_registered(
    mia: Browser, changes: dict[str, str | None]
) -> None:
    answer = mia.web.get("/authorize", params=mia.request_for(mia.click(), **changes))

    assert answer.status_code == 400
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"login_hint": "2"}, "access_denied"),
    ],
)
def test_a_wrong_request_is_answered_with_an_error(
    mia: Browser, changes: dict[str, str | None], error: str
) -> None:
    request = mia.request_for(mia.click(), **changes)
    answer = form_in(mia.web.get("/authorize", params=request).text)

    assert answer.address == f"{TOOL}/launch"
    assert answer["error"] == error
    assert "id_token" not in answer
    assert ("state" in answer) == ("state" in request)


def test_who_is_not_signed_in_is_told_so(mia: Browser) -> None:
    request = mia.request_for(mia.click())
    mia.web.cookies.clear()

    answer = form_in(mia.web.get("/authorize", params=request).text)

    assert answer["error"] == "login_required"


def test_a_click_of_somebody_else_is_denied(mia: Browser) -> None:
    request = mia.request_for(mia.click())
    mia.become("2")

    answer = form_in(mia.web.get("/authorize", params=request).text)

    assert answer["error"] == "access_denied"


def test_a_click_opens_the_tool_once(mia: Browser) -> None:
    request = mia.request_for(mia.click())
    mia.web.get("/authorize", params=request)

    again = mia.web.get("/authorize", params=request)

    assert again.status_code == 400
    assert "opened already" in again.text


def test_a_click_for_one_tool_opens_no_other(mia: Browser) -> None:
    request = mia.request_for(mia.click(), client_id="links-only-at-northfield")

    assert mia.web.get("/authorize", params=request).status_code == 400


@pytest.mark.parametrize("hint", ['{"link":"11","opening":"made-up"}', "11", "[]", "{", "null"])
def test_a_made_up_click_opens_nothing(mia: Browser, hint: str) -> None:
    request = mia.request_for(mia.click(), lti_message_hint=hint)

    assert mia.web.get("/authorize", params=request).status_code == 400


def test_a_repeated_parameter_is_refused(mia: Browser) -> None:
    request = [*mia.request_for(mia.click()).items(), ("nonce", "another")]

    assert mia.web.get("/authorize", params=request).status_code == 400


# ----------------------------------------------------------------------- two of them, and keys


def test_two_lms_know_different_people_by_the_same_number() -> None:
    southbank = Browser(base_url="https://vle.southbank.example", id_prefix="s-")
    southbank.become("3")
    claims = southbank.claims()

    assert claims["iss"] == "https://vle.southbank.example"
    assert claims["sub"] == "3"
    assert claims[P + "context"]["id"] == "s-2"


def test_a_new_key_is_published_beside_the_old_ones(mia: Browser) -> None:
    before = mia.key_set()

    token = Token(mia.launch("new-key")["id_token"])

    after = mia.key_set()
    assert token.header["kid"] in after.keys() - before.keys()
    assert token.is_signed_by(after[token.header["kid"]])


def test_keys_are_rotated_over_http_only_where_that_is_allowed(mia: Browser) -> None:
    controlled = Browser(allow_control=True)

    assert mia.web.post("/control/rotate").status_code == 404
    assert controlled.web.post("/control/rotate").json()["kid"] in controlled.key_set()


def test_a_token_request_is_refused_as_the_standard_says(mia: Browser) -> None:
    answer = mia.web.post("/token", data={"grant_type": "client_credentials"})

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "path",
    [
        "/mod/lti/certs.php",
        "/api/lti/security/jwks",
        "/d2l/.well-known/jwks",
        "/lti/keys",
        "/api/v1/management/applications/any-application/jwks.json",
        "/lti-service/.well-known/jwks",
    ],
)
def test_it_passes_for_any_lms_by_that_ones_addresses(lms: Browser, path: str) -> None:
    assert lms.web.get(path).json() == lms.web.get("/jwks").json()
