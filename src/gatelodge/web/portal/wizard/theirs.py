"""Step 4: the LMS's keys, typed or pasted as a whole page."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from gatelodge.platforms import Environment, Platform
from gatelodge.platforms.looks import as_https, seen_of, site_of, tidied
from gatelodge.platforms.pasting import sort_page
from gatelodge.platforms.questions import filled_in, questions, site_is
from gatelodge.services.drafts import Draft
from gatelodge.services.errors import DraftChanged
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import frame
from gatelodge.web.portal.wizard.looking import looked_at, prefilled, rows
from gatelodge.web.portal.wizard.ours import shared_client
from gatelodge.web.portal.wizard.words import said
from gatelodge.words import N_


def _page(
    visit: Visit,
    draft: Draft,
    *,
    pasted: str = "",
    result: Mapping[str, object] | None = None,
    notes: Mapping[str, list[Note]] | None = None,
    errors: Mapping[str, Note] | None = None,
    notice: Note | None = None,
    status: int = 200,
) -> Response:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None:
        return visit.go(frame.address(draft, 2))
    if draft.is_on_shared:
        return frame.page(
            visit,
            "wizard-deployment.html",
            draft,
            4,
            status=status,
            notice=notice,
            client=shared_client(visit, draft),
            value=draft.value("deployment_id"),
            error=(errors or {}).get("deployment_id"),
            notes=(notes or {}).get("deployment_id", []),
        )
    values = prefilled(environment, draft)
    return frame.page(
        visit,
        "wizard-theirs.html",
        draft,
        4,
        status=status,
        notice=notice,
        environment=environment,
        rows=rows(platform, environment, values, notes or {}, errors or {}),
        site=site_is(platform, environment),
        pasted=pasted,
        result=result,
        errors=errors or {},
    )


def show(visit: Visit, draft: Draft) -> Response:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None or not draft.value("client_id"):
        return _page(visit, draft)
    # Come back to: what there is to say about the values is said again, but nothing is tried.
    notes, errors = looked_at(visit, draft, try_keys=False)
    return _page(visit, draft, notes=notes, errors=errors)


def take(visit: Visit, draft: Draft) -> Response:
    current = frame.reread(visit, draft)
    platform, environment = current.platform, current.environment
    if platform is None or environment is None:
        return visit.go(frame.address(current, 2))
    values, notes = _typed(visit, current)
    pasted, result, do = visit.form.text("pasted"), None, visit.form.text("do")
    if do == "sort" or (pasted and frame.goes_on(visit) and not any(values.values())):
        values, notes, result = _sorted(current, pasted, values, notes)
        do = "sort"
    elif do.startswith("https:") and do[6:] in values:
        values[do[6:]] = as_https(values[do[6:]])
    if do not in ("leave", "back") and not current.is_on_shared:
        values = _filled_in(current, values, everything=do == "fill")
    try:
        saved = frame.saved(visit, draft, values, 4)
    except DraftChanged:
        typed_over = _over(current, values)
        return _page(visit, typed_over, notes=notes, notice=frame.CHANGED, status=409)
    if do in ("leave", "back"):
        return frame.onward(visit, saved, 4)
    more, errors = looked_at(visit, saved, try_keys=do not in ("", "next"))
    if do in ("", "next") and not errors:
        saved = frame.saved(visit, saved, {}, 5)
        if not notes:
            return frame.onward(visit, saved, 4)
        return visit.go(frame.address(saved, 5), _tidied_message(notes))
    merged = {field: [*notes.get(field, ()), *more.get(field, ())] for field in {*notes, *more}}
    if do not in ("", "next"):
        # Nothing is wrong yet with what isn't there yet.
        errors = {field: each for field, each in errors.items() if saved.value(field)}
    if result is not None:
        result = {**result, "needs": len(errors)}
    status = 422 if do in ("", "next") else 200
    return _page(
        visit, saved, pasted=pasted, result=result, notes=merged, errors=errors, status=status
    )


def _typed(visit: Visit, draft: Draft) -> tuple[dict[str, str], dict[str, list[Note]]]:
    """The values, tidied, and what was tidied about each."""
    platform, environment = _lms_of(draft)
    fields = [each.field for each in questions(platform, environment)]
    if draft.is_on_shared:
        fields = ["deployment_id"]
    raw = {field: (visit.form.texts(field) or [""])[-1] for field in fields}
    tidy = {field: tidied(platform, field, value) for field, value in raw.items()}
    notes = {
        field: [said(platform, seen, field) for seen in seen_of(each.tidied)]
        for field, each in tidy.items()
        if each.tidied
    }
    return {field: each.value for field, each in tidy.items()}, notes


def _filled_in(draft: Draft, values: dict[str, str], *, everything: bool) -> dict[str, str]:
    """Empty fields by the LMS's pattern; what may stay empty only where it is asked for."""
    platform, environment = _lms_of(draft)
    site = values.get("site") or site_of(environment, values)
    whole = filled_in(environment, {**values, "site": site})
    return {
        each.field: whole.get(each.field, "")
        if everything or not each.optional
        else values[each.field]
        for each in questions(platform, environment)
    }


def _lms_of(draft: Draft) -> tuple[Platform, Environment]:
    platform, environment = draft.platform, draft.environment
    assert platform is not None and environment is not None  # noqa: S101, PT018 - step 2 asked
    return platform, environment


def _tidied_message(notes: Mapping[str, list[Note]]) -> Message:
    count = len(notes)
    text = (
        N_("One value was tidied.\nBlanks and characters that can't be seen are left out.")
        if count == 1
        else N_(
            "{count} values were tidied.\nBlanks and characters that can't be seen are left out."
        )
    )
    return Message("info", text, {"count": str(count)})


def _over(draft: Draft, values: Mapping[str, str]) -> Draft:
    return replace(draft, values={**draft.values, **values})


def _sorted(
    draft: Draft, pasted: str, typed: dict[str, str], typed_notes: dict[str, list[Note]]
) -> tuple[dict[str, str], dict[str, list[Note]], dict[str, object]]:
    """What the pasted page has is put into the fields that are asked for, in place of what was there."""
    platform, environment = _lms_of(draft)
    page = sort_page(platform, pasted)
    asked = {each.field for each in questions(platform, environment)}
    values: dict[str, str] = {}
    notes: dict[str, list[Note]] = {}
    for field, found in page.found.items():
        if field not in asked:
            continue
        tidy = tidied(platform, field, found.value)
        values[field] = tidy.value
        changes = dict.fromkeys((*found.tidied, *tidy.tidied))
        # A blank beside a value on a page is nothing that needs saying.
        changes.pop("blanks", None)
        if changes:
            notes[field] = [said(platform, seen, field) for seen in seen_of(tuple(changes))]
        if field in page.twice:
            notes.setdefault(field, []).append(
                Note(
                    "warn", N_("The page has two different values for this. The first one is here.")
                )
            )
    result: dict[str, object] = {
        "found": len(values),
        "of": len([each for each in asked if each != "site"]),
        "tidied": sum(any(note.kind == "tidied" for note in each) for each in notes.values()),
    }
    kept = {field: each for field, each in typed_notes.items() if field not in values}
    return {**typed, **values}, {**kept, **notes}, result
