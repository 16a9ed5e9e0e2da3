"""Add new registration: five steps, each saved in a draft, and each a form that works by itself.

Every button of a step sends the whole form, so that nothing typed is lost whichever is pressed:
``do`` says which one it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.drafts import STEPS, Draft
from gatelodge.services.errors import DraftNotFound
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import ADMINS, NotHere, Page, Visit
from gatelodge.web.portal.wizard import frame, naming, ours, review, theirs, tool
from gatelodge.words import N_

ADMINISTRATORS: Final = frozenset({Role.ADMIN})
"""A draft is an institution's own, so the operator has none."""


def show(visit: Visit) -> Response:
    draft, step = _draft(visit), _step(visit)
    if step > draft.step:
        return visit.go(frame.address(draft, draft.step))
    return _SHOWN[step](visit, draft)


def take(visit: Visit) -> Response:
    step = _step(visit)
    try:
        draft = _draft(visit)
    except DraftNotFound:
        return _already_added(visit)
    if step > draft.step:
        return visit.go(frame.address(draft, draft.step))
    version = visit.form.text("version")
    number = int(version) if version.isdecimal() and len(version) < 9 else 0
    return _TAKEN[step](visit, replace(draft, version=number))


def _already_added(visit: Visit) -> Response:
    """The button was pressed twice, and the first time did it."""
    registration_id = visit.form.text("registration")
    if registration_id:
        view = visit.gateway.registrations.show(visit.caller, registration_id)
        return visit.go(f"{frame.LIST}/{view.id}")
    raise NotHere


def _draft(visit: Visit) -> Draft:
    return visit.gateway.drafts.show(visit.caller, visit.path["draft"])


def _step(visit: Visit) -> int:
    step = visit.path["step"]
    if step not in {str(number) for number in range(1, STEPS + 1)}:
        raise NotHere
    return int(step)


def ask_to_delete(visit: Visit) -> Response:
    draft = _draft(visit)
    return visit.page(
        "draft-delete.html",
        current="registrations",
        draft=draft,
        lms=visit.lms(draft.platform),
        address=f"/portal/drafts/{draft.id}/delete",
        back=frame.address(draft, draft.step),
    )


def delete(visit: Visit) -> Response:
    draft = visit.gateway.drafts.delete(visit.caller, visit.path["draft"])
    text = (
        N_("The draft “{name}” has been deleted.")
        if draft.name
        else N_("The draft has been deleted.")
    )
    return visit.go(frame.LIST, Message("ok", text, {"name": draft.name}))


_SHOWN: Mapping[int, Callable[[Visit, Draft], Response]] = {
    1: tool.show,
    2: naming.show,
    3: ours.show,
    4: theirs.show,
    5: review.show,
}
_TAKEN: Mapping[int, Callable[[Visit, Draft], Response]] = {
    1: tool.take,
    2: naming.take,
    3: ours.take,
    4: theirs.take,
    5: review.take,
}

PAGES = (
    Page("/portal/registrations/new", {"GET": tool.new, "POST": tool.begin}, ADMINS),
    Page("/portal/drafts/{draft}/delete", {"GET": ask_to_delete, "POST": delete}, ADMINISTRATORS),
    Page("/portal/drafts/{draft}/{step}", {"GET": show, "POST": take}, ADMINISTRATORS),
)
