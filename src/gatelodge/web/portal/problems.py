"""``/portal/problems``: a problem is reported, and answered by those whose it is; the sender sees both."""

from collections.abc import Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from gatelodge.services.attachments import ENDINGS, LARGEST_FILE, MOST_FILES, File
from gatelodge.services.errors import Invalid, LaunchNotFound, RegistrationNotFound
from gatelodge.services.launch_records import AcceptedLaunch, RefusedLaunch
from gatelodge.services.problem_book import Kind, Reach, State
from gatelodge.services.problem_errors import NoRoomForFiles, ReportChanged, TooManyReports
from gatelodge.services.problems import LONGEST_TEXT, LONGEST_WISH, NewReport, ReportView
from gatelodge.web.pages.headers import download_headers
from gatelodge.web.portal.forms import USUAL, Bounds
from gatelodge.web.portal.launches import diagnosed, told_of_checks
from gatelodge.web.portal.listing import LONGEST_SEARCH
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import ADMINS, EVERYBODY, Handler, NotHere, Page, Visit
from gatelodge.words import N_

LIST = "/portal/problems"
MINE = f"{LIST}/mine"

ROOM_FOR_FILES = Bounds(bytes=MOST_FILES * LARGEST_FILE + 500_000, files=2 * MOST_FILES)
"""One too many is told beside its field, and many too many are not read."""

STATES: Mapping[State, tuple[str, str]] = {
    State.NEW: ("warn", N_("New")),
    State.IN_WORK: ("wait", N_("In work")),
    State.WAITING: ("off", N_("Waiting for the sender")),
    State.SOLVED: ("ok", N_("Solved")),
}
"""How each is drawn, and its word."""

KINDS: Mapping[Kind, str] = {
    Kind.LAUNCH: N_("A link in a course doesn't open"),
    Kind.REGISTRATION: N_("A registration"),
    Kind.PORTAL: N_("This portal"),
    Kind.OTHER: N_("Something else"),
}

REACHES: Mapping[Reach, str] = {
    Reach.PERSON: N_("One person"),
    Reach.COURSE: N_("A course"),
    Reach.EVERYONE: N_("Everyone"),
}

_FIELDS = ("once", "kind", "wanted", "text", "reach", "launch", "registration")
_LONGEST_NAME = 64

_FAULTS: Mapping[str, str] = {
    "text": N_("Tell us what happened, so that someone can look into it."),
    "registration": N_("This registration isn't there any more."),
    "wanted": N_("Say it in fewer words: 200 characters at most."),
    "launch": N_("There's no launch with this reference. Compare it with the error page."),
    "files": N_(
        "Nothing was attached: choose up to 3 files of at most 5 MB each, pictures (PNG, JPEG, WebP, GIF), "
        "PDF, or text (TXT, LOG, CSV, JSON, HAR)."
    ),
}
_TOO_LONG = N_("This is longer than 10,000 characters. Attach the rest as a text file.")
_NO_ROOM = N_("There is no room for more files now. Send your report without them.")
_SAY_SOMETHING = N_("Write something, or choose another state.")


# ---------------------------------------------------------------- reporting


def new(visit: Visit) -> Response:
    """What it is about is named by the page that one comes from; what isn't there is left out."""
    typed = dict.fromkeys(_FIELDS, "")
    for field in ("launch", "registration"):
        typed[field] = visit.query.get(field, "")[:_LONGEST_NAME]
    typed["once"] = visit.gateway.ids.secret()
    typed["kind"] = next((each for each in ("launch", "registration") if typed[each]), "")
    return _form(visit, typed)


def send(visit: Visit) -> Response:
    typed = {name: visit.form.text(name) for name in _FIELDS}
    files = tuple(File(each.name, each.content) for each in visit.form.uploads("files"))
    try:
        reference = visit.gateway.problems.report(visit.caller, NewReport(**typed, files=files))
    except Invalid as error:
        found = {each.field: each for each in (error, *error.others)}
        errors = {name: _fault(visit, each, typed["text"]) for name, each in found.items()}
        if files and "files" not in errors:
            errors["files"] = visit.word(N_("Choose your files again: browsers forget them."))
        return _form(visit, typed, status=422, errors=errors)
    except NoRoomForFiles:
        return _form(visit, typed, status=422, errors={"files": visit.word(_NO_ROOM)})
    except TooManyReports:
        return _form(visit, typed, status=429, too_many=True)
    said = Message(
        "ok",
        N_("Your report {reference} has been sent.\nYou find the answer here."),
        {"reference": reference},
    )
    return visit.go(f"{MINE}/{reference}", said)


