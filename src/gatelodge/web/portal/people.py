"""``/portal/people``: who may come in, in which roles; roles are given and taken, accounts disabled."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.errors import Invalid, LastAdmin, LastOperator, TenantNotFound
from gatelodge.services.people import MOST_FOUND, PersonView
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Action, Message
from gatelodge.web.portal.pages import ADMINS, OPERATORS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/people"

_LAST_ADMIN = Message(
    "bad",
    N_(
        "Nothing was changed.\nThis is the institution's only administrator. Make another one first."
    ),
)
_LAST_OPERATOR = Message(
    "bad", N_("Nothing was changed.\nThis is the only operator. Make another one first.")
)
_NO_TENANT = N_("There is no institution with this short name.")
_NO_ROLE = N_("Choose one of these roles.")


def index(visit: Visit) -> Response:
    listing = list_page(
        visit,
        lambda search, limit, offset: visit.gateway.people.search(
            visit.caller, search, limit=limit, offset=offset
        ),
    )
    ways = {row.id: _ways(visit, row) for row in listing.rows}
    return visit.page(
        "people.html", current="people", listing=listing, ways=ways, most_found=MOST_FOUND
    )


def show(visit: Visit) -> Response:
    return _shown(visit)


def set_roles(visit: Visit) -> Response:
    """Those that are ticked, in the place that the form is for; ``more`` takes none away."""
    account_id, caller = visit.path["account"], visit.caller
    person = visit.gateway.people.show(caller, account_id)
    place = caller.tenant_id or visit.form.text("tenant") or None
    ticked = [Role(each) for each in visit.form.texts("role") if each in set(Role)]
    accounts, adds = visit.gateway.accounts, bool(visit.form.text("more"))
    if adds and not ticked:
        return _shown(visit, status=422, errors={"new-role": visit.word(_NO_ROLE)})
    try:
        change = accounts.give_roles if adds else accounts.set_roles
        change(caller, account_id, place, ticked)
    except LastAdmin:
        return _shown(visit, status=409, said=_LAST_ADMIN)
    except LastOperator:
        return _shown(visit, status=409, said=_LAST_OPERATOR)
    except (Invalid, TenantNotFound):
        return _shown(visit, status=422, errors={"tenant": visit.word(_NO_TENANT)})
    if not ticked and not caller.is_operator:
        gone = Message("ok", N_("“{name}” holds no role here any more."), {"name": person.name})
        return visit.go(LIST, gone)
    said = Message(
        "ok", N_("The roles of “{name}” are changed, from now on."), {"name": person.name}
    )
    return visit.go(f"{LIST}/{account_id}", said)


def ask_to_disable(visit: Visit) -> Response:
    person = visit.gateway.people.show(visit.caller, visit.path["account"])
    return visit.page("person-disable.html", current="people", person=person)


def disable(visit: Visit) -> Response:
    account_id = visit.path["account"]
    try:
        view = visit.gateway.accounts.disable(visit.caller, account_id)
    except LastOperator:
        return _shown(visit, status=409, said=_LAST_OPERATOR)
    said = Message(
        "ok",
        N_("The account of “{name}” is disabled.\nWhoever used it is signed out."),
        {"name": view.name},
        Action(N_("Enable it"), f"{LIST}/{account_id}/enable"),
    )
    return visit.go(f"{LIST}/{account_id}", said)


def enable(visit: Visit) -> Response:
    account_id = visit.path["account"]
    view = visit.gateway.accounts.enable(visit.caller, account_id)
    said = Message("ok", N_("The account of “{name}” can be used again."), {"name": view.name})
    return visit.go(f"{LIST}/{account_id}", said)


def _shown(
    visit: Visit,
    *,
    status: int = 200,
    said: Message | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    person = visit.gateway.people.show(visit.caller, visit.path["account"])
    return visit.page(
        "person.html",
        status=status,
        said=said,
        current="people",
        person=person,
        ways=_ways(visit, person),
        places=_places(visit, person),
        typed=visit.form.text("tenant") if errors else "",
        errors=errors or {},
    )


def _places(visit: Visit, person: PersonView) -> list[dict[str, Any]]:
    """Where the visitor may give this person roles: a form each."""
    own = visit.visitor.standing
    found: dict[str | None, str | None] = {own.tenant_id: own.tenant_name}
    slugs = {each.tenant_id: each.tenant_slug for each in person.roles}
    found |= {each.tenant_id: each.tenant_name for each in person.roles}
    return [
        {
            "tenant": slugs.get(tenant_id) or "",
            "name": name,
            "roles": [Role.ADMIN, Role.EDUCATOR] if tenant_id else [Role.OPERATOR],
            "held": {each.role for each in person.roles if each.tenant_id == tenant_id},
            "claimed": any(
                each.source == "claims" for each in person.roles if each.tenant_id == tenant_id
            ),
        }
        for tenant_id, name in found.items()
    ]


def _ways(visit: Visit, person: PersonView) -> Sequence[str]:
    """Names of providers; of one that the settings know no more, its host."""
    providers = visit.gateway.provider_sign_in.providers.values()
    named = [
        next((each.name for each in providers if each.may_be(issuer)), urlsplit(issuer).netloc)
        for issuer in person.issuers
    ]
    return [*named, *([visit.word(N_("Local account"))] if person.has_password else [])]


PAGES = (
    Page(LIST, {"GET": index}, ADMINS),
    Page(f"{LIST}/{{account}}", {"GET": show, "POST": set_roles}, ADMINS),
    Page(f"{LIST}/{{account}}/disable", {"GET": ask_to_disable, "POST": disable}, OPERATORS),
    Page(f"{LIST}/{{account}}/enable", {"POST": enable}, OPERATORS),
)
