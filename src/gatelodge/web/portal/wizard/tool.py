"""Step 1: the tool. With it the draft begins."""

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.drafts import Draft
from gatelodge.services.errors import DraftChanged, TooManyDrafts
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import frame
from gatelodge.words import N_


def new(visit: Visit) -> Response:
    return _where(visit) if visit.caller.is_operator else _page(visit, None)


def _where(visit: Visit) -> Response:
    """The operator has no drafts: they are an institution's, in which one has to stand first."""
    standings = [each for each in visit.visitor.standings if each.role is Role.ADMIN]
    return visit.page("wizard-where.html", current="registrations", standings=standings)


def begin(visit: Visit) -> Response:
    if visit.caller.is_operator:
        return _where(visit)
    chosen = visit.form.text("tool")
    if visit.form.text("do") == "leave":
        return visit.go(frame.LIST)
    if chosen not in {tool.key for tool in visit.gateway.tools.list(visit.caller)}:
        return _page(visit, None, error=_NO_TOOL)
    try:
        draft = visit.gateway.drafts.begin(visit.caller, {"tool": chosen})
    except TooManyDrafts:
        return _page(visit, None, error=_TOO_MANY, status=409)
    return visit.go(frame.address(draft, 2))


_NO_TOOL = N_("Choose the tool first.")
_TOO_MANY = N_("Your institution has too many drafts. Finish or delete some of them first.")


def _page(
    visit: Visit,
    draft: Draft | None,
    *,
    chosen: str = "",
    error: str = "",
    status: int = 422,
    notice: Note | None = None,
) -> Response:
    return frame.page(
        visit,
        "wizard-tool.html",
        draft,
        1,
        status=status if error else (409 if notice else 200),
        notice=notice,
        tools=visit.gateway.tools.list(visit.caller),
        chosen=chosen or (draft.tool_id if draft else ""),
        error=error,
    )


def show(visit: Visit, draft: Draft) -> Response:
    return _page(visit, draft)


def take(visit: Visit, draft: Draft) -> Response:
    chosen = visit.form.text("tool")
    offered = {tool.key for tool in visit.gateway.tools.list(visit.caller)}
    if frame.goes_on(visit) and chosen not in offered:
        return _page(visit, frame.reread(visit, draft), error=_NO_TOOL)
    try:
        draft = frame.saved(visit, draft, {"tool": chosen} if chosen in offered else {}, 2)
    except DraftChanged:
        return _page(visit, frame.reread(visit, draft), chosen=chosen, notice=frame.CHANGED)
    return frame.onward(visit, draft, 1)
