"""Log lines of a program that runs on."""

from __future__ import annotations

import io
import json
from collections.abc import Generator

import pytest
import structlog

from gatelodge.cli.logs import configure_logs
from gatelodge.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_lines_go_where_standard_error_goes_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    configure_logs(Settings(log_format="json"))
    log = structlog.get_logger("gatelodge.test")
    log.info("first")
    later = io.StringIO()

    monkeypatch.setattr("sys.stderr", later)
    log.info("second")

    assert json.loads(later.getvalue())["event"] == "second"
