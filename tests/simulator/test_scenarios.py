"""Every scenario is what it says: judged by hand where it is broken, and by the rules themselves."""

from __future__ import annotations

import hmac
import json
import re
import time

import pytest

from gatelodge.lti.errors import all_refusals
from gatelodge.simulator import Purpose
from gatelodge.simulator.scenario import ACCEPTED, Scenario
from gatelodge.simulator.scenarios import GROUPS, SCENARIOS, groups_for
from tests.simulator.lms import LMS, Browser, SentForm, Token, form_in, pem_of
from tests.simulator.rules import outcome_by_the_rules

P = "https://purl.imsglobal.org/spec/lti/claim/"
CODES = {refusal.code for refusal in all_refusals()}

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.slug)

# What only a gateway with a database, a browser or a network can tell.
BEYOND_THE_RULES = {
    "login.issuer_unknown",
    "login.client_unknown",
    "login.client_ambiguous",
    "launch.state_missing",
    "launch.state_invalid",
    "launch.not_posted",
    "launch.too_large",
    "launch.key_set_unreachable",
    "launch.key_set_invalid",
    "launch.deployment_waiting",
    "launch.registration_disabled",
    "launch.tool_not_registered",
    "launch.nonce_spent",
    "launch.proof_missing",
    "launch.proof_foreign",
}
FOR_THE_RULES = [each for each in SCENARIOS if each.expected not in BEYOND_THE_RULES]


def test_slugs_and_titles_are_told_apart() -> None:
    assert len({scenario.slug for scenario in SCENARIOS}) == len(SCENARIOS)
    assert len({(scenario.title, scenario.expected) for scenario in SCENARIOS}) == len(SCENARIOS)
    assert all(re.fullmatch(r"[a-z0-9-]+", scenario.slug) for scenario in SCENARIOS)


@every_scenario
def test_the_outcome_is_one_that_exists(scenario: Scenario) -> None:
    assert scenario.expected == ACCEPTED or scenario.expected in CODES
    assert scenario.sentence.endswith(".")


@pytest.mark.parametrize("scenario", FOR_THE_RULES, ids=lambda each: each.slug)
def test_the_rules_come_to_the_expected_outcome(mia: Browser, scenario: Scenario) -> None:
    assert outcome_by_the_rules(mia, scenario) == scenario.expected


def test_the_menu_leaves_out_what_needs_a_tool_that_is_not_placed() -> None:
    shown = {s.slug for group in groups_for([Purpose.COURSE]) for s in group.scenarios}

    assert "expired" in shown
    assert "key-set-unreachable" not in shown
    assert "login-without-client" not in shown
    assert {group.slug for group in groups_for([Purpose.COURSE])} < {g.slug for g in GROUPS}


# ----------------------------------------------------------------------- a second opinion, by hand


def test_a_changed_token_no_longer_fits_its_signature(mia: Browser) -> None:
    token = Token(mia.launch("changed-after-signing")["id_token"])

    assert not token.is_signed_by(mia.key_set()[token.header["kid"]])
    assert token.claims[P + "roles"] == [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    ]


@pytest.mark.parametrize("slug", ["wrong-key", "smuggled-key"])
def test_a_foreign_key_borrows_the_id_of_a_published_one(mia: Browser, slug: str) -> None:
    token = Token(mia.launch(slug)["id_token"])

    assert not token.is_signed_by(mia.key_set()[token.header["kid"]])


def test_a_smuggled_key_really_fits(mia: Browser) -> None:
    token = Token(mia.launch("smuggled-key")["id_token"])

    assert token.is_signed_by(token.header["jwk"])


def test_an_unknown_key_id_is_not_published(mia: Browser) -> None:
    assert Token(mia.launch("unknown-key")["id_token"]).header["kid"] not in mia.key_set()


def test_a_token_without_key_id_is_sound_otherwise(mia: Browser) -> None:
    token = Token(mia.launch("no-key-id")["id_token"])

    assert "kid" not in token.header
    assert any(token.is_signed_by(key) for key in mia.key_set().values())


def test_the_encryption_key_really_signed(mia: Browser) -> None:
    token = Token(mia.launch("encryption-key")["id_token"])
    key = mia.key_set()[token.header["kid"]]

    assert key["use"] == "enc"
    assert token.is_signed_by(key)


def test_an_unsigned_token_says_so(mia: Browser) -> None:
    token = Token(mia.launch("algorithm-none")["id_token"])

    assert token.header["alg"] == "none"
    assert token.signature == b""


def test_the_confused_algorithm_verifies_with_the_public_key(mia: Browser) -> None:
    token = Token(mia.launch("algorithm-hs256")["id_token"])
    key = mia.key_set()[token.header["kid"]]

    secret = pem_of(key)
    assert token.header["alg"] == "HS256"
    assert token.signature == hmac.digest(secret, token.signed.encode(), "sha256")


