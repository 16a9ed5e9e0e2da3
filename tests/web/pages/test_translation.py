"""Every text that people read can be taken out by Babel, and is asked for in their language."""

from __future__ import annotations

import io
from gettext import NullTranslations
from importlib.resources import files
from inspect import getsource

import pytest
from babel.messages.extract import extract

from gatelodge.lti import errors
from gatelodge.lti.errors import Heading, Mender
from gatelodge.web.pages import models
from gatelodge.web.pages.languages import ENGLISH, LANGUAGES, Language
from gatelodge.web.pages.models import LandingPage, status_page
from gatelodge.web.pages.rendering import environment
from tests.web.pages.cases import NOW, REFERENCE, REFUSALS, page_of, read_text


class Marking(NullTranslations):
    """Sets every translated text in brackets."""

    def gettext(self, message: str) -> str:
        return f"[{message}]"


def test_the_texts_of_refusals_are_extracted() -> None:
    source = io.BytesIO(getsource(errors).encode())

    found = {
        message
        for _, message, _, _ in extract("gatelodge.web.pages.extraction:extract_refusals", source)
    }

    texts = {text for kind in REFUSALS for text in (kind.person, kind.finding, kind.hint)}
    assert found == texts | set(Heading) | {kind.person for kind in errors.Refusal.__subclasses__()}


def test_the_texts_of_statuses_are_extracted() -> None:
    source = io.BytesIO(getsource(models).encode())

    found = {message for _, message, _, _ in extract("python", source)}

    assert {text for _, text, _ in models._STATUSES.values()} <= found


def test_the_texts_of_templates_are_extracted() -> None:
    template = files("gatelodge.web.pages") / "templates" / "menders.html"

    found = {
        message
        for _, message, _, _ in extract(
            "jinja2.ext:babel_extract", io.BytesIO(template.read_bytes())
        )
    }

    assert sum("<strong>" in message for message in found) == len(Mender)


@pytest.mark.parametrize(
    ("template", "page", "untranslated"),
    [
        ("refusal.html", page_of(REFUSALS[0]), {"Quillmark peer review", REFUSALS[0].code}),
        ("status.html", status_page(404, trace_id=REFERENCE, now=NOW), {"Gatelodge", "HTTP 404"}),
        ("landing.html", LandingPage("gate.example", "1", ""), {"Gatelodge"}),
    ],
)
def test_every_text_of_a_page_is_translated(
    template: str, page: object, untranslated: set[str]
) -> None:
    drawn = (
        environment(ENGLISH._replace(translations=Marking()))
        .get_template(template)
        .render(page=page)
    )

    for line in read_text(drawn.encode()).splitlines():
        assert "[" in line or line in untranslated or "gate" in line, line


class Known(NullTranslations):
    """A catalogue of one text."""

    def __init__(self, text: str, translation: str) -> None:
        super().__init__()
        self._texts = {text: translation}

    def gettext(self, message: str) -> str:
        return self._texts.get(message, message)


@pytest.mark.parametrize(
    ("source", "translation", "told"),
    [
        ("{% trans %}Text at 200 %{% endtrans %}", "Text bei 200 %", "Text bei 200 %"),
        ("{{ _('Text at 200 %') }}", "Text bei 200 %", "Text bei 200 %"),
        ("{% trans n=7 %}{{ n }} % of all{% endtrans %}", "%(n)s %% von allen", "7 % von allen"),
    ],
)
def test_a_text_with_a_sign_of_per_cent_is_found_in_the_catalogue(
    source: str, translation: str, told: str
) -> None:
    [[_, extracted, _, _]] = extract("jinja2.ext:babel_extract", io.BytesIO(source.encode()))
    language = ENGLISH._replace(translations=Known(str(extracted), translation))

    assert environment(language).from_string(source).render() == told


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda each: each.code)
def test_no_text_is_no_text_in_every_language(language: Language) -> None:
    """The LMS of a draft that has none yet."""
    drawn = environment(language).from_string("{{ _(platform) }}").render(platform="")

    assert not drawn
