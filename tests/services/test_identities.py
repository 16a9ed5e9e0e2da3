"""The names that a tool hears: opaque, stable, and nobody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatelodge.services.identities import Identities

NORTHFIELD = Identities(b"n" * 32, "https://lms.example")
SOUTHBANK = Identities(b"s" * 32, "https://lms.example")
OTHER_LMS = Identities(b"n" * 32, "https://other.example")


def test_a_name_never_changes() -> None:
    """Tools keep it for years: whoever changes how it is made takes people's work from them."""
    assert NORTHFIELD.person("3") == "da42a0673d5534003c9912e8723d2816"
    assert NORTHFIELD.context("1", "c-7") == "b430ad9c7bd8fc42e926523b13d163a8"
    assert NORTHFIELD.resource_link("1", "c-7", "l-12") == "c21dcc0076e5c86ca4255cffbfb4f7fe"


def test_one_number_at_two_institutions_or_two_lmss_is_two_people() -> None:
    names = {each.person("3") for each in (NORTHFIELD, SOUTHBANK, OTHER_LMS)}

    assert len(names) == 3


def test_a_person_a_course_and_a_link_of_one_number_have_different_names() -> None:
    assert (
        len({NORTHFIELD.person("3"), NORTHFIELD.context("", "3"), NORTHFIELD.context("3", "")}) == 3
    )


def test_a_link_that_every_course_repeats_is_one_in_each() -> None:
    assert NORTHFIELD.resource_link("1", "a", "nav") != NORTHFIELD.resource_link("1", "b", "nav")


parts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1)


@given(st.tuples(parts, parts, parts), st.tuples(parts, parts, parts))
def test_different_things_have_different_names(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    same = NORTHFIELD.resource_link(*one) == NORTHFIELD.resource_link(*other)

    assert same == (one == other)
