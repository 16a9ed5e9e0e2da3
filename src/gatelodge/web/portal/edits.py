"""Edit a registration: every detail in one column, and a question before launches are cut off.

Addresses that were changed are tried before they are saved. What is found forbids nothing: it is
shown, and the button pressed once more saves all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import NamedTuple

from starlette.responses import Response

from gatelodge import platforms
from gatelodge.lti.errors import GatelodgeError
from gatelodge.lti.tokens import ALGORITHMS
from gatelodge.platforms.looks import Look, as_https, seen_of, tidied
from gatelodge.services.errors import CutsOff, Invalid, RegistrationChanged
from gatelodge.services.registration_edits import EditView, RegistrationDetails
from gatelodge.web.portal import connection_checks
from gatelodge.web.portal.connection_checks import Row, addresses_of, tried_as_typed
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import ADMINS, Page, Visit
from gatelodge.web.portal.wizard import words
from gatelodge.words import N_

_OF_LMS = ("issuer", "client_id", "key_set_url", "token_url", "authorization_url", "token_audience")
_ADDRESSES = ("key_set_url", "token_url", "authorization_url")
_MOST_ORIGINS = 20
_FIELDS = {"algorithm": "algorithms", "service_origin": "service_origins"}
"""Names of fields in the services that the form calls otherwise."""

_MISSING = N_("This can't be empty.")
_MEANWHILE = N_("Somebody else has saved this meanwhile:")


class Typed(NamedTuple):
    """What the form says. ``notes`` stand beside the fields whose values were tidied."""

    details: RegistrationDetails
    deployment: str = ""
    notes: Mapping[str, Sequence[Note]] = {}


def show(visit: Visit) -> Response:
    view = visit.gateway.registration_edits.show(visit.caller, visit.path["registration"])
    return _page(visit, view, Typed(view.details))


def save(visit: Visit) -> Response:
    view = visit.gateway.registration_edits.show(visit.caller, visit.path["registration"])
    typed = _typed(visit, view)
    do = visit.form.text("do")
    if do.startswith("https:") and do[6:] in _ADDRESSES:
        mended = _with(typed.details, do[6:], as_https(getattr(typed.details, do[6:])))
        return _page(visit, view, typed._replace(details=mended))
    if do == "test":
        return _page(visit, view, typed, checks=tried_as_typed(visit, typed.details))
    if errors := _wrong(visit, typed.details):
        return _page(visit, view, typed, errors=errors)
    if _is_to_be_tried(visit, view, typed.details):
        checks = tried_as_typed(visit, typed.details)
        if any(each.kind == "bad" for each in checks):
            return _page(visit, view, typed, checks=checks, status=422)
    return _saved(visit, view, typed)


def _saved(visit: Visit, view: EditView, typed: Typed) -> Response:
    """On to the registration, or the form again with what kept it from being saved."""
    try:
        changed = visit.gateway.registration_edits.save(
            visit.caller,
            view.id,
            typed.details,
            version=visit.form.text("version"),
            new_deployment=typed.deployment,
            knowing=visit.form.text("knowing") == "yes",
        )
    except RegistrationChanged:
        beside = typed._replace(notes=_meanwhile(view, typed.details))
        return _page(visit, view, beside, meanwhile=True, status=409)
    except CutsOff as error:
        return _page(visit, view, typed, cutting=error.fields, status=422)
    except Invalid as error:
        return _page(visit, view, typed, errors=_unfit(error))
    except GatelodgeError as error:
        if error.code not in words.CONFLICTS:
            raise
        field = "new_deployment" if error.code == "deployment.taken" else "client_id"
        errors = {field: Note("bad", words.CONFLICTS[error.code])}
        return _page(visit, view, typed, errors=errors, status=409)
    text = N_("“{name}” has been saved.") if changed else N_("Nothing was changed.")
    message = Message("ok" if changed else "info", text, {"name": typed.details.name})
    return visit.go(f"/portal/registrations/{view.id}", message)


# ----------------------------------------------------------------------- what the form says


def _raw(visit: Visit, name: str) -> str:
    """As it was typed, with its blanks: what was tidied is said."""
    values = visit.form.texts(name)
    return values[-1] if values else ""


def _typed(visit: Visit, view: EditView) -> Typed:
    """What the form doesn't have stays as it is."""
    named = visit.form.text("platform")
    known = {each.id: each for each in platforms.all_platforms()}
    platform = known.get(named, known.get(view.details.platform, known["other"]))
    values: dict[str, str | int | tuple[str, ...] | None] = {
        "platform": platform.id,
        "unknown_deployments": visit.form.text("unknown_deployments")
        or view.details.unknown_deployments,
    }
    notes: dict[str, list[Note]] = {}
    for field in ("name", *_OF_LMS):
        if not visit.form.texts(field):
            continue
        tidy = tidied(platform, field, _raw(visit, field))
        values[field] = tidy.value or (None if field == "token_audience" else "")
        if tidy.tidied:
            notes[field] = [words.said(platform, each, field) for each in seen_of(tidy.tidied)]
    leeway = visit.form.text("leeway")
    if leeway:
        is_number = leeway.isascii() and leeway.isdecimal() and len(leeway) < 6
        values["leeway"] = int(leeway) if is_number else -1
    if visit.form.texts("algorithms"):
        values["algorithms"] = tuple(filter(None, visit.form.texts("algorithms")))
    if visit.form.texts("service_origins"):
        lines = _raw(visit, "service_origins").split()
        values["service_origins"] = tuple(lines[: _MOST_ORIGINS + 1])
    if not view.may_change_client:
        values = {name: values[name] for name in ("name", "unknown_deployments") if name in values}
    details = replace(view.details, **values)  # type: ignore[arg-type]
    deployment = tidied(platform, "deployment_id", _raw(visit, "new_deployment")).value
    return Typed(details, deployment, notes)


