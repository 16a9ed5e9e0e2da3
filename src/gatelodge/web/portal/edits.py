"""Edit a registration: every detail in one column, and a question before launches are cut off."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from starlette.responses import Response

from gatelodge import platforms
from gatelodge.lti.errors import GatelodgeError
from gatelodge.platforms.looks import Look, as_https, seen_of, tidied
from gatelodge.services.errors import CutsOff, Invalid, RegistrationChanged
from gatelodge.services.registration_edits import EditView, RegistrationDetails
from gatelodge.web.pages.models import N_
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import ADMINS, Page, Visit
from gatelodge.web.portal.wizard import words
from gatelodge.web.portal.wizard.words import Note

_OF_LMS = ("issuer", "client_id", "key_set_url", "token_url", "authorization_url", "token_audience")
_ADDRESSES = ("key_set_url", "token_url", "authorization_url")
_MISSING = N_("This can't be empty.")
_MEANWHILE = N_("Somebody else has saved this meanwhile:")


def show(visit: Visit) -> Response:
    view = visit.gateway.registration_edits.show(visit.caller, visit.path["registration"])
    return _page(visit, view, view.details)


def save(visit: Visit) -> Response:
    service = visit.gateway.registration_edits
    view = service.show(visit.caller, visit.path["registration"])
    typed, notes = _typed(visit, view)
    deployment = tidied(
        platforms.get("other"), "deployment_id", _raw(visit, "new_deployment")
    ).value
    do = visit.form.text("do")
    if do.startswith("https:") and do[6:] in _ADDRESSES:
        typed = _with(typed, do[6:], as_https(getattr(typed, do[6:])))
        return _page(visit, view, typed, notes=notes, deployment=deployment)
    errors = _wrong(visit, typed)
    if errors:
        return _page(visit, view, typed, deployment=deployment, notes=notes, errors=errors)
    try:
        changed = service.save(
            visit.caller,
            view.id,
            typed,
            version=visit.form.text("version"),
            new_deployment=deployment,
            knowing=visit.form.text("knowing") == "yes",
        )
    except RegistrationChanged:
        return _page(
            visit, view, typed, deployment=deployment, notes=_meanwhile(view, typed), status=409
        )
    except CutsOff as error:
        return _page(visit, view, typed, deployment=deployment, notes=notes, cutting=error.fields)
    except Invalid as error:
        errors = {error.field: words.unfit(error.field)}
        return _page(visit, view, typed, deployment=deployment, notes=notes, errors=errors)
    except GatelodgeError as error:
        if error.code not in words.CONFLICTS:
            raise
        field = "new_deployment" if error.code == "deployment.taken" else "client_id"
        errors = {field: Note("bad", words.CONFLICTS[error.code])}
        return _page(
            visit, view, typed, deployment=deployment, notes=notes, errors=errors, status=409
        )
    text = N_("“{name}” has been saved.") if changed else N_("Nothing was changed.")
    message = Message("ok" if changed else "info", text, {"name": typed.name})
    return visit.go(f"/portal/registrations/{view.id}", message)


def _raw(visit: Visit, name: str) -> str:
    """As it was typed, with its blanks: what was tidied is said."""
    values = visit.form.texts(name)
    return values[-1] if values else ""


def _typed(visit: Visit, view: EditView) -> tuple[RegistrationDetails, dict[str, list[Note]]]:
    """What the form says; what it doesn't have stays as it is."""
    named = visit.form.text("platform")
    known = {each.id: each for each in platforms.all_platforms()}
    platform = known.get(named, known.get(view.details.platform, known["other"]))
    values: dict[str, str | int | None] = {
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
    if not view.may_change_client:
        values = {name: values[name] for name in ("name", "unknown_deployments") if name in values}
    return replace(view.details, **values), notes  # type: ignore[arg-type]


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
    return errors


def _meanwhile(view: EditView, typed: RegistrationDetails) -> dict[str, list[Note]]:
    """What is there now, beside each value that was typed and is another."""
    now = asdict(view.details)
    return {
        field: [Note("warn", _MEANWHILE, value=str(now[field] or "-"))]
        for field, value in asdict(typed).items()
        if value != now[field]
    }


def _page(
    visit: Visit,
    view: EditView,
    typed: RegistrationDetails,
    *,
    deployment: str = "",
    notes: Mapping[str, list[Note]] | None = None,
    errors: Mapping[str, Note] | None = None,
    cutting: tuple[str, ...] = (),
    status: int = 0,
) -> Response:
    platform = platforms.get(typed.platform)
    shown = visit.gateway.registrations.show(visit.caller, view.id)
    return visit.page(
        "registration-edit.html",
        status=status or (422 if errors or cutting else 200),
        current="registrations",
        view=view,
        typed=typed,
        deployment=deployment,
        deployments=shown.deployments,
        platform=platform,
        lms=platform.name,
        platforms=platforms.all_platforms(),
        notes=notes or {},
        errors=errors or {},
        cutting=cutting,
        changed_meanwhile=status == 409 and not errors,
        our_names={**words.OUR_NAMES, "token_audience": words.OUR_NAMES["audience"]},
    )


PAGES = (Page("/portal/registrations/{registration}/edit", {"GET": show, "POST": save}, ADMINS),)
