"""Add new registration: five steps, each saved in a draft, and each a form that works by itself.

Every button of a step sends the whole form, so that nothing typed is lost whichever is pressed:
``do`` says which one it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.platforms import all_platforms
from gatelodge.platforms.looks import Look, Seen, as_https, looks, seen_of, site_of, tidied
from gatelodge.platforms.pasting import sort_page
from gatelodge.platforms.questions import completed, filled_in, questions, site_is
from gatelodge.services.caller import Role
from gatelodge.services.drafts import OWN, SHARED, STEPS, Draft
from gatelodge.services.errors import (
    DraftChanged,
    DraftNotFound,
    Invalid,
    TooManyDrafts,
)
from gatelodge.services.inputs import LONGEST_NAME
from gatelodge.web.pages.models import N_
from gatelodge.web.portal import wizard
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import NotHere, Page, Visit
from gatelodge.web.portal.wizard import Check, Note

LIST = "/portal/registrations"
ADMINISTRATORS: Final = frozenset({Role.ADMIN})
"""A draft is an institution's own, so the operator has none."""

_CHANGED = Note(
    "warn",
    N_(
        "This draft was changed meanwhile, in another tab or by a colleague. "
        "What you typed is still here: press the button again to save it in place of theirs."
    ),
)


# ----------------------------------------------------------------------- beginning


def new(visit: Visit) -> Response:
    return _tool_page(visit, None)


def begin(visit: Visit) -> Response:
    chosen = visit.form.text("tool")
    if visit.form.text("do") == "leave":
        return visit.go(LIST)
    if chosen not in {tool.key for tool in visit.gateway.tools.list(visit.caller)}:
        return _tool_page(visit, None, error=_NO_TOOL)
    try:
        draft = visit.gateway.drafts.begin(visit.caller, {"tool": chosen})
    except TooManyDrafts:
        return _tool_page(visit, None, error=_TOO_MANY, status=409)
    return visit.go(_address(draft, 2))


_NO_TOOL = N_("Choose the tool first.")
_TOO_MANY = N_("Your institution has too many drafts. Finish or delete some of them first.")


# ----------------------------------------------------------------------- each step


def show(visit: Visit) -> Response:
    draft, step = _draft(visit), _step(visit)
    if step > draft.step:
        return visit.go(_address(draft, draft.step))
    return _SHOWN[step](visit, draft)


def take(visit: Visit) -> Response:
    step = _step(visit)
    try:
        draft = _draft(visit)
    except DraftNotFound:
        return _already_added(visit)
    if step > draft.step:
        return visit.go(_address(draft, draft.step))
    version = visit.form.text("version")
    draft = _with_version(draft, int(version) if version.isdecimal() and len(version) < 9 else 0)
    return _TAKEN[step](visit, draft)


def _with_version(draft: Draft, version: int) -> Draft:
    return replace(draft, version=version)


def _already_added(visit: Visit) -> Response:
    """The button was pressed twice, and the first time did it."""
    registration_id = visit.form.text("registration")
    if registration_id:
        view = visit.gateway.registrations.show(visit.caller, registration_id)
        return visit.go(f"{LIST}/{view.id}")
    raise NotHere


def _draft(visit: Visit) -> Draft:
    return visit.gateway.drafts.show(visit.caller, visit.path["draft"])


def _step(visit: Visit) -> int:
    step = visit.path["step"]
    if step not in {str(number) for number in range(1, STEPS + 1)}:
        raise NotHere
    return int(step)


def _address(draft: Draft, step: int) -> str:
    return f"/portal/drafts/{draft.id}/{step}"


def _saved(visit: Visit, draft: Draft, values: Mapping[str, str], step: int) -> Draft:
    return visit.gateway.drafts.save(
        visit.caller, draft.id, values, step=step, version=draft.version
    )


def _onward(visit: Visit, draft: Draft, here: int) -> Response:
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
            return visit.go(_address(draft, max(1, here - 1)))
        case _:
            return visit.go(_address(draft, here + 1))


def _goes_on(visit: Visit) -> bool:
    """Whether the person wants the next step, for which this one must be complete."""
    return visit.form.text("do") in ("", "next")


def _page(
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
        lms=draft.platform.name if draft and draft.platform else "",
        steps=wizard.steps(draft, now, tool_name),
        step=now,
        tool_name=tool_name,
        saved_at=wizard.moment_of(draft.updated_at) if draft else None,
        notice=notice,
        address=_address(draft, now) if draft else f"{LIST}/new",
        our_names=wizard.OUR_NAMES,
        their_names=wizard.THEIR_NAMES,
        **values,
    )


