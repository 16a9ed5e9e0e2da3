"""Sentences of ours that people read: in English here, with their values apart.

What happened is found out on one floor and told on another, in the language of who reads it. So a
sentence travels as its English text, with named places, and what belongs into them. A place may
say how its value is told: ``{age:seconds}`` is a span of time, ``{part:word}`` a word of ours, to
be translated itself.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple

Value = str | int


def N_(text: str) -> str:  # noqa: N802 (the name that Babel looks for)
    """Mark a text for translation; it is translated where it is drawn."""
    return text


class Sentence(NamedTuple):
    """``str()`` is the whole of it in English: for logs and the command line."""

    text: str
    values: Mapping[str, Value] = {}

    def __str__(self) -> str:
        return _ENGLISH.vformat(self.text, (), self.values)


class Teller(Formatter):
    """How values are told in one language."""

    def plain(self, value: Value) -> str:
        return f"{value:,}" if isinstance(value, int) else value

    def seconds(self, span: int) -> str:
        return f"{span} s"

    def word(self, word: str) -> str:
        return word

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "seconds":
                return self.seconds(int(value))
            case "word":
                return self.word(str(value))
            case _:
                return self.plain(value)


_ENGLISH = Teller()
