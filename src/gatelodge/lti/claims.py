"""The claims of a launch as values, read leniently where the specification allows it.

LTI Core 1.3 sections 5.3 and 5.4; AGS 2.0 section 3.1; NRPS 2.0 section 3.6.1.1; Deep Linking
2.0 section 4.4.1; Submission Review 1.0. What is required is refused when it is missing; what
is optional and can't be read counts as not sent, since receivers ignore what they don't
understand (CORE 4.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from msgspec import Struct
from msgspec import field as sent_as

from gatelodge.lti import vocabulary as v
from gatelodge.lti.errors import (
    ContextMalformed,
    DeepLinkingReturnForeign,
    DeepLinkingSettingsMissing,
    ForUserMissing,
    ResourceLinkMissing,
    RolesMissing,
    ToolPlatformMalformed,
    bare_address,
)
from gatelodge.lti.lenience import (
    CustomValues,
    LocalId,
    Names,
    Pixels,
    Text,
    custom_text,
    is_storable,
    read_object,
    text,
    texts,
)
from gatelodge.lti.login import is_identifier
from gatelodge.lti.notes import note
from gatelodge.lti.registration import PlatformClient, origin_of
from gatelodge.lti.roles import Roles, read_roles
from gatelodge.lti.tokens import SignedClaims

Claims = Mapping[str, Any]


class Person(Struct, frozen=True, gc=False, omit_defaults=True):
    """What the platform told about the person. All of it may be missing (CORE 5.3.6)."""

    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    middle_name: str | None = None
    email: str | None = None
    picture: str | None = None
    sourced_id: str | None = None


class Context(Struct, frozen=True, gc=False):
    id: LocalId
    types: Names = sent_as(default=(), name="type")
    label: Text | None = None
    title: Text | None = None


class ResourceLink(Struct, frozen=True, gc=False):
    id: LocalId
    title: Text | None = None
    description: Text | None = None


class ToolPlatform(Struct, frozen=True, gc=False):
    guid: LocalId
    name: Text | None = None
    version: Text | None = None
    product_family_code: Text | None = None
    url: Text | None = None


class LaunchPresentation(Struct, frozen=True, gc=False):
    document_target: Text | None = None
    return_url: str | None = None
    locale: Text | None = None
    width: Pixels | None = None
    height: Pixels | None = None


class LineItemService(Struct, frozen=True, gc=False):
    """Where and with which scopes grades can be sent for this launch (AGS 3.1)."""

    scopes: tuple[str, ...]
    line_items: str | None
    line_item: str | None


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    return_url: str
    accept_types: tuple[str, ...]
    accept_presentation_targets: tuple[str, ...]
    accept_media_types: str | None = None
    accept_multiple: bool | None = None
    accept_line_item: bool | None = None
    auto_create: bool = False
    title: str | None = None
    text: str | None = None
    data: str | None = field(default=None, repr=False)


class ForUser(Struct, frozen=True, gc=False):
    """The person whose submission is to be reviewed (SR 3)."""

    user_id: str
    name: str | None = None
    email: str | None = None
    roles: Roles | None = None


class AddressRules:
    """Which addresses out of claims may be kept for this platform client.

    A teacher's text can end up in a signed service claim (Moodle moves custom parameters with
    reserved names there), so an address must stand on an origin that the platform client names:
    whoever posts a bearer token elsewhere gives it away.
    """

    __slots__ = ("_client", "_http_allowed", "_roots", "foreign")

    def __init__(self, client: PlatformClient, *, http_allowed: bool) -> None:
        self._client = client
        self._http_allowed = http_allowed
        self._roots = client.roots(http_allowed=http_allowed)
        self.foreign: list[str] = []

    def is_secure(self, url: object) -> TypeGuard[str]:
        """Whether an address is complete and https (CORE 3.5)."""
        return _is_clean(url) and (
            url.startswith(self._roots) or self._is_secure_origin(origin_of(url))
        )

    def service(self, url: object) -> str | None:
        if url is None or url == "":
            return None
        if _is_clean(url) and (url.startswith(self._roots) or self._is_ours(origin_of(url))):
            return url
        self.foreign.append(str(bare_address(url))[:100])
        return None

    def _is_ours(self, origin: str | None) -> bool:
        return self._is_secure_origin(origin) and origin in self._client.origins

    def _is_secure_origin(self, origin: str | None) -> bool:
        return origin is not None and (self._http_allowed or origin.startswith("https:"))


def _is_clean(url: object) -> TypeGuard[str]:
    return isinstance(url, str) and url.isprintable() and " " not in url


class _Lis(Struct, frozen=True, gc=False):
    person_sourcedid: Text | None = None


class _Endpoint(Struct, frozen=True, gc=False):
    """AGS 3.1. What stands for an address is looked at whatever it is, and noted if it's none."""

    scope: Names = ()
    lineitems: Any = None
    lineitem: Any = None


