"""Completing a launch: from what the platform posted to a hand-off that the tool can redeem.

One function reads as the recipe; each line is a step and no step goes back. The launch is one
durable write: the row spends the nonce, records the launch and holds the hash of its code.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from types import coroutine
from urllib.parse import quote, unquote_plus

import msgspec
import structlog
from msgspec import Struct

from gatelodge.lti import vocabulary
from gatelodge.lti.authentication_response import read_authentication_response
from gatelodge.lti.claims import read_locale
from gatelodge.lti.errors import (
    DatabaseUnavailable,
    DeploymentBlocked,
    DeploymentUnknown,
    DeploymentWaiting,
    GatelodgeError,
    LoginInsecure,
    NonceSpent,
    Refusal,
    RegistrationDisabled,
    RegistrationNotFound,
    StillChanging,
    TenantSuspended,
    ToolNotRegistered,
    ToolUnknown,
    TooManyRequests,
)
from gatelodge.lti.launch import Expectation, Launch, read_launch
from gatelodge.lti.login import is_identifier
from gatelodge.lti.notes import note
from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    RegistrationState,
    Tool,
)
from gatelodge.lti.state import LoginState, check_proof, read_state
from gatelodge.lti.tokens import SignedClaims, read_token, verify
from gatelodge.services import launch_json
from gatelodge.services.addresses import Addresses
from gatelodge.services.attempts import Arrival, Attempt, Refused
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.first_meetings import FirstMeetings
from gatelodge.services.identities import Identities
from gatelodge.services.key_sets import KeySets
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.rate_limits import RateLimits
from gatelodge.services.refusals import Refusals
from gatelodge.services.sealing import Sealer
from gatelodge.services.telemetry import Telemetry
from gatelodge.storage.catalogue import Placement
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_groups import Outcome
from gatelodge.storage.launch_writer import LaunchWriter
from gatelodge.storage.launches import LaunchRow

CODE_SECONDS = 60
"""How long a hand-off code can be redeemed."""

PERSONAL_PURPOSE = "launch personal data"

_TRIES = 5
"""How often a launch is judged anew because what it was judged by has just been changed."""

_as_json = msgspec.json.Encoder().encode


class HandOff(Struct, frozen=True):
    """Where the browser takes the launch, and the one-time code it takes there."""

    url: str
    code: str
    issuer: str
    method: str
    tool_name: str
    locale: str | None

    @property
    def redirect_url(self) -> str:
        joint = "&" if "?" in self.url else "?"
        # The code has no character that an address would have to encode.
        return f"{self.url}{joint}code={self.code}&iss={_quoted(self.issuer)}"


class Grounds(Struct, frozen=True):
    """What a launch is judged by, and the version of the catalogue that says so."""

    version: int
    tool: Tool
    client: PlatformClient


class Answered(Struct, frozen=True):
    """What answers a login of ours, before anything in it is believed."""

    id_token: str | None
    login: LoginState
    grounds: Grounds


class Launches:
    def __init__(
        self,
        catalogue: Catalogue,
        key_sets: KeySets,
        writer: LaunchWriter,
        first_meetings: FirstMeetings,
        refusals: Refusals,
        rate_limits: RateLimits,
        telemetry: Telemetry,
        *,
        addresses: Addresses,
        state_keys: Sequence[bytes],
        sealer: Sealer,
        clock: Clock,
        ids: Ids,
        http_allowed: bool,
    ) -> None:
        self._catalogue = catalogue
        self._key_sets = key_sets
        self._writer = writer
        self._first_meetings = first_meetings
        self._refusals = refusals
        self._rate_limits = rate_limits
        self._telemetry = telemetry
        self._addresses = addresses
        self._state_keys = state_keys
        self._sealer = sealer
        self._clock = clock
        self._ids = ids
        self._http_allowed = http_allowed
        # Bound at once: found anew for each line, it would cost as much as the line.
        self._log = structlog.get_logger("gatelodge.launch").bind()

    async def complete_launch(self, arrival: Arrival) -> HandOff:
        """Raises `Refused`, recorded and with its trace, when the launch is not admitted."""
        attempt = Attempt()
        try:
            answered = await self._answered(arrival, attempt)
            hand_off = await self._admit(answered, attempt)
        except Refusal as refusal:
            raise await self._refused(refusal, attempt) from None
        except StorageUnavailable as error:
            raise await self._refused(
                DatabaseUnavailable(note=note("database", reason=str(error))), attempt
            ) from None
        return hand_off

    async def refuse(self, tool_key: str, refusal: Refusal) -> Refused:
        """Record a launch that couldn't even be read; the answer is what to raise."""
        attempt = Attempt()
        with suppress(StorageUnavailable):
            attempt.tool = await self._catalogue.tool(tool_key)
        return await self._refused(refusal, attempt)

    async def _refused(self, refusal: Refusal, attempt: Attempt) -> Refused:
        self._telemetry.launch_refused(refusal.code, attempt.trace.seconds)
        return await self._refusals.record("launch", refusal, attempt)

    async def _answered(self, arrival: Arrival, attempt: Attempt) -> Answered:
        """The login that this launch is the answer to, begun by us in the same browser."""
        version = self._catalogue.version
        attempt.tool = tool = await self._catalogue.tool(arrival.tool_key)
        if tool is None:
            raise ToolUnknown(sent=arrival.tool_key)
        if not arrival.secure:
            raise LoginInsecure
        answer = read_authentication_response(arrival.fields)
        login = read_state(
            answer.state,
            keys=self._state_keys,
            tool_id=tool.id,
            registration_id=arrival.registration_id,
            now=self._clock(),
            trace=attempt.trace,
        )
        client = await self._client(login, attempt)
        grounds = Grounds(version, tool, client)
        if not self._rate_limits.allows_launch(client.id, arrival.address):
            raise TooManyRequests
        check_proof(login, arrival.proofs, attempt.trace)
        answer.refuse_error()
        return Answered(answer.id_token, login, grounds)

    async def _admit(self, answered: Answered, attempt: Attempt) -> HandOff:
        """Judge by what is known, and again if that has changed before the launch is written.

        The signature too: a platform's keys may have been changed because the old ones are in
        wrong hands.
        """
        login, grounds, begun = answered.login, answered.grounds, attempt.trace.mark()
        for _ in range(_TRIES):
            attempt.trace.back_to(begun)
            try:
                row, hand_off = await self._judge(answered.id_token, login, grounds, attempt)
            except Refusal:
                if not await self._catalogue.refresh():
                    raise
            else:
                outcome = await self._write(row)
                if outcome == "admitted":
                    self._tell(row, attempt.trace.seconds)
                    return hand_off
                if outcome == "spent":
                    raise NonceSpent
                await self._catalogue.refresh()
            grounds = await self._new_grounds(login, grounds.tool.key, attempt)
        raise StillChanging

    async def _judge(
        self, id_token: str | None, login: LoginState, grounds: Grounds, attempt: Attempt
    ) -> tuple[LaunchRow, HandOff]:
        tool, client, trace = grounds.tool, grounds.client, attempt.trace
        attempt.proven = False
        await _in_step()
        token = read_token(id_token, algorithms=client.algorithms, trace=trace)
        claims = verify(token, await self._key_sets.key_for(client, token), trace)
        attempt.proven = True
        await _in_step()
        attempt.locale = read_locale(claims.values)
        try:
            launch = read_launch(claims, self._expectation(client, tool, login), trace)
            placement = await self._placement(launch, client, tool, login, attempt)
        except Refusal:
            await self._attribute(claims, client, attempt)
            raise
        trace.passed("registration.active")
        await _in_step()
        secret = self._ids.secret()
        row = self._row(launch, placement, grounds, secret, trace.written())
        return row, self._hand_off(launch, tool, f"{row.id}.{secret}")

    def _tell(self, row: LaunchRow, seconds: float) -> None:
        self._telemetry.launch_accepted(seconds)
        self._log.info(
            "accepted",
            launch=row.id,
            tenant=row.tenant_id,
            registration=row.registration_id,
            tool=row.tool_id,
            ms=round(seconds * 1000, 1),
        )

    async def _attribute(
        self, claims: SignedClaims, client: PlatformClient, attempt: Attempt
    ) -> None:
        """Let a signed launch that is refused be seen by the tenant whose deployment it names."""
        deployment_id = claims.values.get(vocabulary.DEPLOYMENT_ID)
        if attempt.registration or not is_identifier(deployment_id):
            return
        placement = await self._catalogue.placement(client, deployment_id)
        if placement and placement.registration:
            attempt.found_registration(placement.registration)

    async def _new_grounds(self, login: LoginState, tool_key: str, attempt: Attempt) -> Grounds:
        version = self._catalogue.version
        attempt.tool = tool = await self._catalogue.tool(tool_key)
        if tool is None:
            raise ToolUnknown(sent=tool_key)
        return Grounds(version, tool, await self._client(login, attempt))

    async def _client(self, login: LoginState, attempt: Attempt) -> PlatformClient:
        client = await self._catalogue.client_by_id(login.platform_client_id)
        if client is None:
            raise RegistrationNotFound
        attempt.found_client(client)
        return client

    def _expectation(self, client: PlatformClient, tool: Tool, login: LoginState) -> Expectation:
        return Expectation(
            client=client,
            tool=tool,
            login=login,
            launch_urls=self._addresses.launches(tool.key, login.registration_id),
            now=self._clock(),
            http_allowed=self._http_allowed,
        )

    async def _placement(
        self,
        launch: Launch,
        client: PlatformClient,
        tool: Tool,
        login: LoginState,
        attempt: Attempt,
    ) -> Placement:
        """The live registration that the signed deployment names, and so the tenant."""
        placement = await self._catalogue.placement(client, launch.deployment_id)
        if placement is None:
            placement = await self._first_meetings.meet(client, launch.deployment_id)
        if placement.registration is not None:
            attempt.found_registration(placement.registration)
        if placement.tenant is not None and placement.tenant.is_suspended:
            raise TenantSuspended(sent=placement.tenant.name)
        _refuse_deployment(placement.deployment)
        registration = placement.registration
        if registration is None:
            raise DeploymentUnknown(sent=launch.deployment_id)
        if registration.state is RegistrationState.DISABLED:
            raise RegistrationDisabled(sent=registration.id)
        if registration.state is not RegistrationState.ACTIVE:
            raise RegistrationNotFound(sent=registration.id)
        if registration.tool_id != tool.id or login.registration_id not in (None, registration.id):
            raise ToolNotRegistered(sent=tool.key)
        return placement

    def _row(
        self,
        launch: Launch,
        placement: Placement,
        grounds: Grounds,
        secret: str,
        trace: str,
    ) -> LaunchRow:
        tool, client = grounds.tool, grounds.client
        registration, tenant = placement.registration, placement.tenant
        if registration is None or tenant is None:
            raise RegistrationNotFound
        names = Identities(tenant.identity_key, client.issuer)
        stored = launch_json.stored_facts(launch, names, client, tenant)
        facts = stored.launch
        personal = launch_json.personal(launch, tool)
        now = int(self._clock())
        return LaunchRow(
            id=launch.nonce,
            tenant_id=tenant.id,
            registration_id=registration.id,
            tool_id=tool.id,
            platform_client_id=client.id,
            deployment_row_id=placement.deployment.id,
            message_type=launch.message_type,
            subject=facts.person.id,
            context_id=facts.context.id if facts.context else None,
            resource_link_id=facts.resource_link.id if facts.resource_link else None,
            launched_at=now,
            trace=trace,
            facts=_as_json(stored).decode(),
            code_hash=sha256(secret.encode()).digest(),
            code_expires_at=now + CODE_SECONDS,
            sealed_personal=self._sealer.seal(
                _as_json(personal), purpose=PERSONAL_PURPOSE, about=launch.nonce
            )
            if personal
            else None,
            seen_version=grounds.version,
        )

    async def _write(self, row: LaunchRow) -> Outcome:
        try:
            return await self._writer.admit(row)
        except StorageUnavailable:
            raise
        except GatelodgeError as error:
            # A row it refers to is gone: what it was judged by has changed.
            self._log.warning("launch_row_refused", launch=row.id, why=error.code)
            return "stale"

    def _hand_off(self, launch: Launch, tool: Tool, code: str) -> HandOff:
        return HandOff(
            url=_with_query_of(launch.target_link_uri, tool.launch_url),
            code=code,
            issuer=self._addresses.base,
            method=tool.hand_off,
            tool_name=tool.name,
            locale=launch.presentation.locale,
        )


