"""The languages that pages are drawn in, and the choice of one for a person.

English is the language of the sources. Of every other language there is a catalogue in
``catalogues/``, as translators write it; it is compiled when this module is imported, so no
compiled file has to be kept or built.
"""

from collections.abc import Iterator
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

CATALOGUES = files("gatelodge.web.pages") / "catalogues"

_MOST_READ = 500
"""So many characters of what a browser accepts are read; whoever sends more wants something else."""


class Language(NamedTuple):
    """``direction`` is "ltr" or "rtl"; ``translations`` is gettext's."""

    code: str
    name: str
    """As its speakers write it: who can't read the page must be able to find it."""
    locale: str
    """Whose names of months and forms of numbers are used."""
    date_and_time: str
    translations: NullTranslations
    direction: str = "ltr"
    numbering: str = "latn"
    """CLDR's name of the digits and of what separates thousands."""
    digits: str = "0123456789"


def read_catalogue(code: str) -> Translations:
    source = (CATALOGUES / f"{code}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _translated(code: str, name: str, date_and_time: str) -> Language:
    return Language(code, name, code, date_and_time, read_catalogue(code))


ENGLISH = Language("en", "English", "en_GB", "d MMM, HH:mm", NullTranslations())
ARABIC = _translated("ar", "العربية", "d MMM، HH:mm")._replace(
    direction="rtl", numbering="arab", digits="٠١٢٣٤٥٦٧٨٩"
)
FRENCH = _translated("fr", "Français", "d MMM, HH:mm")
GERMAN = _translated("de", "Deutsch", "d. MMM, HH:mm")
JAPANESE = _translated("ja", "日本語", "M月d日 HH:mm")
SPANISH = _translated("es", "Español", "d MMM, HH:mm")

LANGUAGES = {each.code: each for each in (ENGLISH, ARABIC, FRENCH, GERMAN, JAPANESE, SPANISH)}


def choose_language(chosen: str | None, accepted: str) -> Language:
    """The one chosen in the profile, else the first that the browser accepts, else English.

    ``accepted`` is its Accept-Language (RFC 9110 section 12.5.4).
    """
    for code in (chosen or "", *_in_order(accepted)):
        if found := LANGUAGES.get(code.replace("_", "-").partition("-")[0].lower()):
            return found
    return ENGLISH


def _in_order(accepted: str) -> Iterator[str]:
    weighed = []
    for place, part in enumerate(accepted[:_MOST_READ].split(",")):
        name, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        weighed.append((-quality, place, name.strip()))
    return (name for weight, _, name in sorted(weighed) if weight < 0)
