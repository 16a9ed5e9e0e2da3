from __future__ import annotations

from tests.cli.terminal import Terminal

HELLO = ("tool", "add", "hello", "--name", "Hello", "--launch-url", "https://hello.example/launch")


def test_a_tool_is_added_with_its_credentials(terminal: Terminal) -> None:
    tool = terminal.json(*HELLO)

    assert tool["key"] == "hello"
    assert tool["client_id"]
    assert len(tool["client_secret"]) == 43
    assert len(tool["message_types"]) == 3
    assert tool["tenants"] is None


def test_the_secret_is_in_no_list(terminal: Terminal) -> None:
    secret = terminal.json(*HELLO)["client_secret"]

    assert secret not in terminal.type("tool", "list").stdout
    assert secret not in terminal.type("tool", "list", "--json").stdout


def test_a_new_secret_is_told_once(terminal: Terminal) -> None:
    before = terminal.json(*HELLO)["client_secret"]

    after = terminal.json("tool", "rotate-secret", "hello")

    assert after["client_secret"] != before
    assert "Client secret" in terminal.type("tool", "rotate-secret", "hello").stdout


def test_options_narrow_what_a_tool_takes_and_is_given(settled: Terminal) -> None:
    tool = settled.json(
        *("tool", "add", "quiz", "--name", "Quiz", "--launch-url", "https://quiz.example/"),
        *("--tenant", "southbank", "--message", "LtiDeepLinkingRequest", "--anonymous"),
        *("--claim", "name", "--claim", "sourced_id"),
        *("--id-token-algorithm", "ES256", "--hand-off", "form_post"),
    )

    assert tool["message_types"] == ["LtiDeepLinkingRequest"]
    assert tool["claims"] == ["name", "sourced_id"]
    assert tool["anonymous"] is True
    assert "southbank" in settled.type("tool", "list").stdout


def test_what_is_not_said_stays_as_it_is(settled: Terminal) -> None:
    before = settled.json(*HELLO[:2], "quiz", *HELLO[3:])
    del before["client_secret"]

    after = settled.json("tool", "change", "quiz", "--name", "Quiz", "--tenant", "southbank")

    assert after == {**before, "name": "Quiz", "tenants": ["southbank"]}
    assert settled.json("tool", "change", "quiz", "--everyone")["tenants"] is None


def test_people_are_told_what_a_change_does(terminal: Terminal) -> None:
    terminal.type(*HELLO)

    said = terminal.type("tool", "change", "hello", "--anonymous").stdout

    assert said == "Changed the tool Hello. The next launch goes by it.\n"


def test_a_tool_that_nothing_uses_is_deleted(terminal: Terminal) -> None:
    terminal.type(*HELLO)

    said = terminal.type("tool", "delete", "hello").stdout

    assert said == "Deleted the tool Hello.\n"
    assert terminal.json("tool", "list") == []


def test_a_tool_can_be_given_nothing_personal(terminal: Terminal) -> None:
    assert terminal.json(*HELLO, "--claim", "none")["claims"] == []


def test_plain_http_is_for_developers(terminal: Terminal) -> None:
    plain = ("tool", "add", "hello", "--name", "Hello", "--launch-url", "http://127.0.0.1:8002/")

    assert terminal.refused(*plain)["code"] == "input.invalid"
    assert terminal.json(*plain, GATELODGE_DEVELOPMENT="true")["key"] == "hello"


def test_an_empty_list_says_what_to_do_next(terminal: Terminal) -> None:
    assert terminal.type("tool", "list").stdout.startswith("No tools yet. Add one:")
