"""A browser that an LMS has sent: who it is and what it carries, before its form is read."""

from collections.abc import Sequence

import msgspec

from gatelodge.services.attempts import Arrival
from gatelodge.web.asking import Proxies
from gatelodge.web.carriers import Carrier
from gatelodge.web.exchange import Headers, Receive, Scope, headers_of


class Visit(msgspec.Struct, frozen=True):
    """``proofs`` are what the browser carries to prove its login."""

    tool_key: str
    registration_id: str | None
    method: str
    query: bytes
    headers: Headers
    receive: Receive
    proofs: list[str]
    address: str
    secure: bool

    def arrival(self, fields: Sequence[tuple[str, str]]) -> Arrival:
        return Arrival(
            tool_key=self.tool_key,
            registration_id=self.registration_id,
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

    def read(
        self, scope: Scope, receive: Receive, tool_key: str, registration_id: str | None
    ) -> Visit:
        headers = headers_of(scope)
        asking = self._proxies.asking(scope["client"][0] if scope["client"] else "", headers)
        return Visit(
            tool_key=tool_key,
            registration_id=registration_id,
            method=scope["method"],
            query=scope["query_string"],
            headers=headers,
            receive=receive,
            proofs=self._carrier.proofs(headers.get(b"cookie", b"")),
            address=asking.address,
            secure=asking.secure,
        )
