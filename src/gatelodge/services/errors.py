"""Errors of the services that people use: what was not found, not allowed, not right, or in the way.

    GatelodgeError
    ├── NotFound          there is no such thing, or the caller may not know of it
    ├── NotAllowed        the caller may not do this
    ├── Invalid           what was given cannot be used; names the field
    ├── Conflict          something that exists is in the way (`gatelodge.storage.errors`)
    └── SealBroken        a sealed value does not open

Refusals of logins and launches are in `gatelodge.lti.errors`.
"""

from gatelodge.lti.errors import GatelodgeError, shown
from gatelodge.storage.errors import Conflict

# ----------------------------------------------------------------------- not found


class NotFound(GatelodgeError):
    noun = "thing"

    def __init__(self, asked: str) -> None:
        super().__init__(f"There is no {self.noun} {shown(asked)!r}.")


class TenantNotFound(NotFound):
    code = "tenant.not_found"
    noun = "tenant"
    hint = "See them all: gatelodge tenant list"


class TenantRequestNotFound(NotFound):
    code = "tenant_request.not_found"
    noun = "request of an institution"


class TenantIdentityNotFound(NotFound):
    code = "tenant_identity.not_found"
    noun = "institution of a provider"
    hint = "It may have been removed meanwhile: look at the tenant again."


class ToolNotFound(NotFound):
    code = "tool.not_found"
    noun = "tool"
    hint = "See them all: gatelodge tool list"


class RegistrationNotFound(NotFound):
    code = "registration.not_found"
    noun = "registration"
    hint = "See them all: gatelodge registration list"


class DraftNotFound(NotFound):
    code = "draft.not_found"
    noun = "draft"
    hint = "It may have been added or deleted meanwhile: look at the list of registrations."


class DeploymentNotFound(NotFound):
    code = "deployment.not_found"
    noun = "deployment"
    hint = "See them all: gatelodge deployment list"


class SharedClientNotFound(NotFound):
    code = "platform_client.not_found"
    noun = "shared platform client"


class DeploymentRequestNotFound(NotFound):
    code = "deployment_request.not_found"
    noun = "request for a deployment"
    hint = "It may have been decided on meanwhile: load the list again."


class LaunchNotFound(NotFound):
    code = "launch.not_found"
    noun = "launch, accepted or refused,"
    hint = "See the latest: gatelodge launch list"


class KeyNotFound(NotFound):
    code = "key.not_found"
    noun = "signing key"
    hint = "See them all: gatelodge key list"


class ExportNotFound(NotFound):
    code = "export.not_found"
    noun = "export"
    hint = "It may be over a day old, or not ready yet: ask for another."


class PersonRequestNotFound(NotFound):
    code = "person_request.not_found"
    noun = "search for a person"
    hint = "It may be over a day old, or be done: search again."


class AccountNotFound(NotFound):
    code = "account.not_found"
    noun = "account"
    hint = "See them all: gatelodge account list"


class InvitationNotFound(NotFound):
    code = "invitation.not_found"
    noun = "invitation"
    hint = "It may have been used or revoked meanwhile: load the list again."


class SessionNotFound(NotFound):
    code = "session.not_found"
    noun = "session"
    hint = "It may have ended meanwhile."


# ----------------------------------------------------------------------- not allowed, not right


class NotAllowed(GatelodgeError):
    code = "caller.not_allowed"
    hint = "Ask the operator of this gateway."


class NoStanding(NotAllowed):
    """Somebody is who they say they are, and holds no role, or not the one they ask for."""

    code = "account.no_standing"
    hint = "Ask the administrator of your institution for a role in it."

    def __init__(self) -> None:
        super().__init__("This account holds no role here.")


class SignInRefused(GatelodgeError):
    """Somebody was not let in. The sentence tells nobody whether an e-mail is known."""

    code = "sign_in.refused"
    hint = "Look at both for mistakes, and whether the Caps Lock key is on."

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password isn't right.")


class TooManySignIns(SignInRefused):
    """``seconds`` until it may be tried again."""

    code = "sign_in.too_many"
    hint = "Wait a few minutes, then try again."

    def __init__(self, seconds: int) -> None:
        GatelodgeError.__init__(self, "There were too many attempts to sign in.")
        self.seconds = seconds


class AccountDisabled(SignInRefused):
    """Somebody proved at their provider who they are, and their account here is disabled."""

    code = "account.disabled"
    hint = "Ask the operator of this gateway."

    def __init__(self) -> None:
        GatelodgeError.__init__(self, "This account is disabled.")


class InvitationDead(NotAllowed):
    """Used, revoked, too old or never made: whoever comes with it isn't told which."""

    code = "invitation.dead"
    hint = "Ask whoever invited you for another link."

    def __init__(self) -> None:
        super().__init__("This invitation can't be used.")


