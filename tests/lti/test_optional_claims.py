"""What may be sent besides: person, context, custom values, presentation, mentored people."""

from __future__ import annotations

import pytest

from gatelodge.lti import vocabulary as v
from gatelodge.lti.lenience import LONGEST_TEXT
from tests.lti.samples import ISSUER, LEARNER, MENTOR, Json, claims, read

# ----------------------------------------------------------------------- the person


def test_a_person_is_read_as_far_as_the_platform_tells() -> None:
    person = read(
        claims(
            {
                "middle_name": "Ann",
                "picture": "https://lms.northfield.example/mia.png",
                v.LIS: {"person_sourcedid": "SIS-8"},
            }
        )
    ).person

    assert (person.given_name, person.middle_name, person.family_name) == ("Mia", "Ann", "Learner")
    assert person.email == "mia@northfield.example"
    assert person.picture == "https://lms.northfield.example/mia.png"
    assert person.sourced_id == "SIS-8"


@pytest.mark.parametrize("nothing", [None, "", 0, 5, True, [], {}, ["Mia"]])
def test_a_name_that_says_nothing_counts_as_not_sent(nothing: object) -> None:
    person = read(claims({"name": nothing, v.LIS: {"person_sourcedid": nothing}})).person

    assert (person.name, person.sourced_id) == (None, None)


def test_names_of_the_whole_world_are_kept() -> None:
    name = "Zoë Ωmega 李小龍 \u202eعلي 👩🏽\u200d🎓"

    assert read(claims({"name": name})).person.name == name


def test_a_name_that_was_cut_in_half_by_the_platform_is_mended() -> None:
    """Databases take neither U+0000 nor half a surrogate pair."""
    assert read(claims({"name": "Mia \ud83d\0"})).person.name == "Mia \ufffd\ufffd"


def test_an_endless_name_is_cut() -> None:
    name = read(claims({"name": "x" * 50_000})).person.name

    assert name == "x" * LONGEST_TEXT


@pytest.mark.parametrize(
    "picture", ["http://lms.example/mia.png", "javascript:alert(1)", "data:image/png,x", "mia.png"]
)
def test_a_picture_without_tls_is_ignored(picture: str) -> None:
    assert read(claims({"picture": picture})).person.picture is None  # 42


# ----------------------------------------------------------------------- context and platform


@pytest.mark.parametrize(
    "name", ["CourseTemplate", "CourseOffering", "CourseSection", "Group", "CourseGroup"]
)
def test_short_and_old_names_of_context_types_are_known(name: str) -> None:
    sent = [name, "urn:lti:context-type:ims/lis/" + name, v.CONTEXT_TYPE + name]

    context = read(claims({v.CONTEXT: {"id": "2", "type": sent}})).context

    assert context
    assert context.types == (v.CONTEXT_TYPE + name,) * 3


@pytest.mark.parametrize("types", [None, "CourseSection", {}, [None, 5]])
def test_context_types_that_cannot_be_read_count_as_not_sent(types: object) -> None:
    context = read(claims({v.CONTEXT: {"id": "2", "type": types}})).context

    assert context
    assert context.types == ()


def test_an_unknown_context_type_is_kept() -> None:
    context = read(claims({v.CONTEXT: {"id": "2", "type": ["Club", "coursesection"]}})).context

    assert context
    assert context.types == ("Club", "coursesection")


def test_the_platform_describes_itself() -> None:
    described = {
        "guid": "lms.northfield.example",
        "name": "Northfield",
        "version": "4.5",
        "product_family_code": "moodle",
        "url": ISSUER,
        "contact_email": "it@northfield.example",
    }

    platform = read(claims({v.TOOL_PLATFORM: described})).tool_platform

    assert platform
    assert (platform.guid, platform.product_family_code) == ("lms.northfield.example", "moodle")
    assert (platform.name, platform.version, platform.url) == ("Northfield", "4.5", ISSUER)


# ----------------------------------------------------------------------- custom values


def custom(values: object) -> dict[str, str]:
    return dict(read(claims({v.CUSTOM: values})).custom)


def test_custom_values_are_texts() -> None:
    values = {"chapter": "3", "empty": "", "Mixed.Case-Key": "x", "": "no name"}

    assert custom(values) == values


def test_numbers_and_booleans_become_texts() -> None:
    sent = {"one": 1, "half": 0.5, "yes": True, "no": False, "big": 10**30}

    assert custom(sent) == {
        "one": "1",
        "half": "0.5",
        "yes": "true",
        "no": "false",
        "big": "1" + "0" * 30,
    }


