"""The gateway's own addresses, built from its one public base address and from no request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """``base`` is scheme and host without a slash at the end."""

    base: str

    def login(self, tool_key: str, registration_id: str | None = None) -> str:
        return f"{self._lti(tool_key, registration_id)}/login"

    def launch(self, tool_key: str, registration_id: str | None = None) -> str:
        return f"{self._lti(tool_key, registration_id)}/launch"

    def launches(self, tool_key: str, registration_id: str | None) -> tuple[str, ...]:
        """Where a launch of this tool may say it is going: a link may name either form.

        First comes the one where the LMS has to post it.
        """
        anybodys = self.launch(tool_key)
        if registration_id is None:
            return (anybodys,)
        return (self.launch(tool_key, registration_id), anybodys)

    def key_set(self, registration_id: str) -> str:
        return f"{self.base}/lti/keys/{registration_id}"

    def icon(self, tool_key: str) -> str:
        return f"{self.base}/tools/{tool_key}/icon"

    @property
    def tools_key_set(self) -> str:
        return f"{self.base}/lti/keys"

    @property
    def token(self) -> str:
        return f"{self.base}/oauth/token"

    def sign_in_return(self, provider_key: str) -> str:
        """Where a provider sends people back, each to an address of its own."""
        return f"{self.base}/sign-in/{provider_key}/return"

    @property
    def signed_out(self) -> str:
        """Where a provider sends people who have signed out there."""
        return f"{self.base}/sign-out"

    def set_up(self, token: str) -> str:
        return f"{self.base}/set-up/{token}"

    def invitation(self, token: str) -> str:
        return f"{self.base}/invitation/{token}"

    @property
    def invitations(self) -> str:
        """Where those who invite see what became of it."""
        return f"{self.base}/portal/invitations"

    @property
    def portal(self) -> str:
        return f"{self.base}/portal"

    def tenant_request(self, request_id: str) -> str:
        """Where the operator decides on an institution that asks to be registered."""
        return f"{self.base}/portal/requests/{request_id}"

    def data(self, tenant_slug: str) -> str:
        """What is done about all data of an institution."""
        return f"{self.base}/portal/data?tenant={tenant_slug}"

    @property
    def activity(self) -> str:
        """Who did what."""
        return f"{self.base}/portal/audit"

    def problem(self, reference: str) -> str:
        """Where a report is answered."""
        return f"{self.base}/portal/problems/{reference}"

    def own_problem(self, reference: str) -> str:
        """Where whoever sent a report reads the answers."""
        return f"{self.base}/portal/problems/mine/{reference}"

    def _lti(self, tool_key: str, registration_id: str | None) -> str:
        middle = f"/{registration_id}" if registration_id else ""
        return f"{self.base}/lti/{tool_key}{middle}"
