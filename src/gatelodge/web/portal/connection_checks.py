"""What came of trying an LMS's addresses, in sentences: what was seen, what it means, who mends it where."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, Protocol

from anyio import from_thread

from gatelodge import platforms
from gatelodge.lti.notes import SENTENCES
from gatelodge.platforms import Platform
from gatelodge.services.connection_checks import Check, Connection, Outcome, Subject
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.words import N_

NAMES: Final[Mapping[Subject, str]] = {
    Subject.CERTIFICATE: N_("Secure connection"),
    Subject.KEY_SET: N_("Key set"),
    Subject.TOKEN: N_("Access token"),
    Subject.AUTHENTICATION: N_("Platform authentication"),
    Subject.CLOCK: N_("Clock"),
}

_NOTHING_THERE = N_("There is nothing at this address (status {status}).")
_BY_STATUS = N_("It answers with status {status}.")
_COMPARE = N_("Compare the address with what {lms} shows.")
_RENEW = N_("Launches are refused until whoever runs {host} has renewed it.")

_SEEN: Final[Mapping[str, str]] = {
    "certificate.good": N_("{protocol}, certificate by {authority}, good until {until}."),
    "certificate.ends_soon": N_("The certificate of {host} is only good until {until}."),
    "certificate.expired": N_("The certificate of {host} has expired."),
    "certificate.not_yet": N_("The certificate of {host} isn't valid yet."),
    "certificate.other_name": N_("The certificate shown by {host} is for another name."),
    "certificate.unknown_authority": N_(
        "The certificate of {host} is by an authority that this gateway doesn't know."
    ),
    "certificate.other": N_("The certificate of {host} isn't valid."),
    "certificate.plain": N_("An address begins with http: what is sent can be read on the way."),
    "certificate.not_seen": N_("No server was reached, so no certificate was seen."),
    "key_set.other_algorithm": N_("Its keys are for {algorithms}; this registration has {agreed}."),
    "key_set.empty": N_("It answers, but with no key that can be used."),
    "key_set.not_keys": N_("What stands there isn't a set of public keys."),
    "key_set.status": _BY_STATUS,
    "token.good": N_("Answers as an authorization server does."),
    "token.page": N_("It answers with a web page, and status {status}."),
    "token.not_found": _NOTHING_THERE,
    "token.status": _BY_STATUS,
    "authentication.good": N_("It answers."),
    "authentication.leads_on": N_("It leads on to another page, as the way to a sign-in may."),
    "authentication.not_found": _NOTHING_THERE,
    "authentication.status": N_("It answers with status {status} when it is asked for nothing."),
    "authentication.not_from_here": N_("{host} can't be reached from the gateway."),
    "clock.not_told": N_("No answer told its time."),
    "nowhere": N_("There is no address to try yet."),
    "busy": N_("Many connections are being tried just now. Test again in a moment."),
    **{code: text for code, text in SENTENCES.items() if code.startswith("outbound.")},
}

_MEANS: Final[Mapping[str, str]] = {
    "certificate.ends_soon": N_("Whoever runs {host} renews it; launches are refused afterwards."),
    "certificate.expired": _RENEW,
    "certificate.not_yet": N_("Whoever runs {host} looks at the certificate and at the clock."),
    "certificate.other_name": N_(
        "Look for a slip in the address. If there is none, whoever runs {host} mends it."
    ),
    "certificate.unknown_authority": N_(
        "Whoever runs {host} adds the certificates in between; or the operator of this gateway "
        "lets its machine trust that authority."
    ),
    "certificate.other": _RENEW,
    "certificate.plain": N_("That is for trials on one machine only."),
    "key_set.other_algorithm": N_(
        "Launches are refused until both agree. Choose the algorithm when you edit the "
        "registration, or in {lms}."
    ),
    "key_set.empty": N_("The administrator of {lms} looks at its keys."),
    "key_set.not_keys": _COMPARE,
    "key_set.status": _COMPARE,
    "token.page": _COMPARE,
    "token.not_found": _COMPARE,
    "token.status": N_("Test again later; then the administrator of {lms} looks at it."),
    "authentication.not_found": _COMPARE,
    "authentication.status": N_("That may be its way: the first launch tells."),
    "authentication.not_from_here": N_(
        "The gateway never needs to: it is enough that browsers reach it."
    ),
    "clock.differs": N_(
        "Launches still work, with little room. Whoever runs the servers of {lms} lets them be "
        "set by a time service."
    ),
    "clock.refuses": N_(
        "Launches are refused until whoever runs the servers of {lms} lets them be set by a time "
        "service."
    ),
}

_WITHOUT: Final[Mapping[Subject, str]] = {
    Subject.KEY_SET: N_("Without its keys no launch can be checked."),
    Subject.TOKEN: N_("Without it, grades and the members of a course can't be fetched."),
    Subject.AUTHENTICATION: N_("Without it no launch begins."),
}

_EXACT = 5
"""Seconds up to which clocks are said to agree."""

_KINDS: Final[Mapping[Outcome, Literal["ok", "warn", "bad", "none"]]] = {
    Outcome.PASSED: "ok",
    Outcome.WARNING: "warn",
    Outcome.FAILED: "bad",
    Outcome.NOT_TRIED: "none",
}


class Row(NamedTuple):
    """One thing that was checked, as it is drawn; ``figure`` was measured."""

    kind: Literal["ok", "warn", "bad", "none"]
    name: str
    notes: Sequence[Note]
    figure: str = ""


class Tally(NamedTuple):
    """How many of each kind, for the heading."""

    passed: int
    warned: int
    failed: int
    untried: int

    @property
    def kind(self) -> str:
        if self.failed or self.warned:
            return "bad" if self.failed else "warn"
        return "ok" if self.passed else "none"


def tried(visit: Visit, platform: Platform, connection: Connection) -> list[Row]:
    """Tries all of it now."""
    found = from_thread.run(visit.gateway.connection_checks.look, visit.caller, connection)
    return [_row(visit, platform, each) for each in found]


class Addressed(Protocol):
    """What a form says of an LMS's addresses."""

    @property
    def platform(self) -> str: ...
    @property
    def key_set_url(self) -> str: ...
    @property
    def token_url(self) -> str: ...
    @property
    def authorization_url(self) -> str: ...
    @property
    def algorithms(self) -> tuple[str, ...]: ...
    @property
    def leeway(self) -> int: ...


