"""A launch as a tool receives it: plain JSON under names of ours, in two halves.

The facts stay with the launch; what is personal is kept apart, sealed, and goes sooner
(design, section 10). The platform's own values stand under ``platform``, for reading only.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from gatelodge.lti.claims import Person
from gatelodge.lti.launch import Launch
from gatelodge.lti.registration import PlatformClient, Tool
from gatelodge.services.identities import Identities
from gatelodge.storage.values import TenantFacts

Json = dict[str, Any]

_SHORT_TYPES = {
    "LtiResourceLinkRequest": "resource_link",
    "LtiDeepLinkingRequest": "deep_linking",
    "LtiSubmissionReviewRequest": "submission_review",
}


# ---------------------------------------------------------------- the facts


class ToldTenant(Struct, frozen=True, gc=False):
    id: str
    name: str


class ToldPerson(Struct, frozen=True, gc=False):
    id: str | None
    anonymous: bool
    test_user: bool


class ToldRoles(Struct, frozen=True, gc=False):
    instructor: bool
    learner: bool
    in_context: tuple[str, ...]
    all: tuple[str, ...]


class ToldContext(Struct, frozen=True, gc=False):
    id: str
    title: str | None
    label: str | None
    types: tuple[str, ...]


class ToldResourceLink(Struct, frozen=True, gc=False):
    id: str
    title: str | None
    description: str | None


class ToldPresentation(Struct, frozen=True, gc=False):
    document_target: str | None
    width: int | None
    height: int | None


class ToldDeepLinking(Struct, frozen=True, gc=False):
    accept_types: tuple[str, ...]
    accept_presentation_targets: tuple[str, ...]
    accept_media_types: str | None
    accept_multiple: bool | None
    accept_line_item: bool | None
    auto_create: bool
    title: str | None
    text: str | None


class ToldServices(Struct, frozen=True, gc=False):
    line_items: bool
    memberships: bool


class ToldPlatform(Struct, frozen=True, gc=False):
    issuer: str
    client_id: str
    deployment_id: str
    person_id: str | None
    context_id: str | None
    resource_link_id: str | None
    product: str | None
    version: str | None
    name: str | None
    guid: str | None


class Facts(Struct, frozen=True, gc=False):
    """All of a launch that is not about the person."""

    message_type: str
    tenant: ToldTenant
    person: ToldPerson
    roles: ToldRoles
    mentored: tuple[str, ...]
    context: ToldContext | None
    resource_link: ToldResourceLink | None
    target_link_uri: str
    locale: str | None
    presentation: ToldPresentation
    for_person: str | None
    deep_linking: ToldDeepLinking | None
    services: ToldServices
    platform: ToldPlatform


class ServiceAddresses(Struct, frozen=True, gc=False):
    """The platform's service addresses: kept for our own calls, never given to a tool."""

    scopes: tuple[str, ...]
    line_items: str | None
    line_item: str | None
    memberships: str | None


class StoredFacts(Struct, frozen=True, gc=False):
    """What a launch's row keeps as JSON."""

    launch: Facts
    addresses: ServiceAddresses


def stored_facts(
    launch: Launch, names: Identities, client: PlatformClient, tenant: TenantFacts
) -> StoredFacts:
    return StoredFacts(_facts(launch, names, client, tenant), _addresses(launch))


def _facts(launch: Launch, names: Identities, client: PlatformClient, tenant: TenantFacts) -> Facts:
    roles, presentation = launch.roles, launch.presentation
    return Facts(
        message_type=_SHORT_TYPES[launch.message_type],
        tenant=ToldTenant(tenant.id, tenant.name),
        person=ToldPerson(
            names.person(launch.subject) if launch.subject else None,
            launch.is_anonymous,
            roles.is_test_user,
        ),
        roles=ToldRoles(roles.is_instructor, roles.is_learner, roles.in_context, roles.sent),
        mentored=tuple(map(names.person, launch.mentored)),
        context=_context(launch, names),
        resource_link=_resource_link(launch, names),
        target_link_uri=launch.target_link_uri,
        locale=presentation.locale,
        presentation=ToldPresentation(
            presentation.document_target, presentation.width, presentation.height
        ),
        for_person=names.person(launch.for_user.user_id) if launch.for_user else None,
        deep_linking=_deep_linking(launch),
        services=ToldServices(launch.line_items is not None, launch.memberships_url is not None),
        platform=_platform(launch, client),
    )


def _addresses(launch: Launch) -> ServiceAddresses:
    service = launch.line_items
    if service is None:
        return ServiceAddresses((), None, None, launch.memberships_url)
    return ServiceAddresses(
        service.scopes, service.line_items, service.line_item, launch.memberships_url
    )


def _context(launch: Launch, names: Identities) -> ToldContext | None:
    context = launch.context
    if context is None:
        return None
    name = names.context(launch.deployment_id, context.id)
    return ToldContext(name, context.title, context.label, context.types)


def _resource_link(launch: Launch, names: Identities) -> ToldResourceLink | None:
    link = launch.resource_link
    if link is None:
        return None
    context_id = launch.context.id if launch.context else ""
    name = names.resource_link(launch.deployment_id, context_id, link.id)
    return ToldResourceLink(name, link.title, link.description)


def _deep_linking(launch: Launch) -> ToldDeepLinking | None:
    settings = launch.deep_linking
    if settings is None:
        return None
    return ToldDeepLinking(
        accept_types=settings.accept_types,
        accept_presentation_targets=settings.accept_presentation_targets,
        accept_media_types=settings.accept_media_types,
        accept_multiple=settings.accept_multiple,
        accept_line_item=settings.accept_line_item,
        auto_create=settings.auto_create,
        title=settings.title,
        text=settings.text,
    )


def _platform(launch: Launch, client: PlatformClient) -> ToldPlatform:
    described = launch.tool_platform
    return ToldPlatform(
        issuer=client.issuer,
        client_id=client.client_id,
        deployment_id=launch.deployment_id,
        person_id=launch.subject,
        context_id=launch.context.id if launch.context else None,
        resource_link_id=launch.resource_link.id if launch.resource_link else None,
        product=described.product_family_code if described else None,
        version=described.version if described else None,
        name=described.name if described else None,
        guid=described.guid if described else None,
    )


# ---------------------------------------------------------------- what is personal


class DeepLink(Struct, frozen=True, gc=False):
    return_url: str
    data: str | None


class Personal(Struct, frozen=True, gc=False, omit_defaults=True):
    """What is personal, as far as the tool declared it, and what belongs to this one visit.

    Platforms put keys of the person's session into the addresses to return to.
    """

    person: Person | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    return_url: str | None = None
    deep_link: DeepLink | None = None


def personal(launch: Launch, tool: Tool) -> Personal | None:
    """None where nothing of that kind came."""
    settings = launch.deep_linking
    told = Personal(
        _declared(launch.person, tool.claims),
        launch.custom if "custom" in tool.claims else {},
        launch.presentation.return_url,
        DeepLink(settings.return_url, settings.data) if settings else None,
    )
    return None if told == _NOTHING else told


_NOTHING = Personal()


def _declared(person: Person, claims: frozenset[str]) -> Person | None:
    named = "name" in claims
    declared = Person(
        person.name if named else None,
        person.given_name if named else None,
        person.family_name if named else None,
        person.middle_name if named else None,
        person.email if "email" in claims else None,
        person.picture if "picture" in claims else None,
        person.sourced_id if "sourced_id" in claims else None,
    )
    return None if declared == _NOBODY else declared


_NOBODY = Person()


# ---------------------------------------------------------------- both halves


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
