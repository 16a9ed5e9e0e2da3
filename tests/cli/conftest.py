from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.databases import *  # noqa: F403


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a gateway of our own; what the developer has set is not looked at."""
    for name in [each for each in os.environ if each.startswith("GATELODGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GATELODGE_BASE_URL", "https://lti.example")
    monkeypatch.setenv("GATELODGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def terminal(data_dir: Path) -> Terminal:
    return Terminal()


@pytest.fixture
def settled(terminal: Terminal) -> Terminal:
    """Two tenants, and the tool Hello for everyone."""
    terminal.json("tenant", "add", "Northfield")
    terminal.json("tenant", "add", "Southbank")
    terminal.json("tool", "add", "hello", "--name", "Hello", "--launch-url", "https://h.example/")
    return terminal
