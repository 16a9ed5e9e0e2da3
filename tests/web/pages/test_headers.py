from __future__ import annotations

import pytest

from gatelodge.web.pages.assets import Asset, asset_url, read_asset
from gatelodge.web.pages.headers import (
    Headers,
    asset_headers,
    hand_off_headers,
    landing_headers,
    refusal_headers,
)

TOOL = "https://tool.example/launch"


def policy_of(headers: Headers) -> dict[str, str]:
    directives = dict(headers)["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.mark.parametrize("headers", [refusal_headers(), hand_off_headers(TOOL)])
def test_what_belongs_to_one_launch_is_not_kept(headers: Headers) -> None:
    assert dict(headers)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [refusal_headers(), landing_headers(), hand_off_headers(TOOL)])
def test_no_page_allows_inline_style_or_script_or_anything_foreign(headers: Headers) -> None:
    policy = policy_of(headers)

    assert dict(headers)["X-Content-Type-Options"] == "nosniff"
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert policy.get("script-src", "'none'") in {"'none'", "'self'"}


def test_any_lms_may_frame_a_refusal() -> None:
    assert "frame-ancestors" not in policy_of(refusal_headers())


def test_nobody_may_frame_the_landing_page() -> None:
    assert policy_of(landing_headers())["frame-ancestors"] == "'none'"


def test_only_the_hand_off_posts_a_form() -> None:
    assert policy_of(refusal_headers())["form-action"] == "'none'"
    assert policy_of(landing_headers())["form-action"] == "'none'"
    assert policy_of(hand_off_headers(TOOL))["form-action"] == "https:"


@pytest.mark.parametrize("name", ["base.css", "frame.css", "page.css", "mark.svg", "hand-off.js"])
def test_a_file_is_found_at_its_address_and_kept_for_ever(name: str) -> None:
    address = asset_url(name)

    asset = read_asset(address)

    assert isinstance(asset, Asset)
    assert asset.content
    assert "immutable" in dict(asset_headers(asset, address))["Cache-Control"]
    assert read_asset(address.removeprefix("/static/")) == asset


def test_a_page_of_another_version_gets_the_file_there_is_and_must_not_keep_it() -> None:
    address = "/static/frame.000000000000.css"

    asset = read_asset(address)

    assert asset == read_asset(asset_url("frame.css"))
    assert isinstance(asset, Asset)
    assert dict(asset_headers(asset, address))["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/static/",
        "/static/frame.css",
        "/static/none.000000000000.css",
        "/static/../rendering.py",
        "/static/%2e%2e/rendering.py",
        "frame.000000000000.py",
    ],
)
def test_nothing_else_is_served(path: str) -> None:
    assert read_asset(path) is None