class _NamesRoles(Struct, frozen=True, gc=False):
    context_memberships_url: Any = None


class MessageClaims(Struct, frozen=True, gc=False):
    """What any message may carry, as far as it can be read. A blank text says nothing."""

    name: Text | None = None
    given_name: Text | None = None
    family_name: Text | None = None
    middle_name: Text | None = None
    email: Text | None = None
    picture: str | None = None
    roles: Names | None = sent_as(default=None, name=v.ROLES)
    context: Context | None = sent_as(default=None, name=v.CONTEXT)
    resource_link: ResourceLink | None = sent_as(default=None, name=v.RESOURCE_LINK)
    tool_platform: ToolPlatform | None = sent_as(default=None, name=v.TOOL_PLATFORM)
    presentation: LaunchPresentation | None = sent_as(default=None, name=v.LAUNCH_PRESENTATION)
    custom: CustomValues | None = sent_as(default=None, name=v.CUSTOM)
    lis: _Lis | None = sent_as(default=None, name=v.LIS)
    endpoint: _Endpoint | None = sent_as(default=None, name=v.AGS_ENDPOINT)
    names_roles: _NamesRoles | None = sent_as(default=None, name=v.NAMES_ROLES)


def read_message_claims(claims: SignedClaims) -> MessageClaims:
    return read_object(MessageClaims, claims.values, storable=claims.storable) or MessageClaims()


def read_person(sent: MessageClaims, addresses: AddressRules) -> Person:
    return Person(
        sent.name or None,
        sent.given_name or None,
        sent.family_name or None,
        sent.middle_name or None,
        sent.email or None,
        sent.picture if addresses.is_secure(sent.picture) else None,
        (sent.lis.person_sourcedid or None) if sent.lis else None,
    )


def read_context(sent: MessageClaims, claims: Claims) -> Context | None:
    context = sent.context
    if context is None:
        if claims.get(v.CONTEXT) is not None:
            raise ContextMalformed
        return None
    return Context(
        context.id,
        tuple([_context_type(name) for name in context.types]),
        context.label or None,
        context.title or None,
    )


def read_resource_link(
    sent: MessageClaims, claims: Claims, *, required: bool
) -> ResourceLink | None:
    link = sent.resource_link
    if link is None:
        if required or claims.get(v.RESOURCE_LINK) is not None:
            raise ResourceLinkMissing
        return None
    return ResourceLink(link.id, link.title or None, link.description or None)


def read_tool_platform(sent: MessageClaims, claims: Claims) -> ToolPlatform | None:
    platform = sent.tool_platform
    if platform is None:
        if claims.get(v.TOOL_PLATFORM) is not None:
            raise ToolPlatformMalformed
        return None
    return ToolPlatform(
        platform.guid,
        platform.name or None,
        platform.version or None,
        platform.product_family_code or None,
        platform.url or None,
    )


def read_claimed_roles(sent: MessageClaims, claims: Claims, *, required: bool) -> Roles:
    """Required even if empty (CORE 5.3.7), save in deep linking (DL 4.4.9)."""
    if sent.roles is None:
        value = claims.get(v.ROLES)
        if value is not None:
            raise RolesMissing(note=note("claim.type", type=type(value).__name__))
        if required:
            raise RolesMissing
    return read_roles(sent.roles or ())


def read_presentation(
    sent: MessageClaims, claims: Claims, addresses: AddressRules
) -> LaunchPresentation:
    presentation = sent.presentation or LaunchPresentation()
    return_url = presentation.return_url
    return LaunchPresentation(
        document_target=presentation.document_target or None,
        # An address without TLS is ignored (CORE 3.5); the launch itself is sound.
        return_url=return_url if addresses.is_secure(return_url) else None,
        locale=_locale(presentation.locale, claims),
        width=presentation.width,
        height=presentation.height,
    )


