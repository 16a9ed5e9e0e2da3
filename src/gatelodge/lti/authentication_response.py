"""The third message: what the platform posts back through the browser.

1EdTech Security Framework 1.0 section 5.1.1.3; an error in place of a token is that of OpenID
Connect Core section 3.1.2.6.
"""

from collections.abc import Iterable

from msgspec import Struct

from gatelodge.lti.errors import LaunchFormMalformed, PlatformError, PlatformSessionEnded, shown
from gatelodge.lti.notes import note

_FIELDS = ("id_token", "state", "error", "error_description", "lti_storage_target")


class AuthenticationResponse(Struct, frozen=True, gc=False):
    """Fields as they came; platforms add others of their own, which are ignored."""

    id_token: str | None
    state: str | None
    error: str | None
    error_description: str | None
    storage_target: str | None

    def refuse_error(self) -> None:
        """Refuse when the platform answered with an error. The state must have been checked."""
        if not self.error:
            return
        words = " ".join(filter(None, (shown(self.error), shown(self.error_description))))
        ended = self.error in ("login_required", "interaction_required")
        raise (PlatformSessionEnded if ended else PlatformError)(sent=words)


def read_authentication_response(fields: Iterable[tuple[str, str]]) -> AuthenticationResponse:
    values: dict[str, str] = {}
    for name, value in fields:
        if name not in _FIELDS:
            continue
        if name in values:
            raise LaunchFormMalformed(note=note("form.twice", name=name))
        values[name] = value
    return AuthenticationResponse(
        id_token=values.get("id_token"),
        state=values.get("state"),
        error=values.get("error"),
        error_description=values.get("error_description"),
        storage_target=values.get("lti_storage_target"),
    )