@pytest.mark.parametrize(
    "value", [None, [], {}, ["3"], {"a": "b"}, float("inf"), pytest.param(10**400, id="enormous")]
)
def test_other_custom_values_are_left_out(value: object) -> None:
    assert custom({"kept": "1", "odd": value}) == {"kept": "1"}


@pytest.mark.parametrize("value", ["$User.id", "$ResourceLink.id.history", "$", "$5"])
def test_a_variable_that_the_platform_did_not_fill_is_left_out(value: str) -> None:
    assert custom({"kept": "5$", "unfilled": value}) == {"kept": "5$"}


@pytest.mark.parametrize("values", [None, "a=b", [], 5, True])
def test_custom_values_that_are_no_object_count_as_none(values: object) -> None:
    assert custom(values) == {}


def test_custom_values_hold_nothing_that_no_database_takes() -> None:
    assert custom({"a\0": "b\0", "c\ud800": "d\udfff"}) == {
        "a\ufffd": "b\ufffd",
        "c\ufffd": "d\ufffd",
    }


# ----------------------------------------------------------------------- presentation


def test_the_presentation_is_read() -> None:
    sent = {
        "document_target": "iframe",
        "return_url": ISSUER + "/return?id=5",
        "locale": "de-AT",
        "width": 640,
        "height": "400",
    }

    presentation = read(claims({v.LAUNCH_PRESENTATION: sent})).presentation

    assert presentation.document_target == "iframe"
    assert presentation.return_url == ISSUER + "/return?id=5"
    assert presentation.locale == "de-AT"
    assert (presentation.width, presentation.height) == (640, 400)


def test_the_persons_locale_stands_in_for_that_of_the_presentation() -> None:
    assert read(claims({"locale": "ar"})).presentation.locale == "ar"


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.northfield.example/return",
        "javascript:alert(1)",
        "/return",
        "https://me@lms.northfield.example/",
        "https://lms.northfield.example:port/",
        "https://lms.northfield.example/\u2028",
        "https://lms.northfield.example/\0",
        "https://lms.northfield.example/\ud800",
        "",
        5,
        ["https://lms.northfield.example/"],
    ],
)
def test_a_return_address_without_tls_is_ignored(url: object) -> None:
    assert (
        read(claims({v.LAUNCH_PRESENTATION: {"return_url": url}})).presentation.return_url is None
    )  # 42


@pytest.mark.parametrize(
    "size", [0, -1, 0.5, True, "0", "-5", "wide", "", "100000", 100_000, 1e300, None, [], "²"]
)
def test_a_size_that_no_frame_has_is_ignored(size: object) -> None:
    sent = {"width": size, "height": size}

    presentation = read(claims({v.LAUNCH_PRESENTATION: sent})).presentation

    assert (presentation.width, presentation.height) == (None, None)


@pytest.mark.parametrize("sent", [None, [], "iframe", 5])
def test_a_presentation_that_is_no_object_counts_as_none(sent: object) -> None:
    presentation = read(claims({v.LAUNCH_PRESENTATION: sent})).presentation

    assert presentation.document_target is None


# ----------------------------------------------------------------------- mentored people


def test_a_mentor_sees_whom_she_mentors() -> None:
    launch = read(claims({v.ROLES: [MENTOR], v.ROLE_SCOPE_MENTOR: ["8", "9"]}))

    assert launch.mentored == ("8", "9")


@pytest.mark.parametrize(
    "roles", [[], [LEARNER], [v.INSTITUTION_ROLE + "Mentor"], ["http://vendor.example/Mentor"]]
)
def test_a_list_of_mentored_people_is_ignored_without_the_role(roles: list[str]) -> None:
    assert read(claims({v.ROLES: roles, v.ROLE_SCOPE_MENTOR: ["8"]})).mentored == ()  # 41


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        (None, ()),
        ("8", ()),
        ({"8": 1}, ()),
        ([8, None, "", "8", "9\0", "x" * 256], ("8",)),
    ],
)
def test_only_ids_of_people_are_mentored(sent: object, read_as: tuple[str, ...]) -> None:
    launch = read(claims({v.ROLES: ["Mentor"], v.ROLE_SCOPE_MENTOR: sent}))

    assert launch.mentored == read_as


def odd_claims() -> Json:
    return dict.fromkeys(
        (v.CUSTOM, v.LIS, v.LAUNCH_PRESENTATION, v.AGS_ENDPOINT, v.NAMES_ROLES), "odd"
    )


def test_optional_claims_of_odd_types_refuse_nobody() -> None:
    assert read(claims(odd_claims())).subject == "3"