def tried_as_typed(visit: Visit, typed: Addressed) -> list[Row]:
    connection = Connection(
        key_set_url=typed.key_set_url,
        token_url=typed.token_url,
        authorization_url=typed.authorization_url,
        algorithms=typed.algorithms,
        leeway=max(0, typed.leeway),
    )
    return tried(visit, platforms.get(typed.platform), connection)


def addresses_of(typed: Addressed) -> str:
    """As a form carries them, to know what was tried."""
    return f"{typed.key_set_url} {typed.token_url} {typed.authorization_url}"


def first_launch(visit: Visit, platform: Platform) -> Row:
    """What only somebody in the LMS can try."""
    text = N_("Can't be tried from here. Click the link once in {lms}.")
    return Row("none", N_("First launch"), [Note("warn", text, {"lms": visit.lms(platform)})])


def key_set_note(visit: Visit, platform: Platform, connection: Connection) -> Note:
    """Fetches the key set now; what is said of it stands beside its address."""
    check = from_thread.run(
        visit.gateway.connection_checks.look_at_key_set, visit.caller, connection
    )
    kind: Literal["ok", "warn"] = "ok" if check.outcome is Outcome.PASSED else "warn"
    return Note(kind, _seen(check), _facts(visit, platform, check))


def tally(rows: Sequence[Row]) -> Tally:
    kinds = [each.kind for each in rows]
    return Tally(*(kinds.count(kind) for kind in _KINDS.values()))


def _row(visit: Visit, platform: Platform, check: Check) -> Row:
    kind = _KINDS[check.outcome]
    texts = [_seen(check)]
    if check.outcome is Outcome.FAILED and check.subject in _WITHOUT:
        texts.append(_WITHOUT[check.subject])
    if check.seen in _MEANS:
        texts.append(_MEANS[check.seen])
    facts = _facts(visit, platform, check)
    return Row(
        kind,
        NAMES[check.subject],
        [Note("warn", text, facts) for text in texts],
        _figure(visit, check),
    )


def _seen(check: Check) -> str:
    if check.seen == "key_set.good":
        return _keys(int(check.facts["count"]), is_named=bool(check.facts["algorithms"]))
    if check.subject is Subject.CLOCK and "seconds" in check.facts:
        return _difference(int(check.facts["seconds"]))
    return _SEEN.get(check.seen, N_("It couldn't be tried."))


def _keys(count: int, *, is_named: bool) -> str:
    if is_named:
        return (
            N_("Answers with one usable key ({algorithms}).")
            if count == 1
            else N_("Answers with {count} usable keys ({algorithms}).")
        )
    return (
        N_("Answers with one usable key.")
        if count == 1
        else N_("Answers with {count} usable keys.")
    )


def _difference(seconds: int) -> str:
    if abs(seconds) <= _EXACT:
        return N_("It agrees with ours.")
    if seconds < 0:
        return N_("It is {difference} behind ours; {leeway} are allowed.")
    return N_("It is {difference} ahead of ours; {leeway} are allowed.")


def _facts(visit: Visit, platform: Platform, check: Check) -> dict[str, str]:
    figures = visit.figures
    facts = {name: str(value) for name, value in check.facts.items()}
    if "count" in check.facts:
        facts["count"] = figures.number(int(check.facts["count"]))
    if "until" in check.facts:
        facts["until"] = figures.date_of(int(check.facts["until"]))
    if "seconds" in check.facts:
        facts["difference"] = figures.span(abs(int(check.facts["seconds"])), "second")
        facts["leeway"] = figures.span(int(check.facts["leeway"]), "second")
    return {"lms": visit.lms(platform), "host": "", **facts}


def _figure(visit: Visit, check: Check) -> str:
    if "seconds" in check.facts:
        seconds = int(check.facts["seconds"])
        sign = "\N{MINUS SIGN}" if seconds < 0 else "+" if seconds > 0 else ""
        return sign + visit.figures.span(abs(seconds), "second")
    return "" if check.milliseconds is None else visit.figures.milliseconds(check.milliseconds)
