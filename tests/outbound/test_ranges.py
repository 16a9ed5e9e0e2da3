# ruff: noqa: S104 - nobody listens at the addresses written here

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.outbound.ranges import is_never_called, is_public, unwrapped

NAT64 = int(IPv6Address("64:ff9b::"))
MAPPED = int(IPv6Address("::ffff:0:0"))
SIX_TO_FOUR = int(IPv6Address("2002::"))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_an_address_on_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))
    assert not is_never_called(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:0:8.8.8.8",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_special_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fe80::a9fe:a9fe",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "fd00:a9fe:a9fe::1",
        "fd00:100::100:200",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        # Teredo keeps the client's address with every bit turned round (RFC 4380, 4).
        "2001:0:808:808::5601:5601",
    ],
)
def test_metadata_and_link_local_addresses_are_never_called_in_whatever_form(text: str) -> None:
    assert is_never_called(ip_address(text))
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "127.0.0.1", "fd12:3456::1", "::1", "192.168.1.1", "100.64.0.1"]
)
def test_an_address_of_a_campus_may_be_called_if_the_operator_says_so(text: str) -> None:
    assert not is_never_called(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv4_server_is_judged_alike_however_it_is_written(address: IPv4Address) -> None:
    for prefix in (MAPPED, NAT64):
        written = IPv6Address(prefix + int(address))

        assert unwrapped(written) == address
        assert is_public(written) == is_public(address)
        assert is_never_called(written) == is_never_called(address)


@given(st.ip_addresses(v=4))
def test_a_tunnel_is_not_public_and_hides_nothing(address: IPv4Address) -> None:
    written = IPv6Address(SIX_TO_FOUR + (int(address) << 80))

    assert not is_public(written)
    assert is_never_called(written) or not is_never_called(address)


@given(st.ip_addresses())
def test_what_is_never_called_is_never_public(address: IPv4Address | IPv6Address) -> None:
    assert not (is_public(address) and is_never_called(address))
