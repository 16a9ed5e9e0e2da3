"""An institution's export and end, and one person, by command."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.cli.terminal import Terminal


def test_an_institution_is_exported_once_into_a_file(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("tenant", "add", "Northfield")
    file = tmp_path / "northfield.zip"

    terminal.type("tenant", "export", "northfield", str(file))

    with zipfile.ZipFile(file) as archive:
        assert "tenant.jsonl" in archive.namelist()


def test_an_institution_is_deleted_later_and_can_be_kept(terminal: Terminal) -> None:
    terminal.type("tenant", "add", "Northfield")

    deleted = terminal.type("tenant", "delete", "northfield", "--name", "Northfield").stdout
    kept = terminal.type("tenant", "keep", "northfield").stdout

    assert deleted.startswith("Northfield will be deleted in 30 days.")
    assert kept == "Northfield will not be deleted. It is suspended until you resume it.\n"


def test_nobody_is_found_who_is_not_there(terminal: Terminal) -> None:
    assert terminal.json("person", "find", "nobody")["people"] == []
    assert "Nothing is kept" in terminal.type("person", "erase", "nobody").stdout
