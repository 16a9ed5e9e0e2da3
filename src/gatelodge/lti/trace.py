"""What was looked at, in order, and where it stopped."""

from collections.abc import Callable, Iterable

from gatelodge.lti.errors import SHOWN_LENGTH, shown

Step = tuple[str, int, str]
"""A check that passed, when, and what was measured."""


class Trace:
    """The checks of one login or launch, as they pass.

    ``stopwatch`` tells nanoseconds, from any beginning; the rules have no clock of their own.
    Notes are measured values an administrator may read, never personal data; some were sent by
    strangers, so a note can't begin a line of its own.
    """

    __slots__ = ("_begun_at", "_steps", "_stopwatch")

    def __init__(
        self,
        stopwatch: Callable[[], int],
        begun_at: int | None = None,
        steps: Iterable[Step] = (),
    ) -> None:
        self._stopwatch = stopwatch
        self._begun_at = stopwatch() if begun_at is None else begun_at
        self._steps = [*steps]

    @property
    def seconds(self) -> float:
        """Since the attempt began."""
        return (self._stopwatch() - self._begun_at) / 1e9

    def passed(self, check: str, note: str = "") -> None:
        self._steps.append((check, self._stopwatch(), note))

    def copy(self) -> "Trace":
        """A trace that goes on from here, for what may have to be judged again."""
        return Trace(self._stopwatch, self._begun_at, self._steps)

    def written(self, failed: str | None = None) -> str:
        """One line a step: the check, microseconds since the start, and a note after a blank.

        ``failed`` is the code of the refusal that ended it; its line begins with ``!``.
        """
        begun_at = self._begun_at
        lines = [
            f"{check} {(at - begun_at) // 1000} {_on_one_line(note)}".rstrip()
            if note
            else f"{check} {(at - begun_at) // 1000}"
            for check, at, note in self._steps
        ]
        if failed is not None:
            lines.append(f"!{failed} {(self._stopwatch() - begun_at) // 1000}")
        return "\n".join(lines)


def _on_one_line(note: str) -> str | None:
    # Nearly all are a word or a number that can stay as it is.
    return note if len(note) <= SHOWN_LENGTH and note.isprintable() else shown(note)