def member(claims: Claims, name: str) -> Claims:
    """An object among claims; what is no object counts as an empty one."""
    value = claims.get(name)
    return value if isinstance(value, dict) else {}


def read_locale(claims: Claims) -> str | None:
    """The language that the LMS shows to this person (CORE 5.4.4), or that they have (OIDC 5.1)."""
    presentation = member(claims, v.LAUNCH_PRESENTATION)
    return _locale(text(presentation.get("locale")), claims)


def _locale(shown: str | None, claims: Claims) -> str | None:
    return shown or text(claims.get("locale"))


def read_custom(sent: MessageClaims) -> dict[str, str]:
    """Custom values are texts (CORE 5.4.6); numbers and booleans from the field become texts.

    A value that still begins with ``$`` is a variable that the platform did not fill: it counts
    as not sent.
    """
    custom = {}
    for name, value in (sent.custom or {}).items():
        filled = value if isinstance(value, str) else custom_text(value)
        if filled is not None and not filled.startswith("$"):
            custom[name] = filled
    return custom


def read_mentored(claims: Claims, roles: Roles) -> tuple[str, ...]:
    """Whom a mentor mentors; without the role the claim must not be sent and is ignored."""
    value = claims.get(v.ROLE_SCOPE_MENTOR)
    if not roles.is_mentor or not isinstance(value, list):
        return ()
    return tuple(filter(is_identifier, value))


def read_line_item_service(sent: MessageClaims, addresses: AddressRules) -> LineItemService | None:
    endpoint = sent.endpoint
    if endpoint is None:
        return None
    line_items = addresses.service(endpoint.lineitems)
    line_item = addresses.service(endpoint.lineitem)
    if line_items is None and line_item is None:
        return None
    return LineItemService(endpoint.scope, line_items, line_item)


def read_memberships_url(sent: MessageClaims, addresses: AddressRules) -> str | None:
    service = sent.names_roles
    return addresses.service(service.context_memberships_url) if service else None


def read_deep_linking_settings(claims: Claims, addresses: AddressRules) -> DeepLinkingSettings:
    value = claims.get(v.DEEP_LINKING_SETTINGS)
    if not isinstance(value, dict):
        raise DeepLinkingSettingsMissing(note=note("settings.none"))
    for required in ("accept_types", "accept_presentation_document_targets"):
        if not isinstance(value.get(required), list):
            raise DeepLinkingSettingsMissing(note=note("settings.missing", member=required))
    return_url = value.get("deep_link_return_url")
    if not isinstance(return_url, str) or not return_url:
        raise DeepLinkingSettingsMissing(
            note=note("settings.missing", member="deep_link_return_url")
        )
    if not addresses.is_secure(return_url):
        raise DeepLinkingReturnForeign(sent=bare_address(return_url), expected="https://…")
    data = value.get("data")
    if isinstance(data, str) and not is_storable(data):
        # It has to come back unchanged (DL 4.5.5), and so can't be mended like other texts.
        raise DeepLinkingSettingsMissing(note=note("settings.data"))
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=texts(value["accept_types"]) or (),
        accept_presentation_targets=texts(value["accept_presentation_document_targets"]) or (),
        accept_media_types=text(value.get("accept_media_types")),
        accept_multiple=_flag(value.get("accept_multiple")),
        accept_line_item=_flag(value.get("accept_lineitem")),
        auto_create=_flag(value.get("auto_create")) or False,
        title=text(value.get("title")),
        text=text(value.get("text")),
        data=data if isinstance(data, str) else None,
    )


def read_for_user(claims: Claims) -> ForUser:
    value = member(claims, v.FOR_USER)
    if not is_identifier(value.get("user_id")):
        raise ForUserMissing
    return ForUser(
        user_id=value["user_id"],
        name=text(value.get("name")),
        email=text(value.get("email")),
        roles=read_roles(texts(value["roles"]) or ()) if "roles" in value else None,
    )


def _context_type(name: str) -> str:
    """The full name of a type: short ones and URNs are still sent (CORE appendix A.1)."""
    if name.startswith(v.CONTEXT_TYPE):
        return name
    short = name.removeprefix("urn:lti:context-type:ims/lis/")
    known = ("CourseTemplate", "CourseOffering", "CourseSection", "Group", "CourseGroup")
    return v.CONTEXT_TYPE + short if short in known else name


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
