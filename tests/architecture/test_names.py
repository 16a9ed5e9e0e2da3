"""No file of the repository keeps a note to ourselves, or a trace of the machine that it was written on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, own_files

# Put together here, so that this file does not find itself.
NOTES = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
MACHINE_PATHS = re.compile(
    r"(?<![\w.$}/-])/("
    + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers", "t" + "mp"))
    + r")/"
)
PUBLIC_INDEX = ("https://pypi.org/simple", "https://files.pythonhosted.org/")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in own_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if pattern.search(line)
        ]
    return found


def locks() -> list[Path]:
    """Ours, and those of programs in environments of their own."""
    return sorted(path.relative_to(ROOT) for path in own_files() if path.name == "uv.lock")


def test_no_file_holds_a_note_to_ourselves() -> None:
    found = lines_with(NOTES)

    assert not found, "what is to be done belongs in an issue:\n" + "\n".join(found)


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = lines_with(MACHINE_PATHS)

    assert not found, "these paths exist on one machine only:\n" + "\n".join(found)


@pytest.mark.parametrize("path", locks(), ids=str)
def test_a_lock_file_names_the_public_package_index_only(path: Path) -> None:
    lock = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))

    addresses = {
        package["source"]["registry"]
        for package in lock["package"]
        if "registry" in package["source"]
    }
    addresses |= {
        archive["url"]
        for package in lock["package"]
        for archive in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    }

    assert [each for each in sorted(addresses) if not each.startswith(PUBLIC_INDEX)] == []
