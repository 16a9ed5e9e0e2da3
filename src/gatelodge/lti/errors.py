"""The one family of errors, and the closed list of reasons to refuse a login or a launch.

    GatelodgeError
    └── Refusal                      a login or a launch that is not admitted
        ├── CookieRefusal            "Cookies can't be found"
        ├── RegistrationRefusal      "Registration details not found"
        ├── DetailsRefusal           "Some details from LMS aren't valid"
        ├── KeySetRefusal            "Problem with the LMS public keyset URL"
        ├── UsedRefusal              "This launch can't be used again"
        └── TroubleRefusal           "Something went wrong. Try again later."

Each reason answers four questions: what exactly (``code``, ``finding``), what may the person in
the course be told (``person``), who can mend it (``mender``) and how (``hint``, ``screen``).
Numbers in comments count the list "What a tool must refuse": each names the rule that is broken.

CORE is LTI Core 1.3, SF the 1EdTech Security Framework 1.0, DL Deep Linking 2.0, SR Submission
Review 1.0, CERT the LTI Advantage certification guide. HTTP is not known here.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from gatelodge.lti.notes import Note

SHOWN_LENGTH = 300
"""Longest part of a sent value that is kept and shown, in characters."""


class Heading(StrEnum):
    """What stands over the page in the LMS."""

    COOKIES = "Cookies can't be found"
    REGISTRATION = "Registration details not found"
    DETAILS = "Some details from LMS aren't valid"
    KEY_SET = "Problem with the LMS public keyset URL"
    USED = "This launch can't be used again"
    TROUBLE = "Something went wrong. Try again later."


class Mender(StrEnum):
    """Who can mend it."""

    PERSON = "person"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class GatelodgeError(Exception):
    """An error with a stable code, a sentence that is safe to show, and a hint what to do."""

    code: ClassVar[str]
    hint: str = ""


class Refusal(GatelodgeError):
    """A login or a launch that is not admitted.

    ``sent`` and ``expected`` are shown to administrators only, cut to `SHOWN_LENGTH`; they are
    never secrets, tokens or personal data. ``screen`` is the subject whose menu path in the LMS
    leads to the cure (`gatelodge.platforms`).
    """

    heading: ClassVar[Heading]
    mender: ClassVar[Mender] = Mender.ADMINISTRATOR
    person: ClassVar[str]
    finding: ClassVar[str]
    hint: str
    screen: ClassVar[str] = "message"

    def __init__(
        self, *, sent: object = None, expected: object = None, note: Note | None = None
    ) -> None:
        self.sent = shown(sent)
        self.expected = shown(expected)
        self.note = note and Note(
            note.name,
            {
                name: (shown(value) or "") if isinstance(value, str) else value
                for name, value in note.values.items()
            },
        )
        super().__init__(self.finding)

    def __str__(self) -> str:
        parts = [self.finding]
        if self.sent is not None:
            parts.append(f"Sent: {self.sent!r}.")
        if self.expected is not None:
            parts.append(f"Expected: {self.expected!r}.")
        if self.note:
            parts.append(str(self.note))
        return " ".join(parts)


def shown(value: object) -> str | None:
    """A value as an administrator may read it: cut, and without characters that hide or break."""
    if value is None:
        return None
    text = value if isinstance(value, str) else repr(value)
    text = text[: SHOWN_LENGTH + 1]
    if text.isprintable() and len(text) <= SHOWN_LENGTH:
        return text
    clean = "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}" for character in text
    )
    return clean if len(clean) <= SHOWN_LENGTH else clean[:SHOWN_LENGTH] + "…"


def bare_address(url: object) -> object:
    """An address as it may be kept: in the query platforms send keys of a person's session."""
    return url.partition("?")[0] if isinstance(url, str) else url


# ----------------------------------------------------------------------- the six headings


class CookieRefusal(Refusal):
    heading = Heading.COOKIES
    mender = Mender.PERSON
    person = (
        "Your browser didn't let {tool} recognise you inside this {platform} page. "
        "Open the link in a new window, or allow cookies for {gateway}, and click it again."
    )
    screen = "cookies"


class RegistrationRefusal(Refusal):
    heading = Heading.REGISTRATION
    person = (
        "The connection between {platform} and {tool} isn't complete, or it was removed. "
        "It's nothing you did, and you can't mend it from here."
    )


class DetailsRefusal(Refusal):
    heading = Heading.DETAILS
    person = (
        "{platform} sent something about this link that {tool} can't accept. "
        "It's nothing you did, and you can't mend it from here."
    )


