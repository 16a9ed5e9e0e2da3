"""Redeeming a hand-off: a tool's server trades the code for the launch.

RFC 6749 section 4.1.3 (the code is given by a launch instead of an authorization endpoint),
OpenID Connect Core section 3.1.3. The code is taken in one statement; a second redemption is
refused and revokes what the first one gave (RFC 6749 section 4.1.2). What can go wrong comes
before that statement, or a launch would be lost.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from joserfc import jwt

from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.registration import Tool
from gatelodge.services import launch_json
from gatelodge.services.addresses import Addresses
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.rate_limits import RateLimits
from gatelodge.services.sealing import Sealer
from gatelodge.services.signing_keys import SigningKey, SigningKeys
from gatelodge.services.telemetry import Telemetry
from gatelodge.storage import catalogue as stored_catalogue
from gatelodge.storage import launches as stored
from gatelodge.storage import tools as stored_tools
from gatelodge.storage.database import Database
from gatelodge.storage.launches import TakenLaunch

ACCESS_SECONDS = 3600
ID_TOKEN_SECONDS = 300
_LONGEST = 200
_PARAMETERS = frozenset({"grant_type", "code", "redirect_uri", "client_id", "client_secret"})


class TokenRefused(GatelodgeError):
    """``oauth`` is the error's name in RFC 6749 section 5.2."""

    oauth: str


class TokenRequestInvalid(TokenRefused):
    code = "token.invalid_request"
    oauth = "invalid_request"
    hint = "Post grant_type=authorization_code and the code as a form, each once."


class GrantUnsupported(TokenRefused):
    code = "token.unsupported_grant_type"
    oauth = "unsupported_grant_type"
    hint = "The gateway knows grant_type=authorization_code."


class ToolNotAuthenticated(TokenRefused):
    code = "token.invalid_client"
    oauth = "invalid_client"
    hint = "Send the tool's client id and secret, by Basic authentication or in the form."


class CodeRefused(TokenRefused):
    code = "token.invalid_grant"
    oauth = "invalid_grant"
    hint = "A code is good for one redemption, within a minute, by the tool it was made for."


class TooManyTokens(TokenRefused):
    code = "token.too_many"
    oauth = "temporarily_unavailable"
    hint = "Wait a minute, or raise GATELODGE_RATE_LIMITS."


@dataclass(frozen=True, slots=True)
class ToolCredentials:
    client_id: str
    client_secret: str