@coroutine
def _in_step() -> Generator[None]:
    """Let the launches that came together take the last step, before this one takes the next.

    Then the processor runs the same code for all of them while it has it at hand, which makes a
    launch a tenth cheaper under load.
    """
    yield


def _refuse_deployment(deployment: Deployment) -> None:
    if deployment.state is DeploymentState.BLOCKED:
        raise DeploymentBlocked(sent=deployment.deployment_id)
    if deployment.state is DeploymentState.WAITING:
        raise DeploymentWaiting(sent=deployment.deployment_id)


def _with_query_of(target_link_uri: str, launch_url: str) -> str:
    """The tool's launch address with the query of the target link, as it was written.

    What is ours is not for it to set, and what no address can hold is encoded.
    """
    _, asked, its_query = target_link_uri.partition("?")
    if not asked:
        return launch_url
    parts = its_query.split("&")
    kept = "&".join(part for part in parts if _name_of(part) not in ("code", "iss"))
    query = quote(kept, safe=_OF_A_QUERY, errors="replace")
    if not query:
        return launch_url
    return f"{launch_url}{'&' if '?' in launch_url else '?'}{query}"


_OF_A_QUERY = "!$%&'()*+,-./:;=?@_~"
"""RFC 3986 section 3.4, and the percent sign, since what arrives is encoded already."""


@lru_cache(maxsize=16)
def _quoted(issuer: str) -> str:
    return quote(issuer, safe="")


def _name_of(part: str) -> str:
    return unquote_plus(part.partition("=")[0])