class KeySetRefusal(Refusal):
    heading = Heading.KEY_SET
    person = (
        "We couldn't make sure that this link really comes from {platform}, because its public "
        "keys don't fit or can't be read. It's nothing you did, and you can't mend it from here."
    )
    screen = "key_set"


class UsedRefusal(Refusal):
    heading = Heading.USED
    mender = Mender.PERSON
    person = (
        "A link in {platform} opens {tool} once. Reloading the page, going back or waiting for "
        "long makes it stale. Go back to your course and click the link again."
    )
    screen = "message"


class TroubleRefusal(Refusal):
    heading = Heading.TROUBLE
    mender = Mender.OPERATOR
    person = (
        "{tool} couldn't be opened just now. It's nothing you did. "
        "Go back to your course and click the link again in a minute."
    )


# ----------------------------------------------------------------------- login initiation


class LoginParameterMissing(DetailsRefusal):  # 1
    code = "login.parameter_missing"
    finding = "The login request lacks a required parameter (SF 5.1.1.1)."
    hint = "Check that the LMS uses our login address as its initiation URL, for LTI 1.3."
    screen = "redirect_uri"


class LoginParameterRepeated(DetailsRefusal):  # 8
    code = "login.parameter_repeated"
    finding = "The login request carries the same parameter twice, so its meaning is open."
    hint = "Remove the second one: often it stands in the login address given to the LMS."
    screen = "redirect_uri"


class LoginParameterTooLong(DetailsRefusal):  # 8
    code = "login.parameter_too_long"
    finding = "The login request carries a value that is too long."
    hint = "Ask the makers of the LMS; hints of up to 8,000 characters are accepted."


class LoginParameterMalformed(DetailsRefusal):  # 8
    code = "login.parameter_malformed"
    finding = "The login request can't be read as a form, or has characters that no address has."
    hint = "Look for hidden characters in the issuer and the client id that the LMS has stored."


class LoginParameterForbidden(DetailsRefusal):  # 7
    code = "login.parameter_forbidden"
    finding = "The login request tries to set what only the gateway may set (SF 5.1.1.2)."
    hint = "Take the parameter out of the login address given to the LMS."
    screen = "redirect_uri"


class OldLti(DetailsRefusal):
    code = "login.old_lti"
    finding = "The LMS sent an LTI 1.1 launch; this tool takes LTI 1.3."
    hint = "In the tool's settings in the LMS choose LTI 1.3 as the LTI version."


class IssuerUnknown(RegistrationRefusal):  # 2
    code = "login.issuer_unknown"
    finding = "No registration of this tool has this issuer. The comparison is exact."
    hint = "Compare character by character: http or https, a slash at the end, capitals."
    screen = "issuer"


class ClientUnknown(RegistrationRefusal):  # 3
    code = "login.client_unknown"
    finding = "The issuer is known, but not with this client id (CORE 4.1.3)."
    hint = "Compare the client id in the LMS with the registration; look for spaces."
    screen = "client_id"


class ClientAmbiguous(RegistrationRefusal):  # 4
    code = "login.client_ambiguous"
    finding = "The LMS sent no client id, and the issuer has several registrations (CORE 4.1.3)."
    hint = "Give the LMS the login address of its own registration, which ends in the registration."
    screen = "redirect_uri"


class LoginTargetForeign(DetailsRefusal):  # 5
    code = "login.target_link_foreign"
    finding = "The target link isn't this tool's launch address on this gateway (OIDC 4)."
    hint = "Correct the tool's target link (launch) address in the LMS."
    screen = "target_link_uri"


class LoginDeploymentMalformed(DetailsRefusal):  # 6
    code = "login.deployment_malformed"
    finding = "The deployment id has more than 255 characters or isn't ASCII (CORE 5.3.3)."
    hint = "Ask the makers of the LMS: a deployment id has at most 255 ASCII characters."
    screen = "deployment_id"


class StorageTargetMalformed(DetailsRefusal):  # 9
    code = "login.storage_target_malformed"
    finding = "The storage target isn't the name of a frame."
    hint = "Ask the makers of the LMS: lti_storage_target names a frame, or is _parent."


class LoginInsecure(DetailsRefusal):  # 10
    code = "login.insecure"
    finding = "The request came over plain http (SF 3)."
    hint = "Give the LMS our addresses with https."
    screen = "redirect_uri"


class ToolUnknown(RegistrationRefusal):
    code = "login.tool_unknown"
    finding = "There is no tool at this address."
    hint = "Compare the login and launch addresses in the LMS with those of the registration."
    screen = "redirect_uri"


