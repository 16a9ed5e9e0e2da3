"""``/portal/tenants``: the operator's list of institutions; what each has, and what leads to it."""

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import Invalid, TenantStateForbids
from gatelodge.web.portal.faults import faults_of
from gatelodge.web.portal.listing import LONGEST_SEARCH, list_page
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


def options(visit: Visit) -> Response:
    """For a field in which an institution is named, while somebody types."""
    asked = visit.query.get("q", "").strip()[:LONGEST_SEARCH]
    found = visit.gateway.tenants.suggest(visit.caller, asked)
    return visit.fragment("tenant-options.html", tenants=found)


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


def ask_to_remove(visit: Visit) -> Response:
    identity = visit.gateway.tenant_identities.show(
        visit.caller, visit.path["tenant"], visit.path["identity"]
    )
    overview = visit.gateway.tenants.show(visit.caller, identity.tenant_id)
    return visit.page(
        "tenant-identity-remove.html", current="tenants", overview=overview, identity=identity
    )


def remove(visit: Visit) -> Response:
    removed = visit.gateway.tenant_identities.remove(
        visit.caller, visit.path["tenant"], visit.path["identity"]
    )
    said = Message(
        "ok",
        N_("“{name}” leads here no more.\nThe roles that came by it have ended."),
        {"name": removed.institution.value},
    )
    return visit.go(f"{LIST}/{removed.tenant_id}", said)


def _shown(
    visit: Visit,
    *,
    status: int = 200,
    typed: str | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    overview = visit.gateway.tenants.show(visit.caller, visit.path["tenant"])
    identities = visit.gateway.tenant_identities.list(visit.caller, overview.tenant.id)
    providers = visit.gateway.provider_sign_in.providers
    return visit.page(
        "tenant.html",
        status=status,
        current="tenants",
        overview=overview,
        identities=identities,
        providers={key: each.name for key, each in providers.items()},
        typed=overview.tenant.name if typed is None else typed,
        errors=errors or {},
    )


PAGES = (
    Page(LIST, {"GET": index}, OPERATORS),
    Page(f"{LIST}/options", {"GET": options}, OPERATORS),
    Page(f"{LIST}/new", {"GET": new, "POST": add}, OPERATORS),
    Page(f"{LIST}/{{tenant}}", {"GET": show, "POST": rename}, OPERATORS),
    Page(f"{LIST}/{{tenant}}/suspend", {"GET": ask_to_suspend, "POST": suspend}, OPERATORS),
    Page(f"{LIST}/{{tenant}}/resume", {"POST": resume}, OPERATORS),
    Page(
        f"{LIST}/{{tenant}}/identities/{{identity}}/remove",
        {"GET": ask_to_remove, "POST": remove},
        OPERATORS,
    ),
)
