"""Types of columns: the same values go in and come out on SQLite and PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeDecorator, TypeEngine

from gatelodge.storage.errors import UnstorableValue

KEY_BYTES = 1024
"""Longest text in an index; two of them still fit into one entry of PostgreSQL's index (2,704)."""


def Number() -> TypeEngine[int]:  # noqa: N802 - it stands where types stand
    """SQLite keeps a table in the order of its numbers only where they are called INTEGER."""
    return BigInteger().with_variant(Integer(), "sqlite")


class Text(TypeDecorator[str]):
    """Text that both databases take, ordered by code point on both.

    SQLite would take U+0000 and PostgreSQL refuses it; so we refuse it for both. PostgreSQL's
    "C" collation is SQLite's order, is the quickest, and does not change with the system's locale.
    """

    impl = PlainText
    cache_ok = True

    def __init__(self, longest: int | None = None) -> None:
        super().__init__()
        self.longest = longest

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return PlainText(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is not None:
            require_storable(value, self.longest)
        return value


class Words(TypeDecorator[tuple[str, ...]]):
    """Names without spaces, kept in one text; sets are sorted."""

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        words = sorted(value) if isinstance(value, frozenset | set) else list(value)
        if any(len(word.split()) != 1 for word in words):
            raise UnstorableValue(
                "A list of names holds a name that is empty or has a space in it."
            )
        return require_storable(" ".join(words))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.split())


class Seconds(TypeDecorator[int]):
    """Whole seconds since 1970, UTC; fractions are cut."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: float | None, _dialect: Dialect) -> int | None:
        return None if value is None else int(value)


def require_storable(text: str, longest: int | None = None) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise UnstorableValue("A text holds half a character (a lone surrogate).") from error
    if "\0" in text:
        raise UnstorableValue("A text holds the character U+0000.")
    if longest is not None and size > longest:
        raise UnstorableValue(f"A text is longer than {longest:,} bytes.")
    return text