class RegistrationNotFound(RegistrationRefusal):
    code = "launch.registration_not_found"
    finding = "There is no live registration here: it was never completed, or it was deleted."
    hint = "Add the registration, or restore it from the bin; then try the link again."
    screen = "client_id"


class RegistrationDisabled(RegistrationRefusal):
    code = "launch.registration_disabled"
    finding = "The registration is switched off."
    hint = "Enable the registration on the gateway."
    person = (
        "{tool} is switched off for {platform} at the moment. "
        "It's nothing you did, and you can't mend it from here."
    )


class TenantSuspended(RegistrationRefusal):
    code = "launch.tenant_suspended"
    finding = "The operator of this gateway has suspended the institution."
    hint = "Ask the operator of this gateway; after gatelodge tenant resume, links work again."
    person = (
        "{tool} can't be opened from {platform} at the moment. "
        "It's nothing you did, and you can't mend it from here."
    )


class TooManyRequests(TroubleRefusal):
    code = "login.too_many"
    finding = "More requests came from this address for this registration than are allowed."
    hint = "Raise GATELODGE_RATE_LIMITS if these were people."
    person = "Too many people opened {tool} from your network at once. Try again in a minute."


# ----------------------------------------------------------------------- the form of a launch


class LaunchNotPosted(DetailsRefusal):  # 11
    code = "launch.not_posted"
    finding = "A launch has to be posted as a form (SF 5.1.1.3); this was a GET or a query."
    hint = "The LMS's login address and launch address may be swapped."
    screen = "redirect_uri"


class LaunchFormMalformed(DetailsRefusal):  # 11
    code = "launch.form_malformed"
    finding = "The launch can't be read as a form with one id_token and one state."
    hint = "Ask the makers of the LMS: the answer is a form of type x-www-form-urlencoded."


class LaunchTooLarge(DetailsRefusal):  # 11
    code = "launch.too_large"
    finding = "The launch is larger than 256 kB."
    hint = "Shorten the custom parameters of the link or the tool."


class TokenMissing(DetailsRefusal):
    code = "launch.token_missing"
    finding = "The launch has neither an id_token nor an error (SF 5.1.1.3)."
    hint = "Look into the LMS's log for what went wrong there; then try the link again."


class StateMissing(DetailsRefusal):  # 12
    code = "launch.state_missing"
    finding = "The launch has no state, so it doesn't belong to a login of ours (SF 5.1.1.3)."
    hint = "Check that the LMS begins with our login address and returns the state unchanged."
    screen = "redirect_uri"


class StateInvalid(DetailsRefusal):  # 12
    code = "launch.state_invalid"
    finding = "The state isn't one that this gateway gave for this tool (SF 5.1.1.4)."
    hint = "Check that the LMS returns the state unchanged, to the launch address of this tool."
    screen = "redirect_uri"


class StateExpired(UsedRefusal):  # 12
    code = "launch.state_expired"
    finding = "The login began more than ten minutes ago."
    hint = "Nothing to mend, unless it happens at once: then compare the clocks."


class ProofMissing(CookieRefusal):  # 13
    code = "launch.proof_missing"
    finding = "The browser returned no cookie of ours, so it can't prove that it began this login."
    hint = "Let the LMS open the tool in a new window, or allow cookies for the gateway."


class ProofForeign(CookieRefusal):  # 13
    code = "launch.proof_foreign"
    finding = "The login was begun in another browser than the one that sent the launch."
    hint = "Nothing to mend if a link was passed on; else somebody tried to use a foreign launch."


class PlatformError(DetailsRefusal):  # 14
    code = "launch.platform_error"
    finding = "The LMS answered with an error instead of a launch (OIDC 3.1.2.6)."
    hint = "Look the LMS's own words up in its log; often the tool is switched off there."
    person = (
        "{platform} didn't let this link through. Sign in to {platform} again and click the "
        "link once more. If that doesn't help, you can't mend it from here."
    )
    screen = "tool_state"


class PlatformSessionEnded(PlatformError):  # 14
    code = "launch.platform_session_ended"
    mender = Mender.PERSON
    finding = "The LMS says that the person isn't signed in there (any longer)."
    hint = "If it happens to everybody, the LMS's cookies are blocked in the frame."
    person = (
        "{platform} says that you're no longer signed in there. "
        "Sign in to {platform} again and click the link once more."
    )


# ----------------------------------------------------------------------- token and signature


