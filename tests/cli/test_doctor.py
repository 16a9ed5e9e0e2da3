from __future__ import annotations

import json
from typing import Any

from tests.cli.terminal import Terminal


def findings(terminal: Terminal, *, code: int, **environment: str | None) -> dict[str, Any]:
    result = terminal.type("doctor", "--json", code=code, **environment)
    answer = json.loads(result.stdout)
    assert answer["healthy"] is (code == 0)
    return {each["code"]: each for each in answer["findings"]}


def test_a_new_gateway_is_well(terminal: Terminal) -> None:
    found = findings(terminal, code=0)

    assert {code: each["severity"] for code, each in found.items()} == {
        "settings": "good",
        "settings.secrets": "good",
        "database": "good",
        "operators": "note",
        "keys": "good",
    }
    assert terminal.type("doctor").stdout.endswith("\nAll is well.\n")


def test_a_key_set_that_cannot_be_fetched_is_told(settled: Terminal) -> None:
    settled.register("--keyset-url", "https://127.0.0.1:1/keys")

    found = findings(settled, code=1)

    assert found["key_set"]["severity"] == "error"
    assert found["key_set"]["title"].startswith("Key set of https://moodle.example")
    assert "1 of 6 need attention." in settled.type("doctor", code=1).stdout


def test_settings_that_cannot_be_read_are_told(terminal: Terminal) -> None:
    found = findings(terminal, code=1, GATELODGE_PERSONAL_DAYS="a week")

    assert found["settings"]["text"] == "GATELODGE_PERSONAL_DAYS must be a whole number."


def test_what_keeps_the_gateway_from_opening_is_told_beside_the_rest(terminal: Terminal) -> None:
    found = findings(
        terminal, code=1, GATELODGE_BASE_URL=None, GATELODGE_DATABASE_URL="sqlite:////missing/x.db"
    )

    assert found["settings"]["text"] == "GATELODGE_BASE_URL is not set."
    assert found["start"]["text"].startswith("The database file '/missing/x.db'")


def test_what_makes_a_gateway_less_safe_is_noted(terminal: Terminal) -> None:
    found = findings(
        terminal,
        code=0,
        GATELODGE_DEVELOPMENT="true",
        GATELODGE_RATE_LIMITS="off",
        GATELODGE_OUTBOUND_PROXY="http://proxy.example:3128",
    )

    notes = [code for code, each in found.items() if each["severity"] == "note"]
    assert notes == ["settings.development", "settings.proxy", "settings.rate_limits", "operators"]
