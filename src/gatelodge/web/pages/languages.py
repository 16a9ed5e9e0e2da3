"""Languages that pages are drawn in, and which of them a person gets."""

from gettext import NullTranslations
from typing import NamedTuple


class Language(NamedTuple):
    """``direction`` is "ltr" or "rtl"; ``translations`` is gettext's."""

    code: str
    direction: str
    translations: NullTranslations


ENGLISH = Language("en", "ltr", NullTranslations())
LANGUAGES = {each.code: each for each in (ENGLISH,)}


def choose_language(chosen: str | None, accepted: str) -> Language:
    """The one chosen in the profile, else the first that the browser accepts, else English.

    ``accepted`` is its Accept-Language (RFC 9110 section 12.5.4).
    """
    wanted = [chosen] if chosen else _in_order(accepted)
    for each in wanted:
        if found := LANGUAGES.get(each.partition("-")[0].lower()):
            return found
    return ENGLISH


def _in_order(accepted: str) -> list[str]:
    weighed = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, name))
        except ValueError:
            continue
    return [name for weight, _, name in sorted(weighed) if weight < 0]
