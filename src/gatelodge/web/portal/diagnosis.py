"""A refused launch as plain text, to be copied or sent on: what was seen, the cure, who can mend it.

Nothing personal is in it, since refusals keep nothing personal.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from gatelodge.lti.errors import Mender
from gatelodge.services.launch_records import RefusedLaunch
from gatelodge.web.pages.telling import Telling
from gatelodge.web.portal.causes import cause_of, check_of
from gatelodge.words import N_

_PASSED, _STOPPED = N_("Passed"), N_("The launch stopped here")


class Letter(NamedTuple):
    """``address`` opens the mail program; ``text`` is all there is to say, to be copied."""

    label: str
    address: str
    text: str


def letter(
    found: RefusedLaunch,
    telling: Telling,
    *,
    gateway: str,
    moment: Callable[[datetime | int], str],
    operator: str,
) -> Letter:
    """``operator`` is where the operator can be written to: a mail address, or something else."""
    subject = f"{cause_of(found.refusal.code, telling.word)} ({found.record.named})"
    head = [
        subject,
        telling.word(N_("Refused at {gateway}, {moment}")).format(
            gateway=gateway, moment=moment(found.record.at)
        ),
        *_facts(found, telling),
    ]
    said = "\n\n".join("\n".join(each) for each in (head, *_diagnosis(found, telling)))
    checks = "\n".join([telling.word(N_("What was checked")), *_checks(found, telling)])
    is_theirs = found.mender == Mender.OPERATOR and not operator.startswith("https:")
    to = operator if is_theirs else ""
    fields = {"subject": subject, "body": said.replace("\n", "\r\n")}
    address = f"mailto:{quote(to, safe='@')}?{urlencode(fields, quote_via=quote)}"
    return Letter(_label(found, telling), address, f"{said}\n\n{checks}\n" if checks else said)


def who_can_mend(found: RefusedLaunch, telling: Telling) -> str:
    if found.mender == Mender.PERSON:
        return telling.word(N_("The person who clicked: they open the link again."))
    if found.mender == Mender.OPERATOR:
        return telling.word(N_("The operator of this gateway."))
    if found.platform:
        sentence = telling.word(N_("The {admin}, or an administrator here."))
        return sentence.format(admin=telling.text(found.platform.admin))
    return telling.word(N_("An administrator of the LMS, or an administrator here."))


def _label(found: RefusedLaunch, telling: Telling) -> str:
    if found.mender == Mender.OPERATOR:
        return telling.word(N_("Send this to the operator"))
    if found.mender == Mender.ADMINISTRATOR and found.platform:
        return telling.word(N_("Send this to the {admin}")).format(
            admin=telling.text(found.platform.admin)
        )
    return telling.word(N_("Send this by e-mail"))


def _facts(found: RefusedLaunch, telling: Telling) -> Iterator[str]:
    record = found.record
    facts = (
        (N_("Registration"), record.registration),
        (N_("Tool"), record.tool),
        (N_("LMS"), telling.word(found.platform.name) if found.platform else None),
        (N_("Reference"), record.named),
        (N_("Code"), record.code),
    )
    return _lines(facts, telling)


def _diagnosis(found: RefusedLaunch, telling: Telling) -> Iterator[list[str]]:
    seen = _lines(((N_("Sent"), found.sent), (N_("Expected"), found.expected)), telling)
    note = [telling.text(found.note)] if found.note else []
    yield [telling.word(N_("What we saw")), telling.word(found.finding), *seen, *note]
    yield [telling.word(N_("The cure")), telling.word(found.hint), *_way(found, telling)]
    yield [telling.word(N_("Who can mend it")), who_can_mend(found, telling)]


def _way(found: RefusedLaunch, telling: Telling) -> Iterator[str]:
    if found.path and found.platform:
        place = telling.word(N_("In {name}:")).format(name=telling.word(found.platform.name))
        yield f"{place} {' > '.join(map(telling.path, found.path))}"
    elif found.advice:
        yield telling.text(found.advice)


def _checks(found: RefusedLaunch, telling: Telling) -> Iterator[str]:
    for step in found.steps:
        name = (
            check_of(step.check, telling.word)
            if step.passed
            else cause_of(step.check, telling.word)
        )
        outcome = telling.word(_PASSED if step.passed else _STOPPED)
        yield f"- {name}: {telling.text(step.note) if step.note else outcome}"


def _lines(facts: tuple[tuple[str, str | None], ...], telling: Telling) -> Iterator[str]:
    return (f"{telling.word(label)}: {value}" for label, value in facts if value is not None)