def _fault(visit: Visit, error: Invalid, text: str) -> str:
    if error.field == "text" and text:
        return visit.word(_TOO_LONG)
    return visit.word(_FAULTS[error.field])


def _form(
    visit: Visit,
    typed: dict[str, str],
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    too_many: bool = False,
) -> Response:
    found, registration = _about(visit, typed)
    return visit.page(
        "problem-new.html",
        status=status,
        current="problems",
        typed=typed,
        errors=errors or {},
        too_many=too_many,
        found=found,
        registration=registration,
        kinds=[(kind, visit.word(text)) for kind, text in KINDS.items()],
        reaches=REACHES,
        endings=",".join(f".{each}" for each in ENDINGS),
        longest_wish=LONGEST_WISH,
        longest_text=LONGEST_TEXT,
        is_mailed=visit.gateway.outbox.is_on and visit.visitor.email,
        **told_of_checks(visit),
    )


def _about(
    visit: Visit, typed: dict[str, str]
) -> tuple[AcceptedLaunch | RefusedLaunch | None, str | None]:
    """What is attached; a name of something that isn't there stays in its field, if it has one."""
    try:
        return visit.gateway.problems.about(
            visit.caller, launch=typed["launch"], registration=typed["registration"]
        )
    except RegistrationNotFound:
        typed["registration"] = ""
        return _about(visit, typed)
    except LaunchNotFound:
        return None, None


# ---------------------------------------------------------------- one's own


def mine(visit: Visit) -> Response:
    found = visit.gateway.problems.mine(visit.caller, before=_before(visit))
    return visit.page(
        "problems-mine.html",
        current="problems",
        found=found,
        older=_address(MINE, before=found.older) if found.older else None,
        newest=MINE if _before(visit) else None,
        **_words(visit),
    )


def show_mine(visit: Visit) -> Response:
    return _mine_shown(visit)


def reply(visit: Visit) -> Response:
    reference, text = visit.path["report"], visit.form.text("text")
    try:
        visit.gateway.problems.reply(
            visit.caller, reference, seen=_number(visit.form.text("seen")), text=text
        )
    except Invalid as error:
        return _mine_shown(
            visit, status=422, typed=text, errors={"text": _fault(visit, error, text)}
        )
    except ReportChanged:
        return _mine_shown(visit, status=409, typed=text, changed=True)
    except TooManyReports:
        return _mine_shown(visit, status=429, typed=text, too_many=True)
    return visit.go(f"{MINE}/{quote(reference, safe='')}", Message("ok", N_("It has been sent.")))


def _mine_shown(
    visit: Visit,
    *,
    status: int = 200,
    typed: str = "",
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
    too_many: bool = False,
) -> Response:
    report = visit.gateway.problems.show_mine(visit.caller, visit.path["report"])
    return visit.page(
        "problem-mine.html",
        status=status,
        current="problems",
        report=report,
        typed=typed,
        errors=errors or {},
        changed=changed,
        too_many=too_many,
        **_words(visit),
    )


# ---------------------------------------------------------------- the inbox


def index(visit: Visit) -> Response:
    search = "".join(filter(str.isprintable, visit.query.get("q", "").strip()[:LONGEST_SEARCH]))
    state = next((each for each in State if each == visit.query.get("state")), "")
    found = visit.gateway.problems.inbox(
        visit.caller, state=state, search=search, before=_before(visit)
    )
    return visit.page(
        "problems.html",
        current="problems",
        found=found,
        search=search,
        wanted=state,
        of_state=lambda each: _address(LIST, q=search, state=each),
        older=_address(LIST, q=search, state=state, before=found.older) if found.older else None,
        newest=_address(LIST, q=search, state=state) if _before(visit) else None,
        **_words(visit),
    )


