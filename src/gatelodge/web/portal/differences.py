"""Two values side by side, with what differs marked: what was sent, and what was expected."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

Part = tuple[str, str]
"""A piece of a value, and "differs", "missing" (it stands in the other one only) or nothing."""

_ALIKE = 0.5
"""Values that have less in common are two different things, and marking letters says nothing."""


def differences(
    sent: str, expected: str, no: Callable[[str], str]
) -> tuple[Sequence[Part], Sequence[Part]]:
    """``no`` says that a piece isn't there: "no s"."""
    matcher = SequenceMatcher(None, sent, expected, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [(_seen(sent), "")], [(_seen(expected), "")]
    of_sent: list[Part] = []
    of_expected: list[Part] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        kind = "" if tag == "equal" else "differs"
        _add(of_sent, sent[a:b], kind, no(_seen(expected[c:d])))
        _add(of_expected, expected[c:d], kind, no(_seen(sent[a:b])))
    return of_sent, of_expected


def _add(parts: list[Part], piece: str, kind: str, otherwise: str) -> None:
    parts.append((_seen(piece), kind) if piece else (otherwise, "missing"))


def _seen(text: str) -> str:
    """What can't be seen is written as its number."""
    return "".join(each if each.isprintable() else f"U+{ord(each):04X}" for each in text)
