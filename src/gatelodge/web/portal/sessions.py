"""``/portal/sessions`` and ``/portal/standing``: where one is signed in, and in which role one stands."""

from datetime import UTC, datetime

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.errors import SessionNotFound
from gatelodge.services.sessions import SessionView, Standing
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import EVERYBODY, NotHere, Page, Visit
from gatelodge.web.portal.strangers import HOME, set_session
from gatelodge.words import N_

# The first that a browser's own words hold: most of them say that they are several others, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def show(visit: Visit) -> Response:
    rows = [_row(visit, each) for each in visit.gateway.sessions.list(visit.visitor)]
    return visit.page("sessions.html", rows=rows)


def end(visit: Visit) -> Response:
    try:
        visit.gateway.sessions.end_other(visit.visitor, visit.path["session"])
    except SessionNotFound:
        raise NotHere from None
    said = Message("ok", N_("That session has ended. Whoever used it has to sign in again."))
    return visit.go("/portal/sessions", said)


_GOALS = {"new": "/portal/registrations/new"}
"""Where somebody was going who had to stand elsewhere first."""


def stand(visit: Visit) -> Response:
    """From now on in another role; pages that were drawn for the one before do no more harm."""
    role, _, tenant_id = visit.form.text("standing").partition(":")
    for each in visit.visitor.standings:
        if (each.role, each.tenant_id or "") == (role, tenant_id):
            token = visit.gateway.sessions.choose(visit.visitor, each)
            goal = _GOALS.get(visit.form.text("to"), HOME)
            return set_session(visit.go(goal), token)
    raise NotHere


def _row(visit: Visit, session: SessionView) -> dict[str, object]:
    providers = visit.gateway.provider_sign_in.providers
    provider = providers.get(session.provider or "")
    return {
        "id": session.id,
        "browser": _told(session.user_agent, _BROWSERS),
        "system": _told(session.user_agent, _SYSTEMS),
        "standing": session.standing,
        "role": _role(session.standing),
        "provider": provider.name if provider else session.provider,
        "began": datetime.fromtimestamp(session.created_at, UTC),
        "seen": datetime.fromtimestamp(session.seen_at, UTC),
        "is_current": session.is_current,
    }


def _role(standing: Standing | None) -> Role | None:
    return standing.role if standing else None


def _told(user_agent: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in names if mark in user_agent), None)


PAGES = (
    Page("/portal/sessions", {"GET": show}, EVERYBODY),
    Page("/portal/sessions/{session}/end", {"POST": end}, EVERYBODY),
    Page("/portal/standing", {"POST": stand}, EVERYBODY),
)
