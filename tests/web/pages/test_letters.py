"""A mail is told in the language of who gets it."""

from __future__ import annotations

import pytest

from gatelodge.web.pages.letters import tell
from gatelodge.words import Sentence

SENTENCE = Sentence("Registration is switched off")


def test_in_arabic() -> None:
    told = tell(SENTENCE, "ar")

    assert told.language == "ar"
    assert told.text != SENTENCE.text


@pytest.mark.parametrize("language", [None, "", "tlh", "en"])
def test_in_english_where_nothing_fits(language: str | None) -> None:
    told = tell(SENTENCE, language)

    assert (told.text, told.language) == (SENTENCE.text, "en")
