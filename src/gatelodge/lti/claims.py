"""The claims of a launch as values, read leniently where the specification allows it.

LTI Core 1.3 sections 5.3 and 5.4; AGS 2.0 section 3.1; NRPS 2.0 section 3.6.1.1; Deep Linking
2.0 section 4.4.1; Submission Review 1.0. What is required is refused when it is missing; what
is optional and can't be read counts as not sent, since receivers ignore what they don't
understand (CORE 4.3).
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from msgspec import Struct

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
from gatelodge.lti.login import is_identifier
from gatelodge.lti.notes import note
from gatelodge.lti.registration import PlatformClient, origin_of
from gatelodge.lti.roles import Roles, read_roles

Claims = Mapping[str, Any]

LONGEST_TEXT = 10_000

_NOT_FOR_A_DATABASE = re.compile("[\x00\ud800-\udfff]")


class Person(Struct, frozen=True, gc=False):
    """What the platform told about the person. All of it may be missing (CORE 5.3.6)."""

    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    middle_name: str | None = None
    email: str | None = None
    picture: str | None = None
    sourced_id: str | None = None


class Context(Struct, frozen=True, gc=False):
    id: str
    types: tuple[str, ...] = ()
    label: str | None = None
    title: str | None = None


class ResourceLink(Struct, frozen=True, gc=False):
    id: str
    title: str | None = None
    description: str | None = None


class ToolPlatform(Struct, frozen=True, gc=False):
    guid: str
    name: str | None = None
    version: str | None = None
    product_family_code: str | None = None
    url: str | None = None


class LaunchPresentation(Struct, frozen=True, gc=False):
    document_target: str | None = None
    return_url: str | None = None
    locale: str | None = None
    width: int | None = None
    height: int | None = None


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


def text(value: object) -> str | None:
    """A text as it may be stored and shown, or None for what is no text or says nothing."""
    if not isinstance(value, str) or not value:
        return None
    if not value.isprintable():
        value = storable(value)
    return value[:LONGEST_TEXT]


def storable(value: str) -> str:
    """Without what no database takes: U+0000 and halves of surrogate pairs."""
    if value.isprintable():
        return value
    return _NOT_FOR_A_DATABASE.sub("\ufffd", value)


def member(claims: Claims, name: str) -> Claims:
    """An object among claims; what is no object counts as an empty one."""
    value = claims.get(name)
    return value if isinstance(value, dict) else {}


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple([cleaned for entry in value if (cleaned := text(entry)) is not None])


def read_person(claims: Claims, addresses: AddressRules) -> Person:
    picture = claims.get("picture")
    return Person(
        name=text(claims.get("name")),
        given_name=text(claims.get("given_name")),
        family_name=text(claims.get("family_name")),
        middle_name=text(claims.get("middle_name")),
        email=text(claims.get("email")),
        picture=picture if addresses.is_secure(picture) else None,
        sourced_id=text(member(claims, v.LIS).get("person_sourcedid")),
    )


def read_context(claims: Claims) -> Context | None:
    value = claims.get(v.CONTEXT)
    if value is None:
        return None
    if not isinstance(value, dict) or not _is_local_id(value.get("id")):
        raise ContextMalformed
    return Context(
        id=value["id"],
        types=tuple(map(_context_type, texts(value.get("type")))),
        label=text(value.get("label")),
        title=text(value.get("title")),
    )


def read_resource_link(claims: Claims, *, required: bool) -> ResourceLink | None:
    value = claims.get(v.RESOURCE_LINK)
    if value is None and not required:
        return None
    if not isinstance(value, dict) or not _is_local_id(value.get("id")):
        raise ResourceLinkMissing
    return ResourceLink(value["id"], text(value.get("title")), text(value.get("description")))


def read_tool_platform(claims: Claims) -> ToolPlatform | None:
    value = claims.get(v.TOOL_PLATFORM)
    if value is None:
        return None
    if not isinstance(value, dict) or not _is_local_id(value.get("guid")):
        raise ToolPlatformMalformed
    return ToolPlatform(
        guid=value["guid"],
        name=text(value.get("name")),
        version=text(value.get("version")),
        product_family_code=text(value.get("product_family_code")),
        url=text(value.get("url")),
    )


def read_claimed_roles(claims: Claims, *, required: bool) -> Roles:
    """Required even if empty (CORE 5.3.7), save in deep linking (DL 4.4.9)."""
    value = claims.get(v.ROLES)
    if value is None and not required:
        return read_roles(())
    if not isinstance(value, list):
        raise RolesMissing(
            note=None if value is None else note("claim.type", type=type(value).__name__)
        )
    return read_roles(texts(value))


def read_presentation(claims: Claims, addresses: AddressRules) -> LaunchPresentation:
    value = member(claims, v.LAUNCH_PRESENTATION)
    return_url = value.get("return_url")
    return LaunchPresentation(
        document_target=text(value.get("document_target")),
        # An address without TLS is ignored (CORE 3.5); the launch itself is sound.
        return_url=return_url if addresses.is_secure(return_url) else None,
        locale=read_locale(claims),
        width=_pixels(value.get("width")),
        height=_pixels(value.get("height")),
    )


def read_locale(claims: Claims) -> str | None:
    """The language that the LMS shows to this person (CORE 5.4.4), or that they have (OIDC 5.1)."""
    presentation = member(claims, v.LAUNCH_PRESENTATION)
    return text(presentation.get("locale")) or text(claims.get("locale"))


def read_custom(claims: Claims) -> dict[str, str]:
    """Custom values are texts (CORE 5.4.6); numbers and booleans from the field become texts.

    A value that still begins with ``$`` is a variable that the platform did not fill: it counts
    as not sent.
    """
    custom = {}
    for name, value in member(claims, v.CUSTOM).items():
        filled = _custom_text(value)
        if filled is not None and not filled.startswith("$"):
            custom[storable(name)] = storable(filled)[:LONGEST_TEXT]
    return custom


def read_mentored(claims: Claims, roles: Roles) -> tuple[str, ...]:
    """Whom a mentor mentors; without the role the claim must not be sent and is ignored."""
    value = claims.get(v.ROLE_SCOPE_MENTOR)
    if not roles.is_mentor or not isinstance(value, list):
        return ()
    return tuple(filter(is_identifier, value))


def read_line_item_service(claims: Claims, addresses: AddressRules) -> LineItemService | None:
    value = claims.get(v.AGS_ENDPOINT)
    if not isinstance(value, dict):
        return None
    line_items = addresses.service(value.get("lineitems"))
    line_item = addresses.service(value.get("lineitem"))
    if line_items is None and line_item is None:
        return None
    return LineItemService(texts(value.get("scope")), line_items, line_item)


def read_memberships_url(claims: Claims, addresses: AddressRules) -> str | None:
    return addresses.service(member(claims, v.NAMES_ROLES).get("context_memberships_url"))


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
    if isinstance(data, str) and _NOT_FOR_A_DATABASE.search(data):
        # It has to come back unchanged (DL 4.5.5), and so can't be mended like other texts.
        raise DeepLinkingSettingsMissing(note=note("settings.data"))
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=texts(value["accept_types"]),
        accept_presentation_targets=texts(value["accept_presentation_document_targets"]),
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
        roles=read_roles(texts(value["roles"])) if "roles" in value else None,
    )


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a JSON number that can be counted with; a boolean is none in JSON."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


def _is_local_id(value: object) -> bool:
    # ASCII by the letter of CORE 5.3.5; platforms send course names from all over the world.
    return (
        isinstance(value, str) and 0 < len(value) <= 255 and not _NOT_FOR_A_DATABASE.search(value)
    )


def _context_type(name: str) -> str:
    """The full name of a type: short ones and URNs are still sent (CORE appendix A.1)."""
    if name.startswith(v.CONTEXT_TYPE):
        return name
    short = name.removeprefix("urn:lti:context-type:ims/lis/")
    known = ("CourseTemplate", "CourseOffering", "CourseSection", "Group", "CourseGroup")
    return v.CONTEXT_TYPE + short if short in known else name


def _custom_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if is_number(value) else None


def _pixels(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 6:
        value = int(value)
    return int(value) if is_number(value) and 1 <= value < 100_000 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
