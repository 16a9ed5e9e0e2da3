"""Where log lines go and how they look. None of them holds a token or personal data."""

import asyncio
import atexit
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor

from gatelodge.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Lines on standard error: for people on a terminal, as JSON elsewhere, unless said."""
    as_text = settings.log_format == "text" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    look = _FOR_PEOPLE if as_text else [_as_json]
    structlog.configure(
        processors=look,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_OurLines,
        cache_logger_on_first_use=True,
    )
    handler = _LinesOfLibraries()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *look]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


_FOR_PEOPLE: list[Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
]


def _as_json(logger: Any, level: str, event: EventDict) -> str:
    """All in one step: each admitted launch waits for a line of ours."""
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, level, event)
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return _TO_JSON.encode(event).decode()


_TO_JSON = msgspec.json.Encoder(enc_hook=repr)


class _Writer:
    """Writes the lines of one pass of the event loop in one call; elsewhere, each at once.

    Launches are answered in groups, and a call of the system for each line costs as much as
    making the line.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[str] = []

    def take(self, line: str) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            _write(line)
            return
        if loop is not self._loop:
            # What the last loop left behind when it was closed.
            self.flush()
            self._loop = loop
        if not self._waiting:
            loop.call_soon(self.flush)
        self._waiting.append(line)

    def flush(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines:
            _write("\n".join(lines))


def _write(lines: str) -> None:
    """In one call, to whatever standard error is by now; a test or a host program may replace it.

    A line that nobody takes, on a full disk or with its reader gone, is lost: what it tells of has
    happened, a launch was admitted, and must not fail for it.
    """
    with suppress(OSError):
        sys.stderr.write(lines + "\n")


_WRITER = _Writer()
atexit.register(_WRITER.flush)


class _OurLines:
    """Takes lines that are whole already, whatever their level."""

    def __init__(self, *_: Any) -> None:
        pass

    debug = info = warning = error = critical = _WRITER.take


class _LinesOfLibraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _WRITER.take(self.format(record))
