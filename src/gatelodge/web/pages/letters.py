"""Words of mails in the language of who gets them."""

from functools import cache

from gatelodge.services.mails import Told
from gatelodge.web.pages.languages import Language, choose_language
from gatelodge.web.pages.telling import Telling
from gatelodge.words import Sentence


def tell(sentence: Sentence, language: str | None) -> Told:
    """In English where nothing is said or nothing fits."""
    chosen = choose_language(language, "")
    return Told(_telling(chosen).text(sentence), chosen.code)


@cache
def _telling(language: Language) -> Telling:
    return Telling(language)
