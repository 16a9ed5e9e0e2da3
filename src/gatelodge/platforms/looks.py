"""How a value of an LMS's looks: follows the pattern, or what about it wants a second look.

Patterns are hints. Only what LTI itself forbids is called wrong here, and that is plain http.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from gatelodge.platforms.model import Environment, Identifier, Platform
from gatelodge.platforms.pasting import BLANKS, INVISIBLE, QUOTES, SLASH, Found, tidy
from gatelodge.platforms.questions import derived, questions

_URLS = ("key_set_url", "token_url", "authorization_url")


class Look(StrEnum):
    FITS = "fits"  # follows the LMS's pattern
    LOOKS_LIKE = "looks_like"  # an identifier as this LMS writes them
    UNLIKE = "unlike"  # an identifier such as this LMS doesn't write
    USUAL = "usual"  # another address than this LMS's usual one
    BLANKS = "blanks"  # left out around the value
    INVISIBLE = "invisible"  # left out, too
    QUOTES = "quotes"
    SLASH_REMOVED = "slash_removed"  # since this LMS's issuer never ends with one
    SLASH = "slash"  # at the end of the issuer, and perhaps meant so
    HTTP = "http"  # LTI needs https
    NOT_HTTPS = "not_https"  # an issuer that is no https address
    SWAPPED = "swapped"  # client id and deployment id
    SAME = "same"  # client id and deployment id
    MISSING = "missing"
    LATER = "later"  # no deployment id yet


GOOD = frozenset({Look.FITS, Look.LOOKS_LIKE})
TIDIED = frozenset({Look.BLANKS, Look.INVISIBLE, Look.QUOTES, Look.SLASH_REMOVED})
WRONG = frozenset({Look.HTTP, Look.MISSING})

_TIDIED = {BLANKS: Look.BLANKS, INVISIBLE: Look.INVISIBLE, QUOTES: Look.QUOTES}


class Seen(NamedTuple):
    look: Look
    expected: str = ""


def tidied(platform: Platform, field: str, typed: str) -> Found:
    """The value as it is taken, and what was changed about it."""
    found = tidy(typed)
    ends_with_slash = field == "issuer" and found.value.endswith("/")
    if (ends_with_slash and _never_ends_with_slash(platform)) or field == "site":
        without = found.value.rstrip("/")
        if without != found.value:
            return Found(without, (*found.tidied, SLASH))
    return found


def looks(
    platform: Platform,
    environment: Environment,
    values: Mapping[str, str],
    *,
    http_allowed: bool = False,
) -> dict[str, list[Seen]]:
    """What there is to say about each value that is asked for; ``values`` are tidied already."""
    usual = derived(environment, values)
    said: dict[str, list[Seen]] = {}
    for question in questions(platform, environment):
        field, value = question.field, values.get(question.field, "")
        seen: list[Seen] = []
        if not value:
            if not question.optional:
                seen.append(Seen(Look.MISSING))
            elif field == "deployment_id":
                seen.append(Seen(Look.LATER))
        elif field == "client_id":
            seen += _identifier(platform.client_id, value)
        elif field == "deployment_id":
            seen += _deployment(platform, values.get("client_id", ""), value)
        else:
            seen += _address(field, value, usual.get(field, ""), http_allowed=http_allowed)
        said[field] = seen
    return said


def seen_of(tidied_by: tuple[str, ...]) -> list[Seen]:
    return [Seen(_TIDIED.get(each, Look.SLASH_REMOVED)) for each in tidied_by]


def _never_ends_with_slash(platform: Platform) -> bool:
    """No vendor whose issuer is known puts a slash at its end."""
    return any(environment.addresses.issuer for environment in platform.environments)


def _identifier(identifier: Identifier | None, value: str) -> list[Seen]:
    if identifier is None:
        return []
    look = Look.LOOKS_LIKE if identifier.fits(value) else Look.UNLIKE
    return [Seen(look, identifier.looks_like)]


def _deployment(platform: Platform, client_id: str, value: str) -> list[Seen]:
    client, deployment = platform.client_id, platform.deployment_id
    if client and deployment:
        if client_id == value:
            return [Seen(Look.SAME, deployment.looks_like)]
        as_given = client.fits(client_id) and deployment.fits(value)
        if not as_given and client.fits(value) and deployment.fits(client_id):
            return [Seen(Look.SWAPPED, deployment.looks_like)]
    return _identifier(deployment, value)


def _address(field: str, value: str, usual: str, *, http_allowed: bool) -> list[Seen]:
    seen = []
    if field == "issuer":
        if value.endswith("/"):
            seen.append(Seen(Look.SLASH))
        if not value.startswith("https://") and not http_allowed:
            seen.append(Seen(Look.NOT_HTTPS))
    elif value.startswith("http://") and field != "audience" and not http_allowed:
        seen.append(Seen(Look.HTTP))
    if usual and field != "site":
        seen.append(Seen(Look.FITS) if value == usual else Seen(Look.USUAL, usual))
    return seen


def as_https(value: str) -> str:
    return f"https://{value.removeprefix('http://')}" if value.startswith("http://") else value


def site_of(environment: Environment, values: Mapping[str, str]) -> str:
    """The site's address, as far as the addresses given tell it; empty if they don't."""
    patterns = environment.addresses._asdict()
    for field in ("issuer", *_URLS):
        pattern, value = patterns[field] or "", values.get(field, "")
        if not pattern.startswith("{site}") or not value:
            continue
        rest = pattern.removeprefix("{site}")
        if value.endswith(rest) and urlsplit(value).scheme in ("https", "http"):
            return value.removesuffix(rest).rstrip("/")
    return ""
