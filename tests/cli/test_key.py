from __future__ import annotations

from tests.cli.terminal import Terminal


def test_keys_of_a_registration_are_rotated_and_revoked(settled: Terminal) -> None:
    row = settled.register()["id"]

    [first] = settled.json("key", "list")
    [new] = settled.json("key", "rotate", "--registration", row)
    revoked, signing = settled.json("key", "revoke", first["id"])

    assert (first["state"], new["state"]) == ("signing", "next")
    assert (revoked["state"], signing["state"]) == ("revoked", "signing")
    assert {each["id"] for each in settled.json("key", "list")} == {new["id"], signing["id"]}
    assert len(settled.json("key", "list", "--all")) == 3


def test_keys_for_tools_are_rotated(terminal: Terminal) -> None:
    keys = terminal.json("key", "rotate", "--tools")

    assert [each["algorithm"] for each in keys] == ["RS256", "ES256"]
    assert "tools" in terminal.type("key", "list").stdout


def test_whose_keys_are_rotated_must_be_said(terminal: Terminal) -> None:
    assert terminal.refused("key", "rotate", code=2)["code"] == "usage"
    both = ("key", "rotate", "--tools", "--registration", "x")
    assert terminal.refused(*both, code=2)["code"] == "usage"


def test_an_empty_list_says_where_keys_come_from(terminal: Terminal) -> None:
    assert terminal.type("key", "list").stdout.startswith("No keys yet.")
