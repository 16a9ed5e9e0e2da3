"""What holds for every entry, and facts checked by hand against the LMSs' own documentation."""

import re
from urllib.parse import urlsplit

import pytest

from gatelodge.platforms import (
    QUIRKS,
    SUBJECTS,
    Addresses,
    Platform,
    UnknownPlatform,
    all_platforms,
    get,
    guess,
    identifier_hint,
)

KNOWN = {
    "site": "https://lms.northfield.example/path",
    "client_id": "client",
    "tool_id": "7",
    "config_id": "c1",
}
TO_PLATFORM = {
    "target_link_uri",
    "oidc_initiation_url",
    "redirect_uris",
    "key_set_url",
    "domain",
    "deep_linking_url",
    "icon_url",
    "custom_parameters",
}
FROM_PLATFORM = {
    "client_id",
    "deployment_id",
    *Addresses._fields,
}
PLATFORM_IDS = [platform.id for platform in all_platforms()]
A_GUID = "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e"
ANOTHER_GUID = "78cd1b1c-ccbd-4318-9f90-22241f63b1f5"


@pytest.fixture(params=PLATFORM_IDS)
def platform(request: pytest.FixtureRequest) -> Platform:
    return get(request.param)


def addresses(platform_id: str, environment: str | None = None, **known: str) -> Addresses:
    return get(platform_id).environment(environment).addresses.fill(**known)


def test_every_family_is_there_once() -> None:
    families = "canvas blackboard moodle brightspace schoology sakai openedx ilias openolat itslearning other"

    assert set(families.split()) <= set(PLATFORM_IDS)
    assert len(set(PLATFORM_IDS)) == len(PLATFORM_IDS)


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownPlatform, match=r"'webct' in the catalogue\. It has canvas, "):
        get("webct")


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"no environment 'gamma'\. It has production, beta"):
        get("canvas").environment("gamma")


def test_every_address_expands_to_https(platform: Platform) -> None:
    for environment in platform.environments:
        for address in environment.addresses.fill(**KNOWN):
            assert address is None or re.fullmatch(r"https://[^\s{}]+", address)


def test_every_subject_has_a_screen_and_advice(platform: Platform) -> None:
    for subject in SUBJECTS:
        assert platform.screen(subject)
        assert str(platform.advice(subject)).endswith(".")
        assert "{" not in str(platform.advice(subject))


def test_an_unknown_subject_leads_to_the_settings_of_the_tool(platform: Platform) -> None:
    assert platform.screen("weather") == platform.tool_settings


def test_only_known_names_are_used(platform: Platform) -> None:
    environments = [environment.id for environment in platform.environments]

    assert len(set(environments)) == len(environments)
    assert set(platform.fields_to_platform) <= TO_PLATFORM
    assert set(platform.fields_from_platform) <= FROM_PLATFORM
    assert set(platform.screens) | set(platform.notes) <= set(SUBJECTS)
    assert set(platform.quirks) <= set(QUIRKS)
    for fact in platform.unverified:
        group, _, name = fact.partition(".")
        assert group == "audience" or hasattr(platform, group)
        assert not name or name in (SUBJECTS if group == "screens" else getattr(platform, group))


def test_every_quirk_is_somebodys() -> None:
    assert {quirk for platform in all_platforms() for quirk in platform.quirks} == set(QUIRKS)


def test_canvas_keeps_its_issuer_when_its_addresses_moved() -> None:
    assert addresses("canvas", "beta") == Addresses(
        "https://canvas.beta.instructure.com",
        "https://sso.beta.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.beta.canvaslms.com/login/oauth2/token",
        "https://sso.beta.canvaslms.com/api/lti/security/jwks",
        "https://sso.beta.canvaslms.com/login/oauth2/token",
    )
    assert addresses("canvas").issuer == "https://canvas.instructure.com"


def test_canvas_of_ones_own_has_the_issuer_of_the_cloud() -> None:
    own = addresses("canvas", "self_hosted", site="https://canvas.northfield.example")

    assert own.issuer == "https://canvas.instructure.com"
    assert own.key_set_url == "https://canvas.northfield.example/api/lti/security/jwks"


def test_brightspace_wants_an_audience_that_is_not_its_token_address() -> None:
    site = addresses("brightspace", site="https://school.brightspace.com")

    assert site.audience == "https://api.brightspace.com/auth/token"
    assert site.token_url == "https://auth.brightspace.com/core/connect/token"


@pytest.mark.parametrize(
    ("environment", "host"),
    [("anthology", "developer.anthology.com"), ("blackboard", "developer.blackboard.com")],
)
def test_blackboard_has_one_key_set_per_client_on_either_host(environment: str, host: str) -> None:
    found = addresses("blackboard", environment, client_id=A_GUID)

    assert found.issuer == "https://blackboard.com"
    assert found.key_set_url == f"https://{host}/api/v1/management/applications/{A_GUID}/jwks.json"
    assert {urlsplit(each).hostname for each in found[1:]} == {host}


