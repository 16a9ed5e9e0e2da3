"""``/portal/data``: an institution's export, its end, and what is kept of one person."""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import Invalid, TenantStateForbids, TooManyPersonRequests
from gatelodge.services.tenants import Tenant
from gatelodge.web.pages.headers import portal_headers
from gatelodge.web.portal.messages import Action, Message
from gatelodge.web.portal.pages import ADMINS, Page, Visit
from gatelodge.words import N_

HOME = "/portal/data"

AT_ONCE = 2
"""Seconds that the first page waits: of a small institution all is done by then."""


def index(visit: Visit) -> Response:
    return _shown(visit)


def _shown(
    visit: Visit, *, status: int = 200, typed: str = "", error: GatelodgeError | None = None
) -> Response:
    gateway, caller, tenant = visit.gateway, visit.caller, _tenant(visit)
    return visit.page(
        "data.html",
        status=status,
        current="data",
        tenant=tenant,
        exports=gateway.tenant_exports.list(caller, tenant.id) if tenant else [],
        deletion=gateway.tenant_deletions.find(caller, tenant.id) if tenant else None,
        deletions=gateway.tenant_deletions.list(caller) if caller.is_operator else [],
        days=gateway.tenant_deletions.days,
        requests=gateway.persons.list(caller, tenant.id if tenant else None),
        typed=typed,
        errors={} if error is None else {"person": visit.word(_why(error))},
    )


# ----------------------------------------------------------------------- the export


def export(visit: Visit) -> Response:
    tenant = _named(visit)
    begun = visit.gateway.tenant_exports.ask(visit.caller, tenant.id)
    _go_on(visit, visit.gateway.tenant_exports.work)
    said = N_("The export is on its way.\nIt can be fetched here for a day, once it is ready.")
    if not begun:
        said = N_("An export is being made already.\nIt can be fetched here once it is ready.")
    return visit.go(_home(visit, tenant), Message("ok", said))


def take(visit: Visit) -> Response:
    archive = visit.gateway.tenant_exports.take(visit.caller, visit.path["export"], visit.word)
    headers = dict(portal_headers()) | {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{archive.name}"',
    }
    return StreamingResponse(archive.content, headers=headers)


# ----------------------------------------------------------------------- one person


def find(visit: Visit) -> Response:
    wanted, tenant = visit.form.text("person"), visit.form.text("tenant")
    try:
        view = visit.gateway.persons.find(visit.caller, wanted, tenant or None)
    except (Invalid, TooManyPersonRequests) as error:
        return _shown(visit, status=422, typed=wanted, error=error)
    _go_on(visit, visit.gateway.persons.work)
    return visit.go(f"{HOME}/people/{view.request.id}")


def show_person(visit: Visit) -> Response:
    return _person(visit)


def erase(visit: Visit) -> Response:
    request_id = visit.path["person"]
    if not visit.form.text("sure"):
        return _person(visit, status=422, error=_NOT_SURE)
    try:
        visit.gateway.persons.erase(
            visit.caller, request_id, visit.form.texts("subject"), visit.form.texts("account")
        )
    except Invalid as error:
        return _person(visit, status=422, error=_why(error))
    _go_on(visit, visit.gateway.persons.work)
    return visit.go(f"{HOME}/people/{request_id}")


def receipt(visit: Visit) -> Response:
    text = visit.gateway.persons.receipt(visit.caller, visit.path["person"], visit.word)
    headers = dict(portal_headers()) | {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="receipt.txt"',
    }
    return Response(text, headers=headers)


def _person(visit: Visit, *, status: int = 200, error: str = "") -> Response:
    view = visit.gateway.persons.show(visit.caller, visit.path["person"])
    return visit.page(
        "data-person.html",
        status=status,
        current="data",
        view=view,
        chosen={*visit.form.texts("subject"), *visit.form.texts("account")},
        errors={"sure": visit.word(error)} if error else {},
    )


# ----------------------------------------------------------------------- the end


def ask_to_delete(visit: Visit) -> Response:
    tenant = _tenant(visit)
    if tenant is None:
        return visit.go(HOME)
    return _asked(visit, tenant)


