"""The closed list of reasons: each has its code, says what it means, and is used."""

from __future__ import annotations

import ast
import re
from collections import Counter
from string import Formatter

import pytest
from hypothesis import given

from gatelodge.lti import errors
from gatelodge.lti.errors import SHOWN_LENGTH, Heading, Mender, Refusal, all_refusals, shown
from gatelodge.lti.notes import note
from tests.architecture.source import PACKAGE, tree_of
from tests.lti.any_input import BRIEFLY, any_json

REASONS = list(all_refusals())


@pytest.fixture(params=REASONS, ids=[reason.code for reason in REASONS])
def reason(request: pytest.FixtureRequest) -> type[Refusal]:
    return request.param


def test_codes_are_unique() -> None:
    assert [code for code, uses in Counter(each.code for each in REASONS).items() if uses > 1] == []


def test_the_list_is_complete() -> None:
    with_code = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, Refusal) and "code" in vars(each)
    }

    assert with_code == set(REASONS)


def test_every_reason_is_given_somewhere() -> None:
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "lti" / "errors.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name | ast.Attribute)
    }

    assert sorted({each.__name__ for each in REASONS} - used) == []


def test_every_heading_has_a_reason() -> None:
    assert {each.heading for each in REASONS} == set(Heading)


def test_a_code_says_where_it_happened_and_what(reason: type[Refusal]) -> None:
    assert re.fullmatch(r"(login|launch)\.[a-z0-9_]+", reason.code)


def test_what_was_found_and_what_to_do_are_sentences(reason: type[Refusal]) -> None:
    for text in (reason.finding, reason.hint):
        assert text[0].isupper()
        assert text[-1] in ".?"
        assert "  " not in text
        assert text.isprintable()


def test_the_person_is_told_in_plain_words(reason: type[Refusal]) -> None:
    """Without names of parameters, clauses of specifications, or anything that was sent."""
    words = reason.person

    assert words.endswith(".")
    assert {name for _, name, _, _ in Formatter().parse(words) if name} <= {
        "tool",
        "platform",
        "gateway",
    }
    assert "_" not in words
    assert not re.search(r"\b(SF|CORE|DL|SR|RFC|OIDC|LTI|token|nonce|state|client id)\b", words)


def test_a_person_who_can_mend_it_is_told_how(reason: type[Refusal]) -> None:
    helpless = "you can't mend it from here" in reason.person

    assert helpless == (reason.mender is Mender.ADMINISTRATOR)


def test_who_can_mend_it_fits_the_heading(reason: type[Refusal]) -> None:
    menders = {
        Heading.COOKIES: {Mender.PERSON},
        Heading.REGISTRATION: {Mender.ADMINISTRATOR},
        Heading.DETAILS: {Mender.ADMINISTRATOR},
        Heading.KEY_SET: {Mender.ADMINISTRATOR},
        Heading.USED: {Mender.PERSON},
        Heading.TROUBLE: {Mender.OPERATOR},
    }
    if reason is errors.PlatformSessionEnded:
        menders[Heading.DETAILS] = {Mender.PERSON}

    assert reason.mender in menders[reason.heading]


def test_a_refusal_needs_no_details(reason: type[Refusal]) -> None:
    assert str(reason()) == reason.finding


# ----------------------------------------------------------------------- what it says


def test_a_refusal_tells_what_was_sent_and_what_was_expected() -> None:
    refusal = errors.IssuerMismatch(
        sent="https://a", expected="https://b", note=note("settings.none")
    )

    assert str(refusal) == (
        "The token was issued by another LMS than the login (SF 5.1.3). "
        "Sent: 'https://a'. Expected: 'https://b'. There are no settings at all."
    )


def test_what_was_sent_is_cut() -> None:
    refusal = errors.IssuerMismatch(sent="x" * 5_000)

    assert refusal.sent == "x" * SHOWN_LENGTH + "…"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("https://lms.example", "https://lms.example"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("right\u202eto left", "right\\u202eto left"),
        ("a\r\nb\0", "a\\u000d\\u000ab\\u0000"),
        ("half \ud800", "half \\ud800"),
        (["a", 1], "['a', 1]"),
        (True, "True"),
        pytest.param("x" * 300, "x" * 300, id="just short enough"),
        pytest.param("x" * 301, "x" * 300 + "…", id="just too long"),
        pytest.param("\n" * 300, "\\u000a" * 50 + "…", id="too long when it is escaped"),
    ],
)
def test_a_value_is_shown_without_what_hides_or_breaks(value: object, text: str | None) -> None:
    assert shown(value) == text


@BRIEFLY
@given(any_json)
def test_any_value_can_be_shown(value: object) -> None:
    text = shown(value) or ""

    assert text.isprintable()
    assert len(text) <= SHOWN_LENGTH + 1
