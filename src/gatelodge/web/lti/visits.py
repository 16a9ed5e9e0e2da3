"""A browser that an LMS has sent: where it arrives, who it is and what it carries, before its form is read."""

from collections.abc import Sequence

import msgspec

from gatelodge.services.attempts import Arrival
from gatelodge.web.asking import Proxies
from gatelodge.web.carriers import Carrier
from gatelodge.web.exchange import Request

LARGEST_LOGIN = 64 * 1024
LARGEST_LAUNCH = 256 * 1024


class Place(msgspec.Struct, frozen=True):
    """Where an LMS sends browsers: /lti/{tool}/login or /lti/{tool}/{registration}/login, or to launch there."""

    tool_key: str
    registration_id: str | None
    step: str

    @property
    def largest(self) -> int:
        """Bytes of a form that is sent there."""
        return LARGEST_LAUNCH if self.step == "launch" else LARGEST_LOGIN


def place_of(path: str) -> Place | None:
    parts = path.split("/")
    if len(parts) not in (4, 5) or parts[1] != "lti" or parts[-1] not in ("login", "launch"):
        return None
    return Place(parts[2], parts[3] if len(parts) == 5 else None, parts[-1])


class Visit(msgspec.Struct, frozen=True):
    """``proofs`` are what the browser carries to prove its login."""

    place: Place
    request: Request
    proofs: list[str]
    address: str
    secure: bool

    def arrival(self, fields: Sequence[tuple[str, str]]) -> Arrival:
        return Arrival(
            tool_key=self.place.tool_key,
            registration_id=self.place.registration_id,
            fields=fields,
            proofs=self.proofs,
            address=self.address,
            secure=self.secure,
        )


class Visits:
    """Reads whoever comes, given how a browser carries its proof and which proxies may speak for it."""

    def __init__(self, carrier: Carrier, proxies: Proxies) -> None:
        self._carrier = carrier
        self._proxies = proxies

    def read(self, place: Place, request: Request) -> Visit:
        asking = self._proxies.asking(request.peer, request.headers)
        return Visit(
            place=place,
            request=request,
            proofs=self._carrier.proofs(request.headers.get(b"cookie", b"")),
            address=asking.address,
            secure=asking.secure,
        )
