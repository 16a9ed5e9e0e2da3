"""Failures of 24 hours as 24 bars, drawn as two paths: a hairline for all hours, and the bars before it.

They are lines, as wide as the style sheet says: fifty rows of them are part of a page's weight.
"""

from collections.abc import Sequence

from markupsafe import Markup

_STEP, _TALLEST = 4, 9
_FLOOR = 8
"""So many failures fill the height at least, so that 1 failure looks like 1."""

_DRAWING = Markup(
    '<svg class="bars" aria-hidden="true"><path class="quiet" d="M0 {foot}h{width}"/>'
    '<path d="{loud}"/></svg>'
)


def bars(counts: Sequence[int]) -> Markup:
    """The oldest hour first. It says nothing to who can't see it; the number beside it does."""
    most = max(_FLOOR, *counts)
    loud, back, along = f"M1.5 {_TALLEST}", 0, 0
    for count in counts:
        if count:
            tall = max(1, round(count / most * _TALLEST))
            # Down to the foot of the next bar, and up: the shortest that a path can say.
            loud += f"m{along} {back}v-{tall}" if along or back else f"v-{tall}"
            back, along = tall, 0
        along += _STEP
    return _DRAWING.format(foot=_TALLEST - 0.25, width=len(counts) * _STEP - 1, loud=loud)
