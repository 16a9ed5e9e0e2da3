"""``/portal/launches``: a page of them, and one of them opened: what was checked, and the cure."""

import re
from collections.abc import Mapping
from dataclasses import astuple
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from gatelodge.lti.errors import Mender
from gatelodge.services.caller import Role
from gatelodge.services.errors import LaunchNotFound
from gatelodge.services.launch_pages import FIRST, Outcome, Place, Wanted
from gatelodge.services.launch_records import AcceptedLaunch, RefusedLaunch
from gatelodge.web.pages.headers import portal_headers
from gatelodge.web.pages.models import RefusalPage
from gatelodge.web.pages.names import fit_name, lms_name
from gatelodge.web.pages.rendering import render_refusal
from gatelodge.web.pages.telling import Telling
from gatelodge.web.portal.causes import CAUSES, cause_of, check_of
from gatelodge.web.portal.diagnosis import letter, who_can_mend
from gatelodge.web.portal.differences import differences
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.pages import EVERYBODY, NotHere, Page, Visit
from gatelodge.web.portal.registrations import moment_at
from gatelodge.words import N_

LIST = "/portal/launches"
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
    wanted = _wanted(visit.query)
    is_educator = visit.caller.role is Role.EDUCATOR
    place = _place(visit.query.get("after", ""))
    found = None if is_educator else visit.gateway.launch_pages.look(visit.caller, wanted, place)
    words = _words(visit)
    causes = sorted(((code, words["cause"](code)) for code in CAUSES), key=lambda each: each[1])
    return visit.page(
        "launches.html",
        found=found,
        wanted=wanted,
        address=partial(_address, wanted),
        newest=_address(wanted) if place != FIRST else None,
        older=_address(wanted, found.older) if found and found.older else None,
        causes=causes,
        missed=missed,
        **words,
    )


def _wanted(query: Mapping[str, str]) -> Wanted:
    """From an address that anybody may have typed: what makes no sense is left out."""
    code, shown = query.get("cause", ""), query.get("show", "")
    return Wanted(
        outcome=next((each for each in Outcome if each == shown), Outcome.ALL),
        registration=query.get("registration", "").strip()[:_LONGEST_NAME],
        code=code if code in CAUSES else "",
    )


def _address(wanted: Wanted, place: Place = FIRST, **changes: str) -> str:
    """This list, otherwise narrowed, or further back."""
    query = {
        "show": "" if wanted.outcome is Outcome.ALL else wanted.outcome,
        "registration": wanted.registration,
        "cause": wanted.code,
        "after": "" if place == FIRST else "-".join(str(each or "") for each in astuple(place)),
        **changes,
    }
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{LIST}?{asked}".removesuffix("?")


_PLACE = re.compile(r"([0-9]{1,18})?-([0-9a-f]{32})?-([0-9a-f]{32})?")


def _place(asked: str) -> Place:
    found = _PLACE.fullmatch(asked)
    if not found:
        return FIRST
    launch, proven, unproven = found.groups()
    return Place(int(launch) if launch else None, proven, unproven)


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
    return _refused(visit, found)


def _refused(visit: Visit, found: RefusedLaunch) -> Response:
    return visit.page("launch-refused.html", **diagnosed(visit, found), **_words(visit))


def diagnosed(visit: Visit, found: RefusedLaunch) -> dict[str, Any]:
    """What `portal/launch-diagnosis.html` needs."""
    translate = visit.language.translations.gettext
    sent, expected = found.sent, found.expected
    both = differences(sent, expected, translate(_NO).format) if sent and expected else None
    figures = visit.figures
    telling = Telling(visit.language, figures)
    to_send = letter(
        found,
        telling,
        gateway=visit.gateway.host,
        moment=lambda when: figures.moment(when).striptags(),
        operator=visit.gateway.settings.support_contact,
    )
    return {
        "found": found,
        "both": both,
        "letter": to_send,
        "mender": who_can_mend(found, telling),
    }


def their_page(visit: Visit) -> Response:
    """What the person saw in the LMS, in the language of who looks at it now."""
    found = visit.gateway.launch_records.show(visit.caller, visit.path["launch"][:_LONGEST_NAME])
    if isinstance(found, AcceptedLaunch):
        raise NotHere
    page = RefusalPage(
        heading=found.heading,
        text=found.person,
        mender=Mender(found.mender),
        code=found.record.code or "",
        tool=fit_name(found.record.tool),
        platform=fit_name(lms_name(found.platform.id if found.platform else None)),
        gateway=visit.gateway.host,
        trace_id=found.record.named,
        when=moment_at(found.record.at),
    )
    return Response(render_refusal(page, visit.language), headers=dict(portal_headers()))


def _words(visit: Visit) -> dict[str, Any]:
    return {"current": "launches", **told_of_checks(visit)}


def told_of_checks(visit: Visit) -> dict[str, Any]:
    """What `portal/launch-parts.html` needs."""
    translate = visit.language.translations.gettext
    return {
        "at": moment_at,
        "cause": partial(cause_of, translate=translate),
        "check_name": partial(check_of, translate=translate),
        "is_operator": visit.caller.is_operator,
    }


PAGES = (
    Page(LIST, {"GET": index}, EVERYBODY),
    Page(f"{LIST}/{{launch}}", {"GET": show, "POST": unmask}, EVERYBODY),
    Page(f"{LIST}/{{launch}}/page", {"GET": their_page}, EVERYBODY),
)
