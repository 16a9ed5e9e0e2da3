"""Sentences with values, told in the language of who reads them."""

from __future__ import annotations

import pytest

from gatelodge.lti.notes import note
from gatelodge.platforms import get
from gatelodge.web.pages.languages import ARABIC, ENGLISH, Language
from gatelodge.web.pages.telling import Telling, TellingInPages


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (ENGLISH, "It ended 40 secs ago. By our clock it was made 100 secs ago."),
        (ARABIC, "انتهى قبل ٤٠ ث. ووفق ساعتنا صُنع قبل ١٠٠ ث."),  # noqa: RUF001
    ],
)
def test_spans_of_time_have_the_units_and_digits_of_the_language(
    language: Language, told: str
) -> None:
    assert Telling(language).text(note("time.ended", ended=40, made=100).sentence) == told


def test_numbers_and_words_of_ours_are_told_in_the_language() -> None:
    telling = Telling(ARABIC)

    assert "١٢٬٣٤٥" in telling.text(note("too_long", count=12_345).sentence)
    assert "الترويسة" in telling.text(note("json.none", part="header").sentence)


def test_in_a_page_values_are_escaped_and_keep_their_own_direction() -> None:
    told = TellingInPages(ENGLISH).markup(note("form.type", type="<script>").sentence)

    assert told == "It is of type <bdi>&lt;script&gt;</bdi>."


def test_the_way_through_an_lms_has_its_own_words_and_stand_ins_of_ours() -> None:
    telling = Telling(ARABIC)

    assert telling.path("(tool): Edit") == "(الأداة): Edit"
    assert telling.path("Redirection URI(s)") == "Redirection URI(s)"


def test_advice_is_told_in_the_language() -> None:
    advice = get("moodle").advice("clock")

    assert Telling(ARABIC).text(advice).startswith("لا توجد في Moodle شاشة")


def test_an_lms_that_has_no_name_is_called_so_in_the_language() -> None:
    assert Telling(ARABIC).word(get("other").name) == "نظام آخر"
