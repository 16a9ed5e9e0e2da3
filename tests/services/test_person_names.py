"""What somebody is called by is taken out of texts, and nothing else is."""

from __future__ import annotations

import pytest

from gatelodge.services.person_names import GONE, Names, names_of


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mia@example.org", "Write to <MIA@example.org>."),
        ("Mia Learner", "it's  mia\nlearner, again"),
        ("s-1234567", "user=s-1234567;"),
        ("José Nuñez", "Jose\u0301 Nun\u0303ez called"),
        ("山田太郎", "今日は山田太郎さんが"),
        ("Dr. A+ (B)", "asked Dr. A+ (B) about it"),
    ],
)
def test_a_name_is_found_as_people_write_it(name: str, text: str) -> None:
    names = Names([name])

    assert names.are_in(text)
    assert GONE in names.taken_out_of(text)
    assert not names.are_in(names.taken_out_of(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("7", "Week 7 of 7"),
        ("Mia", "Mia Farrow"),
        ("123456", "1234567 or 0123456"),
        ("mia@example.org", "ramia@example.org"),
        ("Mia Lee", "Mia Leeward"),
        ("admin", "ask an admin"),
        ("", "nothing"),
    ],
)
def test_what_may_be_something_else_stays(name: str, text: str) -> None:
    assert Names([name, None]).taken_out_of(text) == text


def test_the_longest_name_goes_whole() -> None:
    names = Names(["Mia Lee", "Mia Lee Jones"])

    assert names.taken_out_of("Mia Lee Jones and Mia Lee") == f"{GONE} and {GONE}"


def test_a_text_without_names_is_the_same_to_the_byte() -> None:
    text = "Cafe\u0301 \r\n\tno"

    assert Names(["Mia Lee"]).taken_out_of(text) is text


def test_json_is_gone_through_and_its_names_stay() -> None:
    value = {"Mia Lee": [{"title": "Of Mia Lee"}, 7, None, True]}

    taken_out = Names(["Mia Lee"]).taken_out_of_all(value)

    assert taken_out == {"Mia Lee": [{"title": f"Of {GONE}"}, 7, None, True]}


def test_parts_of_a_name_are_put_together_in_each_order() -> None:
    person = {"given_name": "Mia", "family_name": "Lee", "email": "m@x.example", "picture": "p"}

    assert names_of(person) == {"Mia Lee", "Lee Mia", "Lee, Mia", "m@x.example"}


def test_a_thousand_names_are_not_found_in_a_large_text_at_once() -> None:
    names = Names([f"{'a ' * 7}{each}" for each in range(1000)])

    assert not names.are_in("a " * 500_000 + "x")