class TokenMalformed(DetailsRefusal):  # 15
    code = "launch.token_malformed"
    finding = "The id_token isn't a signed JWT with clean JSON in it (SF 5.1.3)."
    hint = "Ask the makers of the LMS; the note says which part can't be read."


class AlgorithmNone(DetailsRefusal):  # 16
    code = "launch.algorithm_none"
    finding = "The id_token isn't signed: its algorithm is none (SF 5.4)."
    hint = "Nobody may send this. If it really is your LMS, ask its makers."


class AlgorithmSymmetric(DetailsRefusal):  # 17
    code = "launch.algorithm_symmetric"
    finding = "The id_token is signed with a shared secret, which LTI forbids (CERT 4.2)."
    hint = "Set the LMS to sign with RS256."


class AlgorithmRefused(DetailsRefusal):  # 18
    code = "launch.algorithm_refused"
    finding = "The id_token is signed in a way that wasn't agreed at registration (SF 5.1.3)."
    hint = "Set the LMS to sign with RS256, or allow its algorithm in the registration."


class KeyUnfit(KeySetRefusal):  # 18
    code = "launch.key_unfit"
    finding = "The key that the token names can't be used to check such a signature."
    hint = "The key must be an RSA key of 2,048 bits or more, meant for signing."


class KeyIdMissing(KeySetRefusal):  # 19
    code = "launch.key_id_missing"
    finding = "The id_token doesn't say with which key it was signed (SF 6.3)."
    hint = "Ask the makers of the LMS: the header needs a kid."


class KeyUnknown(KeySetRefusal):  # 19
    code = "launch.key_unknown"
    finding = "The key that signed the id_token isn't in the LMS's public key set (SF 6.3)."
    hint = "Compare the keyset URL with the one the LMS shows; it may belong to another tool."


class HeaderCritical(DetailsRefusal):  # 21
    code = "launch.header_critical"
    finding = "The id_token demands an extension that isn't known here (RFC 7515 4.1.11)."
    hint = "Ask the makers of the LMS: LTI needs no crit header."


class SignatureInvalid(KeySetRefusal):  # 22
    code = "launch.signature_invalid"
    finding = "The signature doesn't fit the key, so the launch may have been changed (SF 5.1.3)."
    hint = "Compare the keyset URL with the one the LMS shows; it may belong to another server."


class KeySetUnreachable(KeySetRefusal):
    code = "launch.key_set_unreachable"
    finding = "The LMS's public key set couldn't be fetched."
    hint = "Check the address, and that the LMS lets this gateway reach it."


class KeySetInvalid(KeySetRefusal):
    code = "launch.key_set_invalid"
    finding = "What stands at the keyset URL isn't a set of public keys (RFC 7517 5)."
    hint = "Copy the keyset URL from the LMS again; a sign-in page or another page stands there."


# ----------------------------------------------------------------------- claims


class IssuerMismatch(DetailsRefusal):  # 23
    code = "launch.issuer_mismatch"
    finding = "The token was issued by another LMS than the login (SF 5.1.3)."
    hint = "Correct the issuer in the registration; it must be equal to the letter."
    screen = "issuer"


class AudienceMismatch(DetailsRefusal):  # 24
    code = "launch.audience_mismatch"
    finding = "The token was made for another client id than ours (SF 5.1.3)."
    hint = "Compare the client id of the tool in the LMS with the registration."
    screen = "client_id"


class AudienceUntrusted(DetailsRefusal):  # 24
    code = "launch.audience_untrusted"
    finding = "The token was also made for somebody whom this registration doesn't know (SF 5.1.3)."
    hint = "Set the LMS to send our client id as the only audience."
    screen = "client_id"


class AuthorizedPartyMissing(DetailsRefusal):  # 25
    code = "launch.authorized_party_missing"
    finding = "The token has several audiences but doesn't say who may use it (SF 5.1.3)."
    hint = "Set the LMS to send our client id as the only audience, or azp with it."
    screen = "client_id"


class AuthorizedPartyMismatch(DetailsRefusal):  # 26
    code = "launch.authorized_party_mismatch"
    finding = "The token may be used by another client id than ours (SF 5.1.3)."
    hint = "Compare the client id of the tool in the LMS with the registration."
    screen = "client_id"


class ExpiryMissing(DetailsRefusal):  # 27
    code = "launch.expiry_missing"
    finding = "The token doesn't say, as a number, until when it is valid (SF 5.1.2)."
    hint = "Ask the makers of the LMS: exp is a number of seconds."