def test_moodle_is_found_by_its_site_with_or_without_a_slash() -> None:
    plain = addresses("moodle", site="https://host.example/moodle")

    assert plain == addresses("moodle", site="https://host.example/moodle/")
    assert plain.issuer == "https://host.example/moodle"
    assert plain.authorization_url == "https://host.example/moodle/mod/lti/auth.php"
    assert plain.token_url == plain.audience == "https://host.example/moodle/mod/lti/token.php"


def test_an_address_that_only_the_lms_can_tell_stays_open() -> None:
    site = addresses("openedx", site="https://lms.example")

    assert site.authorization_url == "https://lms.example/api/lti_consumer/v1/launch/"
    assert (site.token_url, site.key_set_url, site.audience) == (None, None, None)


def test_shared_issuers_are_known() -> None:
    shared = {platform.id for platform in all_platforms() if platform.issuer_is_shared}

    assert shared == {"canvas", "blackboard", "schoology"}


def test_labels_lead_to_the_right_field() -> None:
    assert get("moodle").fields_from_platform["issuer"] == "Platform ID"
    assert get("openedx").fields_from_platform["authorization_url"] == "OIDC Callback URL"
    assert get("openolat").fields_from_platform["authorization_url"] == "Login URI"
    assert "issuer" not in get("canvas").fields_from_platform
    assert (
        get("canvas").fields_to_platform["oidc_initiation_url"] == "OpenID Connect Initiation Url"
    )


@pytest.mark.parametrize(
    ("platform_id", "subject", "advice"),
    [
        (
            "moodle",
            "target_link_uri",
            "In Moodle, open Site administration > Plugins > Activity modules > External tool > Manage tools > (tool): Edit > Tool URL.",
        ),
        (
            "moodle",
            "issuer",
            "In Moodle, open Site administration > Plugins > Activity modules > External tool > Manage tools > (tool): View configuration details > Platform ID.",
        ),
        (
            "brightspace",
            "privacy",
            "In Brightspace, open Admin Tools > External Learning Tools > LTI Advantage > (deployment) > Security Settings.",
        ),
        (
            "ilias",
            "redirect_uri",
            "In ILIAS, look for Administration > LTI > ILIAS as LTI consumer > (provider) > Redirection URIs.",
        ),
        ("other", "client_id", "In your LMS, open the settings of this tool."),
    ],
)
def test_advice_names_the_screen_and_claims_only_what_is_known(
    platform_id: str, subject: str, advice: str
) -> None:
    steps = advice.replace(">", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}")

    assert str(get(platform_id).advice(subject)) == steps


def test_no_screen_of_an_lms_is_claimed_to_mend_a_clock(platform: Platform) -> None:
    assert "that of the Gatelodge server" in str(platform.advice("clock"))


@pytest.mark.parametrize(
    ("issuer", "platform_id"),
    [
        ("https://canvas.test.instructure.com", "canvas"),
        ("https://northfield.instructure.com/", "canvas"),
        ("https://blackboard.com", "blackboard"),
        ("https://schoology.schoology.com", "schoology"),
        ("https://northfield.brightspace.com", "brightspace"),
        ("https://Moodle4.northfield.example", "moodle"),
        ("https://northfield.example/ilias", "ilias"),
        ("https://chocolate.example", None),
        ("123456", None),
        ("", None),
    ],
)
def test_the_lms_is_guessed_from_the_issuer(issuer: str, platform_id: str | None) -> None:
    found = guess(issuer)

    assert (found and found.id) == platform_id


CANVAS_DEPLOYMENT = "12345:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"


@pytest.mark.parametrize(
    ("platform_id", "client_id", "deployment_id"),
    [
        ("canvas", "170000000001935", CANVAS_DEPLOYMENT),
        ("schoology", "7485393815", "7485393815-1380426679"),
        ("moodle", "uC50EJGyyxJr86r", "2"),
        ("sakai", A_GUID, "1"),
        ("openedx", A_GUID, "1"),
    ],
)
def test_swapped_identifiers_are_noticed(
    platform_id: str, client_id: str, deployment_id: str
) -> None:
    swapped = identifier_hint(get(platform_id), deployment_id, client_id)

    assert identifier_hint(get(platform_id), client_id, deployment_id) is None
    assert swapped is not None
    assert swapped.startswith("Client ID and deployment ID look swapped. In ")


def test_one_value_pasted_twice_is_noticed() -> None:
    hint = identifier_hint(get("schoology"), "7485393815", "7485393815")

    assert hint == (
        "Client ID and deployment ID are the same. In Schoology, a client ID is a number of about"
        " ten digits, a deployment ID the same number, a hyphen and the school's number."
    )


def test_identifiers_that_tell_nothing_raise_no_alarm() -> None:
    assert identifier_hint(get("brightspace"), A_GUID, ANOTHER_GUID) is None
    assert identifier_hint(get("moodle"), "odd", "odder") is None
    assert identifier_hint(get("other"), "same", "same") is None


def test_blackboards_own_values_are_sought_in_the_developer_portal() -> None:
    blackboard = get("blackboard")

    assert blackboard.screen("key_set") == blackboard.tool_settings
    assert str(blackboard.advice("key_set")) == (
        "Whoever registered this gateway at developer.anthology.com"
        " opens the application there and looks at Public keyset URL."
    )
