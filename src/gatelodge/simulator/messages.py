"""What a click becomes: the claims of the message that the simulated LMS sends for it.

LTI Core 1.3 section 5, Deep Linking 2.0 section 4.4, Submission Review 1.0. Names and e-mail
are left out for people who don't share them, as an LMS with privacy settings does.
"""

from dataclasses import dataclass
from enum import StrEnum

from gatelodge.lti import vocabulary as v
from gatelodge.simulator.config import PlacedTool, SimulatorConfig
from gatelodge.simulator.scenario import Message, Scenario
from gatelodge.simulator.school import Course, Link, Person
from gatelodge.simulator.signing import Claims

TOKEN_LIFETIME = 60
"""Seconds, as Moodle has it."""


class Target(StrEnum):
    """Where the tool opens, in the words of the presentation claim."""

    IFRAME = "iframe"
    WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Someone has clicked: who, where, on what, and which scenario is to be played with it.

    ``reviewed`` is the learner whose submission a teacher wants to look at.
    """

    person: Person
    tool: PlacedTool
    course: Course
    link: Link
    target: Target
    scenario: Scenario
    reviewed: Person | None = None

    @property
    def message(self) -> Message:
        return self.scenario.message


def claims_of(click: Click, config: SimulatorConfig, *, nonce: str, now: int) -> Claims:
    return {
        "iss": config.issuer,
        "aud": click.tool.client_id,
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
        "nonce": nonce,
        v.VERSION: v.LTI_VERSION,
        v.MESSAGE_TYPE: str(click.message),
        v.DEPLOYMENT_ID: click.tool.deployment_id,
        v.TARGET_LINK_URI: click.tool.target_link_uri,
        **_person(click.person),
        v.ROLES: list(click.course.roles[click.person.id]),
        v.CONTEXT: {
            "id": config.id_prefix + click.course.id,
            "label": click.course.label,
            "title": click.course.title,
            "type": [v.CONTEXT_TYPE + "CourseSection"],
        },
        v.TOOL_PLATFORM: {
            "guid": config.id_prefix + "northfield",
            "name": config.site_name,
            "product_family_code": "gatelodge-simulator",
            "version": "1",
        },
        v.LAUNCH_PRESENTATION: {
            "document_target": str(click.target),
            "locale": "en",
            "return_url": config.url("/return"),
        },
        v.CUSTOM: {"course_label": click.course.label},
        **(_services(click, config) if click.scenario.offers_services else {}),
        **_PARTS[click.message](click, config),
    }


def _services(click: Click, config: SimulatorConfig) -> Claims:
    """Where the roster and the grades of a course would be, on our own origin."""
    course = config.url(f"/services/{config.id_prefix}{click.course.id}")
    return {
        v.AGS_ENDPOINT: {
            "scope": [v.LINE_ITEM_SCOPE, v.RESULT_READ_SCOPE, v.SCORE_SCOPE],
            "lineitems": f"{course}/lineitems",
            "lineitem": f"{course}/lineitems/{click.link.id}",
        },
        v.NAMES_ROLES: {
            "context_memberships_url": f"{course}/memberships",
            "service_versions": ["2.0"],
        },
    }


def _person(person: Person) -> Claims:
    if not person.shares_details:
        return {"sub": person.id}
    return {
        "sub": person.id,
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
    }


def _resource_link(click: Click, config: SimulatorConfig) -> Claims:
    return {
        v.RESOURCE_LINK: {
            "id": config.id_prefix + click.link.id,
            "title": click.link.title,
            "description": click.link.description,
        }
    }


def _deep_linking(click: Click, config: SimulatorConfig) -> Claims:
    return {
        v.DEEP_LINKING_SETTINGS: {
            "deep_link_return_url": config.url("/content"),
            "accept_types": ["ltiResourceLink", "link"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
            "auto_create": False,
            "data": f"course={click.course.id}&for={click.person.id}",
        }
    }


def _submission_review(click: Click, config: SimulatorConfig) -> Claims:
    # The line item is required here (SR 3): a review is always of something graded.
    reviewed = click.reviewed or click.person
    return {
        **_resource_link(click, config),
        v.AGS_ENDPOINT: _services(click, config)[v.AGS_ENDPOINT],
        v.FOR_USER: {"user_id": reviewed.id},
    }


_PARTS = {
    Message.RESOURCE_LINK: _resource_link,
    Message.DEEP_LINKING: _deep_linking,
    Message.SUBMISSION_REVIEW: _submission_review,
}
