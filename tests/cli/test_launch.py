from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest

from gatelodge.services.ports import Ids
from gatelodge.services.sealing import Sealer
from gatelodge.settings import read_settings, secret_keys
from gatelodge.storage import audit
from gatelodge.storage.database import Database
from tests.cli.terminal import Terminal
from tests.services.house import OTTO, House
from tests.services.test_launch_records import FACTS, PERSONAL, launched, refused


@pytest.fixture
def house(settled: Terminal) -> Iterator[House]:
    """The services of the same gateway, to put launches where a server would."""
    settings = read_settings()
    database = Database.open(settings.database_url)
    house = House(database)
    house.sealer = Sealer(secret_keys(settings))
    house.ids = Ids(time.time, os.urandom)
    house.clock.now = time.time()
    house.hello = house.tools.list(OTTO)[0]
    yield house
    database.close()


@pytest.fixture
def launch(settled: Terminal, house: House) -> str:
    view = house.registrations.show(OTTO, settled.register()["id"])
    return launched(house, view)


def test_launches_are_listed(settled: Terminal, house: House, launch: str) -> None:
    trace_id = refused(house, count=3)

    latest, first = settled.json("launch", "list")
    assert (latest["id"], latest["outcome"], latest["count"]) == (trace_id, "refused", 3)
    assert (first["id"], first["outcome"], first["tenant"]) == (launch, "accepted", "northfield")
    assert len(settled.json("launch", "list", "--refused")) == 1
    assert len(settled.json("launch", "list", "--limit", "1")) == 1
    assert settled.json("launch", "list", "--tenant", "southbank") == []
    said = settled.type("launch", "list").stdout
    assert "launch.audience_mismatch (3 times)" in said
    assert "accepted" in said


def test_a_launch_is_shown_masked(settled: Terminal, launch: str) -> None:
    said = settled.type("launch", "show", launch).stdout

    assert "Mia" not in said
    assert "--unmask" in said
    assert "Biology 101" in said
    assert "ok  token.header       0.4 ms  RS256" in said
    assert "Mia" not in settled.type("launch", "show", launch, "--json").stdout


def test_unmasking_shows_the_person_and_is_written_down(
    settled: Terminal, house: House, launch: str
) -> None:
    assert "Mia Learner" in settled.type("launch", "show", launch, "--unmask").stdout

    [event, *_] = house.database.read(lambda connection: audit.list_recent(connection, None))
    assert (event.tag, event.subject) == ("launch.unmasked", launch)
    assert event.actor.startswith("cli:")


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\rOutcome  refused\nok  forged \u202eevil\u2028\x00\U000e0041"
)


def test_nothing_that_an_lms_sent_moves_the_cursor_or_forges_a_line(
    settled: Terminal, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FACTS, "context", {"id": "c", "title": HOSTILE, "label": HOSTILE})
    monkeypatch.setitem(FACTS, "resource_link", {"id": "l", "title": HOSTILE})
    monkeypatch.setitem(PERSONAL, "person", {"name": HOSTILE})
    monkeypatch.setitem(PERSONAL, "custom", {HOSTILE: HOSTILE, "outcome": "refused"})
    view = house.registrations.show(OTTO, settled.register()["id"])
    launch = launched(house, view)

    for words in (("list",), ("show", launch), ("show", launch, "--unmask")):
        said = settled.type("launch", *words).stdout
        written = settled.type("launch", *words, "--json").stdout
        assert all(line.isprintable() for line in [*said.split("\n"), *written.split("\n")])
        assert "\nok  forged" not in said
    [outcome] = [line for line in said.split("\n") if line.startswith("Outcome ")]
    assert outcome.endswith(" accepted")
    assert json.loads(written)["personal"]["custom"][HOSTILE] == HOSTILE


def test_a_refusal_is_shown_with_what_to_do(settled: Terminal, house: House) -> None:
    view = house.registrations.show(OTTO, settled.register()["id"])
    trace_id = refused(house, view)

    said = settled.type("launch", "show", trace_id.lower()).stdout
    shown = settled.json("launch", "show", trace_id)

    assert "refused: launch.audience_mismatch" in said
    assert "NO  launch.audience_mismatch" in said
    assert "In Moodle, " in said
    assert (shown["sent"], shown["expected"]) == ("X", "Y")
    assert [step["passed"] for step in shown["trace"]] == [True, False]


def test_what_is_not_there_is_said(settled: Terminal) -> None:
    assert settled.refused("launch", "show", "7F3K-4MB9")["code"] == "launch.not_found"
    assert settled.type("launch", "list").stdout.startswith("No launches yet.")
