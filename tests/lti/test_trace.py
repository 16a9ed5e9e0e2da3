from __future__ import annotations

from itertools import count

import pytest

from gatelodge.lti.trace import Trace


def ticking() -> Trace:
    """Whose every look at the stopwatch is half a millisecond later."""
    ticks = count(step=500_000)
    return Trace(lambda: next(ticks))


def test_a_trace_is_one_line_a_check() -> None:
    trace = ticking()

    trace.passed("state.signed", "7")
    trace.passed("token.issuer")

    assert trace.written() == "state.signed 500 7\ntoken.issuer 1000"


def test_time_is_told_in_whole_microseconds() -> None:
    looks = iter([5_000_000_000, 5_000_000_999, 5_000_001_000, 5_012_345_678, 65_000_000_000])
    trace = Trace(lambda: next(looks))

    for check in ("state.signed", "state.browser", "token.header", "token.signature"):
        trace.passed(check)

    assert trace.written().splitlines() == [
        "state.signed 0",
        "state.browser 1",
        "token.header 12345",
        "token.signature 60000000",
    ]


def test_the_last_line_says_where_it_stopped() -> None:
    trace = ticking()

    trace.passed("token.issuer")

    assert trace.written(failed="launch.expired") == "token.issuer 500\n!launch.expired 1000"


def test_checks_in_a_row_have_one_time_and_end_with_the_one_that_refuses() -> None:
    def refuses(_given: str) -> None:
        raise ValueError("third")

    trace = ticking()
    checks = (("first", str.upper), ("second", lambda _given: None), ("third", refuses))

    with pytest.raises(ValueError, match="third"):
        trace.through((*checks, ("fourth", str.upper)), "a")
    trace.passed("later")

    assert trace.written() == "first 500 A\nsecond 500\nlater 1000"


def test_what_is_judged_again_is_traced_once() -> None:
    trace = ticking()
    trace.passed("token.issuer")
    mark = trace.mark()
    trace.passed("token.audience")

    trace.back_to(mark)
    trace.passed("token.nonce")

    assert trace.written() == "token.issuer 500\ntoken.nonce 1500"


def test_a_note_stays_on_its_line_and_in_bounds() -> None:
    trace = ticking()

    trace.passed("token.signature", "kid a\nregistration.active\0" + "x" * 1_000)

    assert len(trace.written().splitlines()) == 1
    assert "\0" not in trace.written()
    assert len(trace.written()) < 400
