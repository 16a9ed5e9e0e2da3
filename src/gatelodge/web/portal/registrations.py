"""``/portal/registrations``: the list, one opened beside it, deleting and restoring, on and off.

Adding and editing are in modules of their own.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from gatelodge import platforms
from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.caller import Role
from gatelodge.services.errors import StateForbids
from gatelodge.services.registration_details import Details
from gatelodge.services.registration_list import LONGEST_SEARCH, PAGE, Show, Sort, Wanted
from gatelodge.services.registrations import RegistrationView
from gatelodge.web.portal.causes import CHANGES, FIELDS, cause_of
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Action, Message
from gatelodge.web.portal.pages import ADMINS, EVERYBODY, NotHere, Page, Visit
from gatelodge.words import N_

LIST = "/portal/registrations"
BIN = "/portal/bin"

Choice = TypeVar("Choice", bound=StrEnum)


# ----------------------------------------------------------------------- looking


def index(visit: Visit) -> Response:
    return _listed(visit)


def show(visit: Visit) -> Response:
    """The list with one of its registrations opened beside it."""
    details = visit.gateway.registration_details.show(visit.caller, visit.path["registration"])
    if details.is_in_bin:
        return visit.page("registration-in-bin.html", details=details, **_words(visit))
    return _listed(visit, details)


def _listed(visit: Visit, details: Details | None = None) -> Response:
    wanted = _wanted(visit.query)
    listing = visit.gateway.registration_list.look(visit.caller, wanted)
    query = _query_of(wanted)

    def address(path: str = LIST, **changes: str) -> str:
        """This list, otherwise narrowed or sorted; a change goes back to its first page."""
        kept = query if path != LIST or not changes else {**query, "page": ""}
        asked = {name: value for name, value in {**kept, **changes}.items() if value}
        return f"{path}?{urlencode(asked)}".removesuffix("?")

    at_page = (listing.first - 1) // PAGE + 1
    return visit.page(
        "registrations.html",
        listing=listing,
        details=details,
        keys=_keys(details.platform, details.view) if details and details.view else None,
        address=address,
        previous=address(page=str(at_page - 1)) if at_page > 1 else None,
        next=address(page=str(at_page + 1)) if at_page < listing.pages else None,
        families=[(each.id, visit.word(each.name)) for each in platforms.all_platforms()],
        tools=[(each.key, each.name) for each in listing.tools],
        may_change=visit.caller.role is not Role.EDUCATOR,
        may_add=visit.caller.role is Role.ADMIN,
        label=_labels(visit),
        **_words(visit),
    )


def _words(visit: Visit) -> dict[str, Any]:
    """What the templates of registrations and launches say things with."""
    translated = visit.language.translations.gettext
    is_operator = visit.caller.is_operator
    return {
        "current": "registrations",
        "at": moment_at,
        "cause": partial(cause_of, translate=translated),
        "change": lambda tag: translated(CHANGES.get(tag, tag)),
        "field_name": lambda field: translated(FIELDS.get(field, field)),
        "is_operator": is_operator,
    }


_LABELS = {
    "view": N_("View {name}"),
    "edit": N_("Edit {name}"),
    "delete": N_("Delete {name}"),
}


def _labels(visit: Visit) -> Callable[[str, str], str]:
    """What the buttons of a row are called for who can't see which row they stand in."""
    labels = {what: visit.language.translations.gettext(text) for what, text in _LABELS.items()}
    return lambda what, name: labels[what].replace("{name}", name)


def moment_at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _wanted(query: Mapping[str, str]) -> Wanted:
    """From an address that anybody may have typed: what makes no sense is left out."""
    known = {each.id for each in platforms.all_platforms()}
    platform = query.get("lms", "")
    return Wanted(
        words=_plain(query.get("q", "")),
        show=_one_of(Show, query.get("show", "")) or Show.ALL,
        platform=platform if platform in known else "",
        tool=_plain(query.get("tool", "")),
        sort=_one_of(Sort, query.get("sort", "")) or Sort.STATE,
        page=page_number(query),
        tenant=_plain(query.get("tenant", "")),
    )


def _query_of(wanted: Wanted) -> dict[str, str]:
    return {
        "q": wanted.words,
        "show": "" if wanted.show is Show.ALL else wanted.show,
        "lms": wanted.platform,
        "tool": wanted.tool,
        "sort": "" if wanted.sort is Sort.STATE else wanted.sort,
        "tenant": wanted.tenant,
        "page": "" if wanted.page == 1 else str(wanted.page),
    }


def _one_of(kind: type[Choice], value: str) -> Choice | None:
    return next((each for each in kind if each == value), None)


def _plain(text: str) -> str:
    return "".join(filter(str.isprintable, text[:LONGEST_SEARCH])).strip()