def show(visit: Visit) -> Response:
    return _shown(visit)


def answer(visit: Visit) -> Response:
    form, reference = visit.form, visit.path["report"]
    text = form.text("text")
    try:
        visit.gateway.problems.answer(
            visit.caller,
            reference,
            seen=_number(form.text("seen")),
            state=form.text("state"),
            text=text,
            note=bool(form.text("note")),
        )
    except Invalid:
        fault = visit.word(_TOO_LONG if text else _SAY_SOMETHING)
        return _shown(visit, status=422, errors={"text": fault})
    except ReportChanged:
        return _shown(visit, status=409, changed=True)
    return visit.go(f"{LIST}/{quote(reference, safe='')}", Message("ok", N_("It has been saved.")))


def pass_on(visit: Visit) -> Response:
    form, reference = visit.form, visit.path["report"]
    try:
        visit.gateway.problems.pass_on(
            visit.caller, reference, seen=_number(form.text("seen")), text=form.text("word")
        )
    except Invalid:
        return _shown(visit, status=422, errors={"word": visit.word(_TOO_LONG)})
    except ReportChanged:
        return _shown(visit, status=409, changed=True)
    said = Message(
        "ok",
        N_("“{reference}” has been passed on to the operator.\nYou go on seeing it here."),
        {"reference": reference},
    )
    return visit.go(f"{LIST}/{quote(reference, safe='')}", said)


def _shown(
    visit: Visit,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
) -> Response:
    report = visit.gateway.problems.show(visit.caller, visit.path["report"])
    typed = {name: visit.form.text(name) for name in ("text", "state", "note", "word")}
    return visit.page(
        "problem.html",
        status=status,
        current="problems",
        report=report,
        typed=typed,
        errors=errors or {},
        changed=changed,
        can_be_passed_on=not report.line.is_passed_on and visit.caller.tenant_scope is not None,
        **_launch(visit, report),
        **_words(visit),
    )


def _launch(visit: Visit, report: ReportView) -> dict[str, Any]:
    """What was found out about the launch, for whoever may see it; it is kept for a time only."""
    try:
        found = visit.gateway.launch_records.show(visit.caller, report.launch or "")
    except LaunchNotFound:
        return {"found": None}
    return diagnosed(visit, found) if isinstance(found, RefusedLaunch) else {"found": found}


def file(visit: Visit) -> Response:
    found = visit.gateway.problems.file(
        visit.caller, visit.path["report"], visit.path["attachment"]
    )
    headers = download_headers(found.content_type, found.name)
    return Response(found.content, headers=dict(headers))


# ---------------------------------------------------------------- parts


def _words(visit: Visit) -> dict[str, Any]:
    return {"states": STATES, "kinds": KINDS, "reaches": REACHES, **told_of_checks(visit)}


def _before(visit: Visit) -> str | None:
    return visit.query.get("before", "")[:_LONGEST_NAME] or None


def _address(path: str, **asked: str | None) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}".removesuffix("?")


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _where_on(handler: Handler) -> Handler:
    """There are no such pages where the operator wants no reports."""

    @wraps(handler)
    def handle(visit: Visit) -> Response:
        if not visit.gateway.settings.problem_reports:
            raise NotHere
        return handler(visit)

    return handle


def _page(path: str, roles: Any, bounds: Bounds = USUAL, **handlers: Handler) -> Page:
    return Page(path, {name: _where_on(each) for name, each in handlers.items()}, roles, bounds)


PAGES = (
    _page(f"{LIST}/new", EVERYBODY, ROOM_FOR_FILES, GET=new, POST=send),
    _page(MINE, EVERYBODY, GET=mine),
    _page(f"{MINE}/{{report}}", EVERYBODY, GET=show_mine, POST=reply),
    _page(LIST, ADMINS, GET=index),
    _page(f"{LIST}/{{report}}", ADMINS, GET=show, POST=answer),
    _page(f"{LIST}/{{report}}/pass-on", ADMINS, POST=pass_on),
    _page(f"{LIST}/{{report}}/files/{{attachment}}", EVERYBODY, GET=file),
)
