"""Step 2: what to call it, and which LMS it is."""

from collections.abc import Mapping

from starlette.responses import Response

from gatelodge.platforms import all_platforms
from gatelodge.platforms.looks import tidied
from gatelodge.services.drafts import Draft
from gatelodge.services.errors import DraftChanged
from gatelodge.services.inputs import LONGEST_NAME
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import frame
from gatelodge.words import N_


def _page(
    visit: Visit,
    draft: Draft,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    notice: Note | None = None,
) -> Response:
    return frame.page(
        visit,
        "wizard-name.html",
        draft,
        2,
        status=422 if errors else (409 if notice else 200),
        notice=notice,
        typed=typed,
        platforms=all_platforms(),
        errors=errors or {},
    )


def show(visit: Visit, draft: Draft) -> Response:
    return _page(visit, draft, draft.values)


def take(visit: Visit, draft: Draft) -> Response:
    form = visit.form
    platform = form.text("platform")
    typed = {
        "name": tidied(all_platforms()[-1], "name", form.text("name")).value,
        "platform": platform,
        "environment": form.text(f"environment-{platform}"),
        "unknown_deployments": form.text("unknown_deployments") or "hold",
    }
    errors = _wrong(typed) if frame.goes_on(visit) else {}
    known = {each.id for each in all_platforms()}
    kept = typed if platform in known else {**typed, "platform": ""}
    try:
        saved = frame.saved(visit, draft, kept, 3 if frame.goes_on(visit) and not errors else 2)
    except DraftChanged:
        return _page(visit, frame.reread(visit, draft), typed, notice=frame.CHANGED)
    if errors:
        return _page(visit, saved, typed, errors=errors)
    if saved.platform is None and not frame.goes_on(visit):
        return (
            frame.onward(visit, saved, 2)
            if form.text("do") != "back"
            else visit.go(frame.address(saved, 1))
        )
    return frame.onward(visit, saved, 2)


def _wrong(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = N_("Give the registration a name, so that you find it again.")
    elif len(typed["name"]) > LONGEST_NAME:
        errors["name"] = N_("This name is too long for a list: 100 characters are enough.")
    if typed["platform"] not in {each.id for each in all_platforms()}:
        errors["platform"] = N_("Choose your LMS; “Other LMS” if it isn't here.")
    return errors
