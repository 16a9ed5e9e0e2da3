"""The first two messages: reading a login initiation, writing the authentication request.

1EdTech Security Framework 1.0 sections 5.1.1.1 and 5.1.1.2; LTI Core 1.3 section 4.1.
Nothing in a login initiation is authenticated: it serves to find the platform client and to
start the flow, for nothing else.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeGuard
from urllib.parse import quote_plus, urlencode, urlsplit

from msgspec import Struct

from gatelodge.lti.errors import (
    LoginDeploymentMalformed,
    LoginParameterForbidden,
    LoginParameterMalformed,
    LoginParameterMissing,
    LoginParameterRepeated,
    LoginParameterTooLong,
    LoginTargetForeign,
    OldLti,
    Refusal,
    StorageTargetMalformed,
    bare_address,
)
from gatelodge.lti.notes import note
from gatelodge.lti.trace import Trace

LONGEST_VALUE = 8_000
"""Characters of one value. Hints are opaque; Canvas puts a whole JWT into one."""

LONGEST_IDENTIFIER = 255
"""LTI Core 1.3 sections 5.3 and 5.4: identifiers have at most 255 ASCII characters."""

_READ = (
    "iss",
    "login_hint",
    "target_link_uri",
    "client_id",
    "lti_deployment_id",
    "deployment_id",
    "lti_message_hint",
    "lti_storage_target",
)
_HINTS = ("login_hint", "lti_message_hint")
_OURS = frozenset({"redirect_uri", "nonce", "state", "authorization_endpoint"})
_FRAME_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


class LoginInitiation(Struct, frozen=True, gc=False):
    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str | None
    deployment_id: str | None
    message_hint: str | None
    storage_target: str | None


def read_login_initiation(parameters: Iterable[tuple[str, str]], trace: Trace) -> LoginInitiation:
    """Read the parameters of a query or of a form; unknown ones are ignored (SF 5.1.1.1)."""
    values = _single_values(parameters)
    _refuse_what_is_ours(values)
    _refuse_old_lti(values)
    initiation = LoginInitiation(
        issuer=_required(values, "iss"),
        login_hint=_required(values, "login_hint"),
        target_link_uri=_required(values, "target_link_uri"),
        client_id=values.get("client_id") or None,
        deployment_id=_deployment_hint(values),
        message_hint=values.get("lti_message_hint"),
        storage_target=_storage_target(values),
    )
    trace.passed("login.received")
    return initiation


def joined(
    form: Sequence[tuple[str, str]], query: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The form's parameters and what the address adds to them.

    Some platforms keep a query on the login address they were given and post the rest. The same
    value in both places is said once; two values for one name stay, to be refused as repeated.
    """
    said = set(form)
    return [*form, *(pair for pair in query if pair not in said)]


def is_clean(text: str) -> bool:
    """Whether a text has nothing that a database or an HTTP header can't carry."""
    return text.isprintable() or not any(
        character < " " or "\x7f" <= character < "\xa0" or "\ud800" <= character < "\ue000"
        for character in text
    )


def is_identifier(value: object) -> TypeGuard[str]:
    """Whether a value is an identifier as LTI Core 1.3 limits it: 1 to 255 ASCII characters."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_IDENTIFIER
        and value.isascii()
        and value.isprintable()
    )


def check_target_link(
    target_link_uri: str, launch_urls: Iterable[str], refusal: type[Refusal] = LoginTargetForeign
) -> None:
    """Refuse a target link that is not, by path, one of this tool's launch addresses.

    OpenID Connect Core section 4 obliges us to look, so that nobody uses the login to send
    people elsewhere. The query is the link's own and goes on to the tool.
    """
    launch_urls = tuple(launch_urls)
    if target_link_uri in launch_urls:
        return
    if _without_query(target_link_uri) not in launch_urls:
        raise refusal(sent=bare_address(target_link_uri), expected=launch_urls[0])


def authentication_request(
    authorization_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    initiation: LoginInitiation,
    state: str,
    nonce: str,
) -> str:
    """The address to send the browser to (SF 5.1.1.2); a query the endpoint has is kept."""
    # State and nonce are ours, of characters that need no encoding.
    address = (
        f"{authorization_url}{'&' if '?' in authorization_url else '?'}{_ALWAYS_THE_SAME}"
        f"&client_id={_encoded_once(client_id)}&redirect_uri={_encoded_once(redirect_uri)}"
        f"&login_hint={quote_plus(initiation.login_hint)}&state={state}&nonce={nonce}"
    )
    if initiation.message_hint is None:
        return address
    # CORE 4.1.1: a hint that is present goes back unaltered, an empty one too.
    return f"{address}&lti_message_hint={quote_plus(initiation.message_hint)}"


_ALWAYS_THE_SAME = urlencode(
    {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
    }
)

_encoded_once = lru_cache(maxsize=4096)(quote_plus)


def _single_values(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in parameters:
        if name in values:
            raise LoginParameterRepeated(sent=name)
        values[name] = value
    for name in _READ:
        value = values.get(name, "")
        if len(value) > LONGEST_VALUE:
            raise LoginParameterTooLong(sent=name, note=note("too_long", count=len(value)))
        if not is_clean(_joined_lines(value) if name in _HINTS else value):
            raise LoginParameterMalformed(sent=name)
    return values


def _joined_lines(hint: str) -> str:
    # What a hint says is the platform's own affair (CORE 4.1.1); encoders of base64 break lines.
    return hint.replace("\r", "").replace("\n", "")


def _refuse_what_is_ours(values: dict[str, str]) -> None:
    if forbidden := sorted(_OURS & values.keys()):
        raise LoginParameterForbidden(sent=forbidden[0])


def _refuse_old_lti(values: dict[str, str]) -> None:
    if "iss" not in values and "oauth_consumer_key" in values:
        raise OldLti(sent=values.get("lti_version"), expected="LTI 1.3")


def _required(values: dict[str, str], name: str) -> str:
    if value := values.get(name):
        return value
    raise LoginParameterMissing(expected=name)


def _deployment_hint(values: dict[str, str]) -> str | None:
    # Canvas spells it without the prefix; there and elsewhere it is only a hint (CORE 4.1.2).
    hint = values.get("lti_deployment_id", values.get("deployment_id"))
    if hint is None or hint == "":
        return None
    if not is_identifier(hint):
        raise LoginDeploymentMalformed(sent=hint)
    return hint


def _storage_target(values: dict[str, str]) -> str | None:
    target = values.get("lti_storage_target") or None
    if target is not None and not _FRAME_NAME.fullmatch(target):
        raise StorageTargetMalformed(sent=target)
    return target


def _without_query(url: str) -> str | None:
    """The address up to its query, or None when it has what a launch address never has."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.fragment or "#" in url:
        return None
    return url.partition("?")[0]