class Expired(UsedRefusal):  # 27
    code = "launch.expired"
    finding = "The token's time is over (SF 5.1.3)."
    hint = "If it happens right after the click, the clocks differ: set both by a time service."
    screen = "clock"


class IssuedAtMissing(DetailsRefusal):  # 28
    code = "launch.issued_at_missing"
    finding = "The token doesn't say, as a number, when it was made (SF 5.1.2)."
    hint = "Ask the makers of the LMS: iat is a number of seconds."


class IssuedInFuture(DetailsRefusal):  # 28
    code = "launch.issued_in_future"
    finding = "The token was made in the future by our clock (CERT 6.1.1)."
    hint = "The clocks differ: set both by a time service."
    screen = "clock"


class TooOld(DetailsRefusal):  # 28
    code = "launch.too_old"
    finding = "By our clock the token was made before this login began (SF 5.1.3)."
    hint = "It carries this login's nonce, so the clocks differ: set both by a time service."
    screen = "clock"


class ExpiryBeforeIssue(DetailsRefusal):  # 28
    code = "launch.expiry_before_issue"
    finding = "The token's time was over before it was made (CERT 6.1.1)."
    hint = "Ask the makers of the LMS: exp lies after iat."
    screen = "clock"


class NotYetValid(DetailsRefusal):  # 28
    code = "launch.not_yet_valid"
    finding = "The token isn't valid yet by our clock (RFC 7519 4.1.5)."
    hint = "The clocks differ: set both by a time service."
    screen = "clock"


class NonceMissing(DetailsRefusal):  # 29
    code = "launch.nonce_missing"
    finding = "The token carries no nonce (SF 5.1.3)."
    hint = "Ask the makers of the LMS: the nonce comes back as it was sent."


class NonceMismatch(DetailsRefusal):  # 29
    code = "launch.nonce_mismatch"
    finding = "The token was made for another login than the one it came with (SF 5.1.3)."
    hint = "Ask the makers of the LMS: the nonce comes back as it was sent."


class NonceSpent(UsedRefusal):  # 29, 46
    code = "launch.nonce_spent"
    finding = "This launch has been used before (SF 5.1.3)."
    hint = "Nothing to mend: the page was reloaded, or the form was sent twice."


class VersionWrong(DetailsRefusal):  # 30
    code = "launch.version_wrong"
    finding = "The message isn't of LTI version 1.3.0 (CORE 5.3.2)."
    hint = "In the tool's settings in the LMS choose LTI 1.3 as the LTI version."


class MessageTypeMissing(DetailsRefusal):  # 31
    code = "launch.message_type_missing"
    finding = "The message doesn't say of which type it is (CORE 5.3.1)."
    hint = "Ask the makers of the LMS: message_type is required."


class MessageTypeUnknown(DetailsRefusal):  # 31
    code = "launch.message_type_unknown"
    finding = "The message is of a type that this gateway doesn't know (CORE 5.3.1)."
    hint = "Remove the placement of this type from the tool in the LMS."


class MessageTypeNotEnabled(DetailsRefusal):  # 31
    code = "launch.message_type_not_enabled"
    finding = "The tool doesn't take messages of this type (CORE 5.3.1)."
    hint = "Remove the placement of this type from the tool in the LMS."


class DeploymentMissing(DetailsRefusal):  # 32
    code = "launch.deployment_missing"
    finding = "The message has no deployment id of 1 to 255 ASCII characters (CORE 5.3.3)."
    hint = "Ask the makers of the LMS: every message carries its deployment id."
    screen = "deployment_id"


class DeploymentUnknown(RegistrationRefusal):  # 33
    code = "launch.deployment_unknown"
    finding = "The deployment id isn't one that belongs to a registration (CORE 3.1.3)."
    hint = "Compare the deployment id in the LMS with the registration, or add it there."
    screen = "deployment_id"


class DeploymentWaiting(RegistrationRefusal):  # 33
    code = "launch.deployment_waiting"
    finding = "The deployment id is new; it waits until somebody approves it."
    hint = "Approve the deployment on the gateway, if it is yours; then try the link again."
    person = (
        "{tool} is new in this place in {platform} and waits to be approved. "
        "It's nothing you did, and you can't mend it from here."
    )
    screen = "deployment_id"


class DeploymentBlocked(RegistrationRefusal):  # 33
    code = "launch.deployment_blocked"
    finding = "The deployment id was blocked on this gateway."
    hint = "Approve the deployment on the gateway if it was blocked by mistake."
    screen = "deployment_id"


