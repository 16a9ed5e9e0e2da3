from __future__ import annotations

import pytest

from gatelodge.services.rate_limits import RateLimits
from tests.support.clock import Clock


def test_so_many_launches_a_client_and_address_are_allowed() -> None:
    limits = RateLimits("2/minute", None, Clock())

    allowed = [limits.allows_launch("client", "192.0.2.7") for _ in range(3)]

    assert allowed == [True, True, False]


@pytest.mark.parametrize(
    ("client", "address"), [("other", "192.0.2.7"), ("client", "192.0.2.8"), ("client", "")]
)
def test_nobody_pays_for_another(client: str, address: str) -> None:
    limits = RateLimits("1/minute", None, Clock())
    limits.allows_launch("client", "192.0.2.7")

    assert limits.allows_launch(client, address)


def test_tokens_are_counted_by_tool_and_apart_from_launches() -> None:
    limits = RateLimits("1/minute", "1/minute", Clock())
    limits.allows_launch("hello", "192.0.2.7")

    assert limits.allows_token("hello")
    assert not limits.allows_token("hello")
    assert limits.allows_token("quiz")


def test_what_is_not_limited_is_always_allowed() -> None:
    limits = RateLimits(None, None, Clock())

    assert all(limits.allows_launch("c", "a") and limits.allows_token("t") for _ in range(100))


def test_with_a_new_window_everybody_begins_anew() -> None:
    clock = Clock()
    limits = RateLimits("1/minute", None, clock)
    limits.allows_launch("client", "192.0.2.7")
    assert not limits.allows_launch("client", "192.0.2.7")

    clock.pass_seconds(60)

    assert limits.allows_launch("client", "192.0.2.7")


def test_a_flood_of_addresses_shares_one_count_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gatelodge.services.rate_limits.MOST_COUNTED", 2)
    limits = RateLimits("1/minute", None, Clock())
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        limits.allows_launch("client", address)

    assert not limits.allows_launch("client", "192.0.2.4")
