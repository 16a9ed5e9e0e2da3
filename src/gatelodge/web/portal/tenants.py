"""``/portal/tenants``: the operator's list of institutions; adding, renaming, suspending, resuming."""

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import Invalid, TenantStateForbids
from gatelodge.web.portal.faults import faults_of
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Action, Message
from gatelodge.web.portal.pages import OPERATORS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/tenants"

_STATES = {"active": False, "suspended": True}


def index(visit: Visit) -> Response:
    state = visit.query.get("state", "")
    state = state if state in _STATES else ""
    listing = list_page(
        visit,
        lambda search, limit, offset: visit.gateway.tenants.search(
            visit.caller, search, suspended=_STATES.get(state), limit=limit, offset=offset
        ),
        state=state,
    )
    return visit.page("tenants.html", current="tenants", listing=listing, wanted=state)


def new(visit: Visit) -> Response:
    return visit.page("tenant-new.html", current="tenants", typed={}, errors={})


def add(visit: Visit) -> Response:
    typed = {name: visit.form.text(name) for name in ("name", "slug")}
    try:
        added = visit.gateway.tenants.add(visit.caller, typed["name"], typed["slug"] or None)
    except GatelodgeError as error:
        return visit.page(
            "tenant-new.html",
            status=422,
            current="tenants",
            typed=typed,
            errors=faults_of(visit, error),
        )
    said = Message(
        "ok",
        N_("“{name}” has been added.\nGive somebody there a role, so that they can sign in."),
        {"name": added.name},
    )
    return visit.go(f"{LIST}/{added.id}", said)


def show(visit: Visit) -> Response:
    return _shown(visit)


def rename(visit: Visit) -> Response:
    name = visit.form.text("name")
    try:
        renamed = visit.gateway.tenants.rename(visit.caller, visit.path["tenant"], name)
    except Invalid as error:
        return _shown(visit, status=422, typed=name, errors=faults_of(visit, error))
    said = Message("ok", N_("The institution is called “{name}” now."), {"name": renamed.name})
    return visit.go(f"{LIST}/{renamed.id}", said)


def ask_to_suspend(visit: Visit) -> Response:
    overview = visit.gateway.tenants.show(visit.caller, visit.path["tenant"])
    if overview.tenant.is_suspended:
        return visit.go(f"{LIST}/{overview.tenant.id}")
    return visit.page("tenant-suspend.html", current="tenants", overview=overview)


def suspend(visit: Visit) -> Response:
    tenant = visit.gateway.tenants.show(visit.caller, visit.path["tenant"]).tenant
    address = f"{LIST}/{tenant.id}"
    try:
        visit.gateway.tenants.suspend(visit.caller, tenant.id)
    except TenantStateForbids:
        return visit.go(address)
    said = Message(
        "ok",
        N_(
            "“{name}” is suspended.\n"
            "Its launches, tokens and sessions have ended. Nothing was deleted."
        ),
        {"name": tenant.name},
        Action(N_("Resume it"), f"{address}/resume"),
    )
    return visit.go(address, said)


def resume(visit: Visit) -> Response:
    tenant = visit.gateway.tenants.show(visit.caller, visit.path["tenant"]).tenant
    address = f"{LIST}/{tenant.id}"
    try:
        visit.gateway.tenants.resume(visit.caller, tenant.id)
    except TenantStateForbids:
        return visit.go(address)
    said = Message("ok", N_("“{name}” goes on: its links work again."), {"name": tenant.name})
    return visit.go(address, said)


def _shown(
    visit: Visit,
    *,
    status: int = 200,
    typed: str | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    overview = visit.gateway.tenants.show(visit.caller, visit.path["tenant"])
    return visit.page(
        "tenant.html",
        status=status,
        current="tenants",
        overview=overview,
        typed=overview.tenant.name if typed is None else typed,
        errors=errors or {},
    )


PAGES = (
    Page(LIST, {"GET": index}, OPERATORS),
    Page(f"{LIST}/new", {"GET": new, "POST": add}, OPERATORS),
    Page(f"{LIST}/{{tenant}}", {"GET": show, "POST": rename}, OPERATORS),
    Page(f"{LIST}/{{tenant}}/suspend", {"GET": ask_to_suspend, "POST": suspend}, OPERATORS),
    Page(f"{LIST}/{{tenant}}/resume", {"POST": resume}, OPERATORS),
)
