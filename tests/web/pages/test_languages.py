"""How a language is chosen, and how numbers and times are written in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gatelodge.web.pages.figures import Figures
from gatelodge.web.pages.languages import ARABIC, ENGLISH, GERMAN, JAPANESE, choose_language
from tests.web.pages.cases import read_text

NOW = datetime(2026, 11, 23, 10, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "accepted", "expected"),
    [
        (None, "", "en"),
        (None, "ar", "ar"),
        (None, "AR-eg", "ar"),
        (None, "en;q=0.3, ar;q=0.9", "ar"),
        (None, "ar;q=0, en", "en"),
        (None, "cy, ar;q=0.1", "ar"),
        (None, "ar;q=nonsense, en", "en"),
        (None, "*", "en"),
        ("ar", "en", "ar"),
        ("ar_SA", "en", "ar"),
        ("xx", "ar", "ar"),
        (None, "q" * 100_000 + ",ar", "en"),
    ],
)
def test_the_first_wish_that_can_be_met_is_met(
    chosen: str | None, accepted: str, expected: str
) -> None:
    assert choose_language(chosen, accepted).code == expected


def test_numbers_have_the_separators_and_digits_of_the_language() -> None:
    assert Figures(ENGLISH).number(10_412) == "10,412"
    assert Figures(ARABIC).number(10_412) == "١٠٬٤١٢"  # noqa: RUF001


@pytest.mark.parametrize(
    ("gone", "english"),
    [
        (timedelta(seconds=20), "Just now"),
        (timedelta(minutes=6), "6 min ago"),
        (timedelta(hours=3), "23 Nov, 07:41"),
        (timedelta(days=2), "21 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
        (-timedelta(minutes=3), "23 Nov, 10:44"),
    ],
)
def test_a_time_is_told_as_a_span_while_it_is_near_and_as_a_date_later(
    gone: timedelta, english: str
) -> None:
    assert read_text(Figures(ENGLISH).ago(NOW - gone, NOW).encode()) == english


def test_a_time_names_itself_exactly_for_who_asks() -> None:
    told = Figures(ENGLISH).ago(NOW - timedelta(minutes=6), NOW)

    assert 'datetime="2026-11-23T10:35:00Z"' in told
    assert 'title="Monday, 23 Nov, 10:35 UTC"' in told


def test_times_are_arabic_in_arabic() -> None:
    told = Figures(ARABIC).ago(NOW - timedelta(days=2), NOW)

    assert read_text(told.encode()) == "٢١ نوفمبر"


def test_a_date_has_the_order_and_the_signs_of_the_language() -> None:
    assert Figures(ENGLISH).date_of(NOW) == "23 Nov 2026"
    assert Figures(GERMAN).date_of(NOW) == "23. Nov. 2026"
    assert Figures(JAPANESE).date_of(NOW) == "2026年11月23日"
    assert read_text(Figures(GERMAN).ago(NOW - timedelta(days=2), NOW).encode()) == "21. Nov."