def _changed(visit: Visit, draft: Draft) -> Draft:
    """What was typed, on top of what is there now, to be saved by pressing again."""
    return visit.gateway.drafts.show(visit.caller, draft.id)


# ----------------------------------------------------------------------- 1: the tool


def _tool_page(
    visit: Visit,
    draft: Draft | None,
    *,
    chosen: str = "",
    error: str = "",
    status: int = 422,
    notice: Note | None = None,
) -> Response:
    return _page(
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


def _show_tool(visit: Visit, draft: Draft) -> Response:
    return _tool_page(visit, draft)


def _take_tool(visit: Visit, draft: Draft) -> Response:
    chosen = visit.form.text("tool")
    offered = {tool.key for tool in visit.gateway.tools.list(visit.caller)}
    if _goes_on(visit) and chosen not in offered:
        return _tool_page(visit, _changed(visit, draft), error=_NO_TOOL)
    try:
        draft = _saved(visit, draft, {"tool": chosen} if chosen in offered else {}, 2)
    except DraftChanged:
        return _tool_page(visit, _changed(visit, draft), chosen=chosen, notice=_CHANGED)
    return _onward(visit, draft, 1)


# ----------------------------------------------------------------------- 2: name and LMS


def _name_page(
    visit: Visit,
    draft: Draft,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    notice: Note | None = None,
) -> Response:
    return _page(
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


def _show_name(visit: Visit, draft: Draft) -> Response:
    return _name_page(visit, draft, draft.values)


def _take_name(visit: Visit, draft: Draft) -> Response:
    form = visit.form
    platform = form.text("platform")
    typed = {
        "name": tidied(all_platforms()[-1], "name", form.text("name")).value,
        "platform": platform,
        "environment": form.text(f"environment-{platform}"),
        "unknown_deployments": form.text("unknown_deployments") or "hold",
    }
    errors = _wrong_name(typed) if _goes_on(visit) else {}
    known = {each.id for each in all_platforms()}
    kept = typed if platform in known else {**typed, "platform": ""}
    try:
        saved = _saved(visit, draft, kept, 3 if _goes_on(visit) and not errors else 2)
    except DraftChanged:
        return _name_page(visit, _changed(visit, draft), typed, notice=_CHANGED)
    if errors:
        return _name_page(visit, saved, typed, errors=errors)
    if saved.platform is None and not _goes_on(visit):
        return (
            _onward(visit, saved, 2) if form.text("do") != "back" else visit.go(_address(saved, 1))
        )
    return _onward(visit, saved, 2)


def _wrong_name(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = N_("Give the registration a name, so that you find it again.")
    elif len(typed["name"]) > LONGEST_NAME:
        errors["name"] = N_("This name is too long for a list: 100 characters are enough.")
    if typed["platform"] not in {each.id for each in all_platforms()}:
        errors["platform"] = N_("Choose your LMS; “Other LMS” if it isn't here.")
    return errors


# ----------------------------------------------------------------------- 3: our keys


def _way(visit: Visit, draft: Draft) -> str:
    """By a client id of one's own, or by one that the operator shares."""
    platform = draft.platform
    if platform is None or platform.vendor_wide == "never":
        return OWN
    asked = visit.query.get("way") or draft.value("way")
    if asked in (OWN, SHARED):
        return asked
    return SHARED if platform.vendor_wide == "always" else OWN


def _ours_page(
    visit: Visit,
    draft: Draft,
    way: str,
    *,
    error: str = "",
    notice: Note | None = None,
) -> Response:
    if draft.platform is None or draft.environment is None:
        return visit.go(_address(draft, 2))
    try:
        ours = visit.gateway.drafts.our_keys(visit.caller, draft)
    except Invalid:
        return visit.go(
            _address(draft, 1),
            Message("warn", N_("The tool isn't offered any more.\nChoose another one.")),
        )
    return _page(
        visit,
        "wizard-ours.html",
        draft,
        3,
        status=422 if error else (409 if notice else 200),
        notice=notice,
        ours=ours,
        way=way,
        clients=visit.gateway.drafts.shared_clients(visit.caller, draft),
        chosen=draft.value("shared_client"),
        error=error,
    )


def _show_ours(visit: Visit, draft: Draft) -> Response:
    return _ours_page(visit, draft, _way(visit, draft))


def _take_ours(visit: Visit, draft: Draft) -> Response:
    way = SHARED if visit.form.text("way") == SHARED else OWN
    client = visit.form.text("shared_client")
    values = {"way": way}
    if way == SHARED:
        offered = [each.id for each in visit.gateway.drafts.shared_clients(visit.caller, draft)]
        if _goes_on(visit) and client not in offered:
            return _ours_page(visit, _changed(visit, draft), way, error=_NO_CLIENT)
        values["shared_client"] = client if client in offered else ""
    try:
        draft = _saved(visit, draft, values, 4 if _goes_on(visit) else 3)
    except DraftChanged:
        return _ours_page(visit, _changed(visit, draft), way, notice=_CHANGED)
    return _onward(visit, draft, 3)


_NO_CLIENT = N_("Choose the Client ID that you entered in your LMS.")


# ----------------------------------------------------------------------- 4: their keys


def _theirs_page(
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
        return visit.go(_address(draft, 2))
    if draft.is_on_shared:
        return _page(
            visit,
            "wizard-deployment.html",
            draft,
            4,
            status=status,
            notice=notice,
            client=_shared_client(visit, draft),
            value=draft.value("deployment_id"),
            error=(errors or {}).get("deployment_id"),
            notes=(notes or {}).get("deployment_id", []),
        )
    values = wizard.prefilled(environment, draft)
    return _page(
        visit,
        "wizard-theirs.html",
        draft,
        4,
        status=status,
        notice=notice,
        environment=environment,
        rows=wizard.rows(platform, environment, values, notes or {}, errors or {}),
        site=site_is(platform, environment),
        pasted=pasted,
        result=result,
        errors=errors or {},
    )


def _shared_client(visit: Visit, draft: Draft) -> object:
    offered = visit.gateway.drafts.shared_clients(visit.caller, draft)
    return next((each for each in offered if each.id == draft.value("shared_client")), None)


def _show_theirs(visit: Visit, draft: Draft) -> Response:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None or not draft.value("client_id"):
        return _theirs_page(visit, draft)
    # Come back to: what there is to say about the values is said again, but nothing is tried.
    notes, errors = _looked_at(visit, draft, try_keys=False)
    return _theirs_page(visit, draft, notes=notes, errors=errors)


def _take_theirs(visit: Visit, draft: Draft) -> Response:
    current = _changed(visit, draft)
    platform, environment = current.platform, current.environment
    if platform is None or environment is None:
        return visit.go(_address(current, 2))
    fields = [each.field for each in questions(platform, environment)]
    if current.is_on_shared:
        fields = ["deployment_id"]
    typed = {field: (visit.form.texts(field) or [""])[-1] for field in fields}
    tidy = {field: tidied(platform, field, value) for field, value in typed.items()}
    values = {field: each.value for field, each in tidy.items()}
    notes: dict[str, list[Note]] = {
        field: [wizard.said(platform, seen, field) for seen in seen_of(each.tidied)]
        for field, each in tidy.items()
        if each.tidied
    }
    pasted, result, do = visit.form.text("pasted"), None, visit.form.text("do")
    if do == "sort" or (pasted and _goes_on(visit) and not any(values.values())):
        values, notes, result = _sorted(current, pasted, values)
        do = "sort"
    elif do == "fill":
        values = filled_in(environment, values)
    elif do.startswith("https:") and do[6:] in values:
        values[do[6:]] = as_https(values[do[6:]])
    try:
        saved = _saved(visit, draft, values, 4)
    except DraftChanged:
        typed_over = _over(current, values)
        return _theirs_page(visit, typed_over, notes=notes, notice=_CHANGED, status=409)
    if do in ("leave", "back"):
        return _onward(visit, saved, 4)
    more, errors = _looked_at(visit, saved, try_keys=do not in ("", "next"))
    if do in ("", "next") and not errors:
        saved = _saved(visit, saved, {}, 5)
        if not notes:
            return _onward(visit, saved, 4)
        return visit.go(_address(saved, 5), _tidied_message(notes))
    merged = {field: [*notes.get(field, ()), *more.get(field, ())] for field in {*notes, *more}}
    if do not in ("", "next"):
        # Nothing is wrong yet with what isn't there yet.
        errors = {field: each for field, each in errors.items() if saved.value(field)}
    if result is not None:
        result = {**result, "needs": len(errors)}
    status = 422 if do in ("", "next") else 200
    return _theirs_page(
        visit, saved, pasted=pasted, result=result, notes=merged, errors=errors, status=status
    )


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
    draft: Draft, pasted: str, values: dict[str, str]
) -> tuple[dict[str, str], dict[str, list[Note]], dict[str, object]]:
    """What the pasted page has is put into the fields that are asked for."""
    platform, environment = draft.platform, draft.environment
    assert platform is not None and environment is not None  # noqa: S101, PT018
    page = sort_page(platform, pasted)
    asked = {each.field for each in questions(platform, environment)}
    notes: dict[str, list[Note]] = {}
    count = 0
    for field, found in page.found.items():
        if field not in asked:
            continue
        tidy = tidied(platform, field, found.value)
        values[field] = tidy.value
        count += 1
        changes = dict.fromkeys((*found.tidied, *tidy.tidied))
        # A blank beside a value on a page is nothing that needs saying.
        changes.pop("blanks", None)
        if changes:
            notes[field] = [wizard.said(platform, seen, field) for seen in seen_of(tuple(changes))]
        if field in page.twice:
            notes.setdefault(field, []).append(
                Note(
                    "warn", N_("The page has two different values for this. The first one is here.")
                )
            )
    wanted = len([each for each in asked if each != "site"])
    tidied_count = sum(any(note.kind == "tidied" for note in each) for each in notes.values())
    return values, notes, {"found": count, "of": wanted, "tidied": tidied_count}


def _looked_at(
    visit: Visit, draft: Draft, *, try_keys: bool
) -> tuple[dict[str, list[Note]], dict[str, Note]]:
    """What there is to say about each value, and what keeps the draft from being added."""
    platform, environment = draft.platform, draft.environment
    assert platform is not None and environment is not None  # noqa: S101, PT018
    development = visit.gateway.settings.development
    if draft.is_on_shared:
        return {}, {}
    values = dict(draft.values)
    if not values.get("site"):
        # The issuer often is the site, and the other addresses follow from it.
        values["site"] = site_of(environment, values)
    seen = looks(platform, environment, values, http_allowed=development)
    if not draft.value("site") and "site" in seen and site_is(platform, environment) == "needed":
        seen["site"] = [Seen(Look.MISSING)]
    notes = {
        field: [wizard.said(platform, each, field) for each in found]
        for field, found in seen.items()
    }
    errors = {field: each for field, found in notes.items() for each in found if each.kind == "bad"}
    if not errors:
        try:
            visit.gateway.drafts.review(visit.caller, draft)
        except Invalid as error:
            field = error.field
            field = "audience" if field == "token_audience" else field
            if field in notes:
                errors[field] = wizard.unfit(field)
    standing = wizard.standing_note(visit, platform, environment, draft)
    if standing is not None and standing.kind == "bad":
        errors.setdefault("client_id", standing)
    elif standing is not None:
        notes.setdefault("client_id", []).append(standing)
    whole = completed(platform, environment, draft.values)
    if try_keys and "key_set_url" in notes and whole["key_set_url"] and "key_set_url" not in errors:
        notes["key_set_url"].append(wizard.key_set_note(visit, whole["key_set_url"]))
    return notes, errors


# ----------------------------------------------------------------------- 5: review and add


def _review_page(
    visit: Visit,
    draft: Draft,
    *,
    failed: Mapping[str, Note] | None = None,
    notice: Note | None = None,
    status: int = 200,
) -> Response:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None:
        return visit.go(_address(draft, 2))
    whole = completed(platform, environment, draft.values)
    errors: dict[str, Note] = {}
    if not draft.name:
        errors["name"] = Note("bad", N_("Give the registration a name, so that you find it again."))
    if not draft.is_on_shared:
        errors |= _looked_at(visit, draft, try_keys=False)[1]
    errors |= failed or {}
    client = _shared_client(visit, draft) if draft.is_on_shared else None
    if draft.is_on_shared and client is None:
        errors["shared_client"] = Note("bad", _NO_CLIENT)
    return _page(
        visit,
        "wizard-review.html",
        draft,
        5,
        status=status if (failed or notice) else 200,
        notice=notice,
        environment=environment,
        whole=whole,
        client=client,
        checks=[] if draft.is_on_shared else _checks(visit, draft, whole),
        errors=errors,
        step_of=wizard.STEP_OF,
    )


def _checks(visit: Visit, draft: Draft, whole: Mapping[str, str]) -> list[Check]:
    name = N_("Key set")
    if not whole["key_set_url"]:
        return [Check("none", name, Note("warn", N_("There is no address to fetch it from yet.")))]
    begun = visit.gateway.clock()
    note = wizard.key_set_note(visit, whole["key_set_url"])
    took = round((visit.gateway.clock() - begun) * 1000)
    tried = Check("warn", name, note)
    if note.kind == "ok":
        tried = Check("ok", name, note, f"{took} ms")
    return [
        tried,
        Check(
            "none",
            N_("First launch"),
            Note(
                "warn",
                N_("Can't be tried from here. Click the link once in {lms}."),
                {"lms": draft.platform.name if draft.platform else ""},
            ),
        ),
    ]


def _show_review(visit: Visit, draft: Draft) -> Response:
    return _review_page(visit, draft)


def _take_review(visit: Visit, draft: Draft) -> Response:
    do = visit.form.text("do")
    if do in ("leave", "back"):
        return _onward(visit, _changed(visit, draft), 5)
    if do == "test":
        return visit.go(_address(draft, 5))
    current = _changed(visit, draft)
    if current.platform is None:
        return visit.go(_address(current, 2))
    try:
        added = visit.gateway.drafts.finish(visit.caller, draft.id, version=draft.version)
    except DraftChanged:
        return _review_page(visit, current, notice=_REVIEW_AGAIN, status=409)
    except Invalid as error:
        field = "audience" if error.field == "token_audience" else error.field
        failed = {field: wizard.unfit(field)}
        return _review_page(visit, current, failed=failed, status=422)
    except GatelodgeError as error:
        if error.code not in wizard.CONFLICTS:
            raise
        failed = {"client_id": Note("bad", wizard.CONFLICTS[error.code])}
        return _review_page(visit, current, failed=failed, status=409)
    return visit.go(f"{LIST}/{added.id}", _added(current))


_REVIEW_AGAIN = Note(
    "warn",
    N_("This draft was changed meanwhile. Look at it once more, then save it."),
)


def _added(draft: Draft) -> Message:
    names = {"name": draft.name, "lms": draft.platform.name if draft.platform else ""}
    if draft.is_on_shared:
        return Message(
            "ok",
            N_(
                "“{name}” has been added.\n"
                "The operator of this gateway now assigns your deployment to it; then it launches."
            ),
            names,
        )
    if not draft.value("deployment_id"):
        return Message(
            "ok",
            N_(
                "“{name}” has been added.\n"
                "Click its link once in {lms}: its deployment then waits here for your approval."
            ),
            names,
        )
    return Message(
        "ok",
        N_(
            "“{name}” has been added.\n"
            "Put a link to it into a course in {lms} and click it: the launch then stands here."
        ),
        names,
    )


# ----------------------------------------------------------------------- deleting


def ask_to_delete(visit: Visit) -> Response:
    draft = _draft(visit)
    return visit.page(
        "draft-delete.html",
        current="registrations",
        draft=draft,
        lms=draft.platform.name if draft.platform else "",
        address=f"/portal/drafts/{draft.id}/delete",
        back=_address(draft, draft.step),
    )


def delete(visit: Visit) -> Response:
    draft = visit.gateway.drafts.delete(visit.caller, visit.path["draft"])
    text = (
        N_("The draft “{name}” has been deleted.")
        if draft.name
        else N_("The draft has been deleted.")
    )
    return visit.go(LIST, Message("ok", text, {"name": draft.name}))


_SHOWN: Mapping[int, Callable[[Visit, Draft], Response]] = {
    1: _show_tool,
    2: _show_name,
    3: _show_ours,
    4: _show_theirs,
    5: _show_review,
}
_TAKEN: Mapping[int, Callable[[Visit, Draft], Response]] = {
    1: _take_tool,
    2: _take_name,
    3: _take_ours,
    4: _take_theirs,
    5: _take_review,
}

PAGES = (
    Page("/portal/registrations/new", {"GET": new, "POST": begin}, ADMINISTRATORS),
    Page("/portal/drafts/{draft}/delete", {"GET": ask_to_delete, "POST": delete}, ADMINISTRATORS),
    Page("/portal/drafts/{draft}/{step}", {"GET": show, "POST": take}, ADMINISTRATORS),
)
