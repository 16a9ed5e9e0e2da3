"""What a gateway keeps in memory from its start: nothing that only others need."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LOADED = "import sys, gatelodge.web.app, gatelodge.cli.serve; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    told = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True)
    return set(told.stdout.decode().split())


@pytest.mark.parametrize("module", ["psycopg", "alembic", "gatelodge.simulator"])
def test_serving_from_sqlite_does_without(module: str, loaded: set[str]) -> None:
    assert "gatelodge.storage.engine" in loaded
    assert module not in loaded
