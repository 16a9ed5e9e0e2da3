from __future__ import annotations

from tests.cli.terminal import Terminal


def test_a_deployment_is_blocked_and_approved_again(settled: Terminal) -> None:
    row = settled.register("--deployment-id", "7")["deployments"][0]["id"]

    assert settled.json("deployment", "block", row)["state"] == "blocked"
    assert settled.json("deployment", "list", "--state", "blocked")[0]["id"] == row
    said = settled.type("deployment", "approve", row).stdout
    assert said == "The deployment 7 belongs to Moodle now.\n"


def test_lists_say_when_there_is_nothing(terminal: Terminal) -> None:
    assert terminal.type("deployment", "list").stdout.startswith("No deployments yet.")
    waiting = terminal.type("deployment", "list", "--state", "waiting").stdout
    assert waiting == "No deployment is waiting.\n"


def test_what_is_not_there_is_said(terminal: Terminal) -> None:
    assert terminal.refused("deployment", "approve", "x")["code"] == "deployment.not_found"
