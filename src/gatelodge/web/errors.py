"""The one table from our errors to HTTP; no other file knows which status a refusal has."""

from typing import Final

from starlette.requests import Request

from gatelodge.lti import errors as e
from gatelodge.lti.errors import GatelodgeError, Refusal

_UNAUTHORIZED: Final = (
    e.StateMissing,
    e.StateInvalid,
    e.StateExpired,
    e.ProofMissing,
    e.ProofForeign,
    e.TokenMalformed,
    e.AlgorithmNone,
    e.AlgorithmSymmetric,
    e.AlgorithmRefused,
    e.KeyUnfit,
    e.KeyIdMissing,
    e.KeyUnknown,
    e.HeaderCritical,
    e.SignatureInvalid,
    e.IssuerMismatch,
    e.AudienceMismatch,  # SF 5.1.3 (3) names 401
    e.AudienceUntrusted,
    e.AuthorizedPartyMissing,
    e.AuthorizedPartyMismatch,
    e.ExpiryMissing,
    e.Expired,
    e.IssuedAtMissing,
    e.IssuedInFuture,
    e.TooOld,
    e.ExpiryBeforeIssue,
    e.NotYetValid,
    e.NonceMissing,
    e.NonceMismatch,
    e.NonceSpent,
    e.DeploymentMismatch,
)
_FORBIDDEN: Final = (
    e.IssuerUnknown,
    e.ClientUnknown,
    e.ClientAmbiguous,
    e.RegistrationNotFound,
    e.RegistrationDisabled,
    e.DeploymentUnknown,
    e.DeploymentWaiting,
    e.DeploymentBlocked,
    e.TenantSuspended,
    e.ToolNotRegistered,
    e.PlatformError,
    e.PlatformSessionEnded,
    e.LoginInsecure,
)

_STATUS: Final[dict[str, int]] = {
    **{kind.code: 401 for kind in _UNAUTHORIZED},
    **{kind.code: 403 for kind in _FORBIDDEN},
    e.ToolUnknown.code: 404,
    e.LaunchNotPosted.code: 405,
    e.LaunchTooLarge.code: 413,
    e.TooManyRequests.code: 429,
    e.DatabaseUnavailable.code: 503,
    e.StillChanging.code: 503,
}

_EXTRA: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    405: (("Allow", "POST"),),
    429: (("Retry-After", "60"),),
    503: (("Retry-After", "5"),),
}

_OAUTH_STATUS: Final = {"invalid_client": 401, "temporarily_unavailable": 429}


_OURS: Final = {"storage.unavailable": 503, "seal.broken": 500}


def status_of(refusal: Refusal) -> int:
    return _STATUS.get(refusal.code, 400)


def extra_headers(status: int) -> tuple[tuple[str, str], ...]:
    return _EXTRA.get(status, ())


def oauth_status(error: str) -> int:
    """RFC 6749 section 5.2: 400, save for who isn't authenticated."""
    return _OAUTH_STATUS.get(error, 400)


def status_of_error(error: GatelodgeError) -> int:
    """Of an error that is no refusal: what is missing is 404, what we lack ourselves 5xx."""
    if error.code.endswith(".not_found"):
        return 404
    return _OURS.get(error.code, 400)


def path_for_the_log(request: Request) -> str:
    """The path without the token that may be in it: who holds an invitation can use it."""
    path, token = request.url.path, request.path_params.get("token")
    return path.replace(token, "{token}") if token else path
