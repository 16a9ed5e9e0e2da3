"""What is entered in each LMS, and what it is asked for afterwards: facts checked by hand."""

from __future__ import annotations

import pytest

from gatelodge.platforms import Platform, all_platforms, get
from gatelodge.platforms.questions import (
    FIELDS,
    completed,
    derived,
    filled_in,
    questions,
    site_is,
)

PLATFORMS = all_platforms()
OWN = {
    "name",
    "target_link_uri",
    "oidc_initiation_url",
    "redirect_uris",
    "key_set_url",
    "domain",
    "deep_linking_url",
    "icon_url",
    "custom_parameters",
}
NEEDED = {"target_link_uri", "oidc_initiation_url", "redirect_uris", "key_set_url"}


def named(platform: Platform) -> str:
    return platform.id


def lines(platform_id: str) -> list[tuple[str, str]]:
    """Label, and the name of our value or what to choose, in the LMS's order."""
    return [(line.label, line.own or f"choose {line.choose}") for line in get(platform_id).form]


def asked(platform_id: str, environment: str | None = None) -> list[tuple[str, str]]:
    platform = get(platform_id)
    found = questions(platform, platform.environment(environment))
    return [(question.label, question.field) for question in found]


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_lms_takes_the_four_values_that_a_launch_needs(platform: Platform) -> None:
    given = {line.own for line in platform.form if line.own}

    assert given <= OWN
    assert given >= NEEDED


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_line_is_a_value_or_a_choice(platform: Platform) -> None:
    for line in platform.form:
        assert line.label
        assert bool(line.own) != bool(line.choose)


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_a_value_has_the_same_name_in_the_form_and_in_advice(platform: Platform) -> None:
    for line in platform.form:
        field = line.own
        if field in platform.fields_to_platform and line.verified:
            advice = platform.fields_to_platform[field]
            assert line.label in advice or advice in line.label or field == "deep_linking_url"


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_everything_that_a_registration_needs_is_asked_or_follows(platform: Platform) -> None:
    for environment in platform.environments:
        typed = {each.field for each in questions(platform, environment)}
        values = dict.fromkeys(typed, "x") | {"site": "https://lms.example"}

        whole = completed(platform, environment, values)

        assert set(whole) == set(FIELDS)
        assert all(whole[field] for field in FIELDS if field != "audience")


def test_moodles_form() -> None:
    assert lines("moodle")[:8] == [
        ("Tool name", "name"),
        ("Tool URL", "target_link_uri"),
        ("LTI version", "choose LTI 1.3"),
        ("Public key type", "choose Keyset URL"),
        ("Public keyset", "key_set_url"),
        ("Initiate login URL", "oidc_initiation_url"),
        ("Redirection URI(s)", "redirect_uris"),
        ("Custom parameters", "custom_parameters"),
    ]
    assert "domain" not in {line.own for line in get("moodle").form}
    assert get("moodle").enter_at[-1] == "configure a tool manually"
    assert get("moodle").read_at[-1] == "View configuration details"


def test_what_moodle_shows() -> None:
    assert asked("moodle") == [
        ("", "site"),
        ("Platform ID", "issuer"),
        ("Client ID", "client_id"),
        ("Deployment ID", "deployment_id"),
        ("Public keyset URL", "key_set_url"),
        ("Access token URL", "token_url"),
        ("Authentication request URL", "authorization_url"),
    ]


def test_canvas_shows_two_values_and_is_asked_for_two() -> None:
    assert asked("canvas") == [("Details", "client_id"), ("Deployment Id", "deployment_id")]
    assert asked("canvas", "beta") == asked("canvas")


def test_a_canvas_of_ones_own_is_asked_for_its_site_and_its_issuer() -> None:
    fields = [field for _, field in asked("canvas", "self_hosted")]

    assert fields == ["site", "client_id", "deployment_id", "issuer"]


def test_schoology_is_never_asked_for_addresses() -> None:
    assert [field for _, field in asked("schoology")] == ["client_id", "deployment_id"]


