"""Names as people sort and look for them."""

from __future__ import annotations

import pytest

from gatelodge.storage.columns import KEY_BYTES
from gatelodge.storage.search_words import LONGEST_WORD, has_words, sort_key, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Moodle, School of Medicine 42", ["moodle", "school", "of", "medicine", "42"]),
        (
            "https://moodle.north-field.example/a_b",
            ["https", "moodle", "north", "field", "example", "a", "b"],
        ),
        ("Éclair ÉCLAIR éclair", ["eclair"]),
        ("Straße, Łódź, Ørsted", ["strasse", "lodz", "orsted"]),
        ("جامعة الشمال", ["جامعة", "الشمال"]),
        ("北方大学", ["北", "方", "大", "学"]),
        ("%_ -", []),
        ("", []),
    ],
)
def test_words_have_no_capitals_accents_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_text_has_words_that_begin_with_all_that_is_asked_for() -> None:
    assert has_words("med mood", "Moodle, School of Medicine")
    assert has_words("", "Moodle")
    assert not has_words("moodle law", "Moodle, School of Medicine")


def test_numbers_are_sorted_by_their_size() -> None:
    assert sorted(["Week 10", "week 2", "Week 1"], key=sort_key) == ["Week 1", "week 2", "Week 10"]


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "1 " * 5_000, "\ufdfa" * 10_000, "\U0001f600" * 10_000]
)
def test_what_is_kept_of_any_text_fits_into_an_index(text: str) -> None:
    kept = [sort_key(text), *words_of(text)]

    assert max(len(each.encode()) for each in kept) <= KEY_BYTES
    assert max(map(len, words_of(text)), default=0) <= LONGEST_WORD
