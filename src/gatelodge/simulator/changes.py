"""The small changes that scenarios make to fields and claims. Each function returns a change."""

from collections.abc import Callable
from typing import Any

from gatelodge.simulator.scenario import Fields
from gatelodge.simulator.signing import Claims

ClaimsChange = Callable[[Claims], None]
FieldsChange = Callable[[Fields], Fields]

# ----------------------------------------------------------------------- claims


def put(claims: dict[str, Any]) -> ClaimsChange:
    return lambda sent: sent.update(claims)


def without(*names: str) -> ClaimsChange:
    def change(sent: Claims) -> None:
        for name in names:
            sent.pop(name, None)

    return change


def put_into(claim: str, **members: Any) -> ClaimsChange:
    return lambda sent: sent[claim].update(members)


def without_member(claim: str, member: str) -> ClaimsChange:
    def change(sent: Claims) -> None:
        sent[claim].pop(member)

    return change


def moved(**seconds: int) -> ClaimsChange:
    """Times of the token, in seconds from the moment it is made."""

    def change(sent: Claims) -> None:
        made = sent["iat"]
        sent.update({name: made + difference for name, difference in seconds.items()})

    return change


def added_audience(*others: str, **claims: Any) -> ClaimsChange:
    def change(sent: Claims) -> None:
        sent.update({"aud": [sent["aud"], *others], **claims})

    return change


def both(*changes: ClaimsChange) -> ClaimsChange:
    def change(sent: Claims) -> None:
        for each in changes:
            each(sent)

    return change


def audience_and_party(sent: Claims) -> None:
    sent.update({"aud": [sent["aud"], "somebody-else"], "azp": sent["aud"]})


def audience_as_list(sent: Claims) -> None:
    sent["aud"] = [sent["aud"]]


# ----------------------------------------------------------------------- fields


def with_field(name: str, value: str) -> FieldsChange:
    """The field with another value; at the end where it wasn't sent."""
    return lambda fields: [*((n, v) for n, v in fields if n != name), (name, value)]


def with_fields(**values: str) -> FieldsChange:
    return lambda fields: [*((n, v) for n, v in fields if n not in values), *values.items()]


def without_field(*names: str) -> FieldsChange:
    return lambda fields: [(n, v) for n, v in fields if n not in names]


def twice(name: str, second: str) -> FieldsChange:
    return lambda fields: [*fields, (name, second)]


def ended_with(name: str, ending: str) -> FieldsChange:
    return lambda fields: [(n, v + ending if n == name else v) for n, v in fields]


def instead(*fields: tuple[str, str], keeping: str = "") -> FieldsChange:
    """Other fields altogether, but for one that is kept."""
    return lambda sent: [*fields, *((n, v) for n, v in sent if n == keeping)]


def renamed(old: str, new: str) -> FieldsChange:
    return lambda fields: [(new if n == old else n, v) for n, v in fields]


def tampered(name: str) -> FieldsChange:
    """One character in the middle of the value is another one."""

    def change(fields: Fields) -> Fields:
        return [(n, _other_middle(v) if n == name else v) for n, v in fields]

    return change


def _other_middle(value: str) -> str:
    middle = len(value) // 2
    other = "A" if value[middle] != "A" else "B"
    return value[:middle] + other + value[middle + 1 :]
