"""Log lines of a program that runs on."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import logging
import re
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Literal

import pytest
import structlog

from gatelodge.cli.logs import configure_logs
from gatelodge.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def standard_error(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    return stream


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


def test_a_line_for_machines_says_what_happened_when_and_how_grave_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = standard_error(monkeypatch)
    configure_logs(Settings(log_format="json"))

    structlog.get_logger("gatelodge.test").warning("late", launch="a\nb", odd=1j)

    line = json.loads(lines.getvalue())
    assert line["event"] == "late"
    assert line["level"] == "warning"
    assert line["launch"] == "a\nb"
    assert line["odd"] == "1j"
    assert datetime.fromisoformat(line["timestamp"]).tzinfo is UTC
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_failure_is_told_with_where_it_happened(
    monkeypatch: pytest.MonkeyPatch, log_format: Literal["json", "text"]
) -> None:
    lines = standard_error(monkeypatch)
    configure_logs(Settings(log_format=log_format))

    for log in (structlog.get_logger("gatelodge.test"), logging.getLogger("library")):
        try:
            int("nothing")
        except ValueError:
            log.exception("failed")

    written = lines.getvalue()
    assert written.count("failed") == 2
    assert written.count("test_logs.py") == 2
    assert written.count("ValueError: invalid literal") == 2


def test_what_a_library_warns_of_is_a_line_like_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = standard_error(monkeypatch)
    configure_logs(Settings(log_format="json"))

    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("beware of %s", "dogs")

    line = json.loads(lines.getvalue())
    assert line.keys() == {"event", "level", "timestamp"}
    assert (line["event"], line["level"]) == ("beware of dogs", "warning")


def test_a_line_for_people_begins_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = standard_error(monkeypatch)
    configure_logs(Settings(log_format="text"))

    structlog.get_logger("gatelodge.test").info("accepted", tool="hello")

    written = re.sub("\x1b\\[[0-9;]*m", "", lines.getvalue())
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \[info +\] accepted +tool=hello\n", written
    )


def test_a_line_is_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """What two threads write at once must not end up on one line."""
    writes: list[str] = []
    monkeypatch.setattr(standard_error(monkeypatch), "write", writes.append)
    configure_logs(Settings(log_format="json"))

    structlog.get_logger("gatelodge.test").info("ours")
    logging.getLogger("library").warning("theirs")

    assert [json.loads(each)["event"] for each in writes] == ["ours", "theirs"]
    assert all(each.endswith("\n") for each in writes)


class Disk(io.StringIO):
    is_full = False

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)

    def flush(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")


class Counted(io.StringIO):
    """Counts how often it was written to."""

    writes = 0

    def write(self, text: str, /) -> int:
        self.writes += 1
        return super().write(text)


def test_lines_of_one_pass_of_the_loop_are_written_together_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Counted()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs(Settings(log_format="json"))
    log = structlog.get_logger("gatelodge.test")

    async def answer_three() -> None:
        for each in range(3):
            log.info("answered", number=each)
        assert stream.writes == 0
        await asyncio.sleep(0)
        assert stream.writes == 1

    asyncio.run(answer_three())

    told = [json.loads(line)["number"] for line in stream.getvalue().splitlines()]
    assert told == [0, 1, 2]


def test_lines_that_a_closed_loop_left_are_written_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs(Settings(log_format="json"))
    log = structlog.get_logger("gatelodge.test")

    async def leave() -> None:
        log.info("left behind")
        asyncio.get_running_loop().stop()
        await asyncio.Event().wait()

    loop = asyncio.new_event_loop()
    leaving = loop.create_task(leave())
    loop.run_forever()
    assert stream.getvalue() == ""
    leaving.cancel()
    loop.close()

    async def go_on() -> None:
        log.info("next")
        await asyncio.sleep(0)

    asyncio.run(go_on())

    told = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert told == ["left behind", "next"]
