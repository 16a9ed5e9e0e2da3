from __future__ import annotations

import pytest

from gatelodge.services.rate_limits import RateLimits


def test_so_many_launches_a_client_and_address_are_allowed() -> None:
    limits = RateLimits("2/minute", None)

    allowed = [limits.allows_launch("client", "192.0.2.7") for _ in range(3)]

    assert allowed == [True, True, False]


@pytest.mark.parametrize(
    ("client", "address"), [("other", "192.0.2.7"), ("client", "192.0.2.8"), ("client", "")]
)
def test_nobody_pays_for_another(client: str, address: str) -> None:
    limits = RateLimits("1/minute", None)
    limits.allows_launch("client", "192.0.2.7")

    assert limits.allows_launch(client, address)


def test_tokens_are_counted_by_tool_and_apart_from_launches() -> None:
    limits = RateLimits("1/minute", "1/minute")
    limits.allows_launch("hello", "192.0.2.7")

    assert limits.allows_token("hello")
    assert not limits.allows_token("hello")
    assert limits.allows_token("quiz")


def test_what_is_not_limited_is_always_allowed() -> None:
    limits = RateLimits(None, None)

    assert all(limits.allows_launch("c", "a") and limits.allows_token("t") for _ in range(100))
