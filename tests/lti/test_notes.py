"""What is measured is kept as a name and values, and told as a sentence."""

from __future__ import annotations

import ast

import pytest

from gatelodge.lti.notes import SENTENCES, Note, measured, note
from gatelodge.outbound.errors import OutboundError
from tests.architecture.source import PACKAGE


def names_written() -> set[str]:
    """The first argument of each call of `note` in the sources."""
    return {
        call.args[0].value
        for path in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "note"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_each_note_that_is_written_has_its_sentence() -> None:
    unsaid = {"json.twins", "json.constant"}  # they are named where JSON is read

    codes = {kind.code for kind in OutboundError.__subclasses__()}
    reasons = {code for code in codes if code.startswith("outbound.")}
    assert names_written() | unsaid | reasons == set(SENTENCES)


def test_a_note_is_told_with_its_values() -> None:
    assert str(note("time.ended", ended=240, made=300)) == (
        "It ended 240 s ago. By our clock it was made 300 s ago."
    )


def test_a_note_of_another_version_is_told_as_it_is() -> None:
    assert str(Note("moon.phase", {"phase": 3, "of": "July"})) == "moon.phase: phase 3, of July"
    assert str(Note("moon.away", {})) == "moon.away"


@pytest.mark.parametrize(
    ("check", "value", "told"),
    [
        ("token.time", "3", "made 3 s ago"),
        ("token.time", "-3", "made 3 s ahead of our clock"),
        ("state.signed", "7", "7 s old"),
        ("token.signature", "a-key", "key a-key"),
        ("token.header", "RS256", "RS256"),
        ("message.roles", "Instructor Learner", "Instructor Learner"),
        ("message.roles", "-", "none in this context"),
        ("message.subject", "anonymous", "anonymous"),
        ("a.later.check", "{something}", "{something}"),
    ],
)
def test_a_step_tells_what_was_measured(check: str, value: str, told: str) -> None:
    assert str(measured(check, value)) == told


def test_a_step_that_measured_nothing_says_nothing() -> None:
    assert measured("token.issuer", "") is None
