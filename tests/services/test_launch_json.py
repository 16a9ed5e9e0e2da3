"""The two halves of a launch, and what is left when the personal half has gone."""

from __future__ import annotations

from gatelodge.lti.registration import PERSONAL_CLAIMS
from gatelodge.services import launch_json

FACTS = {
    "message_type": "resource_link",
    "person": {"id": "p", "anonymous": False, "test_user": False},
    "presentation": {"document_target": "iframe"},
}


def test_after_its_personal_half_has_gone_a_launch_is_still_whole() -> None:
    assert launch_json.complete("l", FACTS, {}) == {
        "id": "l",
        "message_type": "resource_link",
        "person": {
            "id": "p",
            "anonymous": False,
            "test_user": False,
            "name": None,
            "given_name": None,
            "family_name": None,
            "email": None,
        },
        "custom": {},
        "presentation": {"document_target": "iframe", "return_url": None},
    }


def test_what_is_personal_comes_in_its_place() -> None:
    personal = {
        "person": {"name": "Mia Learner"},
        "custom": {"a": "b"},
        "return_url": "https://lms.example/back",
    }

    launch = launch_json.complete("l", FACTS, personal)

    assert launch["person"]["name"] == "Mia Learner"
    assert launch["person"]["id"] == "p"
    assert launch["custom"] == {"a": "b"}
    assert launch["presentation"]["return_url"] == "https://lms.example/back"


def test_a_personal_half_can_never_change_who_the_person_is() -> None:
    """What a platform sends as a name never becomes an id."""
    assert not {"id", "anonymous", "test_user"} & PERSONAL_CLAIMS
