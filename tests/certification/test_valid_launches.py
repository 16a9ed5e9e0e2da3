"""Valid Teacher Launches and Valid Student Launches (certification guide, sections 6.1.2 and 6.1.3).

Tests are named after the guide's, without the words "Valid Instructor" or "Valid Student": `payload` is a teacher's
and a student's in turn. Those at the end are of other sections.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.certification.suite import Claims, Suite

pytestmark = pytest.mark.asyncio

P = "https://purl.imsglobal.org/spec/lti/claim/"
ROLES = P + "roles"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"

NAMES = ("given_name", "middle_name", "family_name", "name")
PERSONAL = (*NAMES, "email", "picture", P + "lis")


class Rights(NamedTuple):
    instructor: bool
    learner: bool


NONE = Rights(instructor=False, learner=False)


def rights_of(launch: Claims) -> Rights:
    return Rights(launch["roles"]["instructor"], launch["roles"]["learner"])


def role_of(payload: Claims) -> tuple[str, Rights]:
    """The short name of the role that the payload carries, and what it gives."""
    teaches = payload[ROLES] == [MEMBERSHIP + "Instructor"]
    return ("Instructor" if teaches else "Learner"), Rights(teaches, not teaches)


def without(payload: Claims, *claims: str) -> Claims:
    return {name: value for name, value in payload.items() if name not in claims}


async def test_launch(suite: Suite, payload: Claims) -> None:
    _, rights = role_of(payload)

    launch = await suite.launched(payload)

    assert rights_of(launch) == rights
    assert launch["message_type"] == "resource_link"
    assert launch["person"]["name"] == payload["name"]
    assert launch["person"]["email"] == payload["email"]
    assert launch["locale"] == payload["locale"]
    assert launch["platform"]["person_id"] == payload["sub"]
    assert launch["platform"]["context_id"] == "course-7c"
    assert launch["platform"]["resource_link_id"] == "link-31"
    assert launch["platform"]["deployment_id"] == "deployment-A"


async def test_launch_of_a_teacher_brings_all_that_the_platform_told(
    suite: Suite, teacher: Claims
) -> None:
    launch = await suite.launched(teacher)

    assert launch["person"]["middle_name"] == "Anna"
    assert launch["person"]["picture"].endswith("/theodora.jpg")
    assert launch["context"]["title"] == "Biology, class 7c"
    assert launch["context"]["label"] == "7c"
    assert launch["context"]["types"] == [
        "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"
    ]
    assert launch["resource_link"]["title"] == "Photosynthesis"
    assert launch["resource_link"]["description"] == "What leaves do with light"
    assert launch["presentation"] == {
        "document_target": "iframe",
        "width": 800,
        "height": 600,
        "return_url": "https://platform.certification.example/courses/7c",
    }
    assert launch["custom"] == {"chapter": "light", "nothing": ""}
    assert launch["services"] == {"line_items": True, "memberships": True}
    assert launch["platform"]["product"] == "certification"
    assert launch["platform"]["guid"] == "7e0a-certification"


async def test_launch_with_roles(suite: Suite, payload: Claims) -> None:
    role, rights = role_of(payload)
    several = [
        INSTITUTION + "Faculty",
        MEMBERSHIP + role,
        INSTITUTION + "Student",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#User",
    ]

    launch = await suite.launched(payload | {ROLES: several})

    assert rights_of(launch) == rights
    assert launch["roles"]["all"] == several


async def test_launch_with_roles_of_both_kinds(suite: Suite, payload: Claims) -> None:
    both = [MEMBERSHIP + "Learner", MEMBERSHIP + "Instructor"]

    launch = await suite.launched(payload | {ROLES: both})

    assert rights_of(launch) == Rights(instructor=True, learner=True)
    assert launch["roles"]["in_context"] == ["Instructor", "Learner"]


async def test_launch_short_role(suite: Suite, payload: Claims) -> None:
    role, rights = role_of(payload)

    launch = await suite.launched(payload | {ROLES: [role]})

    assert rights_of(launch) == rights


@pytest.mark.parametrize(
    "role",
    [
        "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper",
        MEMBERSHIP + "Wizard",
        INSTITUTION + "Instructor",
        "instructor",
        "my Instructor",
    ],
)
async def test_launch_unknown_role(suite: Suite, payload: Claims, role: str) -> None:
    """It works, and nothing is taken for a role in the course."""
    launch = await suite.launched(payload | {ROLES: [role]})

    assert rights_of(launch) == NONE
    assert launch["roles"]["all"] == [role]


async def test_launch_no_role(suite: Suite, payload: Claims) -> None:
    launch = await suite.launched(payload | {ROLES: []})

    assert rights_of(launch) == NONE
    assert launch["roles"]["all"] == []


async def test_launch_email_only(suite: Suite, payload: Claims) -> None:
    launch = await suite.launched(without(payload, *NAMES, "picture"))

    assert launch["person"]["email"] == payload["email"]
    assert launch["person"]["name"] is None
    assert launch["person"]["given_name"] is None


async def test_launch_names_only(suite: Suite, payload: Claims) -> None:
    launch = await suite.launched(without(payload, "email", "picture"))

    assert launch["person"]["name"] == payload["name"]
    assert launch["person"]["given_name"] == payload["given_name"]
    assert launch["person"]["family_name"] == payload["family_name"]
    assert launch["person"]["email"] is None


async def test_no_pii(suite: Suite, payload: Claims) -> None:
    launch = await suite.launched(without(payload, *PERSONAL))

    known = {name for name, value in launch["person"].items() if value}
    assert known == {"id"}
    assert launch["person"]["anonymous"] is False


async def test_email_without_context(suite: Suite, payload: Claims) -> None:
    launch = await suite.launched(without(payload, *NAMES, P + "context"))

    assert launch["person"]["email"] == payload["email"]
    assert launch["context"] is None
    assert launch["platform"]["context_id"] is None
    assert launch["resource_link"]["id"]


async def test_new_resource_id(suite: Suite, payload: Claims) -> None:
    before = await suite.launched(payload)

    after = await suite.launched(payload | {P + "resource_link": {"id": "link-32"}})

    assert after["platform"]["resource_link_id"] == "link-32"
    assert after["resource_link"]["id"] != before["resource_link"]["id"]
    assert after["person"]["id"] == before["person"]["id"]
    assert after["context"]["id"] == before["context"]["id"]


async def test_only_the_required_claims(suite: Suite, payload: Claims) -> None:
    required = ("iss", "aud", "sub", "iat", "exp", "nonce")
    of_lti = ("message_type", "version", "deployment_id", "target_link_uri", "roles")
    bare = {name: payload[name] for name in (*required, *(P + each for each in of_lti))}

    launch = await suite.launched(bare | {P + "resource_link": {"id": "x"}})

    assert launch["person"]["id"]
    assert launch["services"] == {"line_items": False, "memberships": False}


async def test_send_the_request_payload(suite: Suite, deep_linking: Claims) -> None:
    """The first of the guide's tests of deep linking (section 6.2): the request arrives."""
    launch = await suite.launched(deep_linking)

    assert launch["message_type"] == "deep_linking"
    assert launch["resource_link"] is None
    assert launch["deep_linking"] == {
        "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
        "accept_presentation_targets": ["iframe", "window", "embed"],
        "accept_media_types": "image/*,text/html",
        "accept_multiple": True,
        "accept_line_item": False,
        "auto_create": True,
        "title": "Choose for class 7c",
        "text": "Anything about light",
    }
