"""The audit log on the command line: read, taken along, and looked at for what was edited by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import update

from gatelodge.storage import tables
from gatelodge.storage.database import Database
from tests.cli.terminal import Terminal


@pytest.fixture(autouse=True)
def logs_as_before() -> Generator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_events_are_listed_narrowed_and_taken_along(settled: Terminal) -> None:
    latest, *_ = settled.json("audit", "list", "--limit", "1")
    said = settled.type("audit", "list").stdout
    of_southbank = settled.json("audit", "list", "--tenant", "southbank")
    of_keys = settled.json("audit", "list", "--kind", "launches")
    lines = settled.type("audit", "export").stdout.splitlines()
    table = settled.type("audit", "export", "--format", "csv").stdout

    assert latest["event"] == "tool.added"
    assert "added the institution Southbank" in said
    assert [each["event"] for each in of_southbank] == ["tenant.added"]
    assert of_keys == []
    everything = [json.loads(line)["event"] for line in lines]
    assert everything[0] == "tool.added"
    assert {"tenant.added", "tool.added"} <= set(everything)
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    assert [row["event"] for row in rows] == everything


def test_what_was_edited_by_hand_ends_with_one(settled: Terminal, data_dir: Path) -> None:
    whole = settled.json("audit", "verify")
    database = Database.open(f"sqlite:///{data_dir / 'gatelodge.db'}")
    events = tables.audit_events
    edit = update(events).where(events.c.number == 2).values(actor="cli:somebody-else")
    database.write(lambda connection: connection.execute(edit))
    database.close()

    said = settled.type("audit", "verify", code=1).stdout
    doctor = settled.type("doctor", code=1).stdout

    assert whole["whole"] is True
    assert "event number 2 isn't what was written" in said
    assert "Audit log: It was edited in the database: entry 2" in doctor
