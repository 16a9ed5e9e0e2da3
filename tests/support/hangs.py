"""No test runs for ever: one that hangs fails by its name, and says where it stood.

An alarm raises the failure in the midst of whatever the test's thread does. Where that is not heeded, or what clears up
after it hangs as well, the whole process is ended a while later: pytest-xdist says which test it was running, and goes
on in another. The limit is for a test's setup, for the test and for its teardown, each alone; a test that needs more
than the others says so: `@pytest.mark.wall_limit(seconds)`.
"""

from __future__ import annotations

import asyncio
import faulthandler
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest


class NothingHangs:
    """The pytest plugin; tests/conftest.py registers it, at a moment when standard error is not captured."""

    def __init__(self, seconds: float = 300, grace: float = 60) -> None:
        self._seconds = seconds
        self._grace = grace
        self._errors = os.dup(2)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        with self._limited("The setup of", item):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        with self._limited("The test", item):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        with self._limited("The teardown of", item):
            return (yield)

    @contextmanager
    def _limited(self, phase: str, item: pytest.Item) -> Iterator[None]:
        marker = item.get_closest_marker("wall_limit")
        seconds = marker.args[0] if marker else self._seconds

        def end_it(*_: object) -> None:
            pytest.fail(f"{phase} {item.nodeid} hung: {seconds} s are over.\n{others()}")

        before = signal.signal(signal.SIGALRM, end_it)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        faulthandler.dump_traceback_later(seconds + self._grace, exit=True, file=self._errors)
        try:
            yield
        finally:
            self.pytest_enter_pdb()
            signal.signal(signal.SIGALRM, before)

    def pytest_enter_pdb(self) -> None:
        """People may take their time."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def others() -> str:
    """Where the tasks and the other threads stand; where this one does, the failure's own traceback says."""
    said = io.StringIO()
    for task in running_tasks():
        task.print_stack(file=said)
    frames = sys._current_frames()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.ident in frames:
            said.write(f"{thread.name}:\n{''.join(traceback.format_stack(frames[thread.ident]))}")
    return said.getvalue()


def running_tasks() -> set[asyncio.Task[object]]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:
        # This thread runs no loop.
        return set()
