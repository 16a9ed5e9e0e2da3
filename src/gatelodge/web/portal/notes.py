"""What is said beside a value, wherever one is typed or looked at."""

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Note(NamedTuple):
    """What is said about a value. ``value`` stands after it, in full and as it is."""

    kind: Literal["ok", "tidied", "warn", "bad"]
    text: str
    names: Mapping[str, str] = {}
    value: str = ""
    mend: str = ""
