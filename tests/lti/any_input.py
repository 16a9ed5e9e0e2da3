"""Whatever a stranger may send, for hypothesis to draw from."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# No deadline: a slow machine is no fault of the rules.
BRIEFLY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

# Text of every kind, halves of surrogate pairs and U+0000 among it.
any_text = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["", "\0", "\ud800", "\udfff!", "$User.id", "https://", "a" * 256, "é" * 255, "1.3.0", "]" * 99]
)

any_number = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -1, 2**63, 10**400, -(10**400), 1e308, 1.8e9])
)

any_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | any_number | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