def test_blackboards_administrator_is_asked_for_what_learn_shows() -> None:
    assert [field for _, field in asked("blackboard")] == ["client_id", "deployment_id"]


def test_what_brightspace_shows() -> None:
    assert asked("brightspace")[1:] == [
        ("Client Id", "client_id"),
        ("Brightspace Keyset URL", "key_set_url"),
        ("Brightspace OAuth2 Access Token URL", "token_url"),
        ("OpenID Connect Authentication Endpoint", "authorization_url"),
        ("Brightspace OAuth2 Audience", "audience"),
        ("Issuer", "issuer"),
        ("Deployment Id", "deployment_id"),
    ]


def test_any_other_lms_is_asked_for_everything() -> None:
    assert {field for _, field in asked("other")} == set(FIELDS)


def test_what_itslearning_publishes_nowhere_is_asked_for_without_a_name() -> None:
    assert ("", "issuer") in asked("itslearning")


@pytest.mark.parametrize(
    ("platform_id", "separator"),
    [
        ("canvas", "\n"),
        ("moodle", "\n"),
        ("openolat", "\n"),
        ("blackboard", ","),
        ("schoology", ","),
    ],
)
def test_what_stands_between_several_redirect_addresses(platform_id: str, separator: str) -> None:
    [line] = [each for each in get(platform_id).form if each.own == "redirect_uris"]

    assert line.separator == separator


@pytest.mark.parametrize(
    ("platform_id", "vendor_wide"),
    [
        ("blackboard", "always"),
        ("schoology", "possible"),
        ("canvas", "possible"),
        ("itslearning", "always"),
        ("moodle", "never"),
        ("brightspace", "never"),
        ("other", "never"),
    ],
)
def test_whose_client_ids_are_shared_by_all_customers(platform_id: str, vendor_wide: str) -> None:
    assert get(platform_id).vendor_wide == vendor_wide


def test_where_the_deployment_comes_later() -> None:
    later = {platform.id for platform in PLATFORMS if platform.deploy_at}

    assert later == {"canvas", "brightspace", "schoology"}


def test_what_no_source_confirms_is_marked() -> None:
    other = [line.verified for line in get("other").form]
    ilias = [line.verified for line in get("ilias").form]

    assert not any(other + ilias)
    assert not get("ilias").is_verified("fields_from_platform.issuer")
    assert not get("totara").is_verified("form")
    assert get("moodle").is_verified("form")


def test_the_address_of_the_site_fills_all_addresses_in() -> None:
    moodle = get("moodle")

    filled = filled_in(moodle.environment(), {"site": "https://school.example/moodle/"})

    assert filled["issuer"] == "https://school.example/moodle"
    assert filled["token_url"] == "https://school.example/moodle/mod/lti/token.php"
    assert "audience" not in filled


def test_filling_in_never_overwrites_what_was_typed() -> None:
    typed = {"site": "https://school.example", "issuer": "https://typed.example"}

    filled = filled_in(get("moodle").environment(), typed)

    assert filled["issuer"] == "https://typed.example"


def test_brightspaces_audience_is_filled_in() -> None:
    found = derived(get("brightspace").environment(), {"site": "https://d2l.example"})

    assert found["audience"] == "https://api.brightspace.com/auth/token"


def test_blackboards_key_set_follows_from_the_client_id() -> None:
    blackboard = get("blackboard")

    whole = completed(blackboard, blackboard.environment(), {"client_id": "c1"})

    assert whole["issuer"] == "https://blackboard.com"
    assert whole["key_set_url"].endswith("/applications/c1/jwks.json")


def test_whether_the_site_is_needed() -> None:
    assert site_is(get("moodle"), get("moodle").environment()) == "helpful"
    assert site_is(get("openedx"), get("openedx").environment()) == "needed"
    assert site_is(get("canvas"), get("canvas").environment("self_hosted")) == "needed"
    assert site_is(get("canvas"), get("canvas").environment()) == ""
