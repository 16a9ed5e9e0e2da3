"""Failures of 24 hours as 24 bars, drawn as two paths: a hairline for each quiet hour, a bar for the rest."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _STEP, _HEIGHT = 3, 4, 20
_FLOOR = 8
"""So many failures fill the height at least, so that 1 failure looks like 1."""

_DRAWING = Markup(
    '<svg class="bars" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    ' aria-hidden="true"><path class="quiet" d="{quiet}"></path><path d="{loud}"></path></svg>'
)


def bars(counts: Sequence[int]) -> Markup:
    """The oldest hour first. It says nothing to who can't see it; the number beside it does."""
    most = max(_FLOOR, *counts)
    quiet, loud = [], []
    for at, count in enumerate(counts):
        left = at * _STEP
        if count:
            tall = max(2, round(count / most * _HEIGHT))
            loud.append(f"M{left} {_HEIGHT - tall}h{_WIDTH}v{tall}h-{_WIDTH}z")
        else:
            quiet.append(f"M{left} {_HEIGHT - 1}h{_WIDTH}v1h-{_WIDTH}z")
    return _DRAWING.format(
        width=len(counts) * _STEP - 1, height=_HEIGHT, quiet="".join(quiet), loud="".join(loud)
    )
