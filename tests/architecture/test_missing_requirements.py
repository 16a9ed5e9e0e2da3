"""What a run says, and how it ends, when the machine lacks what some tests need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

CONFTEST = """
from tests.support.requirements import MissingRequirements

def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs Chromium")
    config.pluginmanager.register(MissingRequirements())
"""
TESTS = """
import pytest

@pytest.mark.browser
@pytest.mark.parametrize("page", range(5))
def test_page(page):
    pass

def test_without_browser():
    pass
"""


def run(folder: Path, *options: str, **environment: str) -> tuple[int, str]:
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_pages.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GATELODGE_", "PYTEST_"))
    }
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    return finished.returncode, finished.stdout


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in parallel"])
def test_the_last_line_counts_the_journeys_left_out(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, output = run(tmp_path, *options, GATELODGE_CHROMIUM=str(tmp_path / "none"))

    last = output.splitlines()[-1]
    assert code == 0
    assert last.startswith("5 browser journeys were not run, because Chromium is missing.")
    assert last.endswith("apt-get install -y chromium libatomic1")


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in parallel"])
def test_leaving_out_journeys_is_a_failure_where_everything_is_required(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, output = run(
        tmp_path, *options, GATELODGE_CHROMIUM=str(tmp_path / "none"), GATELODGE_REQUIRE_ALL="1"
    )

    assert code == 1
    assert output.splitlines()[-1].startswith("5 browser journeys were not run")


def test_nothing_is_said_where_nothing_is_missing(tmp_path: Path) -> None:
    code, output = run(tmp_path, GATELODGE_CHROMIUM=sys.executable, GATELODGE_REQUIRE_ALL="1")

    assert code == 0
    assert "not run" not in output
