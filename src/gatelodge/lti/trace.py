"""What was looked at, in order, and where it stopped."""

from collections.abc import Callable

from gatelodge.lti.errors import shown


class Trace:
    """The checks of one login or launch, as they pass.

    ``tick`` tells the time since the attempt began, in milliseconds; the rules have no clock of
    their own. Notes are measured values an administrator may read, never personal data; some
    were sent by strangers, so a note can't begin a line of its own.
    """

    __slots__ = ("_steps", "_tick")

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._steps: list[tuple[str, float, str]] = []

    def passed(self, check: str, note: str = "") -> None:
        self._steps.append((check, self._tick(), note and (shown(note) or "")))

    def copy(self) -> "Trace":
        """A trace that goes on from here, for what may have to be judged again."""
        other = Trace(self._tick)
        other._steps = list(self._steps)
        return other

    def written(self, failed: str | None = None) -> str:
        """One line a step: the check, milliseconds since the start, and a note after a blank.

        ``failed`` is the code of the refusal that ended it; its line begins with ``!``.
        """
        lines = [f"{check} {at:.1f} {note}".rstrip() for check, at, note in self._steps]
        if failed is not None:
            lines.append(f"!{failed} {self._tick():.1f}")
        return "\n".join(lines)
