"""Step 3: our keys, to be entered in the LMS; or the client id that the operator shares."""

from starlette.responses import Response

from gatelodge.lti.registration import PlatformClient
from gatelodge.services.drafts import OWN, SHARED, Draft
from gatelodge.services.errors import DraftChanged, Invalid
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import frame
from gatelodge.web.portal.wizard.handing_over import handing, key_rows
from gatelodge.words import N_

NO_CLIENT = N_("Choose the Client ID that you entered in your LMS.")


def _way(visit: Visit, draft: Draft) -> str:
    """By a client id of one's own, or by one that the operator shares."""
    platform = draft.platform
    if platform is None or platform.vendor_wide == "never":
        return OWN
    asked = visit.query.get("way") or draft.value("way")
    if asked in (OWN, SHARED):
        return asked
    return SHARED if platform.vendor_wide == "always" else OWN


def _page(
    visit: Visit,
    draft: Draft,
    way: str,
    *,
    error: str = "",
    notice: Note | None = None,
) -> Response:
    if draft.platform is None or draft.environment is None:
        return visit.go(frame.address(draft, 2))
    try:
        ours = visit.gateway.drafts.our_keys(visit.caller, draft)
    except Invalid:
        return visit.go(
            frame.address(draft, 1),
            Message("warn", N_("The tool isn't offered any more.\nChoose another one.")),
        )
    return frame.page(
        visit,
        "wizard-ours.html",
        draft,
        3,
        status=422 if error else (409 if notice else 200),
        notice=notice,
        key_rows=key_rows(draft.platform, ours),
        handing=handing(draft.platform, ours, visit.language.translations.gettext),
        way=way,
        clients=visit.gateway.drafts.shared_clients(visit.caller, draft),
        chosen=draft.value("shared_client"),
        error=error,
    )


def show(visit: Visit, draft: Draft) -> Response:
    return _page(visit, draft, _way(visit, draft))


def take(visit: Visit, draft: Draft) -> Response:
    way = SHARED if visit.form.text("way") == SHARED else OWN
    client = visit.form.text("shared_client")
    values = {"way": way}
    if way == SHARED:
        offered = [each.id for each in visit.gateway.drafts.shared_clients(visit.caller, draft)]
        if frame.goes_on(visit) and client not in offered:
            return _page(visit, frame.reread(visit, draft), way, error=NO_CLIENT)
        values["shared_client"] = client if client in offered else ""
    try:
        draft = frame.saved(visit, draft, values, 4 if frame.goes_on(visit) else 3)
    except DraftChanged:
        return _page(visit, frame.reread(visit, draft), way, notice=frame.CHANGED)
    return frame.onward(visit, draft, 3)


def shared_client(visit: Visit, draft: Draft) -> PlatformClient | None:
    offered = visit.gateway.drafts.shared_clients(visit.caller, draft)
    return next((each for each in offered if each.id == draft.value("shared_client")), None)
