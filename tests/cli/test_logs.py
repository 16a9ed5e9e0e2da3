"""Log lines of a program that runs on."""

from __future__ import annotations

import errno
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


def test_what_a_line_tells_of_does_not_fail_when_nobody_takes_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = Disk()
    monkeypatch.setattr("sys.stderr", disk)
    configure_logs(Settings(log_format="json"))
    log = structlog.get_logger("gatelodge.test")

    disk.is_full = True
    log.info("lost")
    disk.is_full = False
    log.info("kept")

    assert json.loads(disk.getvalue())["event"] == "kept"


class Disk(io.StringIO):
    is_full = False

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)

    def flush(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
