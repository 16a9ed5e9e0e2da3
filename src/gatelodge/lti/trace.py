"""What was looked at, in order, and where it stopped."""

from collections.abc import Callable, Iterable
from typing import Any

from gatelodge.lti.errors import SHOWN_LENGTH, shown

Step = tuple[str, int, str]
"""A check that passed, when, and what was measured."""

Check = Callable[..., str | None]
"""Looks at one thing; returns a note, or raises the refusal that names it."""


class Trace:
    """The checks of one login or launch, as they pass.

    ``stopwatch`` tells nanoseconds, from any beginning; the rules have no clock of their own.
    Notes are measured values an administrator may read, never personal data; some were sent by
    strangers, so a note can't begin a line of its own.
    """

    __slots__ = ("_begun_at", "_steps", "_stopwatch")

    def __init__(self, stopwatch: Callable[[], int]) -> None:
        self._stopwatch = stopwatch
        self._begun_at = stopwatch()
        self._steps: list[Step] = []

    @property
    def seconds(self) -> float:
        """Since the attempt began."""
        return (self._stopwatch() - self._begun_at) / 1e9

    def passed(self, check: str, note: str = "") -> None:
        self._steps.append((check, self._stopwatch(), note))

    def through(self, checks: Iterable[tuple[str, Check]], *given: Any) -> None:
        """Checks in a row, up to the one that raises; they are quick, and one time does for all."""
        at, steps = self._stopwatch(), self._steps
        for name, check in checks:
            steps.append((name, at, check(*given) or ""))

    def mark(self) -> int:
        """Where the trace stands, for what may have to be judged again from here."""
        return len(self._steps)

    def back_to(self, mark: int) -> None:
        del self._steps[mark:]

    def written(self, failed: str | None = None) -> str:
        """One line a step: the check, microseconds since the start, and a note after a blank.

        ``failed`` is the code of the refusal that ended it; its line begins with ``!``.
        """
        lines, begun_at, told_at, told = [], self._begun_at, -1, ""
        for check, at, note in self._steps:
            if at != told_at:
                told_at, told = at, f" {(at - begun_at) // 1000}"
            lines.append(f"{check}{told} {_on_one_line(note)}".rstrip() if note else check + told)
        if failed is not None:
            lines.append(f"!{failed} {(self._stopwatch() - begun_at) // 1000}")
        return "\n".join(lines)


def _on_one_line(note: str) -> str | None:
    # Nearly all are a word or a number that can stay as it is.
    return note if len(note) <= SHOWN_LENGTH and note.isprintable() else shown(note)
