"""What is said about each value: what follows the LMS's pattern, and what wants a second look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatelodge.platforms import Platform, all_platforms, get
from gatelodge.platforms.looks import Look, as_https, looks, site_of, tidied
from gatelodge.platforms.questions import FIELDS

SITE = "https://moodle.northfield.example"
MOODLE = {
    "site": SITE,
    "issuer": SITE,
    "client_id": "Wm4Rk8sVt2BqX6d",
    "deployment_id": "23",
    "key_set_url": f"{SITE}/mod/lti/certs.php",
    "token_url": f"{SITE}/mod/lti/token.php",
    "authorization_url": f"{SITE}/mod/lti/auth.php",
}


def seen(platform_id: str, environment: str | None = None, **values: str) -> dict[str, list[Look]]:
    platform = get(platform_id)
    said = looks(platform, platform.environment(environment), values)
    return {field: [each.look for each in found] for field, found in said.items()}


def test_what_follows_the_pattern_is_said_to() -> None:
    assert seen("moodle", **MOODLE) == {
        "site": [],
        "issuer": [Look.FITS],
        "client_id": [Look.LOOKS_LIKE],
        "deployment_id": [Look.LOOKS_LIKE],
        "key_set_url": [Look.FITS],
        "token_url": [Look.FITS],
        "authorization_url": [Look.FITS],
    }


def test_http_is_wrong_unless_the_gateway_is_for_trials() -> None:
    values = MOODLE | {"token_url": "http://moodle.northfield.example/mod/lti/token.php"}
    moodle = get("moodle")

    trial = looks(moodle, moodle.environment(), values, http_allowed=True)

    assert Look.HTTP in seen("moodle", **values)["token_url"]
    assert Look.HTTP not in [each.look for each in trial["token_url"]]


def test_an_unusual_address_is_told_with_the_usual_one() -> None:
    moodle = get("moodle")
    values = MOODLE | {"key_set_url": f"{SITE}/other"}

    [found] = looks(moodle, moodle.environment(), values)["key_set_url"]

    assert found == (Look.USUAL, f"{SITE}/mod/lti/certs.php")


def test_a_slash_at_the_end_of_a_known_issuer_is_removed() -> None:
    assert tidied(get("moodle"), "issuer", f"{SITE}/") == (SITE, ("slash",))


def test_a_slash_at_the_end_of_an_unknown_issuer_is_kept_and_said() -> None:
    assert tidied(get("other"), "issuer", "https://lms.example/").value == "https://lms.example/"
    assert seen("other", issuer="https://lms.example/")["issuer"] == [Look.SLASH]


def test_an_issuer_that_is_no_address_is_taken_and_said() -> None:
    assert seen("other", issuer="123456")["issuer"] == [Look.NOT_HTTPS]


def test_swapped_identifiers_are_noticed() -> None:
    swapped = MOODLE | {"client_id": "23", "deployment_id": "Wm4Rk8sVt2BqX6d"}

    assert seen("moodle", **swapped)["deployment_id"] == [Look.SWAPPED]


def test_one_identifier_pasted_twice_is_noticed() -> None:
    assert (
        Look.SAME
        in seen("schoology", client_id="7485393815", deployment_id="7485393815")["deployment_id"]
    )


def test_an_identifier_of_another_form_is_no_more_than_a_hint() -> None:
    assert seen("moodle", **MOODLE | {"client_id": "odd"})["client_id"] == [Look.UNLIKE]


def test_what_is_missing_is_said_and_a_deployment_may_come_later() -> None:
    said = seen("canvas")

    assert said == {"client_id": [Look.MISSING], "deployment_id": [Look.LATER]}


def test_the_site_is_found_in_the_addresses() -> None:
    environment = get("moodle").environment()

    assert site_of(environment, {"token_url": f"{SITE}/path/mod/lti/token.php"}) == f"{SITE}/path"
    assert site_of(environment, {"token_url": "https://elsewhere.example"}) == ""


def test_an_address_is_changed_to_https() -> None:
    assert as_https("http://lms.example/a?b=http://c") == "https://lms.example/a?b=http://c"
    assert as_https("https://lms.example") == "https://lms.example"


@given(
    st.sampled_from(all_platforms()),
    st.dictionaries(st.sampled_from(["site", *FIELDS]), st.text()),
)
def test_anything_can_be_typed(platform: Platform, values: dict[str, str]) -> None:
    for environment in platform.environments:
        looks(platform, environment, values)
        site_of(environment, values)
        for field, value in values.items():
            tidied(platform, field, value)
