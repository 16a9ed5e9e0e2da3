"""What was looked at, in order, and where it stopped."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from gatelodge.lti.errors import shown

Step = tuple[str, float, str]
"""A check that passed, when, and what was measured."""


class Trace:
    """The checks of one login or launch, as they pass.

    ``stopwatch`` tells seconds, from any beginning; the rules have no clock of their own. Notes
    are measured values an administrator may read, never personal data; some were sent by
    strangers, so a note can't begin a line of its own.
    """

    __slots__ = ("_begun_at", "_steps", "_stopwatch")

    def __init__(
        self,
        stopwatch: Callable[[], float],
        begun_at: float | None = None,
        steps: Iterable[Step] = (),
    ) -> None:
        self._stopwatch = stopwatch
        self._begun_at = stopwatch() if begun_at is None else begun_at
        self._steps = [*steps]

    @property
    def seconds(self) -> float:
        """Since the attempt began."""
        return self._stopwatch() - self._begun_at

    def passed(self, check: str, note: str = "") -> None:
        self._steps.append((check, self._stopwatch(), note))

    def copy(self) -> "Trace":
        """A trace that goes on from here, for what may have to be judged again."""
        return Trace(self._stopwatch, self._begun_at, self._steps)

    def written(self, failed: str | None = None) -> str:
        """One line a step: the check, milliseconds since the start, and a note after a blank.

        ``failed`` is the code of the refusal that ended it; its line begins with ``!``.
        """
        begun_at = self._begun_at
        lines = [
            f"{check} {_milliseconds(at - begun_at)} {shown(note)}".rstrip()
            if note
            else f"{check} {_milliseconds(at - begun_at)}"
            for check, at, note in self._steps
        ]
        if failed is not None:
            lines.append(f"!{failed} {_milliseconds(self.seconds)}")
        return "\n".join(lines)


def _milliseconds(seconds: float) -> str:
    return _from_tenths(round(seconds * 10_000))


@lru_cache(maxsize=1024)
def _from_tenths(tenths: int) -> str:
    """Most steps take no time that is shown, so the same few numbers are written over and over."""
    return f"{tenths / 10:.1f}"
