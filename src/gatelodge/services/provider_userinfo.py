"""What a provider tells only to who asks its userinfo address (OpenID Connect Core 1.0, section 5.3).

Many put nothing into the id_token but who somebody is. What stands in the token counts more: it is signed.
"""

from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.tokens import JsonObject
from gatelodge.services.provider_claims import is_untold
from gatelodge.services.provider_metadata import (
    SECONDS_TO_ANSWER,
    Fetcher,
    Metadata,
    provider_down,
    read_object,
)
from gatelodge.services.providers import Provider
from gatelodge.services.sign_in_errors import proof_rejected


async def with_userinfo(
    fetcher: Fetcher, provider: Provider, metadata: Metadata, claims: JsonObject, tokens: JsonObject
) -> JsonObject:
    """The claims of a verified id_token, with those that decide and stand at userinfo alone.

    Raises `SignInFailed`: what couldn't be asked is never taken for "no role".
    """
    access_token = _bearer(tokens)
    address = metadata.userinfo_endpoint
    if provider.has_all_in_token or address is None or access_token is None:
        return claims
    if not is_untold(provider, claims):
        return claims
    try:
        answer = await fetcher.get(
            address,
            accept="application/json",
            deadline=SECONDS_TO_ANSWER,
            headers={"Authorization": f"Bearer {access_token}"},
        )
    except GatelodgeError as error:
        raise provider_down(provider, str(error)) from None
    if answer.status >= 500:
        raise provider_down(provider, f"Its userinfo endpoint gave status {answer.status}.")
    told = read_object(answer.body)
    if answer.status != 200 or told is None:
        raise proof_rejected(f"userinfo gave status {answer.status}, or no JSON")
    # 5.3.2: otherwise it is the answer to a token of somebody else's.
    if told.get("sub") != claims["sub"]:
        raise proof_rejected("userinfo is of another subject")
    return {**told, **claims}


def _bearer(tokens: JsonObject) -> str | None:
    """RFC 6750 section 2.1; of another kind of token we don't know how to show it."""
    token, kind = tokens.get("access_token"), tokens.get("token_type")
    is_bearer = isinstance(kind, str) and kind.lower() == "bearer"
    is_sendable = isinstance(token, str) and token.isascii() and token.isprintable()
    return token if is_bearer and is_sendable and isinstance(token, str) else None
