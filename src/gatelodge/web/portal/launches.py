"""``/portal/launches``: the latest ones, and one of them opened: what was checked, and the cure."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from gatelodge.services.caller import Role
from gatelodge.services.errors import LaunchNotFound
from gatelodge.services.launch_records import AcceptedLaunch
from gatelodge.web.pages.models import N_
from gatelodge.web.portal.causes import ANOTHER, CAUSES, CHECKS
from gatelodge.web.portal.differences import differences
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import EVERYBODY, Page, Visit
from gatelodge.web.portal.registrations import moment_at

LIST = "/portal/launches"
SHOWN = 100
_LONGEST_NAME = 64
_NO = N_("no {}")


def index(visit: Visit) -> Response:
    named = visit.query.get("q", "").strip()[:_LONGEST_NAME]
    if named:
        try:
            found = visit.gateway.launch_records.show(visit.caller, named)
        except LaunchNotFound:
            return _listed(visit, missed=named)
        return visit.go(f"{LIST}/{quote(found.record.named, safe='')}")
    return _listed(visit)


def _listed(visit: Visit, *, missed: str = "") -> Response:
    """An educator finds one launch, and isn't shown a list of them."""
    registration = visit.query.get("registration", "").strip()[:_LONGEST_NAME] or None
    refused_only = visit.query.get("show") == "refused"
    is_educator = visit.caller.role is Role.EDUCATOR
    records = (
        []
        if is_educator
        else visit.gateway.launch_records.list(
            visit.caller, registration=registration, refused_only=refused_only, limit=SHOWN
        )
    )
    return visit.page(
        "launches.html",
        records=records,
        registration=registration or "",
        refused_only=refused_only,
        missed=missed,
        may_list=not is_educator,
        shown_most=SHOWN,
        **_words(visit),
    )


def show(visit: Visit) -> Response:
    return _shown(visit, unmask=False)


def unmask(visit: Visit) -> Response:
    """Personal data of one launch, shown once; that it was shown is written down."""
    return _shown(visit, unmask=True)


def _shown(visit: Visit, *, unmask: bool) -> Response:
    found = visit.gateway.launch_records.show(
        visit.caller, visit.path["launch"][:_LONGEST_NAME], unmask=unmask
    )
    if isinstance(found, AcceptedLaunch):
        said = (
            Message("info", N_("Personal data is shown.\nThis was written down."))
            if unmask
            else None
        )
        return visit.page("launch.html", said=said, found=found, **_words(visit))
    sent, expected = found.sent, found.expected
    no = visit.language.translations.gettext(_NO)
    both = differences(sent, expected, no.format) if sent and expected else None
    return visit.page("launch-refused.html", found=found, both=both, **_words(visit))


def _words(visit: Visit) -> dict[str, Any]:
    translated = visit.language.translations.gettext

    def check(name: str) -> str:
        return translated(CHECKS[name]) if name in CHECKS else name

    return {
        "current": "launches",
        "at": moment_at,
        "cause": lambda code: translated(CAUSES.get(code, ANOTHER)),
        "check_name": check,
        "is_operator": visit.caller.is_operator,
    }


PAGES = (
    Page(LIST, {"GET": index}, EVERYBODY),
    Page(f"{LIST}/{{launch}}", {"GET": show, "POST": unmask}, EVERYBODY),
)
