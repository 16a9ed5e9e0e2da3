"""``/portal/tools``: the operator's catalogue of tools, their secrets, their icons, and who sees them."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.vocabulary import MESSAGE_TYPES
from gatelodge.services.errors import Invalid, ToolChangedMeanwhile, ToolInUse
from gatelodge.services.tools import (
    DEFAULT_CLAIMS,
    HAND_OFFS,
    ID_TOKEN_ALGORITHMS,
    ToolDetails,
    details_of,
)
from gatelodge.web.portal.faults import faults_of
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import OPERATORS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/tools"


def index(visit: Visit) -> Response:
    listing = list_page(
        visit,
        lambda search, limit, offset: visit.gateway.tools.search(
            visit.caller, search, limit=limit, offset=offset
        ),
    )
    return visit.page("tools.html", current="tools", listing=listing)


# ----------------------------------------------------------------------- adding


def new(visit: Visit) -> Response:
    details = ToolDetails(
        name="",
        launch_url="",
        message_types=MESSAGE_TYPES,
        claims=DEFAULT_CLAIMS,
        anonymous=False,
        id_token_algorithm=ID_TOKEN_ALGORITHMS[0],
        hand_off=HAND_OFFS[0],
        tenants=None,
    )
    return _form(visit, "tool-new.html", details, key="")


def add(visit: Visit) -> Response:
    """The answer shows the secret: it goes into no address, cookie or log."""
    details, key = _typed(visit), visit.form.text("key")
    if not details.message_types:
        return _form(visit, "tool-new.html", details, _nothing_opens_it(visit), key=key)
    try:
        added = visit.gateway.tools.add(
            visit.caller,
            key,
            details.name,
            details.launch_url,
            tenants=details.tenants,
            message_types=details.message_types,
            claims=details.claims,
            anonymous=details.anonymous,
            id_token_algorithm=details.id_token_algorithm,
            hand_off=details.hand_off,
        )
    except GatelodgeError as error:
        return _form(visit, "tool-new.html", details, faults_of(visit, error), key=key)
    return visit.page(
        "tool-secret.html",
        current="tools",
        tool=added.tool,
        secret=added.client_secret,
        is_new=True,
        addresses=visit.gateway.addresses,
    )


# ----------------------------------------------------------------------- one tool


def show(visit: Visit) -> Response:
    return _shown(visit)


def edit(visit: Visit) -> Response:
    view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
    return _form(visit, "tool-edit.html", details_of(view), tool=view.tool, seen=view.seen)


def change(visit: Visit) -> Response:
    key, details = visit.path["tool"], _typed(visit)
    view = visit.gateway.tools.show(visit.caller, key)
    seen = visit.form.text("seen")
    known: dict[str, Any] = {"tool": view.tool, "seen": seen}
    try:
        visit.gateway.tools.change(visit.caller, key, details, seen=seen)
    except ToolChangedMeanwhile:
        # What was typed is kept; sent again, it counts against what is there now.
        return _form(visit, "tool-edit.html", details, tool=view.tool, seen=view.seen, changed=True)
    except GatelodgeError as error:
        return _form(visit, "tool-edit.html", details, faults_of(visit, error), **known)
    said = Message(
        "ok", N_("“{name}” has been changed.\nThe next launch goes by it."), {"name": details.name}
    )
    return visit.go(f"{LIST}/{view.tool.key}", said)


def ask_for_secret(visit: Visit) -> Response:
    view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
    return visit.page("tool-rotate.html", current="tools", view=view)


def rotate_secret(visit: Visit) -> Response:
    """The answer shows the secret: it goes into no address, cookie or log."""
    view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
    secret = visit.gateway.tools.rotate_secret(visit.caller, view.tool.key)
    return visit.page(
        "tool-secret.html",
        current="tools",
        tool=view.tool,
        secret=secret,
        is_new=False,
        addresses=visit.gateway.addresses,
    )


def change_icon(visit: Visit) -> Response:
    view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
    address, names = f"{LIST}/{view.tool.key}", {"name": view.tool.name}
    if visit.form.text("do") == "remove":
        visit.gateway.tool_icons.remove(visit.caller, view.tool.key)
        return visit.go(address, Message("ok", N_("“{name}” has no picture any more."), names))
    try:
        visit.gateway.tool_icons.put(visit.caller, view.tool.key, visit.form.file("icon") or b"")
    except Invalid as error:
        return _shown(visit, faults_of(visit, error))
    return visit.go(address, Message("ok", N_("“{name}” has a new picture."), names))


def ask_to_delete(visit: Visit) -> Response:
    view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
    return visit.page("tool-delete.html", current="tools", view=view)


def delete(visit: Visit) -> Response:
    try:
        tool = visit.gateway.tools.delete(visit.caller, visit.path["tool"])
    except ToolInUse:
        view = visit.gateway.tools.show(visit.caller, visit.path["tool"])
        return visit.page("tool-delete.html", status=409, current="tools", view=view)
    return visit.go(LIST, Message("ok", N_("“{name}” has been deleted."), {"name": tool.name}))


def _shown(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page(
        "tool.html",
        status=422 if errors else 200,
        current="tools",
        view=visit.gateway.tools.show(visit.caller, visit.path["tool"]),
        addresses=visit.gateway.addresses,
        errors=errors or {},
    )


# ----------------------------------------------------------------------- the form of both


def _typed(visit: Visit) -> ToolDetails:
    form = visit.form
    return ToolDetails(
        name=form.text("name"),
        launch_url=form.text("launch_url"),
        message_types=form.texts("message_types"),
        claims=form.texts("claims"),
        anonymous=form.text("anonymous") == "on",
        id_token_algorithm=form.text("id_token_algorithm"),
        hand_off=form.text("hand_off"),
        tenants=form.texts("tenants") if form.text("offered") == "some" else None,
    )


def _form(
    visit: Visit,
    template: str,
    details: ToolDetails,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
    **values: Any,
) -> Response:
    return visit.page(
        template,
        status=422 if errors or changed else 200,
        current="tools",
        details=details,
        tenants=visit.gateway.tenants.list(visit.caller),
        errors=errors or {},
        changed=changed,
        **values,
    )


def _nothing_opens_it(visit: Visit) -> Mapping[str, str]:
    return faults_of(visit, Invalid("message", "It takes no message."))


PAGES = (
    Page(LIST, {"GET": index}, OPERATORS),
    Page(f"{LIST}/new", {"GET": new, "POST": add}, OPERATORS),
    Page(f"{LIST}/{{tool}}", {"GET": show}, OPERATORS),
    Page(f"{LIST}/{{tool}}/edit", {"GET": edit, "POST": change}, OPERATORS),
    Page(f"{LIST}/{{tool}}/secret", {"GET": ask_for_secret, "POST": rotate_secret}, OPERATORS),
    Page(f"{LIST}/{{tool}}/icon", {"POST": change_icon}, OPERATORS),
    Page(f"{LIST}/{{tool}}/delete", {"GET": ask_to_delete, "POST": delete}, OPERATORS),
)
