"""Who is asking: a forwarded address or scheme counts only from a proxy that the operator named."""

from __future__ import annotations

import time
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.web.asking import Asking, Proxies
from gatelodge.web.exchange import headers_of

PROXIES = Proxies(
    [ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1")],
    https_expected=True,
)

addresses = st.ip_addresses().map(str)


def asking(proxies: Proxies, peer: str, *headers: tuple[str, str]) -> Asking:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return proxies.asking(peer, headers_of({"headers": sent}))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7, unknown", "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", " 192.0.2.7 ", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7:51234", "192.0.2.7"),
        ("10.0.0.1", "[2001:db8::7]:51234", "2001:db8::7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_is_asking(
    peer: str, forwarded: str, address: str
) -> None:
    assert asking(PROXIES, peer, ("x-forwarded-for", forwarded)).address == address


def test_proxies_may_each_write_a_header_of_their_own() -> None:
    hops = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.2")]

    assert asking(PROXIES, "10.0.0.1", *hops).address == "192.0.2.7"


@pytest.mark.parametrize(
    ("peer", "scheme", "secure"),
    [
        ("10.0.0.1", "https", True),
        ("10.0.0.1", "http", False),
        ("10.0.0.1", "HTTP", False),
        ("10.0.0.1", "https, http", False),
        ("10.0.0.1", "", True),
        ("192.0.2.7", "http", True),
    ],
)
def test_plain_http_is_believed_of_a_proxy_of_ours(peer: str, scheme: str, secure: bool) -> None:  # noqa: FBT001
    assert asking(PROXIES, peer, ("x-forwarded-proto", scheme)).secure is secure


def test_where_http_is_the_gateways_own_scheme_nothing_is_insecure() -> None:
    proxies = Proxies([ip_network("10.0.0.0/8")], https_expected=False)

    assert asking(proxies, "10.0.0.1", ("x-forwarded-proto", "http")).secure


def test_without_a_network_address_nobody_is_believed() -> None:
    assert asking(PROXIES, "", ("x-forwarded-for", "192.0.2.7")).address == ""


@given(peer=addresses, forwarded=st.lists(addresses, max_size=5).map(", ".join))
def test_a_stranger_is_never_believed(peer: str, forwarded: str) -> None:
    strangers = Proxies([ip_network("192.0.2.99/32")], https_expected=True)
    hops = [("x-forwarded-for", forwarded), ("x-forwarded-proto", "http")]

    assert asking(strangers, peer, *hops) == Asking(peer, secure=True)


@given(hearsay=st.text(st.characters(max_codepoint=255), max_size=60), stranger=addresses)
def test_what_a_stranger_wrote_before_our_proxy_changes_nothing(
    hearsay: str, stranger: str
) -> None:
    if PROXIES._is_trusted(stranger):
        return

    found = asking(PROXIES, "10.0.0.1", ("x-forwarded-for", f"{hearsay}, {stranger}"))

    assert found.address == str(getattr(ip_address(stranger), "ipv4_mapped", None) or stranger)


def test_of_a_row_of_proxies_without_end_only_the_nearest_are_looked_at() -> None:
    begun = time.process_time()

    found = asking(PROXIES, "10.0.0.1", ("x-forwarded-for", "192.0.2.7" + ", 10.0.0.2" * 60_000))

    assert found.address == "10.0.0.2"
    assert time.process_time() - begun < 0.5


@given(headers=st.lists(st.text(st.characters(max_codepoint=255), max_size=40), max_size=4))
def test_rubbish_is_survived(headers: list[str]) -> None:
    sent = [(name, each) for each in headers for name in ("x-forwarded-for", "x-forwarded-proto")]

    assert isinstance(asking(PROXIES, "10.0.0.1", *sent), Asking)


def test_a_long_row_of_proxies_is_not_kept_in_memory() -> None:
    kept = PROXIES._first_stranger_before.cache_info().currsize

    asking(PROXIES, "10.0.0.1", ("x-forwarded-for", "192.0.2.7" + ", 10.0.0.2" * 20))

    assert PROXIES._first_stranger_before.cache_info().currsize == kept
