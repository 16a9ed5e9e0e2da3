"""Roles: the full names, the short ones that platforms still send, and what follows from them.

LTI Core 1.3 appendix A. Only context roles say anything about the course: an institution's
instructor is nobody in particular here. Whole names are compared, never parts of them:
``membership/Learner#Instructor`` is a learner.
"""

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from gatelodge.lti.vocabulary import (
    CONTEXT_ROLE,
    CONTEXT_SUB_ROLE,
    LTI_SYSTEM_ROLE,
)

_MOST_KEPT = 20
_LONGEST_KEPT = 2_000
"""Lists of so many roles and characters are kept once they are read."""

_PRINCIPAL = (
    "Administrator",
    "ContentDeveloper",
    "Instructor",
    "Learner",
    "Manager",
    "Member",
    "Mentor",
    "Officer",
)

_URN = "urn:lti:role:ims/lis/"


class Roles(Struct, frozen=True, gc=False):
    """The roles as sent, and the principal roles in this context, in the order of their names.

    ``is_test_user`` marks the platform's own preview of a student.
    """

    sent: tuple[str, ...]
    in_context: tuple[str, ...]
    is_instructor: bool
    is_learner: bool
    is_mentor: bool
    is_test_user: bool


def read_roles(sent: Iterable[str]) -> Roles:
    """Unknown roles and an empty list are legal and give no rights (CERT 6.1.2)."""
    sent = tuple(sent)
    # People are many and lists of roles few: each is read once, unless it is endless.
    if len(sent) <= _MOST_KEPT and sum(map(len, sent)) <= _LONGEST_KEPT:
        return _read_once(sent)
    return _read(sent)


def _read(sent: tuple[str, ...]) -> Roles:
    in_context = tuple(sorted({_KNOWN[role] for role in sent if role in _KNOWN}))
    return Roles(
        sent=sent,
        in_context=in_context,
        is_instructor="Instructor" in in_context,
        is_learner="Learner" in in_context,
        is_mentor="Mentor" in in_context,
        is_test_user=LTI_SYSTEM_ROLE + "TestUser" in sent,
    )


_read_once = lru_cache(maxsize=512)(_read)

_SUB_ROLES = {
    "Administrator": (
        "Administrator Developer ExternalDeveloper ExternalSupport "
        "ExternalSystemAdministrator Support SystemAdministrator"
    ),
    "ContentDeveloper": "ContentDeveloper ContentExpert ExternalContentExpert Librarian",
    "Instructor": (
        "ExternalInstructor Grader GuestInstructor Instructor Lecturer PrimaryInstructor "
        "SecondaryInstructor TeachingAssistant TeachingAssistantGroup TeachingAssistantOffering "
        "TeachingAssistantSection TeachingAssistantSectionAssociation TeachingAssistantTemplate"
    ),
    "Learner": "ExternalLearner GuestLearner Instructor Learner NonCreditLearner",
    "Manager": "AreaManager CourseCoordinator ExternalObserver Manager Observer",
    "Member": "Member",
    "Mentor": (
        "Advisor Auditor ExternalAdvisor ExternalAuditor ExternalLearningFacilitator "
        "ExternalMentor ExternalReviewer ExternalTutor LearningFacilitator Mentor Reviewer Tutor"
    ),
    "Officer": "Chair Communications Secretary Treasurer Vice-Chair",
}


def _known_roles() -> dict[str, str]:
    """Every spelling of a context role, and the principal role it stands for."""
    known = {}
    for principal in _PRINCIPAL:
        for prefix in (CONTEXT_ROLE, "", _URN):
            known[prefix + principal] = principal
        for sub_role in _SUB_ROLES[principal].split():
            known[f"{CONTEXT_SUB_ROLE}{principal}#{sub_role}"] = principal
            known[f"{_URN}{principal}/{sub_role}"] = principal
    return known


_KNOWN = _known_roles()
