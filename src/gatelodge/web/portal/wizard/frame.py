"""What the five steps have in common: where they are, how they are saved, and what is drawn around them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from gatelodge.services.drafts import Draft
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import words
from gatelodge.web.portal.wizard.steps import steps
from gatelodge.words import N_

LIST = "/portal/registrations"

CHANGED = Note(
    "warn",
    N_(
        "This draft was changed meanwhile, in another tab or by a colleague. "
        "What you typed is still here: press the button again to save it in place of theirs."
    ),
)


def address(draft: Draft, step: int) -> str:
    return f"/portal/drafts/{draft.id}/{step}"


def saved(visit: Visit, draft: Draft, values: Mapping[str, str], step: int) -> Draft:
    return visit.gateway.drafts.save(
        visit.caller, draft.id, values, step=step, version=draft.version
    )


def onward(visit: Visit, draft: Draft, here: int) -> Response:
    """Where the pressed button leads, once everything is saved."""
    match visit.form.text("do"):
        case "leave":
            return visit.go(
                LIST,
                Message(
                    "ok",
                    N_("The draft is saved.\nGo on with it from the list whenever you like."),
                ),
            )
        case "back":
            return visit.go(address(draft, max(1, here - 1)))
        case _:
            return visit.go(address(draft, here + 1))


def goes_on(visit: Visit) -> bool:
    """Whether the person wants the next step, for which this one must be complete."""
    return visit.form.text("do") in ("", "next")


def page(
    visit: Visit,
    template: str,
    draft: Draft | None,
    now: int,
    *,
    status: int = 200,
    notice: Note | None = None,
    tool_name: str = "",
    **values: Any,
) -> Response:
    if draft is not None and not tool_name:
        tool = visit.gateway.drafts.tool(visit.caller, draft)
        tool_name = tool.name if tool else ""
    return visit.page(
        template,
        status=status,
        current="registrations",
        draft=draft,
        platform=draft.platform if draft else None,
        lms=visit.lms(draft.platform if draft else None),
        steps=steps(draft, now, visit.word, tool_name),
        step=now,
        tool_name=tool_name,
        saved_at=datetime.fromtimestamp(draft.updated_at, UTC) if draft else None,
        notice=notice,
        address=address(draft, now) if draft else f"{LIST}/new",
        our_names=words.OUR_NAMES,
        their_names=words.THEIR_NAMES,
        **values,
    )


def reread(visit: Visit, draft: Draft) -> Draft:
    """What was typed, on top of what is there now, to be saved by pressing again."""
    return visit.gateway.drafts.show(visit.caller, draft.id)