def _with(details: RegistrationDetails, field: str, value: str) -> RegistrationDetails:
    return replace(details, **{field: value})  # type: ignore[arg-type]


def _wrong(visit: Visit, typed: RegistrationDetails) -> dict[str, Note]:
    errors = {
        field: Note("bad", _MISSING)
        for field in ("name", *_OF_LMS)
        if field != "token_audience" and not getattr(typed, field)
    }
    for field in _ADDRESSES:
        is_http = getattr(typed, field).startswith("http://")
        if is_http and not visit.gateway.settings.development:
            errors[field] = Note("bad", words.SAID[Look.HTTP], mend=f"https:{field}")
    if not 0 <= typed.leeway <= 300:
        errors["leeway"] = Note("bad", N_("Give a number of seconds from 0 to 300."))
    if not typed.algorithms:
        errors["algorithms"] = Note(
            "bad", N_("Choose at least one: RS256, unless your LMS differs.")
        )
    if len(typed.service_origins) > _MOST_ORIGINS:
        errors["service_origins"] = Note("bad", N_("These are too many: 20 are enough."))
    if errors:
        return errors
    try:
        visit.gateway.registration_edits.review(visit.caller, typed)
    except Invalid as error:
        return _unfit(error)
    return {}


def _unfit(error: Invalid) -> dict[str, Note]:
    field = _FIELDS.get(error.field, error.field)
    return {field: words.unfit(field)}


# ----------------------------------------------------------------------- trying it


def _is_to_be_tried(visit: Visit, view: EditView, typed: RegistrationDetails) -> bool:
    """Addresses that are new here and were not tried yet, or were another then."""
    if not view.may_change_client or visit.form.text("tried") == addresses_of(typed):
        return False
    return any(getattr(typed, each) != getattr(view.details, each) for each in _ADDRESSES)


def _meanwhile(view: EditView, typed: RegistrationDetails) -> dict[str, list[Note]]:
    """What is there now, beside each value that was typed and is another."""
    now = asdict(view.details)
    return {
        field: [Note("warn", _MEANWHILE, value=_written(now[field]))]
        for field, value in asdict(typed).items()
        if value != now[field]
    }


def _written(value: object) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value or "")
    return text or "-"


def _page(
    visit: Visit,
    view: EditView,
    typed: Typed,
    *,
    errors: Mapping[str, Note] | None = None,
    cutting: tuple[str, ...] = (),
    checks: Sequence[Row] = (),
    meanwhile: bool = False,
    status: int = 0,
) -> Response:
    details = typed.details
    platform = platforms.get(details.platform)
    shown = visit.gateway.registrations.show(visit.caller, view.id)
    return visit.page(
        "registration-edit.html",
        status=status or (422 if errors else 200),
        current="registrations",
        view=view,
        typed=details,
        deployment=typed.deployment,
        deployments=shown.deployments,
        platform=platform,
        lms=visit.lms(platform),
        platforms=platforms.all_platforms(),
        notes=typed.notes,
        errors=errors or {},
        cutting=cutting,
        changed_meanwhile=meanwhile,
        checks=checks,
        tally=connection_checks.tally(checks),
        was_stopped=bool(checks) and status == 422,
        tried=addresses_of(details) if checks else visit.form.text("tried"),
        algorithms=ALGORITHMS,
        our_names={**words.OUR_NAMES, "token_audience": words.OUR_NAMES["audience"]},
    )


PAGES = (Page("/portal/registrations/{registration}/edit", {"GET": show, "POST": save}, ADMINS),)