def delete(visit: Visit) -> Response:
    tenant, typed = _named(visit), visit.form.text("typed")
    service, caller = visit.gateway.tenant_deletions, visit.caller
    try:
        if caller.is_operator:
            service.decide(caller, tenant.id, typed)
            said = Message(
                "ok",
                N_("“{name}” will be deleted.\nIts launches, tokens and sessions have ended."),
                {"name": tenant.name},
                Action(N_("Take it back"), f"{HOME}/keep?{urlencode({'tenant': tenant.slug})}"),
            )
        else:
            service.ask(caller, tenant.id, typed)
            said = Message("ok", N_("The operator has been asked.\nUntil then everything goes on."))
    except Invalid as error:
        return _asked(visit, tenant, status=422, typed=typed, error=str(error))
    except TenantStateForbids:
        return visit.go(_home(visit, tenant))
    return visit.go(_home(visit, tenant), said)


def keep(visit: Visit) -> Response:
    tenant = _named(visit)
    try:
        visit.gateway.tenant_deletions.take_back(visit.caller, tenant.id)
    except TenantStateForbids:
        return visit.go(_home(visit, tenant))
    said = Message("ok", N_("“{name}” will not be deleted."), {"name": tenant.name})
    if visit.gateway.tenants.find(visit.caller, tenant.id).is_suspended:
        said = Message(
            "ok",
            N_("“{name}” will not be deleted.\nIt is still suspended."),
            {"name": tenant.name},
            Action(N_("Resume it"), f"/portal/tenants/{tenant.id}/resume"),
        )
    return visit.go(_home(visit, tenant), said)


def _asked(
    visit: Visit, tenant: Tenant, *, status: int = 200, typed: str = "", error: str = ""
) -> Response:
    return visit.page(
        "data-delete.html",
        status=status,
        current="data",
        tenant=tenant,
        days=visit.gateway.tenant_deletions.days,
        typed=typed,
        errors={"typed": visit.word(error)} if error else {},
    )


# ----------------------------------------------------------------------- parts

_NOT_SURE = N_("Tick that you know it: nobody can bring it back.")
_WHO = N_("Type a number or an address without blanks, of at most 255 characters.")
_CHOOSE = N_("Choose who is to be erased; your own account isn't for you to erase.")
_WAIT = N_("Several people are being looked for already. Wait until that is done.")


def _why(error: GatelodgeError) -> str:
    if isinstance(error, TooManyPersonRequests):
        return _WAIT
    return _CHOOSE if str(error).startswith(("Choose", "Nobody")) else _WHO


def _go_on(visit: Visit, work: Callable[[float], int]) -> None:
    """What was asked for is written; what takes longer or fails is the worker's, who tells of it."""
    with suppress(Exception):
        work(visit.gateway.clock() + AT_ONCE)


def _tenant(visit: Visit) -> Tenant | None:
    """The caller's own; the operator names one in the address, or none."""
    named = visit.query.get("tenant", "") or visit.form.text("tenant")
    scope = visit.caller.tenant_scope
    if not named and scope is None:
        return None
    return visit.gateway.tenants.find(visit.caller, named or scope or "")


def _named(visit: Visit) -> Tenant:
    """As `_tenant`, of who has to name one."""
    return _tenant(visit) or visit.gateway.tenants.find(visit.caller, "")


def _home(visit: Visit, tenant: Tenant) -> str:
    return f"{HOME}?{urlencode({'tenant': tenant.slug})}" if visit.caller.is_operator else HOME


PAGES = (
    Page(HOME, {"GET": index}, ADMINS),
    Page(f"{HOME}/export", {"POST": export}, ADMINS),
    Page(f"{HOME}/exports/{{export}}", {"GET": take}, ADMINS),
    Page(f"{HOME}/people", {"POST": find}, ADMINS),
    Page(f"{HOME}/people/{{person}}", {"GET": show_person, "POST": erase}, ADMINS),
    Page(f"{HOME}/people/{{person}}/receipt", {"GET": receipt}, ADMINS),
    Page(f"{HOME}/delete", {"GET": ask_to_delete, "POST": delete}, ADMINS),
    Page(f"{HOME}/keep", {"POST": keep}, ADMINS),
)
