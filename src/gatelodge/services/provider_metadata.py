"""What a provider says of itself (OpenID Connect Discovery 1.0), fetched through the outbound guard and kept."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import Invalid
from gatelodge.services.inputs import Inputs
from gatelodge.services.key_sets import Answer
from gatelodge.services.ports import Clock
from gatelodge.services.providers import TENANT_ID, Provider
from gatelodge.services.sign_in_errors import ProviderDown

FRESH = 3600.0
"""Seconds for which a document is used before it is fetched again."""

KEPT_WHILE_DOWN = 24 * 3600.0
SECONDS_TO_ANSWER = 5.0

# So Entra writes in the document for all directories what is each directory's own id.
_IN_DOCUMENTS = "{tenantid}"


class Fetcher(Protocol):
    """The guarded client, as far as providers need it."""

    async def get(
        self, url: str, *, accept: str, deadline: float, headers: Mapping[str, str] | None = None
    ) -> Answer: ...

    async def post_form(
        self,
        url: str,
        fields: Sequence[tuple[str, str]],
        *,
        headers: Mapping[str, str],
        deadline: float,
    ) -> Answer: ...


class Metadata(Struct, frozen=True):
    """``prompts`` is None for a provider that doesn't tell which it knows."""

    authorization_endpoint: str
    token_endpoint: str
    key_set: str
    end_session_endpoint: str | None
    userinfo_endpoint: str | None
    auth_methods: tuple[str, ...]
    names_itself: bool
    """In each answer by the parameter ``iss`` (RFC 9207)."""
    prompts: tuple[str, ...] | None


class ProviderMetadata:
    def __init__(self, fetcher: Fetcher, clock: Clock, *, development: bool) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._development = development
        self._known: dict[str, tuple[float, Metadata]] = {}
        self._fetching: dict[str, asyncio.Lock] = {}

    async def of(self, provider: Provider) -> Metadata:
        """Raises `ProviderDown`; a document of the last day serves while the provider is down."""
        async with self._fetching.setdefault(provider.key, asyncio.Lock()):
            fetched_at, known = self._known.get(provider.key, (0.0, None))
            age = self._clock() - fetched_at
            if known is not None and age < FRESH:
                return known
            try:
                metadata = await self._fetched(provider)
            except ProviderDown:
                if known is not None and age < KEPT_WHILE_DOWN:
                    return known
                raise
            self._known[provider.key] = (self._clock(), metadata)
            return metadata

    async def _fetched(self, provider: Provider) -> Metadata:
        try:
            answer = await self._fetcher.get(
                provider.discovery, accept="application/json", deadline=SECONDS_TO_ANSWER
            )
        except GatelodgeError as error:
            raise provider_down(provider, str(error)) from None
        document = read_object(answer.body) if answer.status == 200 else None
        if document is None:
            raise provider_down(provider, f"{provider.discovery} gave status {answer.status}.")
        named = document.get("issuer")
        # Discovery 1.0 section 4.3: exactly the issuer that was configured, or somebody else answers.
        if not isinstance(named, str) or named.replace(_IN_DOCUMENTS, TENANT_ID) != provider.issuer:
            raise provider_down(provider, f"The document is of issuer {named!r}.")
        try:
            return self._read(document)
        except Invalid as error:
            raise provider_down(provider, str(error)) from None

    def _read(self, document: Mapping[str, Any]) -> Metadata:
        inputs = Inputs(development=self._development)

        def address(name: str) -> str:
            value = document.get(name)
            return inputs.address(name, value if isinstance(value, str) else "")

        def address_if_any(name: str) -> str | None:
            return address(name) if name in document else None

        return Metadata(
            authorization_endpoint=address("authorization_endpoint"),
            token_endpoint=address("token_endpoint"),
            key_set=address("jwks_uri"),
            end_session_endpoint=address_if_any("end_session_endpoint"),
            userinfo_endpoint=address_if_any("userinfo_endpoint"),
            auth_methods=_texts(document, "token_endpoint_auth_methods_supported") or (),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            prompts=_texts(document, "prompt_values_supported"),
        )


def provider_down(provider: Provider, reason: str) -> ProviderDown:
    return ProviderDown(f"{provider.name} can't be reached just now.", reason=reason)


def read_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = document.get(name)
    if not isinstance(value, list):
        return None
    return tuple(each for each in value if isinstance(each, str))
