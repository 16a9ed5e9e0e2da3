"""Requests that a program makes up, at every public address, over a socket: each has a short and correct answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings

from tests.hostile.addresses import DESCRIPTION, PATHS
from tests.hostile.processes import A_SECOND, Running

ADDRESSES = Path(__file__).parents[2] / "docs" / "reference" / "addresses.md"
OURS = re.compile(r"Traceback|File \"|site-packages|\.py\b")

described = schemathesis.openapi.from_dict(DESCRIPTION)


def test_every_address_of_the_reference_is_described() -> None:
    rows = re.findall(r"^\| `(/[^`]*)` \| ([A-Z, ]+) \|", ADDRESSES.read_text(), re.MULTILINE)

    listed = {(path, method.lower()) for path, methods in rows for method in methods.split(", ")}
    assert listed == {
        (path, name) for path, item in PATHS.items() for name in item if name != "parameters"
    }


@described.parametrize()
@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_and_none_fails(case: Any, process: Running) -> None:
    answer = case.call(base_url=process.address, allow_redirects=False, timeout=10)

    assert answer.status_code < 500
    assert answer.elapsed < A_SECOND
    assert len(answer.content) < 100_000
    assert not OURS.search(answer.text)
