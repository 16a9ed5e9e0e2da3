"""The ordered checks: from signed claims to a launch, or to the check that failed.

Order and numbers as in the Security Framework 1.0 section 5.1.3 and LTI Core 1.3 section 5.3.
Each check has a name that never changes; the trace keeps those that passed.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gatelodge.lti import vocabulary as v
from gatelodge.lti.claims import (
    AddressRules,
    Context,
    DeepLinkingSettings,
    ForUser,
    LaunchPresentation,
    LineItemService,
    Person,
    ResourceLink,
    ToolPlatform,
    read_claimed_roles,
    read_context,
    read_custom,
    read_line_item_service,
    read_memberships_url,
    read_mentored,
    read_message_claims,
    read_person,
    read_presentation,
    read_resource_link,
    read_tool_platform,
)
from gatelodge.lti.errors import (
    AudienceMismatch,
    AudienceUntrusted,
    AuthorizedPartyMismatch,
    AuthorizedPartyMissing,
    DeploymentMismatch,
    DeploymentMissing,
    Expired,
    ExpiryBeforeIssue,
    ExpiryMissing,
    IssuedAtMissing,
    IssuedInFuture,
    IssuerMismatch,
    MessageTypeMissing,
    MessageTypeNotEnabled,
    MessageTypeUnknown,
    NonceMismatch,
    NonceMissing,
    NotYetValid,
    SubjectMalformed,
    SubjectMissing,
    TargetLinkForeign,
    TargetLinkMismatch,
    TargetLinkMissing,
    TooOld,
    VersionWrong,
    bare_address,
)
from gatelodge.lti.lenience import is_number
from gatelodge.lti.login import check_target_link, is_identifier
from gatelodge.lti.messages import MESSAGES, MessageParts
from gatelodge.lti.notes import NOTHING, note
from gatelodge.lti.registration import PlatformClient, Tool
from gatelodge.lti.roles import Roles
from gatelodge.lti.state import LoginState, recurring_digest
from gatelodge.lti.tokens import SignedClaims
from gatelodge.lti.trace import Check, Trace


class Launch(Struct, frozen=True, gc=False):
    """An accepted message. ``subject`` is None in an anonymous launch (CORE 5.3.6.1)."""

    message_type: str
    deployment_id: str
    target_link_uri: str
    nonce: str
    subject: str | None
    person: Person
    roles: Roles
    context: Context | None
    resource_link: ResourceLink | None
    custom: Mapping[str, str]
    presentation: LaunchPresentation
    tool_platform: ToolPlatform | None
    mentored: tuple[str, ...]
    line_items: LineItemService | None
    memberships_url: str | None
    deep_linking: DeepLinkingSettings | None
    for_user: ForUser | None

    @property
    def is_anonymous(self) -> bool:
        return self.subject is None


class Expectation(Struct, frozen=True, gc=False):
    """What a launch is held against."""

    client: PlatformClient
    tool: Tool
    login: LoginState
    launch_urls: tuple[str, ...]
    now: float
    http_allowed: bool = False


def read_launch(claims: SignedClaims, expected: Expectation, trace: Trace) -> Launch:
    """Hold signed claims against what is expected, and read them into a launch.

    That the deployment belongs to a live registration is decided by who knows registrations.
    """
    trace.through(CHECKS, claims, expected)
    addresses = AddressRules(expected.client, http_allowed=expected.http_allowed)
    launch = _launch(claims, addresses, trace)
    if addresses.foreign:
        trace.passed("message.services_ignored", " ".join(addresses.foreign))
    return launch


def _issuer(claims: SignedClaims, expected: Expectation) -> None:
    issuer = claims.values.get("iss")
    if issuer != expected.client.issuer:
        raise IssuerMismatch(sent=issuer, expected=expected.client.issuer)


def _audience(claims: SignedClaims, expected: Expectation) -> None:
    ours = expected.client.client_id
    audience = claims.values.get("aud")
    if audience == ours:
        return
    audiences = audience if isinstance(audience, list) else [audience]
    if ours not in audiences:
        raise AudienceMismatch(sent=audience, expected=ours)
    # Nobody else is trusted with our launches, so a further audience is one too many.
    if others := [audience for audience in audiences if audience != ours]:
        if "azp" not in claims.values:
            raise AuthorizedPartyMissing(sent=audience, expected=ours)
        raise AudienceUntrusted(sent=others[0], expected=ours)


def _authorized_party(claims: SignedClaims, expected: Expectation) -> None:
    party = claims.values.get("azp")
    if party is not None and party != expected.client.client_id:
        raise AuthorizedPartyMismatch(sent=party, expected=expected.client.client_id)


def _time(claims: SignedClaims, expected: Expectation) -> str:
    expires, issued = claims.values.get("exp"), claims.values.get("iat")
    if not is_number(expires):
        raise ExpiryMissing(sent=expires)
    if not is_number(issued):
        raise IssuedAtMissing(sent=issued)
    now, leeway = expected.now, expected.client.leeway
    made = round(now - issued)
    if expires <= now - leeway:
        raise Expired(note=note("time.ended", ended=round(now - expires), made=made))
    if expires <= issued:
        raise ExpiryBeforeIssue(sent=f"exp {expires}, iat {issued}")
    if issued > now + leeway:
        raise IssuedInFuture(note=note("time.ahead", ahead=-made))
    if issued < expected.login.issued_at - leeway:
        raise TooOld(note=note("time.made", made=made))
    not_before = claims.values.get("nbf")
    if is_number(not_before) and not_before > now + leeway:
        raise NotYetValid(note=note("time.begins", wait=round(not_before - now)))
    return str(made)


def _nonce(claims: SignedClaims, expected: Expectation) -> None:
    nonce = claims.values.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise NonceMissing
    if nonce != expected.login.nonce:
        raise NonceMismatch


def _version(claims: SignedClaims, _: Expectation) -> None:
    version = claims.values.get(v.VERSION)
    if version != v.LTI_VERSION:
        raise VersionWrong(sent=version, expected=v.LTI_VERSION)


def _message_type(claims: SignedClaims, expected: Expectation) -> str:
    message_type = claims.values.get(v.MESSAGE_TYPE)
    if not isinstance(message_type, str) or not message_type:
        raise MessageTypeMissing(sent=message_type, expected=v.RESOURCE_LINK_REQUEST)
    if message_type not in MESSAGES:
        raise MessageTypeUnknown(sent=message_type)
    if message_type not in expected.tool.message_types:
        raise MessageTypeNotEnabled(
            sent=message_type, expected=", ".join(sorted(expected.tool.message_types))
        )
    return message_type


def _deployment(claims: SignedClaims, expected: Expectation) -> None:
    deployment_id = claims.values.get(v.DEPLOYMENT_ID)
    if not is_identifier(deployment_id):
        raise DeploymentMissing(sent=deployment_id)
    hinted = expected.login.deployment_digest
    if hinted is not None and recurring_digest(deployment_id) != hinted:
        raise DeploymentMismatch(sent=deployment_id)


def _target_link(claims: SignedClaims, expected: Expectation) -> None:
    target = claims.values.get(v.TARGET_LINK_URI)
    if not isinstance(target, str) or not target:
        raise TargetLinkMissing(sent=target, expected=expected.launch_urls[0])
    check_target_link(target, expected.launch_urls, TargetLinkForeign)
    if recurring_digest(target) != expected.login.target_link_digest:
        raise TargetLinkMismatch(sent=bare_address(target))


def _subject(claims: SignedClaims, expected: Expectation) -> str | None:
    subject = claims.values.get("sub")
    if subject is None or subject == "":
        if expected.tool.anonymous:
            return "anonymous"
        raise SubjectMissing
    if not is_identifier(subject):
        raise SubjectMalformed
    return None


CHECKS: Sequence[tuple[str, Check]] = (
    ("token.issuer", _issuer),
    ("token.audience", _audience),
    ("token.authorized_party", _authorized_party),
    ("token.time", _time),
    ("token.nonce", _nonce),
    ("message.version", _version),
    ("message.type", _message_type),
    ("message.deployment", _deployment),
    ("message.target_link", _target_link),
    ("message.subject", _subject),
)


def _launch(claims: SignedClaims, addresses: AddressRules, trace: Trace) -> Launch:
    values, sent = claims.values, read_message_claims(claims)
    message = MESSAGES[values[v.MESSAGE_TYPE]]
    roles = read_claimed_roles(sent, values, required=message.roles_required)
    trace.passed("message.roles", " ".join(roles.in_context) or NOTHING)
    context = read_context(sent, values)
    trace.passed("message.context")
    resource_link = read_resource_link(sent, values, required=message.resource_link_required)
    tool_platform = read_tool_platform(sent, values)
    parts: MessageParts = message.read_parts(values, addresses)
    trace.passed("message.complete")
    subject = values.get("sub") or None
    knows_person = subject is not None
    return Launch(
        message_type=values[v.MESSAGE_TYPE],
        deployment_id=values[v.DEPLOYMENT_ID],
        target_link_uri=values[v.TARGET_LINK_URI],
        nonce=values["nonce"],
        subject=subject,
        person=read_person(sent, addresses),
        roles=roles,
        context=context,
        resource_link=resource_link,
        custom=read_custom(sent),
        presentation=read_presentation(sent, values, addresses),
        tool_platform=tool_platform,
        mentored=read_mentored(values, roles),
        # An anonymous launch has no roster and no grades.
        line_items=read_line_item_service(sent, addresses) if knows_person else None,
        memberships_url=read_memberships_url(sent, addresses) if knows_person else None,
        deep_linking=parts.deep_linking,
        for_user=parts.for_user,
    )
