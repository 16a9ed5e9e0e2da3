"""How commands end that could not do what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatelodge import __version__
from tests.cli.terminal import Terminal

OTHER_KEY = "Zt0dC3p9oJbq7Rk2yWfXn5sHv8LmAe41"


def test_a_refusal_is_a_sentence_with_a_code_and_what_to_do(settled: Terminal) -> None:
    result = settled.type("tool", "rotate-secret", "quiz", code=1)

    assert result.stdout == ""
    assert result.stderr == (
        "There is no tool 'quiz'. [tool.not_found]\nSee them all: gatelodge tool list\n"
    )


@pytest.mark.parametrize(
    "words", [("tenant", "ad"), ("tenant", "add"), ("tenant", "list", "--all"), ("tenants",)]
)
def test_what_is_not_understood_ends_with_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    refused = terminal.refused(*words, code=2)

    assert refused["code"] == "usage"
    assert refused["hint"].startswith("See: gatelodge")


@pytest.mark.parametrize("words", [(), ("tenant",), ("registration",)])
def test_a_group_alone_prints_its_help(terminal: Terminal, words: tuple[str, ...]) -> None:
    result = terminal.type(*words, code=2)

    assert "Usage: gatelodge" in result.output
    assert result.stderr == ""


def test_the_version_is_printed(terminal: Terminal) -> None:
    assert terminal.type("--version").stdout == f"gatelodge {__version__}\n"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GATELODGE_DATABASE_URL", "mysql://db", "GATELODGE_DATABASE_URL must begin with"),
        ("GATELODGE_DATABASE_URL", "sqlite:////missing/x.db", "The database file '/missing/x.db'"),
        ("GATELODGE_SECRET_KEYS", "short", "A secret key has 5 characters"),
        ("GATELODGE_SECRET_KEYS", OTHER_KEY, "The secret keys are not the ones"),
    ],
)
def test_every_command_says_in_a_sentence_what_is_wrong_with_the_settings(
    settled: Terminal, name: str, value: str, sentence: str
) -> None:
    refused = settled.refused("tenant", "list", **{name: value})

    assert refused["message"].startswith(sentence)


def test_a_newer_key_in_front_opens_the_same_gateway(settled: Terminal, data_dir: Path) -> None:
    old = (data_dir / "secret_keys").read_text().strip()

    found = settled.json("tenant", "list", GATELODGE_SECRET_KEYS=f"{OTHER_KEY},{old}")

    assert len(found) == 2
