"""What a person is called by, and where it stands in what others typed.

Only what can be nobody else is looked for in texts: addresses, whole names, and long numbers. A
"7", or a "Mia" alone, would take words out of texts that are about somebody else.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

GONE = "[…]"
"""Stands where a name stood."""

MOST = 300
_LONGEST = 120
_MOST_WORDS = 8
_SHORTEST_NUMBER = 6
# Written without blanks, so that nothing tells where a name ends.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{3,}")


class Names:
    """Of one person, or of several who are looked for together."""

    def __init__(self, names: Iterable[str | None]) -> None:
        telling = {_composed(each).strip() for each in names if each}
        self.all = tuple(sorted(each for each in telling if _is_telling(each)))[:MOST]
        # The longest first, or its beginning would be taken out of it.
        longest_first = sorted(self.all, key=len, reverse=True)
        self._patterns = [
            (each.casefold().split(), re.compile(_pattern(each), re.IGNORECASE))
            for each in longest_first
        ]

    def are_in(self, *texts: str | None) -> bool:
        return any(next(self._found_in(_composed(each)), None) for each in texts if each)

    def taken_out_of(self, text: str) -> str:
        without = composed = _composed(text)
        for pattern in self._found_in(composed):
            without = pattern.sub(GONE, without)
        return text if without == composed else without

    def taken_out_of_all(self, value: Any) -> Any:
        """The same JSON without them, however deep they stand."""
        if isinstance(value, str):
            return self.taken_out_of(value)
        if isinstance(value, list):
            return [self.taken_out_of_all(each) for each in value]
        if isinstance(value, dict):
            return {name: self.taken_out_of_all(each) for name, each in value.items()}
        return value

    def _found_in(self, text: str) -> Iterator[re.Pattern[str]]:
        """Of a text that lacks a word of it no pattern is tried: a file may have 5 MB."""
        folded = text.casefold()
        for words, pattern in self._patterns:
            if all(each in folded for each in words) and pattern.search(text):
                yield pattern


def names_of(person: Mapping[str, Any]) -> set[str]:
    """What the personal values of a launch call them, in each order that people write it."""
    told = {each for each in person.values() if isinstance(each, str)}
    given, family = person.get("given_name"), person.get("family_name")
    if given and family:
        told |= {f"{given} {family}", f"{family} {given}", f"{family}, {given}"}
    return {each for each in told if _is_telling(each)}


def _is_telling(name: str) -> bool:
    if len(name) > _LONGEST or len(name.split()) > _MOST_WORDS:
        return False
    return (
        "@" in name
        or len(name.split()) > 1
        or (len(name) >= _SHORTEST_NUMBER and any(each.isdigit() for each in name))
        or bool(_UNSPACED.fullmatch(name))
    )


def _pattern(name: str) -> str:
    words = r"\s+".join(re.escape(each) for each in name.split())
    return words if _UNSPACED.fullmatch(name) else rf"(?<!\w){words}(?!\w)"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
