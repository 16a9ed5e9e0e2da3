"""The steps of the wizard, as they stand beside each of them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gatelodge.services.drafts import Draft
from gatelodge.words import N_

STEP_OF: Mapping[str, int] = {
    "tool": 1,
    "name": 2,
    "platform": 2,
    "shared_client": 3,
    "unknown_deployments": 2,
}
"""Where a field is; those not named here come from the LMS, in step 4."""


class Step(NamedTuple):
    label: str
    line: str
    names: Mapping[str, str]
    number: int
    is_open: bool
    is_done: bool


_STEPS = (
    N_("Choose the tool"),
    N_("Name and LMS"),
    N_("Keys for your LMS"),
    N_("Keys from your LMS"),
    N_("Review and add"),
)
_LINES = (
    N_("What your courses will open"),
    N_("Moodle, Canvas, Blackboard …"),
    N_("Copy ours into the LMS"),
    N_("Bring the LMS's back here"),
    N_("Tested before it's saved"),
)


def steps(
    draft: Draft | None, now: int, translate: Callable[[str], str], tool_name: str = ""
) -> list[Step]:
    """With what was chosen beneath each; those that were reached are links."""
    reached = draft.step if draft else 1
    chosen = {1: tool_name, 2: translate(draft.platform.name) if draft and draft.platform else ""}
    rows = []
    for number, (label, line) in enumerate(zip(_STEPS, _LINES, strict=True), start=1):
        name = chosen.get(number, "")
        text = "{name}" if name else line
        rows.append(Step(label, text, {"name": name}, number, number <= reached, number < reached))
    return [row._replace(is_done=row.is_done and row.number != now) for row in rows]