class SetupLinkDead(NotAllowed):
    code = "setup_link.dead"
    hint = "While there is no operator, this makes another: gatelodge account setup-link"

    def __init__(self) -> None:
        super().__init__("This set-up link was used, is too old, or isn't needed any more.")


class Invalid(GatelodgeError):
    """``field`` is the name of the argument, as the services spell it.

    ``others`` are what is wrong with the fields after it: a form shows all of it at once.
    """

    code = "input.invalid"
    others: "tuple[Invalid, ...]" = ()

    def __init__(self, field: str, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.field = field
        self.hint = hint


class NoBaseAddress(GatelodgeError):
    code = "settings.no_base_address"
    hint = "Set GATELODGE_BASE_URL to the address under which browsers reach this gateway."

    def __init__(self) -> None:
        super().__init__(
            "The gateway's addresses can't be told, for GATELODGE_BASE_URL is not set."
        )


# ----------------------------------------------------------------------- in the way


class TenantRequestDecided(Conflict):
    """Somebody else decided first, or the form was sent twice."""

    code = "tenant_request.decided"
    hint = "Look at the request as it is now."

    def __init__(self) -> None:
        super().__init__("This request was decided on before.")


class ClientTaken(Conflict):
    """A tenant asks; it does not learn whose the platform client is."""

    code = "registration.client_taken"
    hint = "Ask the operator of this gateway: only they see whose it is, and can share it."


class ClientExists(Conflict):
    """The operator asks, and may know: also whether it is one tenant's own."""

    code = "registration.client_exists"
    is_private = False
    hint = "If the LMS gives this client ID to several institutions, add it with --shared."


class ClientDiffers(Conflict):
    code = "registration.client_differs"
    hint = "Give the same values, or delete the registrations of this client first."


class LastOperator(Conflict):
    code = "account.last_operator"
    hint = "Make somebody else an operator first."

    def __init__(self) -> None:
        super().__init__("This is the only operator who can sign in.")


class LastAdmin(Conflict):
    code = "account.last_admin"
    hint = "Make somebody else an administrator first, or ask the operator."

    def __init__(self) -> None:
        super().__init__("This is the only administrator of the institution who can sign in.")


class TooManyInvitations(Conflict):
    code = "invitation.too_many"
    hint = "Revoke those that nobody needs, or wait until they are over."

    def __init__(self) -> None:
        super().__init__("Too many invitations are open there.")


class OperatorExists(Conflict):
    code = "setup_link.operator_exists"
    hint = "Sign in as an operator, or add another one: gatelodge account add --role operator"

    def __init__(self) -> None:
        super().__init__(
            "There is an operator already, so a set-up link would be good for nothing."
        )


class StateForbids(Conflict):
    code = "registration.state_forbids"


class TenantStateForbids(Conflict):
    code = "tenant.state_forbids"


class ClientInUse(Conflict):
    code = "platform_client.in_use"


class ClientChangedMeanwhile(Conflict):
    code = "platform_client.changed_meanwhile"
    hint = "Look at the client as it is now, then change it again."


class TooManyPersonRequests(Conflict):
    code = "person_request.too_many"
    hint = "Wait until those are done that were begun."

    def __init__(self) -> None:
        super().__init__("Several people are being looked for already.")


class ToolInUse(Conflict):
    code = "tool.in_use"
    hint = "Delete its registrations and wait until they have left the bin, or keep the tool."


class ToolChangedMeanwhile(Conflict):
    code = "tool.changed_meanwhile"
    hint = "Look at the tool as it is now, then change it again."


class RegistrationChanged(Conflict):
    """Somebody else saved between looking and saving."""

    code = "registration.changed_meanwhile"
    hint = "Load it again, and change what is there now."


class CutsOff(Conflict):
    """Launches that work now would stop; ``fields`` say why. To be asked first."""

    code = "registration.cuts_off"
    hint = "Change the same in the LMS first, then say that you know."

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__("Launches with the present values would be refused from now on.")
        self.fields = fields


class DraftChanged(Conflict):
    """In another tab, or by somebody else of the same tenant."""

    code = "draft.changed_meanwhile"
    hint = "Load it again, and change what is there now."


class TooManyDrafts(Conflict):
    code = "draft.too_many"
    hint = "Finish or delete some of them first."


class KeyRevokedAlready(Conflict):
    code = "key.revoked_already"


# ----------------------------------------------------------------------- seals


class SealBroken(GatelodgeError):
    code = "seal.broken"
    hint = "List the key it was sealed with in GATELODGE_SECRET_KEYS, after the newest one."

    def __init__(self, purpose: str) -> None:
        super().__init__(f"A sealed value ({purpose}) can't be opened with the secret keys given.")
