"""Sentences of ours as people of one language read them, in a page or as plain text."""

import re
from typing import Any

from markupsafe import Markup, escape

from gatelodge.web.pages.figures import Figures
from gatelodge.web.pages.languages import Language
from gatelodge.web.pages.names import isolated
from gatelodge.words import Sentence, Teller, Value

_PLACE = re.compile(r"\([\w ]+\)")


class Telling(Teller):
    """Tells sentences in a language, as plain text."""

    def __init__(self, language: Language, figures: Figures | None = None) -> None:
        self._figures = figures or Figures(language)
        self._translated = language.translations.gettext

    def text(self, sentence: Sentence) -> str:
        return self.vformat(self._translated(sentence.text), (), sentence.values)

    def path(self, step: str) -> str:
        """A step of a menu path of an LMS: its own words, save for "(tool)" and the like."""
        return _PLACE.sub(lambda found: self._translated(found[0]), step)

    def plain(self, value: Value) -> str:
        return self._figures.number(value) if isinstance(value, int) else value

    def seconds(self, span: int) -> str:
        return self._figures.span(span, "second")

    def word(self, word: str) -> str:
        return self._translated(word)


class TellingInPages(Telling):
    """The same as markup: values are escaped, and keep their own direction."""

    def markup(self, sentence: Sentence) -> Markup:
        return Markup(self.text(sentence))  # noqa: S704 (our own text; the values are escaped)

    def format_field(self, value: Any, format_spec: str) -> str:
        told = super().format_field(value, format_spec)
        return str(isolated(told) if isinstance(value, str) and not format_spec else escape(told))
