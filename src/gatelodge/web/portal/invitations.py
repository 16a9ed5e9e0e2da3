"""``/portal/invitations``: inviting colleagues by a link that is shown once, and what became of it."""

from collections.abc import Mapping

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.errors import Invalid, TenantNotFound, TooManyInvitations
from gatelodge.services.invitations import is_open
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import ADMINS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/invitations"

_SENTENCES: Mapping[str, str] = {
    "role": N_("Choose one of these roles."),
    "tenant": N_("There is no institution with this short name."),
    "note": N_("Write at most 100 characters, all of which can be seen."),
}
_TOO_MANY = Message(
    "bad",
    N_("Nobody was invited.\nToo many invitations are open: revoke those that nobody needs."),
)


def index(visit: Visit) -> Response:
    listing = list_page(
        visit,
        lambda _, limit, offset: visit.gateway.invitations.list(
            visit.caller, limit=limit, offset=offset
        ),
    )
    now = visit.gateway.clock()
    is_open_now = {each.invitation.id: is_open(each, now) for each in listing.rows}
    return visit.page(
        "invitations.html", current="people", listing=listing, is_open=is_open_now, seconds=now
    )


def new(visit: Visit) -> Response:
    typed = {"tenant": visit.query.get("tenant", ""), "role": Role.EDUCATOR, "note": ""}
    return _form(visit, typed)


def make(visit: Visit) -> Response:
    """The answer shows the link: nobody can see it a second time."""
    typed = {name: visit.form.text(name) for name in ("tenant", "role", "note")}
    if typed["role"] not in _roles(visit):
        return _form(visit, typed, "role")
    role = Role(typed["role"])
    place = visit.caller.tenant_id or typed["tenant"] or None
    try:
        made = visit.gateway.invitations.make(visit.caller, place, role, typed["note"])
    except (Invalid, TenantNotFound) as error:
        return _form(visit, typed, error.field if isinstance(error, Invalid) else "tenant")
    except TooManyInvitations:
        return _form(visit, typed, status=409, said=_TOO_MANY)
    return visit.page(
        "invitation-made.html", current="people", made=made, role=role, note=typed["note"]
    )


def revoke(visit: Visit) -> Response:
    visit.gateway.invitations.revoke(visit.caller, visit.path["invitation"])
    return visit.go(LIST, Message("ok", N_("The invitation is revoked: its link opens nothing.")))


def _roles(visit: Visit) -> list[Role]:
    return [each for each in Role if each is not Role.OPERATOR or visit.caller.is_operator]


def _form(
    visit: Visit,
    typed: Mapping[str, str],
    wrong: str | None = None,
    *,
    status: int = 200,
    said: Message | None = None,
) -> Response:
    return visit.page(
        "invitation-new.html",
        status=422 if wrong else status,
        said=said,
        current="people",
        roles=_roles(visit),
        typed=typed,
        errors={wrong: visit.word(_SENTENCES[wrong])} if wrong else {},
    )


PAGES = (
    Page(LIST, {"GET": index}, ADMINS),
    Page(f"{LIST}/new", {"GET": new, "POST": make}, ADMINS),
    Page(f"{LIST}/{{invitation}}/revoke", {"POST": revoke}, ADMINS),
)
