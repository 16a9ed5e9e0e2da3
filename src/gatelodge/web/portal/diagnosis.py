"""A refused launch as plain text, to be copied or sent on: what was seen, the cure, who can mend it.

Nothing personal is in it, since refusals keep nothing personal.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from gatelodge.lti.errors import Mender
from gatelodge.services.launch_records import RefusedLaunch
from gatelodge.web.pages.models import N_
from gatelodge.web.portal.causes import cause_of, check_of

Translate = Callable[[str], str]

_PASSED, _STOPPED = N_("Passed"), N_("The launch stopped here")


class Letter(NamedTuple):
    """``address`` opens the mail program; ``text`` is all there is to say, to be copied."""

    label: str
    address: str
    text: str


def letter(
    found: RefusedLaunch,
    translate: Translate,
    *,
    gateway: str,
    moment: Callable[[datetime | int], str],
    operator: str,
) -> Letter:
    """``operator`` is where the operator can be written to: a mail address, or something else."""
    subject = f"{cause_of(found.refusal.code, translate)} ({found.record.named})"
    head = [
        subject,
        translate(N_("Refused at {gateway}, {moment}")).format(
            gateway=gateway, moment=moment(found.record.at)
        ),
        *_facts(found, translate),
    ]
    said = "\n\n".join("\n".join(each) for each in (head, *_diagnosis(found, translate)))
    checks = "\n".join([translate(N_("What was checked")), *_checks(found, translate)])
    is_theirs = found.mender == Mender.OPERATOR and not operator.startswith("https:")
    to = operator if is_theirs else ""
    fields = {"subject": subject, "body": said.replace("\n", "\r\n")}
    address = f"mailto:{quote(to, safe='@')}?{urlencode(fields, quote_via=quote)}"
    return Letter(_label(found, translate), address, f"{said}\n\n{checks}\n" if checks else said)


def who_can_mend(found: RefusedLaunch, translate: Translate) -> str:
    if found.mender == Mender.PERSON:
        return translate(N_("The person who clicked: they open the link again."))
    if found.mender == Mender.OPERATOR:
        return translate(N_("The operator of this gateway."))
    if found.platform:
        sentence = translate(N_("The {admin}, or an administrator here."))
        return sentence.format(admin=found.platform.admin)
    return translate(N_("An administrator of the LMS, or an administrator here."))


def _label(found: RefusedLaunch, translate: Translate) -> str:
    if found.mender == Mender.OPERATOR:
        return translate(N_("Send this to the operator"))
    if found.mender == Mender.ADMINISTRATOR and found.platform:
        return translate(N_("Send this to the {admin}")).format(admin=found.platform.admin)
    return translate(N_("Send this by e-mail"))


def _facts(found: RefusedLaunch, translate: Translate) -> Iterator[str]:
    record = found.record
    facts = (
        (N_("Registration"), record.registration),
        (N_("Tool"), record.tool),
        (N_("LMS"), found.platform.name if found.platform else None),
        (N_("Reference"), record.named),
        (N_("Code"), record.code),
    )
    return _lines(facts, translate)


def _diagnosis(found: RefusedLaunch, translate: Translate) -> Iterator[list[str]]:
    seen = _lines(((N_("Sent"), found.sent), (N_("Expected"), found.expected)), translate)
    note = [str(found.note)] if found.note else []
    yield [translate(N_("What we saw")), translate(found.finding), *seen, *note]
    yield [translate(N_("The cure")), translate(found.hint), *_way(found, translate)]
    yield [translate(N_("Who can mend it")), who_can_mend(found, translate)]


def _way(found: RefusedLaunch, translate: Translate) -> Iterator[str]:
    if found.path and found.platform:
        place = translate(N_("In {name}:")).format(name=found.platform.name)
        yield f"{place} {' > '.join(found.path)}"
    elif found.advice:
        yield str(found.advice)


def _checks(found: RefusedLaunch, translate: Translate) -> Iterator[str]:
    for step in found.steps:
        name = check_of(step.check, translate) if step.passed else cause_of(step.check, translate)
        yield f"- {name}: {step.note or translate(_PASSED if step.passed else _STOPPED)}"


def _lines(facts: tuple[tuple[str, str | None], ...], translate: Translate) -> Iterator[str]:
    return (f"{translate(label)}: {value}" for label, value in facts if value is not None)