class DeploymentMismatch(DetailsRefusal):  # 34
    code = "launch.deployment_mismatch"
    finding = "The deployment id of the message isn't the one of the login (CORE 4.1.2)."
    hint = "Ask the makers of the LMS: both must be the same."
    screen = "deployment_id"


class TargetLinkMissing(DetailsRefusal):  # 35
    code = "launch.target_link_missing"
    finding = "The message names no target link (CORE 5.3.4)."
    hint = "Ask the makers of the LMS: target_link_uri is required."
    screen = "target_link_uri"


class TargetLinkMismatch(DetailsRefusal):  # 35
    code = "launch.target_link_mismatch"
    finding = "The target link of the message isn't the one of the login (CORE 5.3.4)."
    hint = "Ask the makers of the LMS: both must be the same, with their queries, which aren't kept here."
    screen = "target_link_uri"


class TargetLinkForeign(DetailsRefusal):  # 35
    code = "launch.target_link_foreign"
    finding = "The target link isn't this tool's launch address on this gateway (CORE 5.3.4)."
    hint = "Correct the tool's target link (launch) address in the LMS."
    screen = "target_link_uri"


class ToolNotRegistered(RegistrationRefusal):  # 36
    code = "launch.tool_not_registered"
    finding = "The deployment belongs to a registration of another tool."
    hint = "Register this tool too, or correct the tool's addresses in the LMS."
    screen = "target_link_uri"


class RolesMissing(DetailsRefusal):  # 37
    code = "launch.roles_missing"
    finding = "The message has no list of roles; an empty one would do (CORE 5.3.7)."
    hint = "Ask the makers of the LMS: roles is required, and an array."


class ResourceLinkMissing(DetailsRefusal):  # 38
    code = "launch.resource_link_missing"
    finding = "The message has no resource link with an id of 1 to 255 characters (CORE 5.3.5)."
    hint = "Ask the makers of the LMS: resource_link.id is required."


class SubjectMissing(DetailsRefusal):  # 39
    code = "launch.subject_missing"
    finding = "The LMS doesn't say who the person is, and the tool takes nobody unknown."
    hint = "Let the LMS send the user's id, or add the tool so that it takes anonymous launches."
    screen = "privacy"


class SubjectMalformed(DetailsRefusal):  # 39
    code = "launch.subject_malformed"
    finding = "The person's id isn't a text of 1 to 255 ASCII characters (CORE 5.3.6)."
    hint = "Ask the makers of the LMS: sub has at most 255 ASCII characters."


class ContextMalformed(DetailsRefusal):  # 40
    code = "launch.context_malformed"
    finding = "The message names a course without an id of 1 to 255 characters (CORE 5.4.1)."
    hint = "Ask the makers of the LMS: context.id is required when there is a context."


class ToolPlatformMalformed(DetailsRefusal):  # 40
    code = "launch.tool_platform_malformed"
    finding = "The message describes the LMS without its guid (CORE 5.4.2)."
    hint = "Ask the makers of the LMS: tool_platform.guid is required when it is described."


class DeepLinkingSettingsMissing(DetailsRefusal):  # 47
    code = "launch.deep_linking_settings_missing"
    finding = "The request to choose content lacks required settings (DL 4.4.1)."
    hint = "Ask the makers of the LMS; the note names what is missing."


class DeepLinkingReturnForeign(DetailsRefusal):  # 48
    code = "launch.deep_linking_return_url"
    finding = "The address to return chosen content to isn't a full https address (DL 4.4.1)."
    hint = "Set the LMS's own public address to https."


class ForUserMissing(DetailsRefusal):
    code = "launch.for_user_missing"
    finding = "The request to review a submission doesn't say whose it is (SR 3)."
    hint = "Ask the makers of the LMS: for_user.user_id is required."


class DatabaseUnavailable(TroubleRefusal):
    code = "launch.database_unavailable"
    finding = "The gateway's database didn't answer in time."
    hint = "Look at the database: is it up, is its disk full, is it locked?"


class StillChanging(TroubleRefusal):
    code = "launch.still_changing"
    finding = "The registration was changed again and again while the launch was judged."
    hint = "Nothing to mend, unless something keeps changing registrations."


def all_refusals() -> Iterator[type[Refusal]]:
    """Every reason there is, once."""
    for kind in Refusal.__subclasses__():
        yield from _with_code(kind)


def _with_code(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    if "code" in vars(kind):
        yield kind
    for narrower in kind.__subclasses__():
        yield from _with_code(narrower)
