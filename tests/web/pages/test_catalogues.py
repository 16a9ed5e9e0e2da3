"""Catalogues of translators: whole, with nothing lost on the way, and with plurals that fit."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from gatelodge.web.pages.languages import ARABIC, LANGUAGES
from gatelodge.web.pages.rendering import environment
from tools.texts import CATALOGUES, texts, untranslated, updated

# What a translation keeps: names to fill in, and elements.
_KEPT = re.compile(r"\{[\w:]*\}|%\(\w+\)s|</?\w+")

in_each_catalogue = pytest.mark.parametrize(
    "path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem
)


def read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=path.stem)


def test_each_language_but_that_of_the_sources_has_its_catalogue() -> None:
    assert {path.stem for path in CATALOGUES.glob("*.po")} == set(LANGUAGES) - {"en"}


@in_each_catalogue
def test_every_text_is_translated(path: Path) -> None:
    whole = updated(read(path), texts())

    left = [each.id for each in untranslated(whole)]
    assert left == [], "translate these: make texts"


@in_each_catalogue
def test_a_translation_keeps_names_and_elements(path: Path) -> None:
    lost = [
        (source, string)
        for source, strings in map(_pair, read(path))
        # One and two may be words in the translation, and so have no number in them.
        for string in strings[3:] or strings
        if string and set(_KEPT.findall(source)) != set(_KEPT.findall(string))
    ]
    assert lost == []


def _pair(message: Message) -> tuple[str, tuple[str, ...]]:
    """The text, in its plural if it has one, and its translations."""
    source, string = message.id, message.string
    return (
        source[-1] if isinstance(source, tuple) else source,
        string if isinstance(string, tuple) else (string if source else "",),
    )


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "لا إخفاقات"),
        (1, "إخفاق واحد"),
        (2, "إخفاقان"),
        (3, "٣ إخفاقات"),
        (11, "١١ إخفاقًا"),  # noqa: RUF001
        (100, "١٠٠ إخفاق"),  # noqa: RUF001
        (103, "١٠٣ إخفاقات"),
    ],
)
def test_arabic_has_six_plurals(count: int, told: str) -> None:
    template = environment(ARABIC).from_string(
        "{% trans count=count %}{{ count }} failure in the last 24 hours{% pluralize %}"
        "{{ count }} failures in the last 24 hours{% endtrans %}"
    )

    assert template.render(count=count).startswith(told + " ")
