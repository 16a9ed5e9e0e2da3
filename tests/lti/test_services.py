"""Where grades and members may be asked for: only where the platform client offers services."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatelodge.lti import vocabulary as v
from gatelodge.lti.claims import AddressRules
from gatelodge.lti.launch import Launch
from gatelodge.lti.registration import PlatformClient, origin_of
from tests.lti.any_input import BRIEFLY
from tests.lti.samples import ISSUER, Json, a_client, a_trace, claims, read

LINE_ITEMS = ISSUER + "/courses/2/lineitems?type_id=1"
LINE_ITEM = ISSUER + "/courses/2/lineitems/4/lineitem?type_id=1"
MEMBERS = ISSUER + "/courses/2/memberships"


def launched(
    endpoint: object = None,
    members: object = None,
    *,
    client: PlatformClient | None = None,
    **options: Any,
) -> Launch:
    sent = claims({v.AGS_ENDPOINT: endpoint, v.NAMES_ROLES: {"context_memberships_url": members}})
    return read(sent, client=client, **options)


def test_line_items_and_members_are_read() -> None:
    endpoint = {
        "scope": [v.SCORE_SCOPE, v.LINE_ITEM_READ_SCOPE],
        "lineitems": LINE_ITEMS,
        "lineitem": LINE_ITEM,
    }

    launch = launched(endpoint, MEMBERS)

    assert launch.line_items
    assert launch.line_items.scopes == (v.SCORE_SCOPE, v.LINE_ITEM_READ_SCOPE)
    assert launch.line_items.line_items == LINE_ITEMS
    assert launch.line_items.line_item == LINE_ITEM
    assert launch.memberships_url == MEMBERS


@pytest.mark.parametrize("endpoint", [None, {}, [], "x", {"scope": [v.SCORE_SCOPE]}])
def test_a_claim_without_an_address_offers_nothing(endpoint: object) -> None:
    launch = launched(endpoint)

    assert launch.line_items is None
    assert launch.memberships_url is None


@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_line_item_is_none_and_no_offence(blank: object) -> None:
    trace = a_trace()

    launch = launched({"lineitems": LINE_ITEMS, "lineitem": blank}, trace=trace)

    assert launch.line_items
    assert launch.line_items.line_item is None
    assert "ignored" not in trace.written()


@pytest.mark.parametrize("scope", [None, "score", {}, [None, 5]])
def test_scopes_that_cannot_be_read_count_as_none(scope: object) -> None:
    launch = launched({"lineitems": LINE_ITEMS, "scope": scope})

    assert launch.line_items
    assert launch.line_items.scopes == ()


FOREIGN = [
    "mine",
    "https://evil.example/lineitem",
    "http://lms.northfield.example/lineitem",
    "https://lms.northfield.example:8443/lineitem",
    "https://lms.northfield.example@evil.example/lineitem",
    "https://me@lms.northfield.example/lineitem",
    "https://lms.northfield.example.evil.example/lineitem",
    "https://evil.example/https://lms.northfield.example/lineitem",
    "https://lms.northfield.example\\@evil.example/",
    "https://lms.northfield.example\\.evil.example/",
    "//lms.northfield.example/lineitem",
    "/lineitem",
    "https://lms.northfield.example/line item",
    "https://lms.northfield.example/\n",
    "https://lms.northfield.example/\0",
    "https://lms.northfield.example./lineitem",
    "https://[::1/lineitem",
    5,
    True,
    ["https://lms.northfield.example/lineitem"],
    {"url": LINE_ITEM},
]


@pytest.mark.parametrize("url", FOREIGN)
def test_a_foreign_service_address_is_dropped_and_noted(url: object) -> None:
    """A teacher's text can end up in the signed claim, as Moodle's `lineitem_url` does."""
    trace = a_trace()

    launch = launched({"lineitems": LINE_ITEMS, "lineitem": url}, url, trace=trace)

    assert launch.line_items
    assert launch.line_items.line_items == LINE_ITEMS
    assert launch.line_items.line_item is None
    assert launch.memberships_url is None
    assert trace.written().splitlines()[-1].startswith("message.services_ignored 0 ")  # 42


def test_what_was_dropped_can_be_read_in_the_trace() -> None:
    trace = a_trace()

    launched({"lineitems": LINE_ITEMS, "lineitem": "mine"}, trace=trace)

    assert trace.written().splitlines()[-1] == "message.services_ignored 0 mine"


def test_what_was_dropped_cannot_pass_for_a_check_that_passed() -> None:
    trace = a_trace()

    launched({"lineitem": "x\nregistration.active 0\0\ud800"}, trace=trace)

    assert trace.written().splitlines()[-1] == (
        "message.services_ignored 0 x\\u000aregistration.active 0\\u0000\\ud800"
    )


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ({"issuer": "https://canvas.example"}, "https://canvas.example/api/lti/lineitems"),
        ({"token_url": "https://sso.example/token"}, "https://sso.example/lineitems"),
        ({"key_set_url": "https://sso.example/jwks"}, "https://sso.example/lineitems"),
        ({"authorization_url": "https://sso.example:8443/a"}, "https://sso.example:8443/l"),
        (
            {"service_origins": ("https://school.canvas.example",)},
            "https://school.canvas.example/l",
        ),
        ({"service_origins": ("https://school.example",)}, "https://SCHOOL.example:443/l"),
    ],
)
def test_services_stand_on_any_origin_that_the_client_names(named: Json, url: str) -> None:
    client = a_client(**named)
    sent = claims({"iss": client.issuer, v.AGS_ENDPOINT: {"lineitems": url}})

    launch = read(sent, client=client)

    assert launch.line_items
    assert launch.line_items.line_items == url


def test_a_developers_platform_may_offer_services_over_plain_http() -> None:
    client = a_client(issuer="http://localhost:8080")
    sent = claims(
        {"iss": client.issuer, v.AGS_ENDPOINT: {"lineitems": "http://localhost:8080/lineitems"}}
    )

    assert read(sent, client=client, http_allowed=True).line_items
    assert read(sent, client=client).line_items is None


PIECES = ["https:", "http:", "HTTPS:", "//", "/", "lms.example", "LMS.example", "evil.example"]
PIECES += [
    ":443",
    ":80",
    ":8443",
    ":",
    "@",
    "\\",
    "?",
    "#",
    ".",
    "[::1]",
    "[",
    " ",
    "\n",
    "\t",
    "é",
    "",
]
any_address = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@BRIEFLY
@given(
    named=st.lists(any_address, max_size=3),
    within=any_address,
    anything=any_address,
    http_allowed=st.booleans(),
)
@example(named=["https://LMS.example"], within="/x", anything="", http_allowed=False)
@example(named=["https://lms.example/a"], within="/x", anything="", http_allowed=False)
@example(named=["http://lms.example"], within="/x", anything="", http_allowed=False)
@example(named=["https://lms.example:443"], within="/x", anything="", http_allowed=False)
@example(named=["https://lms.example\n"], within="/x", anything="", http_allowed=False)
@example(named=["https://lms.example"], within="/a b", anything="", http_allowed=False)
def test_an_address_is_the_platforms_exactly_if_its_origin_is(
    named: list[str], within: str, anything: str, *, http_allowed: bool
) -> None:
    """However it is seen: by what it begins with, or by reading it."""
    client = a_client(issuer="https://lms.example:8443", service_origins=tuple(named))
    addresses = AddressRules(client, http_allowed=http_allowed)

    for url in (anything, *(f"{origin}{within}" for origin in (*named, client.issuer))):
        origin = origin_of(url) if url.isprintable() and " " not in url else None
        is_secure = origin is not None and (http_allowed or origin.startswith("https:"))
        is_theirs = is_secure and origin in client.origins

        assert addresses.is_secure(url) == is_secure
        assert addresses.service(url) == (url if is_theirs else None)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://LMS.Example/path?q#f", "https://lms.example"),
        ("https://lms.example:443", "https://lms.example"),
        ("http://lms.example:80/", "http://lms.example"),
        ("http://lms.example:443/", "http://lms.example:443"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("ftp://lms.example/", None),
        ("lms.example", None),
        ("https:///path", None),
        ("https://lms.example:99999/", None),
        ("https://[lms.example/", None),
        ("", None),
    ],
)
def test_an_origin_is_what_a_browser_compares(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
