"""``/portal/clients``: client IDs that the operator shares among tenants, and whose deployments are."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gatelodge import platforms
from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.tokens import ALGORITHMS
from gatelodge.services.errors import (
    ClientChangedMeanwhile,
    ClientExists,
    ClientInUse,
    Invalid,
)
from gatelodge.services.shared_clients import ClientDetails, SharedClientView, details_of
from gatelodge.web.portal.connection_checks import Row, addresses_of, tally, tried_as_typed
from gatelodge.web.portal.faults import faults_of
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import OPERATORS, Page, Visit
from gatelodge.words import N_

LIST = "/portal/clients"

_MOST_ORIGINS = 20
_NOT_A_NUMBER = -1


def index(visit: Visit) -> Response:
    clients = visit.gateway.shared_clients
    listing = list_page(
        visit,
        lambda search, limit, offset: clients.search(
            visit.caller, search, limit=limit, offset=offset
        ),
    )
    _, waiting = clients.search_waiting(visit.caller, "", limit=1, offset=0)
    return _page(visit, "clients.html", listing=listing, waiting=waiting)


def queue(visit: Visit) -> Response:
    listing = list_page(
        visit,
        lambda search, limit, offset: visit.gateway.shared_clients.search_waiting(
            visit.caller, search, limit=limit, offset=offset
        ),
    )
    return _page(visit, "clients-waiting.html", listing=listing)


# ----------------------------------------------------------------------- adding and changing


def new(visit: Visit) -> Response:
    details = ClientDetails(
        platform="blackboard", authorization_url="", token_url="", key_set_url=""
    )
    return _form(visit, "client-new.html", details, issuer="", client_id="")


def add(visit: Visit) -> Response:
    details, clients = _typed(visit), visit.gateway.shared_clients
    issuer, client_id = visit.form.text("issuer"), visit.form.text("client_id")
    typed: dict[str, Any] = {"issuer": issuer, "client_id": client_id}
    try:
        if visit.form.text("do") == "take over":
            return _shared(visit, clients.take_over(visit.caller, issuer, client_id))
        clients.check_new(visit.caller, issuer, client_id, details)
        if checks := _checks(visit, details):
            return _form(visit, "client-new.html", details, checks=checks, **typed)
        return _shared(visit, clients.add(visit.caller, issuer, client_id, details))
    except GatelodgeError as error:
        typed["private"] = isinstance(error, ClientExists) and error.is_private
        return _form(visit, "client-new.html", details, faults_of(visit, error), **typed)


def _shared(visit: Visit, added: SharedClientView) -> Response:
    said = Message(
        "ok",
        N_(
            "“{name}” is shared now.\n"
            "Administrators find it when they add a registration; you say whose deployments are."
        ),
        {"name": added.client.client_id},
    )
    return visit.go(f"{LIST}/{added.client.id}", said)


def show(visit: Visit) -> Response:
    return _page(visit, "client.html", view=_view(visit))


def edit(visit: Visit) -> Response:
    view = _view(visit)
    details = details_of(view.client)
    return _form(visit, "client-edit.html", details, client=view.client, seen=view.seen)


def change(visit: Visit) -> Response:
    view, details = _view(visit), _typed(visit)
    client, seen = view.client, visit.form.text("seen")
    clients = visit.gateway.shared_clients
    try:
        clients.check(visit.caller, details)
        is_new = addresses_of(details) != addresses_of(details_of(client))
        if is_new and (checks := _checks(visit, details)):
            known: dict[str, Any] = {"client": client, "seen": seen}
            return _form(visit, "client-edit.html", details, checks=checks, **known)
        clients.change(visit.caller, client.id, details, seen=seen)
    except ClientChangedMeanwhile:
        # What was typed is kept; sent again, it counts against what is there now.
        return _form(
            visit, "client-edit.html", details, client=client, seen=view.seen, changed=True
        )
    except GatelodgeError as error:
        faults = faults_of(visit, error)
        return _form(visit, "client-edit.html", details, faults, client=client, seen=seen)
    said = Message(
        "ok",
        N_("“{name}” has been changed.\nThe next launch goes by it."),
        {"name": client.client_id},
    )
    return visit.go(f"{LIST}/{client.id}", said)


def ask_to_delete(visit: Visit) -> Response:
    return _page(visit, "client-delete.html", view=_view(visit))


def delete(visit: Visit) -> Response:
    view = _view(visit)
    try:
        visit.gateway.shared_clients.delete(visit.caller, view.client.id)
    except ClientInUse:
        return _page(visit, "client-delete.html", status=409, view=_view(visit))
    said = Message("ok", N_("“{name}” has been deleted."), {"name": view.client.client_id})
    return visit.go(LIST, said)


# ----------------------------------------------------------------------- whose deployments are


def ask_whose(visit: Visit) -> Response:
    return _assignment(visit)


def assign(visit: Visit) -> Response:
    client, deployment = visit.path["client"], visit.path["deployment"]
    found = visit.gateway.shared_clients.assignment(visit.caller, client, deployment)
    name = found.deployment.deployment_id
    address = f"{LIST}/{client}"
    if visit.form.text("do") == "block":
        visit.gateway.deployments.block(visit.caller, deployment)
        said = Message("ok", N_("The deployment “{name}” is blocked."), {"name": name})
        return visit.go(address, said)
    chosen = visit.form.text("registration")
    homes = {each.id: each for each in found.registrations}
    try:
        if chosen not in homes:
            raise Invalid("registration", "No registration of this client was chosen.")
        visit.gateway.deployments.approve(visit.caller, deployment, chosen)
    except GatelodgeError as error:
        return _assignment(visit, faults_of(visit, error))
    said = Message(
        "ok",
        N_("The deployment “{name}” is {tenant}'s now.\nIts links work from the next click on."),
        {"name": name, "tenant": homes[chosen].tenant_name},
    )
    return visit.go(address, said)


def decide(visit: Visit) -> Response:
    """Grant or dismiss what a tenant asked for."""
    client, request = visit.path["client"], visit.path["request"]
    try:
        if visit.form.text("do") == "grant":
            asked = visit.gateway.shared_clients.grant(visit.caller, client, request)
            text = N_("The deployment “{name}” is {tenant}'s now.")
        else:
            asked = visit.gateway.shared_clients.dismiss(visit.caller, client, request)
            text = N_("The request of {tenant} for “{name}” has been dismissed.")
        said = Message("ok", text, {"name": asked.deployment_id, "tenant": asked.tenant_name})
    except GatelodgeError as error:
        if error.code != "deployment.taken":
            raise
        said = Message("bad", N_("This deployment was decided on before."))
    return visit.go(f"{LIST}/{client}", said)


def _assignment(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    client, deployment = visit.path["client"], visit.path["deployment"]
    found = visit.gateway.shared_clients.assignment(visit.caller, client, deployment)
    return _page(
        visit,
        "client-assign.html",
        status=422 if errors else 200,
        found=found,
        asking={each.registration_id for each in found.requests},
        errors=errors or {},
    )


# ----------------------------------------------------------------------- the form of both


def _view(visit: Visit) -> SharedClientView:
    return visit.gateway.shared_clients.show(visit.caller, visit.path["client"])


def _typed(visit: Visit) -> ClientDetails:
    form = visit.form
    leeway = form.text("leeway")
    return ClientDetails(
        platform=form.text("platform"),
        authorization_url=form.text("authorization_url"),
        token_url=form.text("token_url"),
        key_set_url=form.text("key_set_url"),
        token_audience=form.text("token_audience") or None,
        algorithms=tuple(form.texts("algorithms")),
        leeway=int(leeway)
        if leeway.isascii() and leeway.isdigit() and len(leeway) < 6
        else _NOT_A_NUMBER,
        service_origins=tuple(form.text("service_origins").split())[:_MOST_ORIGINS],
    )


def _checks(visit: Visit, details: ClientDetails) -> list[Row]:
    """What came of trying the addresses, if something failed; none if that was shown before."""
    if visit.form.text("tried") == addresses_of(details):
        return []
    rows = tried_as_typed(visit, details)
    return rows if any(each.kind == "bad" for each in rows) else []


def _form(
    visit: Visit,
    template: str,
    details: ClientDetails,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
    private: bool = False,
    checks: Sequence[Row] = (),
    **values: Any,
) -> Response:
    return _page(
        visit,
        template,
        status=422 if errors or changed or checks else 200,
        private=private,
        checks=checks,
        tally=tally(checks),
        tried=addresses_of(details) if checks else visit.form.text("tried"),
        details=details,
        algorithms=ALGORITHMS,
        errors=errors or {},
        changed=changed,
        **values,
    )


def _page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
    lmss = {each.id: visit.word(each.name) for each in platforms.all_platforms()}
    return visit.page(template, status=status, current="clients", lmss=lmss, **values)


PAGES = (
    Page(LIST, {"GET": index}, OPERATORS),
    Page(f"{LIST}/new", {"GET": new, "POST": add}, OPERATORS),
    Page(f"{LIST}/waiting", {"GET": queue}, OPERATORS),
    Page(f"{LIST}/{{client}}", {"GET": show}, OPERATORS),
    Page(f"{LIST}/{{client}}/edit", {"GET": edit, "POST": change}, OPERATORS),
    Page(f"{LIST}/{{client}}/delete", {"GET": ask_to_delete, "POST": delete}, OPERATORS),
    Page(
        f"{LIST}/{{client}}/deployments/{{deployment}}",
        {"GET": ask_whose, "POST": assign},
        OPERATORS,
    ),
    Page(f"{LIST}/{{client}}/requests/{{request}}", {"POST": decide}, OPERATORS),
)
