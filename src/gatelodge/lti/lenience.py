"""What others sent, read as far as it can be read.

A kind of object is declared as a struct: which members it may have, and what each may hold.
Nearly always an object is just that, and is taken as it is. Otherwise its members are read one
by one, and what can't be read counts as not sent: receivers ignore what they don't understand
(LTI Core 1.3 section 4.3).
"""

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Annotated, Any, Final, TypeGuard, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

LONGEST_TEXT: Final = 10_000
_LONGEST_ID: Final = 255

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
"""A text to be kept and shown. A blank one is taken here, and says nothing."""

Names = tuple[Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)], ...]
"""A list of roles, types or scopes."""

LocalId = Annotated[str, Meta(min_length=1, max_length=_LONGEST_ID)]
"""An identifier of the platform's own, taken as it is or not at all (CORE 5.3.5).

By the letter it is ASCII; platforms send course names from all over the world.
"""

Pixels = Annotated[int, Meta(ge=1, lt=100_000)]

CustomValues = dict[str, Text | bool | int | float | None]
"""Texts by the letter (CORE 5.4.6); platforms also send the numbers and booleans themselves."""

Kind = TypeVar("Kind", bound=Struct)

_NOT_FOR_A_DATABASE = re.compile("[\x00\ud800-\udfff]")
_LARGEST_NUMBER = sys.float_info.max


def read_object(kind: type[Kind], value: object, *, storable: bool) -> Kind | None:
    """An object of this kind; None for what is no object, and for one without what it needs.

    ``storable`` says that no text in it has anything that no database takes.
    """
    if storable:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            pass
    return _by_members(kind, value, storable=storable)


def text(value: object) -> str | None:
    """A text as it may be stored and shown, or None for what is no text or says nothing."""
    return mended(value)[:LONGEST_TEXT] if isinstance(value, str) and value else None


def texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple([cleaned for entry in value if (cleaned := text(entry)) is not None])


def mended(value: str) -> str:
    """Without what no database takes: U+0000 and halves of surrogate pairs."""
    return value if value.isprintable() else _NOT_FOR_A_DATABASE.sub("\ufffd", value)


def is_storable(value: str) -> bool:
    return not _NOT_FOR_A_DATABASE.search(value)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a JSON number that can be counted with; a boolean is none in JSON."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return abs(value) <= _LARGEST_NUMBER


def custom_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if is_number(value) else None


def _exact(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _local_id(value: object) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and is_storable(value):
        return value
    return None


def _pixels(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 6:
        value = int(value)
    return int(value) if is_number(value) and 1 <= value < 100_000 else None


def _custom_values(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    return {
        mended(name): mended(told)[:LONGEST_TEXT]
        for name, sent in value.items()
        if (told := custom_text(sent)) is not None
    }


def _as_it_is(value: object) -> object:
    return value


def _by_members(kind: type[Kind], value: object, *, storable: bool) -> Kind | None:
    if not isinstance(value, dict):
        return None
    readers = _readers(kind, storable=storable)
    told = {name: read(value[name]) for name, read in readers.items() if name in value}
    try:
        return msgspec.convert(
            {name: member for name, member in told.items() if member is not None}, kind
        )
    except msgspec.ValidationError:
        return None  # It lacks what it must have.


@cache
def _readers(kind: type[Struct], *, storable: bool) -> Mapping[str, Callable[[object], object]]:
    """How the members of this kind are read, by the names under which they are sent."""
    return {
        member.encode_name: _READERS.get(member.type)
        or partial(read_object, _kind_of(member.type), storable=storable)
        for member in msgspec.structs.fields(kind)
    }


def _kind_of(declared: object) -> type[Struct]:
    """The kind of an object that may be missing."""
    kind: type[Struct] = get_args(declared)[0]
    return kind


_READERS: Mapping[object, Callable[[object], object]] = {
    LocalId: _local_id,
    Text | None: text,
    Names: texts,
    Names | None: texts,
    str | None: _exact,
    Pixels | None: _pixels,
    CustomValues | None: _custom_values,
    Any: _as_it_is,
}
"""How each type is read where it is not what was sent."""
