"""One person in launches: whose they are, and what they are without the person."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from gatelodge.services.errors import SealBroken
from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.person_names import Names, names_of
from gatelodge.services.person_requests import Counts, FoundPerson, Sought
from gatelodge.services.sealing import Sealer
from gatelodge.storage import persons
from gatelodge.storage.database import Connection
from gatelodge.storage.persons import SeenLaunch

MOST_PEOPLE = 50
MOST_NAMES = 20

_TYPED = ("context", "resource_link", "deep_linking")
"""Parts of a launch that people in the LMS gave names to."""


def noticed(sealer: Sealer, sought: Sought, seen: Sequence[SeenLaunch]) -> Sought:
    """With those who were launched in ``seen`` and are who is looked for."""
    people, numbers = dict(sought.people), list(sought.numbers)
    named = f'"person_id":{msgspec.json.encode(sought.wanted).decode()}'
    is_cut = sought.is_cut
    for launch in seen:
        is_known = launch.subject in people or launch.subject == sought.wanted
        personal = _opened(sealer, launch)
        if not (is_known or named in launch.facts or _holds(personal, sought.wanted)):
            continue
        if launch.subject is None:
            numbers.append(launch.number)
        elif launch.subject in people or len(people) < MOST_PEOPLE:
            people[launch.subject] = _person(people.get(launch.subject), launch, personal)
        else:
            is_cut = True
    return msgspec.structs.replace(sought, people=people, numbers=tuple(numbers), is_cut=is_cut)


def erased_from(connection: Connection, sought: Sought, seen: Sequence[SeenLaunch]) -> Counts:
    """Their launches are nobody's afterwards, and those of others don't name them."""
    names = Names(sought.names)
    theirs = [
        each for each in seen if each.subject in sought.people or each.number in sought.numbers
    ]
    maybe = [
        each
        for each in seen
        if each not in theirs
        and (any(subject in each.facts for subject in sought.people) or names.are_in(each.facts))
    ]
    of_others = [
        (each.number, each.subject, facts)
        for each in maybe
        if (facts := _faceless(each.facts, sought.people, names)) != each.facts
    ]
    of_theirs = [
        (each.number, None, _faceless(each.facts, sought.people, names, is_theirs=True))
        for each in theirs
    ]
    persons.rewrite_launches(connection, [*of_theirs, *of_others])
    personal = persons.delete_personal(connection, [each.number for each in theirs])
    return Counts(launches=len(theirs), personal=personal, mentions=len(of_others))


def _opened(sealer: Sealer, launch: SeenLaunch) -> dict[str, Any]:
    if launch.sealed is None:
        return {}
    try:
        plain = sealer.open(launch.sealed, purpose=PERSONAL_PURPOSE, about=launch.id)
    except SealBroken:
        return {}  # no key of ours opens it any more
    personal: dict[str, Any] = msgspec.json.decode(plain)
    return personal


def _holds(personal: dict[str, Any], wanted: str) -> bool:
    """Whether a launch's personal values have this e-mail address or number of the person."""
    person = personal.get("person", {})
    values = [person.get("email"), person.get("sourced_id")]
    if "@" in wanted:
        values += personal.get("custom", {}).values()
    folded = wanted.casefold()
    return any(isinstance(each, str) and each.casefold() == folded for each in values)


def _person(known: FoundPerson | None, launch: SeenLaunch, personal: dict[str, Any]) -> FoundPerson:
    platform = msgspec.json.decode(launch.facts)["launch"]["platform"]
    names = names_of(personal.get("person", {})) | set(known.names if known else ())
    return FoundPerson(
        subject=launch.subject or "",
        issuer=platform["issuer"],
        person_id=platform["person_id"],
        last_at=launch.launched_at,
        personal=(known.personal if known else 0) + (launch.sealed is not None),
        names=tuple(sorted(names))[:MOST_NAMES],
    )


def _faceless(facts: str, people: Collection[str], names: Names, *, is_theirs: bool = False) -> str:
    """The facts of a launch without the names that we and the LMS have for these people."""
    both = msgspec.json.decode(facts)
    launch = both["launch"]
    if is_theirs:
        launch["person"]["id"] = launch["platform"]["person_id"] = None
    launch["mentored"] = [each for each in launch.get("mentored", ()) if each not in people]
    if launch.get("for_person") in people:
        launch["for_person"] = None
    for part in _TYPED:
        if part in launch:
            launch[part] = names.taken_out_of_all(launch[part])
    return msgspec.json.encode(both).decode()
