"""Why a provider's word did not sign somebody in: it failed and may be tried again, or it isn't enough.

SignInFailed              "Authentication failed. Try again"
├── SignInStateLost       forged, expired, or begun in another browser
├── ProviderDown          the provider can't be reached, or answers nonsense
├── ProviderRefused       the provider itself sent the person back
├── ProofRejected         its id_token doesn't prove what it says
└── GroupsNotTold         it left out the groups that decide
NotOneOfUs                "Your account doesn't have permission to access this page"
├── InstitutionUnknown
├── InstitutionSuspended
└── RoleMissing
TooManyTenantRequests     so many institutions asked that nobody else can for a while
"""

from gatelodge.lti.errors import GatelodgeError, shown
from gatelodge.services.errors import NotAllowed


class SignInFailed(GatelodgeError):
    """Nobody was signed in, and it may be tried again. ``reason`` is for the log."""

    def __init__(self, sentence: str, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = shown(reason) or ""


class SignInStateLost(SignInFailed):
    code = "sign_in.state_lost"
    hint = "Begin at the sign-in page again, in the same browser, within ten minutes."


class ProviderDown(SignInFailed):
    code = "sign_in.provider_down"
    hint = "Look at the log, and whether the gateway can reach the provider."


class ProviderRefused(SignInFailed):
    """The provider itself sent the person back."""

    code = "sign_in.provider_refused"
    hint = "Look at the provider's own log, and compare client ID and redirect address with it."


class ProofRejected(SignInFailed):
    code = "sign_in.proof_rejected"
    hint = "Look at the log: it says which check failed."


def proof_rejected(reason: str) -> ProofRejected:
    return ProofRejected("What came back doesn't prove who you are.", reason=reason)


class NotOneOfUs(NotAllowed):
    """Somebody proved who they are, and that isn't enough. Their name is theirs to read."""

    def __init__(self, sentence: str, *, name: str | None = None, email: str | None = None) -> None:
        super().__init__(sentence)
        self.name = name
        self.email = email


class InstitutionUnknown(NotOneOfUs):
    code = "sign_in.institution_unknown"
    hint = "Approve its request, or add the tenant and name its claim's value in GATELODGE_OIDC."


class TooManyTenantRequests(GatelodgeError):
    """``seconds`` until it may be tried again."""

    code = "tenant_request.too_many"
    hint = "Wait an hour, then try again."

    def __init__(self, seconds: int) -> None:
        super().__init__("There were too many requests in a short time.")
        self.seconds = seconds


class InstitutionSuspended(NotOneOfUs):
    code = "sign_in.institution_suspended"
    hint = "Resume it: gatelodge tenant resume"


class RoleMissing(NotOneOfUs):
    code = "sign_in.role_missing"
    hint = "Give the role at the provider, or here: gatelodge account roles"


class GroupsNotTold(SignInFailed):
    code = "sign_in.groups_not_told"
    hint = "Let the provider send app roles, or only the groups assigned to this application."

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider} left the groups out: the account is in too many of them.")
