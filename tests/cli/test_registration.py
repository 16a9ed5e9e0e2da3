from __future__ import annotations

import json

import pytest

from tests.cli.terminal import MOODLE, Terminal


def test_a_registration_tells_the_addresses_for_the_lms(settled: Terminal) -> None:
    added = settled.register("--deployment-id", "1")

    assert added["login_url"] == "https://lti.example/lti/hello/login"
    assert added["launch_url"] == "https://lti.example/lti/hello/launch"
    assert added["keyset_url"] == f"https://lti.example/lti/keys/{added['id']}"
    assert added["own_login_url"] == f"https://lti.example/lti/hello/{added['id']}/login"
    assert added["own_launch_url"] == f"https://lti.example/lti/hello/{added['id']}/launch"
    assert [each["deployment_id"] for each in added["deployments"]] == ["1"]


def test_people_read_them_in_the_words_of_their_lms(settled: Terminal) -> None:
    said = settled.type(
        "registration", "add", "--tenant", "northfield", "--tool", "hello", *MOODLE
    ).stdout

    assert "Added the registration Moodle." in said
    assert "Initiate login URL  https://lti.example/lti/hello/login" in said
    assert "Tool URL            https://lti.example/lti/hello/launch" in said


def test_every_option_is_kept(settled: Terminal) -> None:
    added = settled.register(
        *("--token-audience", "https://moodle.example/aud", "--shared", "--leeway", "120"),
        *("--algorithm", "RS256", "--algorithm", "ES256", "--unknown-deployments", "refuse"),
        *("--service-origin", "https://api.moodle.example"),
        *("--deployment-id", "1", "--deployment-id", "2"),
    )

    kept = settled.json("registration", "show", added["id"])
    assert kept == {**added, "warnings": []}
    assert kept["token_audience"] == "https://moodle.example/aud"
    assert (kept["shared"], kept["leeway"]) == (True, 120)
    assert kept["algorithms"] == ["RS256", "ES256"]
    assert kept["unknown_deployments"] == "refuse"
    assert kept["service_origins"] == ["https://api.moodle.example"]


def test_a_tenant_can_be_named_by_its_id(settled: Terminal) -> None:
    [northfield, _] = settled.json("tenant", "list")

    assert settled.register(tenant=northfield["id"])["tenant"] == "northfield"


def test_another_tenant_gets_the_same_client_only_when_it_is_shared(settled: Terminal) -> None:
    settled.register()

    words = ("registration", "add", "--tenant", "southbank", "--tool", "hello", *MOODLE)
    refused = settled.refused(*words)
    assert refused["code"] == "registration.client_exists"
    assert "'northfield'" in refused["message"]
    assert "--shared" in refused["hint"]

    assert settled.json(*words, "--shared")["shared"] is True


def test_warnings_stand_apart_from_what_a_program_reads(settled: Terminal) -> None:
    result = settled.type(
        *("registration", "add", "--tenant", "northfield", "--tool", "hello", *MOODLE),
        *("--client-id", " C ", "--json"),
    )

    assert "Note: Blanks around the client ID were left out." in result.stderr
    assert json.loads(result.stdout)["client_id"] == "C"


def test_deleted_switched_off_and_brought_back(settled: Terminal) -> None:
    row = settled.register()["id"]

    def state_after(word: str) -> str:
        state: str = settled.json("registration", word, row)["state"]
        return state

    assert [state_after(word) for word in ("disable", "enable", "delete", "restore")] == [
        "disabled",
        "active",
        "bin",
        "active",
    ]
    assert "is in the bin" in settled.type("registration", "delete", row).stdout
    assert settled.json("registration", "list") == []
    assert len(settled.json("registration", "list", "--bin")) == 1


def test_what_took_the_place_of_a_deleted_one_is_named(settled: Terminal) -> None:
    old = settled.register()["id"]
    settled.type("registration", "delete", old)
    settled.register("--name", "Moodle again")

    refused = settled.refused("registration", "restore", old)

    assert refused["code"] == "registration.in_the_way"
    assert "Moodle again" in refused["message"]


def test_show_has_all_that_a_person_needs(settled: Terminal) -> None:
    row = settled.register("--deployment-id", "7")["id"]

    said = settled.type("registration", "show", row).stdout

    for part in ("Moodle", "northfield", "7 (approved)", "wait for approval", f"/{row}/login"):
        assert part in said


@pytest.mark.parametrize("word", ["show", "disable", "enable", "delete", "restore"])
def test_what_is_not_there_is_said(settled: Terminal, word: str) -> None:
    assert settled.refused("registration", word, "x") == {
        "code": "registration.not_found",
        "message": "There is no registration 'x'.",
        "hint": "See them all: gatelodge registration list",
    }


def test_without_a_base_address_there_are_no_addresses_to_tell(settled: Terminal) -> None:
    words = ("registration", "add", "--tenant", "northfield", "--tool", "hello", *MOODLE)

    assert settled.refused(*words, GATELODGE_BASE_URL="")["code"] == "settings.no_base_address"


def test_an_empty_list_says_what_to_do_next(terminal: Terminal) -> None:
    said = terminal.type("registration", "list").stdout

    assert said.startswith("No registrations yet. Add one: gatelodge registration add")
