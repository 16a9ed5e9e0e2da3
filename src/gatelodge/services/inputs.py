"""Reads what a person typed or pasted: trimmed, checked, one clear sentence per fault.

What was mended or looks wrong, but is no fault, is noted as a warning. No tenant is known here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from gatelodge.lti.errors import shown
from gatelodge.services.errors import Invalid

LONGEST_NAME = 100
LONGEST_ADDRESS = 2000
LONGEST_IDENTIFIER = 255  # LTI Core 1.3, 5.3.3: deployment ids; client ids are as long at most

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 40


Given = ParamSpec("Given")
Read = TypeVar("Read")


class Faults:
    """Reads several fields, and tells at once of all that can't be read."""

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    def of(self, read: Callable[Given, Read], *given: Given.args, **more: Given.kwargs) -> Read:
        """What was read. Where nothing could be, `tell` sees to it that nobody goes on with that."""
        try:
            return read(*given, **more)
        except Invalid as fault:
            self._found += (fault, *fault.others)
            return cast("Read", None)

    def tell(self) -> None:
        """Raise the first fault, with the others along."""
        if self._found:
            first, *others = self._found
            first.others = tuple(others)
            raise first


@dataclass(slots=True)
class Inputs:
    """Reads values one by one; ``development`` lets plain http pass."""

    development: bool = False
    warnings: list[str] = field(default_factory=list)

    def name(self, field: str, value: str) -> str:
        return self._text(field, value, LONGEST_NAME)

    def identifier(self, field: str, value: str) -> str:
        """An id that somebody else gave: opaque, without blanks, compared letter by letter."""
        text = self._text(field, value, LONGEST_IDENTIFIER)
        if not text.isascii() or " " in text:
            raise Invalid(
                field, f"The {_spoken(field)} {shown(text)!r} has characters that no such id has."
            )
        return text

    def address(self, field: str, value: str) -> str:
        """An address that is called or given to a browser; a query in it is kept."""
        text = self._text(field, value, LONGEST_ADDRESS)
        what = f"The {_spoken(field)} {shown(text)!r}"
        try:
            parts = urlsplit(text)
            has_good_port = parts.port != 0
        except ValueError:
            raise Invalid(field, f"{what} isn't an address.") from None
        if parts.scheme not in ("https", "http") or not parts.hostname or not has_good_port:
            raise Invalid(
                field, f"{what} isn't a full address; it begins with https:// and a host."
            )
        if parts.scheme == "http" and not self.development:
            raise Invalid(
                field,
                f"{what} is plain http, and LTI needs https.",
                hint="For trials on one machine, set GATELODGE_DEVELOPMENT=true.",
            )
        if parts.username is not None or parts.fragment or not text.isascii() or " " in text:
            raise Invalid(
                field,
                f"{what} has a name, a fragment, a blank or a letter that doesn't belong there.",
            )
        return text

    def issuer(self, field: str, value: str) -> str:
        """Opaque, since launches are compared with it letter by letter; what looks odd is said."""
        text = self._text(field, value, LONGEST_ADDRESS)
        if " " in text:
            raise Invalid(field, f"The issuer {shown(text)!r} has a blank in it.")
        if text.endswith("/"):
            self.warnings.append(
                "The issuer ends with a slash. Keep it only if the LMS shows it so: "
                "launches must carry the same issuer to the letter."
            )
        if not text.startswith("https://"):
            self.warnings.append(
                "The issuer doesn't begin with https://. Compare it with what the LMS shows."
            )
        return text

    def origin(self, field: str, value: str) -> str:
        """Scheme, host and port alone."""
        text = self.address(field, value).rstrip("/")
        parts = urlsplit(text)
        if parts.path or parts.query:
            raise Invalid(
                field,
                f"The {_spoken(field)} {shown(text)!r} is more than scheme and host, "
                "as in https://lms.example.edu.",
            )
        return text.lower()

    def slug(self, field: str, value: str) -> str:
        """The part of an address that names something."""
        text = self._text(field, value, LONGEST_SLUG)
        if not _SLUG.fullmatch(text):
            raise Invalid(
                field,
                f"The {_spoken(field)} {shown(text)!r} can't stand in an address: "
                "use a to z, 0 to 9, and hyphens between them.",
            )
        return text

    def _text(self, field: str, value: str, longest: int) -> str:
        text = value.strip()
        if not text:
            raise Invalid(field, f"The {_spoken(field)} is empty.")
        if not text.isprintable():
            # U+0000 and lone surrogates, which no database takes, are among these.
            raise Invalid(
                field, f"The {_spoken(field)} {shown(text)!r} has characters that can't be seen."
            )
        if len(text) > longest:
            raise Invalid(field, f"The {_spoken(field)} is longer than {longest} characters.")
        if text != value:
            self.warnings.append(f"Blanks around the {_spoken(field)} were left out.")
        return text


def slug_of(name: str) -> str:
    """A slug made from a name; empty when the name has nothing to make it of."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


_SPOKEN = {
    "authorization_url": "platform authentication URL",
    "token_url": "access token URL",
    "key_set_url": "keyset URL",
    "launch_url": "launch address",
    "slug": "short name",
}


def _spoken(field: str) -> str:
    """The field in the words of the portal and the command line."""
    return _SPOKEN.get(field) or field.replace("_", " ").replace(" id", " ID")
