from __future__ import annotations

import pytest
from markupsafe import Markup

from gatelodge.web.pages.names import LONGEST_NAME, fit_name, with_names

STAND_INS = {
    "tool": "this tool",
    "Tool": "This tool",
    "platform": "your course site",
    "Platform": "Your course site",
    "this platform": "course",
}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Moodle \u2013 School of Medicine", "Moodle \u2013 School of Medicine"),
        ("  Quill\tmark\r\n ", "Quill mark"),
        ("\u202eyalp", "yalp"),
        ("Quill\u2066mark\u2069", "Quill mark"),
        ("half \ud83d of a pair", "half of a pair"),
        ("a\x00b\x1bc", "a b c"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0645"),
        ("", None),
        (" \u202e ", None),
        (None, None),
    ],
)
def test_a_name_is_made_fit_to_be_shown(typed: str | None, shown: str | None) -> None:
    assert fit_name(typed) == shown


def test_a_long_name_is_cut() -> None:
    shown = fit_name("Quillmark " * 1_000)

    assert shown is not None
    assert len(shown) <= LONGEST_NAME
    assert shown.endswith("…")


def test_names_are_filled_in_with_a_direction_of_their_own() -> None:
    text = with_names(
        Markup("{platform} opens {tool}."), {"tool": "<b>", "platform": "Moodle"}, STAND_INS
    )

    assert text == "<bdi>Moodle</bdi> opens <bdi>&lt;b&gt;</bdi>."


def test_what_is_not_known_is_called_by_its_stand_in() -> None:
    text = with_names(
        Markup("{platform} opens {tool} once. {tool} is in {platform}."),
        {"tool": None, "platform": None},
        STAND_INS,
    )

    assert text == ("Your course site opens this tool once. This tool is in your course site.")


def test_a_name_that_looks_like_a_place_for_a_name_stays_as_it_is() -> None:
    text = with_names(Markup("{tool}"), {"tool": "{platform}", "platform": "Moodle"}, STAND_INS)

    assert text == "<bdi>{platform}</bdi>"


def test_after_this_the_stand_in_has_no_article() -> None:
    text = with_names(Markup("inside this {platform} page"), {"platform": None}, STAND_INS)

    assert text == "inside this course page"
