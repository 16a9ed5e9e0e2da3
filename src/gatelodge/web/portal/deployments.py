"""``/portal/deployments``: those that launches named and somebody has to decide on, and the rest."""

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.registration import DeploymentState
from gatelodge.web.portal.listing import list_page
from gatelodge.web.portal.messages import Action, Message
from gatelodge.web.portal.pages import ADMINS, Page, Visit
from gatelodge.web.portal.registrations import LIST as REGISTRATIONS
from gatelodge.web.portal.registrations import moment_at
from gatelodge.words import N_

LIST = "/portal/deployments"

_NO_HOME = frozenset({"input.invalid", "registration.not_found", "deployment.taken"})


def index(visit: Visit) -> Response:
    asked = visit.query.get("show", "waiting")
    state = next((each for each in DeploymentState if each == asked), None)
    shown = asked if state or asked == "all" else "all"
    listing = list_page(
        visit,
        lambda _search, limit, offset: visit.gateway.deployments.page(
            visit.caller, state=state, limit=limit, offset=offset
        ),
        show=shown,
    )
    homeless = {
        each.deployment.platform_client_id for each in listing.rows if not each.registration_name
    }
    return visit.page(
        "deployments.html",
        current=None if visit.caller.is_operator else "deployments",
        listing=listing,
        shown=shown,
        homes=visit.gateway.registration_list.homes(visit.caller, homeless),
        at=moment_at,
        is_operator=visit.caller.is_operator,
    )


def approve(visit: Visit) -> Response:
    registration = visit.form.text("registration") or None
    try:
        decided = visit.gateway.deployments.approve(
            visit.caller, visit.path["placed"], registration
        )
    except GatelodgeError as error:
        if error.code not in _NO_HOME:
            raise
        text = N_(
            "Nothing was approved.\nChoose the registration that the deployment belongs to; "
            "it must be on the same issuer and client ID."
        )
        return visit.go(LIST, Message("bad", text))
    names = {
        "id": decided.deployment.deployment_id,
        "name": decided.registration_name or "",
    }
    text = N_("Deployment {id} is approved.\nIt belongs to “{name}”, and its launches work now.")
    return visit.go(_back(visit), Message("ok", text, names))


def block(visit: Visit) -> Response:
    decided = visit.gateway.deployments.block(visit.caller, visit.path["placed"])
    undo = (
        Action(N_("Undo"), f"{LIST}/{decided.id}/approve")
        if decided.deployment.registration_id
        else None
    )
    said = Message(
        "ok",
        N_("Deployment {id} is blocked.\nIts launches are refused."),
        {"id": decided.deployment.deployment_id},
        undo,
    )
    return visit.go(_back(visit), said)


def _back(visit: Visit) -> str:
    """To the registration it was decided beside, or to the list."""
    asked = visit.form.text("back")
    return asked if asked.startswith(f"{REGISTRATIONS}/") else LIST


PAGES = (
    Page(LIST, {"GET": index}, ADMINS),
    Page(f"{LIST}/{{placed}}/approve", {"POST": approve}, ADMINS),
    Page(f"{LIST}/{{placed}}/block", {"POST": block}, ADMINS),
)