class HandOffs:
    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        signing_keys: SigningKeys,
        rate_limits: RateLimits,
        telemetry: Telemetry,
        *,
        addresses: Addresses,
        sealer: Sealer,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._signing_keys = signing_keys
        self._rate_limits = rate_limits
        self._telemetry = telemetry
        self._addresses = addresses
        self._sealer = sealer
        self._clock = clock
        self._ids = ids

    async def redeem(self, credentials: ToolCredentials, form: Mapping[str, str]) -> dict[str, Any]:
        """The token response for a code, or `TokenRefused`."""
        try:
            response = await self._redeem(credentials, form)
        except TokenRefused as refused:
            self._telemetry.redeemed(refused.oauth)
            raise
        self._telemetry.redeemed("redeemed")
        return response

    async def _redeem(
        self, credentials: ToolCredentials, form: Mapping[str, str]
    ) -> dict[str, Any]:
        launch_id, code_hash = _read_code(form)
        tool = await self._authenticated(credentials)
        if not self._rate_limits.allows_token(tool.id):
            raise TooManyTokens("This tool has asked for more tokens than are allowed.")
        secret = self._ids.secret()
        now = int(self._clock())
        signing_key = await asyncio.to_thread(
            self._signing_keys.signing_key, None, tool.id_token_algorithm, now
        )
        taken = await self._database.run_write(
            lambda connection: stored.take(
                connection,
                launch_id=launch_id,
                code_hash=code_hash,
                tool_id=tool.id,
                access_hash=_hash(secret),
                access_expires_at=now + ACCESS_SECONDS,
                now=now,
            )
        )
        if not isinstance(taken, TakenLaunch):
            raise CodeRefused(_WHY_NOT[str(taken)])
        launch = self._launch(launch_id, taken)
        return {
            "access_token": f"{launch_id}.{secret}",
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "id_token": await asyncio.to_thread(self._id_token, signing_key, tool, launch, now),
            "launch": launch,
        }

    async def launch_of(self, access_token: str) -> dict[str, Any] | None:
        """The launch that a live access token belongs to."""
        launch_id, _, secret = access_token.partition(".")
        now = int(self._clock())
        found = await self._database.run_find(
            lambda connection: stored.find_by_access(connection, launch_id, _hash(secret), now)
        )
        return self._launch(launch_id, found) if found else None

    async def _authenticated(self, credentials: ToolCredentials) -> Tool:
        """The tool, and the catalogue as it is now: a key revoked elsewhere signs no more."""
        known = self._catalogue.version
        version, found = await self._database.run_find(
            lambda connection: (
                stored_catalogue.version(connection),
                stored_tools.get_by_client_id(connection, credentials.client_id),
            )
        ) or (known, None)
        if version != known:
            await self._catalogue.refresh()
        # Compared even when there is no such tool, so that the time taken tells nothing.
        expected = found.secret_hash if found else bytes(32)
        fits = hmac.compare_digest(_hash(credentials.client_secret), expected)
        if found is None or not fits:
            raise ToolNotAuthenticated("The tool's client id or secret is wrong.")
        return found.tool

    def _launch(self, launch_id: str, taken: TakenLaunch) -> dict[str, Any]:
        facts = msgspec.json.decode(taken.facts)["launch"]
        personal = {}
        if taken.sealed_personal is not None:
            personal = msgspec.json.decode(
                self._sealer.open(taken.sealed_personal, purpose=PERSONAL_PURPOSE, about=launch_id)
            )
        return launch_json.complete(launch_id, facts, personal)

    def _id_token(
        self, signing_key: SigningKey, tool: Tool, launch: dict[str, Any], now: int
    ) -> str:
        header = {"alg": tool.id_token_algorithm, "kid": signing_key.id}
        return jwt.encode(header, self._claims(tool, launch, now), signing_key.key)

    def _claims(self, tool: Tool, launch: dict[str, Any], now: int) -> dict[str, Any]:
        person = launch["person"]
        named = ("name", "given_name", "family_name", "middle_name", "email", "picture")
        return {
            "iss": self._addresses.base,
            "aud": tool.client_id,
            # An ID token has a subject (OIDC Core 2); nobody's is good for this launch alone.
            "sub": person["id"] or f"anonymous-{launch['id']}",
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
            **{name: person[name] for name in named if person.get(name)},
            **({"locale": launch["locale"]} if launch["locale"] else {}),
            "urn:gatelodge:launch_id": launch["id"],
        }


_WHY_NOT = {
    "unknown": "The code is not one that was given to this tool.",
    "expired": "The code is more than a minute old.",
    "spent": "The code has been redeemed before; what it gave then is revoked.",
    "suspended": "The institution of this launch is suspended on this gateway.",
    "ended": "The institution of this launch was suspended after it, which ended what it gave.",
}


def _read_code(form: Mapping[str, str]) -> tuple[str, bytes]:
    grant_type = form.get("grant_type")
    if not grant_type:
        raise TokenRequestInvalid("The request has no grant_type.")
    if grant_type != "authorization_code":
        raise GrantUnsupported(f"The grant type {grant_type[:50]!r} is not known here.")
    code = form.get("code")
    if not code:
        raise TokenRequestInvalid("The request has no code.")
    launch_id, dot, secret = code.partition(".")
    if not dot or len(code) > _LONGEST or not code.isascii() or not code.isprintable():
        raise CodeRefused("The code is not one of this gateway.")
    return launch_id, _hash(secret)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
