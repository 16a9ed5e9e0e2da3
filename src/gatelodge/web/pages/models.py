"""What stands on each page, as values. Texts are in English here and translated when drawn."""

from dataclasses import dataclass
from datetime import datetime

from gatelodge.lti.errors import Heading, Mender, Refusal
from gatelodge.web.pages.names import fit_name
from gatelodge.words import N_


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """A login or a launch that wasn't admitted, for the person who clicked the link."""

    heading: str
    text: str
    """What happened, with ``{tool}``, ``{platform}`` and ``{gateway}`` in place of the names."""
    mender: Mender
    code: str
    tool: str | None
    platform: str | None
    gateway: str
    trace_id: str
    when: datetime
    report: str = ""
    """Where it can be reported: a path of ours, or where the operator is reached otherwise."""


def refusal_page(
    refusal: Refusal,
    *,
    tool_name: str | None,
    platform_name: str | None,
    gateway: str,
    trace_id: str,
    now: datetime,
    report: str = "",
) -> RefusalPage:
    """The page of a refusal. A name is None as long as nobody knows it; ``gateway`` is our host.

    What was sent and expected isn't on it: that is for signed-in administrators.
    """
    return RefusalPage(
        heading=refusal.heading,
        text=refusal.person,
        mender=refusal.mender,
        code=refusal.code,
        tool=fit_name(tool_name),
        platform=fit_name(platform_name),
        gateway=gateway,
        trace_id=trace_id,
        when=now,
        report=report,
    )


@dataclass(frozen=True, slots=True)
class LaunchReportPage:
    """The form in which a refused launch is reported, or what became of it."""

    token: str
    """Empty where nothing can be sent any more."""
    language: str
    longest: int
    typed: str = ""
    trouble: str = ""
    """Why it wasn't taken: "empty", "long", "many", "dead"; or nothing."""
    reference: str = ""
    """Of the report, when it is sent."""
    support: str = ""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """An answer that has no page of its own, for a person whose browser asked."""

    status: int
    heading: str
    text: str
    mender: Mender
    trace_id: str
    when: datetime
    report: str = ""


def status_page(status: int, *, trace_id: str, now: datetime, report: str = "") -> StatusPage:
    """The page of a status from 400 on; one without words of its own gets those of 400 or 500."""
    heading, text, mender = _STATUSES.get(status, _STATUSES[500 if status >= 500 else 400])
    return StatusPage(status, heading, text, mender, trace_id, now, report)


@dataclass(frozen=True, slots=True)
class LandingPage:
    """What stands at ``/``."""

    gateway: str
    version: str
    support: str
    """A mail address or an https address; empty if the operator named none."""
    is_well: bool = True


@dataclass(frozen=True, slots=True)
class HandOffForm:
    """A launch on its way to a tool that wants it posted."""

    action: str
    """The tool's launch address; a query in it stays."""
    tool: str | None
    code: str
    iss: str


_STATUSES: dict[int, tuple[str, str, Mender]] = {
    400: (
        N_("This request can't be read"),
        N_(
            "What your browser sent isn't complete. Go back to your course and click the link again."
        ),
        Mender.PERSON,
    ),
    404: (
        N_("There's nothing at this address"),
        N_(
            "If you typed the address, look for a slip in it. If a link in your course brought "
            "you here, the link is wrong, and you can't mend it from here."
        ),
        Mender.ADMINISTRATOR,
    ),
    405: (
        N_("This address can't be opened by itself"),
        N_(
            "It's where an LMS or a tool sends its messages. "
            "Go back to your course and click the link again."
        ),
        Mender.PERSON,
    ),
    413: (
        N_("This was too large"),
        N_(
            "More was sent than this address takes. "
            "It's nothing you did, and you can't mend it from here."
        ),
        Mender.ADMINISTRATOR,
    ),
    429: (
        N_("Too many requests"),
        N_("Too many requests came from your network at once. Wait a minute, then try again."),
        Mender.OPERATOR,
    ),
    500: (
        Heading.TROUBLE,
        N_("It's nothing you did, and you can't mend it from here."),
        Mender.OPERATOR,
    ),
    503: (
        Heading.TROUBLE,
        N_("This gateway is busy, or being repaired. It's nothing you did. Try again in a minute."),
        Mender.OPERATOR,
    ),
}
