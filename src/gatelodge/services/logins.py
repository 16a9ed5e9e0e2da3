"""Beginning a login: from a platform's initiation to the address the browser goes to.

Nothing lasting is written here, since anybody can call it.
"""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from gatelodge.lti.errors import (
    ClientAmbiguous,
    ClientUnknown,
    DatabaseUnavailable,
    IssuerUnknown,
    LoginInsecure,
    Refusal,
    RegistrationNotFound,
    ToolUnknown,
    TooManyRequests,
)
from gatelodge.lti.login import (
    LoginInitiation,
    authentication_request,
    check_target_link,
    read_login_initiation,
)
from gatelodge.lti.notes import note
from gatelodge.lti.registration import PlatformClient, Tool
from gatelodge.lti.state import LoginState, digest, recurring_digest, write_state
from gatelodge.services.addresses import Addresses
from gatelodge.services.attempts import Arrival, Attempt, Refused
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.rate_limits import RateLimits
from gatelodge.services.refusals import Refusals
from gatelodge.services.telemetry import Telemetry
from gatelodge.storage.errors import StorageUnavailable

STATE_PURPOSE = "login state"


class BegunLogin(Struct, frozen=True):
    """Where the browser goes, and the proof it has to carry back."""

    url: str
    proof: str


class Logins:
    """``state_keys`` sign the state, the first of them; all of them are accepted."""

    def __init__(
        self,
        catalogue: Catalogue,
        refusals: Refusals,
        rate_limits: RateLimits,
        telemetry: Telemetry,
        *,
        addresses: Addresses,
        state_keys: Sequence[bytes],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._catalogue = catalogue
        self._refusals = refusals
        self._rate_limits = rate_limits
        self._telemetry = telemetry
        self._addresses = addresses
        self._state_key = state_keys[0]
        self._clock = clock
        self._ids = ids

    async def begin_login(self, arrival: Arrival) -> BegunLogin:
        """Raises `Refused` when there is nowhere to send the browser."""
        attempt = Attempt()
        try:
            return await self._begin(arrival, attempt)
        except Refusal as refusal:
            raise await self._refused(refusal, attempt) from None
        except StorageUnavailable as error:
            raise await self._refused(
                DatabaseUnavailable(note=note("database", reason=str(error))), attempt
            ) from None

    async def refuse(self, tool_key: str, refusal: Refusal) -> Refused:
        """Record a login that couldn't even be read; the answer is what to raise."""
        attempt = Attempt()
        with suppress(StorageUnavailable):
            attempt.tool = await self._catalogue.tool(tool_key)
        return await self._refused(refusal, attempt)

    async def _refused(self, refusal: Refusal, attempt: Attempt) -> Refused:
        self._telemetry.login_refused(refusal.code)
        return await self._refusals.record("login", refusal, attempt)

    async def _begin(self, arrival: Arrival, attempt: Attempt) -> BegunLogin:
        attempt.tool = tool = await self._tool(arrival.tool_key)
        if not arrival.secure:
            raise LoginInsecure
        initiation = read_login_initiation(arrival.fields, attempt.trace)
        client = await self._client(arrival, initiation, tool)
        attempt.found_client(client)
        attempt.trace.passed("login.client", client.issuer)
        if not self._rate_limits.allows_launch(client.id, arrival.address):
            raise TooManyRequests
        launch_urls = self._addresses.launches(tool.key, arrival.registration_id)
        check_target_link(initiation.target_link_uri, launch_urls)
        proof = arrival.proofs[0] if arrival.proofs else self._ids.secret()
        nonce = self._ids.nonce()
        state = LoginState(
            tool_id=tool.id,
            platform_client_id=client.id,
            registration_id=arrival.registration_id,
            nonce=nonce,
            issued_at=int(self._clock()),
            proof_digest=digest(proof),
            target_link_digest=recurring_digest(initiation.target_link_uri),
            deployment_digest=recurring_digest(initiation.deployment_id)
            if initiation.deployment_id
            else None,
        )
        url = authentication_request(
            client.authorization_url,
            client_id=client.client_id,
            redirect_uri=launch_urls[0],
            initiation=initiation,
            state=write_state(state, self._state_key),
            nonce=nonce,
        )
        self._telemetry.login_begun()
        return BegunLogin(url, proof)

    async def _tool(self, key: str) -> Tool:
        tool = await self._catalogue.tool(key)
        if tool is None:
            raise ToolUnknown(sent=key)
        return tool

    async def _client(
        self, arrival: Arrival, initiation: LoginInitiation, tool: Tool
    ) -> PlatformClient:
        """The platform client that the login names, exactly (CORE 4.1.3); nothing is guessed."""
        if arrival.registration_id is not None:
            return await self._client_of_registration(arrival.registration_id, initiation, tool)
        if initiation.client_id is not None:
            client = await self._catalogue.client(initiation.issuer, initiation.client_id)
            if client is not None:
                return client
            if await self._catalogue.clients_of_issuer(initiation.issuer, tool):
                raise ClientUnknown(sent=initiation.client_id)
            raise IssuerUnknown(sent=initiation.issuer)
        clients = await self._catalogue.clients_of_issuer(initiation.issuer, tool)
        if not clients:
            raise IssuerUnknown(sent=initiation.issuer)
        if len(clients) > 1:
            raise ClientAmbiguous(sent=initiation.issuer)
        return clients[0]

    async def _client_of_registration(
        self, registration_id: str, initiation: LoginInitiation, tool: Tool
    ) -> PlatformClient:
        registration = await self._catalogue.registration(registration_id)
        if registration is None or registration.tool_id != tool.id:
            raise RegistrationNotFound(sent=registration_id)
        client = await self._catalogue.client_by_id(registration.platform_client_id)
        if client is None:
            raise RegistrationNotFound(sent=registration_id)
        if initiation.issuer != client.issuer:
            raise IssuerUnknown(sent=initiation.issuer, expected=client.issuer)
        if initiation.client_id not in (None, client.client_id):
            raise ClientUnknown(sent=initiation.client_id, expected=client.client_id)
        return client