def page_number(query: Mapping[str, str]) -> int:
    asked = query.get("page", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= 6
    return max(1, int(asked)) if is_number else 1


# ----------------------------------------------------------------------- keys, by the LMS's names


def _keys(platform: platforms.Platform, view: RegistrationView) -> dict[str, Any]:
    """What came from the LMS and what it was given, in its order: (its name, ours, value)."""
    client = view.overview.client
    theirs = {
        "issuer": (N_("Issuer ID URL"), client.issuer),
        "client_id": (N_("Client ID"), client.client_id),
        "key_set_url": (N_("Keyset URL"), client.key_set_url),
        "token_url": (N_("Access token URL"), client.token_url),
        "authorization_url": (N_("Platform authentication URL"), client.authorization_url),
    }
    ours = {
        "target_link_uri": (N_("Target link URL"), view.launch_url),
        "oidc_initiation_url": (N_("OpenID connection URL"), view.login_url),
        "redirect_uris": (N_("Redirect URL"), view.launch_url),
        "key_set_url": (N_("Public keyset"), view.keyset_url),
    }
    return {
        "theirs": _named(platform.fields_from_platform, theirs),
        "ours": _named(platform.fields_to_platform, ours),
        "audience": client.token_audience,
        "own": [
            ("", N_("OpenID connection URL"), view.own_login_url),
            ("", N_("Redirect URL"), view.own_launch_url),
        ],
        "verified": platform.is_verified("fields_from_platform")
        and platform.is_verified("fields_to_platform"),
    }


def _named(
    labels: Mapping[str, str], values: Mapping[str, tuple[str, str]]
) -> list[tuple[str, str, str]]:
    in_order = [
        *(name for name in labels if name in values),
        *(n for n in values if n not in labels),
    ]
    return [(labels.get(name, ""), *values[name]) for name in in_order]


# ----------------------------------------------------------------------- deleting, and the bin


def ask_to_delete(visit: Visit) -> Response:
    stopping = visit.gateway.registration_list.what_stops(visit.caller, visit.path["registration"])
    if stopping is None:
        raise NotHere
    return visit.page(
        "registration-delete.html",
        stopping=stopping,
        action=f"{LIST}/{visit.path['registration']}/delete",
        keep=_way_back(visit.query.get("back", "")),
        **_words(visit),
    )


def delete(visit: Visit) -> Response:
    registration_id = visit.path["registration"]
    stopping = visit.gateway.registration_list.what_stops(visit.caller, registration_id)
    try:
        deleted = visit.gateway.registrations.delete(visit.caller, registration_id)
    except StateForbids:
        return visit.go(LIST, Message("info", N_("This registration was in the bin already.")))
    until = stopping.until if stopping else visit.gateway.clock()
    said = Message(
        "ok",
        N_(
            "“{name}” has been deleted.\nIts launches now fail with "
            "“Registration details not found”. It stays in the bin until {day}."
        ),
        {
            "name": deleted.registration.name,
            "day": visit.figures.date_of(int(until)),
        },
        Action(N_("Undo"), f"{LIST}/{deleted.id}/restore"),
    )
    return visit.go(LIST, said)


def restore(visit: Visit) -> Response:
    registration_id = visit.path["registration"]
    name = visit.gateway.registrations.show(
        visit.caller, registration_id
    ).overview.registration.name
    try:
        visit.gateway.registrations.restore(visit.caller, registration_id)
    except StateForbids:
        return visit.go(LIST, Message("info", N_("“{name}” isn't in the bin."), {"name": name}))
    except GatelodgeError as error:
        if error.code not in _TAKEN:
            raise
        return visit.go(BIN, _in_the_way(name, error))
    said = N_("“{name}” has been restored.\nIts launches work as they did before.")
    return visit.go(LIST, Message("ok", said, {"name": name}))


_TAKEN = frozenset(
    {"registration.in_the_way", "registration.taken", "platform_client.taken", "deployment.taken"}
)


def _in_the_way(name: str, error: GatelodgeError) -> Message:
    other: str | None = getattr(error, "name", None)
    if other is None:
        text = N_(
            "“{name}” can't be restored.\nIts issuer and client ID are in use again, by another "
            "institution of this gateway. Ask the operator."
        )
        return Message("bad", text, {"name": name})
    text = N_(
        "“{name}” can't be restored: “{other}” is in its place.\n"
        "Delete that one first, or keep it and leave this one in the bin."
    )
    return Message("bad", text, {"name": name, "other": other})


def look_into_bin(visit: Visit) -> Response:
    return visit.page(
        "registrations-bin.html",
        listing=list_page(
            visit,
            lambda _search, limit, offset: visit.gateway.registration_list.look_into_bin(
                visit.caller, limit=limit, offset=offset
            ),
        ),
        families={each.id: visit.word(each.name) for each in platforms.all_platforms()},
        **_words(visit),
    )


# ----------------------------------------------------------------------- on and off


def enable(visit: Visit) -> Response:
    registration_id = visit.path["registration"]
    address = f"{LIST}/{registration_id}"
    try:
        enabled = visit.gateway.registrations.enable(visit.caller, registration_id)
    except StateForbids:
        return visit.go(address)
    name = enabled.registration.name
    return visit.go(address, Message("ok", N_("“{name}” is switched on."), {"name": name}))


def disable(visit: Visit) -> Response:
    registration_id = visit.path["registration"]
    address = f"{LIST}/{registration_id}"
    try:
        disabled = visit.gateway.registrations.disable(visit.caller, registration_id)
    except StateForbids:
        return visit.go(address)
    said = Message(
        "ok",
        N_("“{name}” is switched off.\nIts launches are refused until it is switched on again."),
        {"name": disabled.registration.name},
        Action(N_("Undo"), f"{address}/enable"),
    )
    return visit.go(address, said)


def _way_back(asked: str) -> str:
    """Where somebody came from, if that is a page of registrations."""
    return asked if asked == LIST or asked.startswith((f"{LIST}/", f"{LIST}?")) else LIST


PAGES = (
    Page(LIST, {"GET": index}, EVERYBODY),
    Page(BIN, {"GET": look_into_bin}, ADMINS),
    Page(f"{LIST}/{{registration}}", {"GET": show}, EVERYBODY),
    Page(f"{LIST}/{{registration}}/delete", {"GET": ask_to_delete, "POST": delete}, ADMINS),
    Page(f"{LIST}/{{registration}}/restore", {"POST": restore}, ADMINS),
    Page(f"{LIST}/{{registration}}/enable", {"POST": enable}, ADMINS),
    Page(f"{LIST}/{{registration}}/disable", {"POST": disable}, ADMINS),
)
