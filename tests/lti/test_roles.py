"""Roles: only whole names of context roles say anything about the course."""

from __future__ import annotations

import pytest

from gatelodge.lti import vocabulary as v
from gatelodge.lti.roles import _read_once, read_roles
from tests.lti.samples import INSTRUCTOR, LEARNER, MENTOR

PRINCIPAL = [
    "Administrator",
    "ContentDeveloper",
    "Instructor",
    "Learner",
    "Manager",
    "Member",
    "Mentor",
    "Officer",
]


@pytest.mark.parametrize("name", PRINCIPAL)
@pytest.mark.parametrize("prefix", [v.CONTEXT_ROLE, "", "urn:lti:role:ims/lis/"])
def test_a_context_role_is_known_by_its_full_short_and_old_name(prefix: str, name: str) -> None:
    assert read_roles([prefix + name]).in_context == (name,)


@pytest.mark.parametrize(
    ("role", "principal"),
    [
        ("Instructor#TeachingAssistant", "Instructor"),
        ("Instructor#Grader", "Instructor"),
        ("Instructor#Instructor", "Instructor"),
        ("Learner#Learner", "Learner"),
        ("Learner#Instructor", "Learner"),
        ("Learner#NonCreditLearner", "Learner"),
        ("Mentor#Tutor", "Mentor"),
        ("Manager#Observer", "Manager"),
        ("Officer#Vice-Chair", "Officer"),
        ("ContentDeveloper#Librarian", "ContentDeveloper"),
        ("Administrator#Support", "Administrator"),
        ("Member#Member", "Member"),
    ],
)
def test_a_sub_role_counts_as_its_principal_role(role: str, principal: str) -> None:
    assert read_roles([v.CONTEXT_SUB_ROLE + role]).in_context == (principal,)


def test_a_learner_of_teaching_is_no_teacher() -> None:
    roles = read_roles([v.CONTEXT_SUB_ROLE + "Learner#Instructor"])

    assert roles.is_learner
    assert not roles.is_instructor


@pytest.mark.parametrize(
    "role",
    [
        v.INSTITUTION_ROLE + "Instructor",
        v.INSTITUTION_ROLE + "Faculty",
        v.INSTITUTION_ROLE + "Administrator",
        v.SYSTEM_ROLE + "Administrator",
        v.SYSTEM_ROLE + "SysAdmin",
        v.PERSON_ROLE + "Instructor",
        "urn:lti:instrole:ims/lis/Instructor",
        "urn:lti:sysrole:ims/lis/Administrator",
        "instructor",
        "INSTRUCTOR",
        " Instructor",
        "Instructor ",
        "Instructor,Learner",
        "TeachingAssistant",
        "Teacher",
        INSTRUCTOR + "#TeachingAssistant",
        INSTRUCTOR.replace("http:", "https:"),
        INSTRUCTOR.lower(),
        v.CONTEXT_SUB_ROLE + "Instructor",
        v.CONTEXT_SUB_ROLE + "Instructor#Wizard",
        v.CONTEXT_ROLE + "Instructor\0",
        v.CONTEXT_ROLE,
        "http://vendor.example/roles#Instructor",
        "",
    ],
)
def test_no_other_role_gives_a_right_in_the_course(role: str) -> None:
    roles = read_roles([role])

    assert roles.in_context == ()  # 43
    assert roles.sent == (role,)


def test_several_roles_are_named_once_and_in_order() -> None:
    roles = read_roles(
        [MENTOR, LEARNER, "Learner", v.CONTEXT_SUB_ROLE + "Learner#GuestLearner", INSTRUCTOR]
    )

    assert roles.in_context == ("Instructor", "Learner", "Mentor")


def test_nobody_is_anything_by_default() -> None:
    roles = read_roles([])

    assert roles.in_context == ()
    assert roles.is_test_user is False


def test_a_preview_of_a_student_is_marked() -> None:
    roles = read_roles([LEARNER, v.LTI_SYSTEM_ROLE + "TestUser"])

    assert roles.is_test_user
    assert roles.is_learner


def test_a_list_of_roles_is_read_alike_every_time() -> None:
    for _ in range(2):
        assert read_roles([LEARNER, MENTOR]).in_context == ("Learner", "Mentor")
        assert read_roles([MENTOR, LEARNER]).sent == (MENTOR, LEARNER)


@pytest.mark.parametrize("sent", [["x" * 5_000], ["é"] * 500], ids=["long", "many"])
def test_an_endless_list_of_roles_is_not_kept(sent: list[str]) -> None:
    before = _read_once.cache_info()

    assert read_roles([*sent, LEARNER]).in_context == ("Learner",)

    assert _read_once.cache_info() == before