def test_twin_members_stand_in_the_signed_text(mia: Browser) -> None:
    token = Token(mia.launch("twin-members")["id_token"])

    assert token.payload.count(b'"sub"') == 2
    assert token.is_signed_by(mia.key_set()[token.header["kid"]])


def test_a_cut_token_has_two_parts_and_an_encrypted_one_five(mia: Browser) -> None:
    assert mia.launch("cut-token")["id_token"].count(".") == 1
    assert mia.launch("encrypted-token")["id_token"].count(".") == 4


@pytest.mark.parametrize(
    ("slug", "exp", "iat"),
    [
        ("expired", -600, -660),
        ("from-the-future", 660, 600),
        ("too-old", 300, -3600),
        ("expiry-before-issue", -5, 0),
        ("clock-ahead", 105, 45),
        ("clock-behind", -15, -45),
    ],
)
def test_times_lie_where_the_scenario_says(mia: Browser, slug: str, exp: int, iat: int) -> None:
    claims = mia.claims(slug)

    now = time.time()
    assert claims["exp"] - now == pytest.approx(exp, abs=20)
    assert claims["iat"] - now == pytest.approx(iat, abs=20)


@pytest.mark.parametrize(
    ("slug", "missing"),
    [
        ("no-expiry", "exp"),
        ("no-issue-time", "iat"),
        ("no-nonce", "nonce"),
        ("no-version", P + "version"),
        ("no-message-type", P + "message_type"),
        ("no-deployment", P + "deployment_id"),
        ("no-target", P + "target_link_uri"),
        ("no-roles", P + "roles"),
        ("no-resource-link", P + "resource_link"),
        ("no-subject", "sub"),
        ("no-context", P + "context"),
        ("email-only", "name"),
        ("review-of-nobody", P + "for_user"),
    ],
)
def test_what_should_be_missing_is_missing_alone(mia: Browser, slug: str, missing: str) -> None:
    message = {"review-of-nobody": "submission-review"}.get(slug, "plain")
    whole, broken = mia.claims(message), mia.claims(slug)

    gone = whole.keys() - broken.keys()
    assert missing in gone
    assert gone <= {missing, "given_name", "family_name"}
    assert broken.keys() <= whole.keys()


def test_an_error_comes_with_the_state_and_without_a_token(mia: Browser) -> None:
    answer = mia.launch("error-access-denied")

    assert answer["error"] == "access_denied"
    assert answer["state"] == "the-state"
    assert "id_token" not in answer


def test_one_character_of_the_state_is_another(mia: Browser) -> None:
    state = mia.launch("changed-state")["state"]

    assert sum(a != b for a, b in zip(state, "the-state", strict=True)) == 1


def test_the_large_launch_is_larger_than_a_gateway_takes(mia: Browser) -> None:
    assert len(mia.launch("too-large")["id_token"]) > 256 * 1024


def test_the_token_by_get_is_in_an_address(mia: Browser) -> None:
    assert mia.launch("by-get").method == "get"


def test_services_stand_on_our_own_origin(mia: Browser) -> None:
    claims = json.dumps(mia.claims("services"))

    assert f"{LMS}/services/2/lineitems" in claims
    assert f"{LMS}/services/2/memberships" in claims
    assert "/services/" not in json.dumps(mia.claims())


# ----------------------------------------------------------------------- sent again, or by others


def test_the_same_form_is_sent_twice(mia: Browser) -> None:
    first = mia.launch("sent-twice", target="iframe")

    assert again(mia, "sent-twice") == first


def test_a_reload_makes_another_token_for_the_same_login(mia: Browser) -> None:
    first = mia.launch("reloaded", target="iframe")
    second = again(mia, "reloaded")

    assert second["state"] == first["state"]
    assert Token(second["id_token"]).claims["nonce"] == Token(first["id_token"]).claims["nonce"]


def test_nothing_is_sent_again_before_it_was_sent(mia: Browser) -> None:
    mia.become("2")

    assert mia.web.get("/scenarios/sent-twice/again").status_code == 400


def test_a_frame_and_a_window_send_their_own(mia: Browser) -> None:
    in_window = mia.launch("sent-twice", target="window")
    mia.launch("sent-twice", target="iframe")

    assert again(mia, "sent-twice", "window") == in_window


def test_a_gateway_that_is_away_is_told_on_a_page(mia: Browser) -> None:
    answer = mia.web.get("/open", params={"link": "11", "scenario": "cookies-blocked"})

    assert answer.status_code == 400
    assert "The gateway doesn&#39;t answer." in answer.text


def again(mia: Browser, slug: str, target: str = "iframe") -> SentForm:
    return form_in(mia.web.get(f"/scenarios/{slug}/again", params={"target": target}).text)
