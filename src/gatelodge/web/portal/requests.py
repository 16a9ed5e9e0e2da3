"""``/portal/requests``: institutions that ask to be registered, and the operator's decision."""

from collections.abc import Callable

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import TenantNotFound, TenantRequestDecided
from gatelodge.services.inputs import slug_of
from gatelodge.services.tenant_requests import State
from gatelodge.web.portal.faults import faults_of
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import OPERATORS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/requests"

_DECIDED = Message("info", N_("This request was decided on before; nothing was changed."))
_NO_TENANT = N_("There is no tenant with this short name.")


def index(visit: Visit) -> Response:
    asked = visit.query.get("state", "")
    state = State(asked) if asked in list(State) else None
    listing = list_page(
        visit,
        lambda search, limit, offset: visit.gateway.tenant_requests.search(
            visit.caller, search, state, limit=limit, offset=offset
        ),
        state=state or "",
    )
    return visit.page(
        "requests.html",
        current="requests",
        listing=listing,
        wanted=state or "",
        providers=_provider_names(visit),
    )


def show(visit: Visit) -> Response:
    return _shown(visit)


def approve(visit: Visit) -> Response:
    def decide(request_id: str) -> Message:
        name, slug = visit.form.text("name"), visit.form.text("slug")
        tenant = visit.gateway.tenant_requests.approve(visit.caller, request_id, name, slug or None)
        return Message(
            "ok",
            N_("“{name}” is registered.\nWho asked is told; its people can sign in from now on."),
            {"name": tenant.name},
        )

    return _decided(visit, decide)


def join(visit: Visit) -> Response:
    def decide(request_id: str) -> Message:
        named = visit.form.text("tenant")
        tenant = visit.gateway.tenant_requests.join(visit.caller, request_id, named)
        return Message(
            "ok",
            N_("They belong to “{name}”.\nWho asked is told; its people can sign in from now on."),
            {"name": tenant.name},
        )

    return _decided(visit, decide)


def decline(visit: Visit) -> Response:
    def decide(request_id: str) -> Message:
        visit.gateway.tenant_requests.decline(visit.caller, request_id, visit.form.text("word"))
        return Message(
            "ok", N_("The request is declined.\nWho asked is told, and reads your word.")
        )

    return _decided(visit, decide)


def _decided(visit: Visit, decide: Callable[[str], Message]) -> Response:
    request_id = visit.path["tenant_request"]
    address = f"{LIST}/{request_id}"
    try:
        return visit.go(address, decide(request_id))
    except TenantRequestDecided:
        return visit.go(address, _DECIDED)
    except TenantNotFound:
        return _shown(visit, status=422, errors={"tenant": visit.word(_NO_TENANT)})
    except GatelodgeError as error:
        return _shown(visit, status=422, errors=faults_of(visit, error))


def _shown(visit: Visit, *, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    view = visit.gateway.tenant_requests.show(visit.caller, visit.path["tenant_request"])
    typed = {name: visit.form.text(name) for name in ("name", "slug", "tenant", "word")}
    if visit.request.method != "POST":
        typed |= {"name": view.row.name, "slug": slug_of(view.row.name)}
    return visit.page(
        "request.html",
        status=status,
        current="requests",
        view=view,
        providers=_provider_names(visit),
        typed=typed,
        errors=errors or {},
    )


def _provider_names(visit: Visit) -> dict[str, str]:
    return {key: each.name for key, each in visit.gateway.provider_sign_in.providers.items()}


PAGES = (
    Page(LIST, {"GET": index}, OPERATORS),
    Page(f"{LIST}/{{tenant_request}}", {"GET": show}, OPERATORS),
    Page(f"{LIST}/{{tenant_request}}/approve", {"POST": approve}, OPERATORS),
    Page(f"{LIST}/{{tenant_request}}/join", {"POST": join}, OPERATORS),
    Page(f"{LIST}/{{tenant_request}}/decline", {"POST": decline}, OPERATORS),
)
