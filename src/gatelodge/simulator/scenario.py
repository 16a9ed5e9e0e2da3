"""What a scenario is: one launch, good or broken, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gatelodge.lti import vocabulary as v
from gatelodge.simulator.config import Purpose
from gatelodge.simulator.signing import Claims, Signer, properly

Fields = list[tuple[str, str]]
"""The fields of a form, in order; the same name may stand there twice."""

ACCEPTED = "accepted"
"""The outcome of a launch that opens the tool. Every other outcome is the code of a refusal."""


class Message(StrEnum):
    RESOURCE_LINK = v.RESOURCE_LINK_REQUEST
    DEEP_LINKING = v.DEEP_LINKING_REQUEST
    SUBMISSION_REVIEW = v.SUBMISSION_REVIEW_REQUEST


class Route(StrEnum):
    """The way a launch takes through browsers."""

    ORDINARY = "ordinary"
    # A second step sends the same form once more, or has a new token made for the same login.
    FORM_AGAIN = "form-again"
    TOKEN_AGAIN = "token-again"  # noqa: S105
    # The login was begun by somebody else: the browser that gets the launch never did one, or
    # it did one of its own.
    BEGUN_ELSEWHERE = "begun-elsewhere"
    SWAPPED = "swapped"


def _fields_as_they_are(fields: Fields) -> Fields:
    return fields


def _claims_as_they_are(_claims: Claims) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the menu.

    What is sent may be changed at four places: the fields of the login initiation, the claims,
    the way they are signed, and the fields of the form that brings the token. ``sentence`` says
    what happens, in words for somebody who has never seen a token.
    """

    slug: str
    title: str
    sentence: str
    expected: str = ACCEPTED
    message: Message = Message.RESOURCE_LINK
    tool: Purpose = Purpose.COURSE
    # Another tool that must be placed as well, for the outcome to be the expected one.
    beside: Purpose | None = None
    login: Callable[[Fields], Fields] = _fields_as_they_are
    login_method: str = "post"
    claims: Callable[[Claims], None] = _claims_as_they_are
    sign: Signer = properly
    form: Callable[[Fields], Fields] = _fields_as_they_are
    form_method: str = "post"
    route: Route = Route.ORDINARY
    offers_services: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.expected == ACCEPTED

    @property
    def has_second_step(self) -> bool:
        return self.route in {Route.FORM_AGAIN, Route.TOKEN_AGAIN}

    def is_possible_with(self, purposes: frozenset[Purpose]) -> bool:
        return self.tool in purposes and (self.beside is None or self.beside in purposes)


@dataclass(frozen=True, slots=True)
class Group:
    slug: str
    title: str
    sentence: str
    scenarios: tuple[Scenario, ...]
