"""Where somebody may be led after signing in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.web.portal.strangers import own_path

OURS = [
    "/portal",
    "/portal?q=1",
    "/portal/registrations?state=failing&page=2",
    "/portal/registrations/0190?x=https://evil.example",
    "/portal/%2e%2e/x",
]
OTHERS = [
    "",
    "/",
    "portal",
    "/portals",
    "//evil.example",
    "//evil.example/portal",
    "/\\evil.example",
    "https://evil.example/portal",
    "https:/portal",
    "javascript:alert(1)//portal",
    "/portal/\\evil.example",
    "/portal\n//evil.example",
    "/portal\r\nLocation: https://evil.example",
    "/portal\t",
    "/portal/ü",
    "/portal/a b",
    "/portal/" + "a" * 1500,
    "/oauth/token",
    "/sign-out",
]


@pytest.mark.parametrize("address", OURS)
def test_a_page_of_the_portal_is_a_place_to_go_on_to(address: str) -> None:
    assert own_path(address) == address


@pytest.mark.parametrize("address", OTHERS)
def test_everything_else_leads_to_the_beginning_of_the_portal(address: str) -> None:
    assert own_path(address) == "/portal"


@given(st.text())
def test_nothing_leads_away(address: str) -> None:
    assert own_path(address).startswith("/portal")
