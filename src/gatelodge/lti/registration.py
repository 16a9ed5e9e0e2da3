"""What is known about a platform before it sends anything: clients, registrations, deployments.

Plain values, as the launch path keeps them in memory. Where they are stored, and who may
change them, is not known here.
"""

import re
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct


class RegistrationState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    DISABLED = "disabled"
    BIN = "bin"


class DeploymentState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    BLOCKED = "blocked"


class UnknownDeployments(StrEnum):
    """What a registration does with a deployment id that it meets for the first time."""

    HOLD = "hold"
    APPROVE = "approve"
    REFUSE = "refuse"


class Tool(Struct, frozen=True, gc=False):
    """An application behind the gateway.

    ``claims`` are the personal claims it declared, out of `PERSONAL_CLAIMS`;
    ``message_types`` are LTI's own names. What isn't ``for_everyone`` is offered to some tenants.
    """

    id: str
    key: str
    name: str
    launch_url: str
    client_id: str
    claims: frozenset[str]
    message_types: frozenset[str]
    anonymous: bool
    id_token_algorithm: str
    hand_off: str
    for_everyone: bool = True


PERSONAL_CLAIMS = frozenset({"name", "email", "picture", "sourced_id", "custom"})


class PlatformClient(Struct, frozen=True, gc=False):
    """An issuer and a client id, with the platform's addresses.

    ``tenant_id`` is None when the operator shares the client among tenants.
    ``leeway`` is in seconds. ``service_origins`` are further origins, beside those of the
    addresses, on which the platform offers its services.
    """

    id: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    key_set_url: str
    token_audience: str | None
    platform: str
    tenant_id: str | None
    algorithms: tuple[str, ...] = ("RS256",)
    leeway: int = 60
    service_origins: tuple[str, ...] = ()

    @property
    def origins(self) -> frozenset[str | None]:
        """Where the platform offers its services."""
        return _origins(self.service_origins, self._addresses)

    def roots(self, *, http_allowed: bool) -> tuple[str, ...]:
        """What an address may begin with to stand on one of these origins beyond doubt.

        One that begins otherwise may do so too: https://lms.example:443 is https://lms.example.
        """
        return _roots(self.service_origins, self._addresses, http_allowed)

    @property
    def _addresses(self) -> tuple[str, ...]:
        return (self.issuer, self.authorization_url, self.token_url, self.key_set_url)


class Registration(Struct, frozen=True, gc=False):
    """One tenant's tool on one platform client."""

    id: str
    tenant_id: str
    tool_id: str
    platform_client_id: str
    name: str
    state: RegistrationState
    unknown_deployments: UnknownDeployments


class Deployment(Struct, frozen=True, gc=False):
    """One placement of a registration; ``registration_id`` is None until somebody assigned it."""

    id: str
    platform_client_id: str
    deployment_id: str
    registration_id: str | None
    state: DeploymentState


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, in the form a browser compares (RFC 6454 section 4).

    None for what is no web address, and for one that carries a user's name.
    """
    found = _AUTHORITY.match(url)
    return _origin(found[0]) if found else None


@lru_cache(maxsize=4096)
def _origins(further: tuple[str, ...], addresses: tuple[str, ...]) -> frozenset[str | None]:
    return frozenset((*further, *map(origin_of, addresses)))


@lru_cache(maxsize=4096)
def _roots(
    further: tuple[str, ...],
    addresses: tuple[str, ...],
    http_allowed: bool,  # noqa: FBT001 - a cached function's arguments make its key
) -> tuple[str, ...]:
    return tuple(
        f"{origin}/"
        for origin in _origins(further, addresses)
        if origin and origin_of(origin) == origin and (http_allowed or origin.startswith("https:"))
    )


_AUTHORITY = re.compile(r"https?://[^/?#@]+(?=[/?#]|$)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _origin(authority: str) -> str | None:
    """Addresses are many and their origins few: each is read once."""
    try:
        parts = urlsplit(authority)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return (
        f"{parts.scheme}://{host}" if port in (None, usual) else f"{parts.scheme}://{host}:{port}"
    )
