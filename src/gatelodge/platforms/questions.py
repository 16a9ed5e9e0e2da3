"""What to ask for after a tool has been entered in an LMS: under its names, in its order.

What an LMS never shows isn't asked for; it follows from where the LMS runs, or from its site's
address.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from gatelodge.platforms.model import Addresses, Environment, Platform

FIELDS = (
    "issuer",
    "client_id",
    "deployment_id",
    "key_set_url",
    "token_url",
    "authorization_url",
    "audience",
)
"""What the gateway needs from an LMS. Without an audience, it is the access token URL."""

ADDRESSES = ("issuer", "authorization_url", "token_url", "key_set_url", "audience")

_MAY_BE_EMPTY = {"deployment_id", "audience", "site"}


class Question(NamedTuple):
    """``label`` is the LMS's name for the field; empty where it has none that we know."""

    field: str
    label: str
    optional: bool
    verified: bool


def site_is(platform: Platform, environment: Environment) -> Literal["needed", "helpful", ""]:
    """Whether the address of the LMS's site fills fields in, and whether nothing else could."""
    with_site = {
        field
        for field, pattern in environment.addresses._asdict().items()
        if pattern and "{site}" in pattern
    }
    if not with_site:
        return ""
    return "helpful" if with_site <= set(platform.fields_from_platform) else "needed"


def questions(platform: Platform, environment: Environment) -> tuple[Question, ...]:
    asked = []
    site = site_is(platform, environment)
    if site:
        asked.append(Question("site", "", site == "helpful", verified=True))
    shown = [
        field for field in platform.fields_from_platform if field not in platform.shown_to_vendor
    ]
    # What is neither shown nor known has to be asked for all the same.
    unknown = [
        field
        for field in FIELDS
        if field not in platform.fields_from_platform
        and field != "audience"
        and (field in environment.ask or not _follows(field, environment))
    ]
    asked += [
        Question(
            field,
            platform.fields_from_platform.get(field, ""),
            field in _MAY_BE_EMPTY,
            platform.is_verified(f"fields_from_platform.{field}"),
        )
        for field in (*shown, *unknown)
    ]
    return tuple(asked)


def derived(environment: Environment, values: Mapping[str, str]) -> dict[str, str]:
    """The addresses that follow from the site's address and the client id, as far as they do."""
    known = {name: values[name] for name in ("site", "client_id") if values.get(name)}
    filled = environment.addresses.fill(**known)
    found = {field: value for field, value in filled._asdict().items() if value}
    # An audience that is the access token URL is none of its own.
    if environment.addresses.audience is None:
        found.pop("audience", None)
    return found


def completed(
    platform: Platform, environment: Environment, values: Mapping[str, str]
) -> dict[str, str]:
    """``values`` with what isn't asked for put in its place; what was typed is never changed."""
    asked = {each.field for each in questions(platform, environment)}
    follows = derived(environment, values)
    whole = {field: values.get(field, "") for field in FIELDS}
    for field in ADDRESSES:
        if field in follows and field not in asked:
            whole[field] = follows[field]
    return whole


def filled_in(environment: Environment, values: Mapping[str, str]) -> dict[str, str]:
    """``values`` with empty addresses filled in by the pattern of this LMS."""
    follows = derived(environment, values)
    return {
        **values,
        **{field: value for field, value in follows.items() if not values.get(field)},
    }


def _follows(field: str, environment: Environment) -> bool:
    """Whether the gateway can tell by itself, given site and client id."""
    if field not in Addresses._fields:
        return False
    pattern = getattr(environment.addresses, field)
    return pattern is not None and "{tool_id}" not in pattern and "{config_id}" not in pattern
