"""Pages of what went wrong in the portal: the sentence that people know, and ways out that work."""

from __future__ import annotations

import pytest

from tests.web.pages.cases import elements_of, read_text
from tests.web.portal.drawn import ADA, BEN, drawn

REFERENCE = "A1-6QX2-PT"


def page(problem: int, who: object = None) -> bytes:
    return drawn("error.html", who, problem=problem, trace_id=REFERENCE, error=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (400, "This request can't be read"),
        (401, "Authentication failed. Try again"),
        (403, "Your account doesn't have permission to access this page"),
        (404, "There's nothing at this address"),
        (409, "This request can't be read"),
        (413, "This was too large"),
        (429, "Too many requests"),
        (500, "Something went wrong. Try again later."),
        (503, "Something went wrong. Try again later."),
    ],
)
def test_each_problem_has_its_sentence_its_reference_and_a_way_out(
    problem: int, sentence: str
) -> None:
    body = page(problem)

    text = read_text(body)
    ways = {each["href"] for tag, each in elements_of(body) if tag == "a"}
    assert sentence in text
    assert f"Reference {REFERENCE} · 23 Nov, 10:41 UTC" in text
    assert "/" in ways
    assert ways & {"/portal", "/sign-in"}


def test_something_went_wrong_leads_home_and_to_the_portal() -> None:
    text = read_text(page(500, ADA))

    assert "Go to Home page" in text
    assert "Go to registration portal" in text


def test_who_lacks_a_role_learns_who_they_are_and_can_switch_accounts() -> None:
    body = page(403, BEN)

    text = read_text(body)
    assert "Ben Osei" in text
    assert "Northfield University" in text
    assert "Sign out & switch accounts" in text
    assert b'action="/sign-out"' in body


def test_a_form_of_another_site_is_told_that_nothing_was_changed() -> None:
    body = page(403)

    assert "nothing was changed" in read_text(body)
    assert b"/sign-out" not in body


def test_support_stands_at_the_top_for_who_has_no_menu() -> None:
    assert b'href="mailto:help@northfield.example">Contact support' in page(500)


def test_what_was_typed_before_the_session_ended_waits_to_be_sent_again() -> None:
    typed = [("name", 'Moodle "<b>"'), ("state", "active")]

    body = drawn("again.html", None, fields=typed, left_out=[])

    fields = [(each["name"], each["value"]) for tag, each in elements_of(body) if tag == "input"]
    assert fields == [("csrf", ""), *typed]
    assert "Authentication failed. Try again" in read_text(body)
