"""A launch as a tool receives it: plain JSON under names of ours, in two halves.

The facts stay with the launch; what is personal is kept apart, sealed, and goes sooner
(design, section 10). The platform's own values stand under ``platform``, for reading only.
"""

from typing import Any

from gatelodge.lti.launch import Launch
from gatelodge.lti.registration import PlatformClient, Tool
from gatelodge.lti.roles import Roles
from gatelodge.services.identities import Identities

Json = dict[str, Any]

_SHORT_TYPES = {
    "LtiResourceLinkRequest": "resource_link",
    "LtiDeepLinkingRequest": "deep_linking",
    "LtiSubmissionReviewRequest": "submission_review",
}


def facts(launch: Launch, names: Identities, client: PlatformClient, tenant: Json) -> Json:
    """All of the launch that is not about the person."""
    return {
        "message_type": _SHORT_TYPES[launch.message_type],
        "tenant": tenant,
        "person": {
            "id": names.person(launch.subject) if launch.subject else None,
            "anonymous": launch.is_anonymous,
            "test_user": launch.roles.test_user,
        },
        "roles": _roles(launch.roles),
        "mentored": [names.person(subject) for subject in launch.mentored],
        "context": _context(launch, names),
        "resource_link": _resource_link(launch, names),
        "target_link_uri": launch.target_link_uri,
        "locale": launch.presentation.locale,
        "presentation": {
            "document_target": launch.presentation.document_target,
            "width": launch.presentation.width,
            "height": launch.presentation.height,
        },
        "for_person": names.person(launch.for_user.user_id) if launch.for_user else None,
        "deep_linking": _deep_linking(launch),
        "services": {
            "line_items": launch.line_items is not None,
            "memberships": launch.memberships_url is not None,
        },
        "platform": _platform(launch, client),
    }


def addresses(launch: Launch) -> Json:
    """The platform's service addresses: kept for our own calls, never given to a tool."""
    service = launch.line_items
    return {
        "scopes": service.scopes if service else (),
        "line_items": service.line_items if service else None,
        "line_item": service.line_item if service else None,
        "memberships": launch.memberships_url,
    }


def personal(launch: Launch, tool: Tool) -> Json:
    """What is personal, as far as the tool declared it, and what belongs to this one visit.

    Platforms put keys of the person's session into the addresses to return to.
    """
    person = launch.person
    declared: Json = {}
    if "name" in tool.claims:
        declared |= {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "middle_name": person.middle_name,
        }
    for claim in ("email", "picture", "sourced_id"):
        if claim in tool.claims:
            declared[claim] = getattr(person, claim)
    deep_linking = launch.deep_linking
    parts = {
        "person": {name: value for name, value in declared.items() if value is not None},
        "custom": dict(launch.custom) if "custom" in tool.claims else {},
        "return_url": launch.presentation.return_url,
        "deep_link": {"return_url": deep_linking.return_url, "data": deep_linking.data}
        if deep_linking
        else None,
    }
    return {name: part for name, part in parts.items() if part}


def complete(launch_id: str, stored_facts: Json, stored_personal: Json) -> Json:
    """The launch as the tool receives it."""
    nobody = dict.fromkeys(("name", "given_name", "family_name", "email"))
    return {
        "id": launch_id,
        **stored_facts,
        "person": nobody | stored_facts["person"] | stored_personal.get("person", {}),
        "custom": stored_personal.get("custom", {}),
        "presentation": {
            **stored_facts["presentation"],
            "return_url": stored_personal.get("return_url"),
        },
    }


def _roles(roles: Roles) -> Json:
    return {
        "instructor": roles.is_instructor,
        "learner": roles.is_learner,
        "in_context": roles.in_context,
        "all": roles.sent,
    }


def _context(launch: Launch, names: Identities) -> Json | None:
    if launch.context is None:
        return None
    return {
        "id": names.context(launch.deployment_id, launch.context.id),
        "title": launch.context.title,
        "label": launch.context.label,
        "types": launch.context.types,
    }


def _resource_link(launch: Launch, names: Identities) -> Json | None:
    link = launch.resource_link
    if link is None:
        return None
    context_id = launch.context.id if launch.context else ""
    return {
        "id": names.resource_link(launch.deployment_id, context_id, link.id),
        "title": link.title,
        "description": link.description,
    }


def _deep_linking(launch: Launch) -> Json | None:
    settings = launch.deep_linking
    if settings is None:
        return None
    return {
        "accept_types": settings.accept_types,
        "accept_presentation_targets": settings.accept_presentation_targets,
        "accept_media_types": settings.accept_media_types,
        "accept_multiple": settings.accept_multiple,
        "accept_line_item": settings.accept_line_item,
        "auto_create": settings.auto_create,
        "title": settings.title,
        "text": settings.text,
    }


def _platform(launch: Launch, client: PlatformClient) -> Json:
    described = launch.tool_platform
    return {
        "issuer": client.issuer,
        "client_id": client.client_id,
        "deployment_id": launch.deployment_id,
        "person_id": launch.subject,
        "context_id": launch.context.id if launch.context else None,
        "resource_link_id": launch.resource_link.id if launch.resource_link else None,
        "product": described.product_family_code if described else None,
        "version": described.version if described else None,
        "name": described.name if described else None,
        "guid": described.guid if described else None,
    }
