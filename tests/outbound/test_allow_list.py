from ipaddress import ip_address

import pytest

from gatelodge.outbound.allow_list import AllowList


@pytest.mark.parametrize(
    ("entry", "host", "address", "ports"),
    [
        ("lms.campus.example", "lms.campus.example", "10.1.2.3", {None}),
        ("LMS.campus.example.", "lms.campus.example", "10.1.2.3", {None}),
        (" lms.campus.example:8443 ", "lms.campus.example", "10.1.2.3", {8443}),
        ("lms.campus.example", "other.campus.example", "10.1.2.3", set()),
        ("lms.campus.example", "x.lms.campus.example", "10.1.2.3", set()),
        ("lms.campus.example", "lms.campus.example", None, {None}),
        ("10.1.2.3", "any.example", "10.1.2.3", {None}),
        ("10.1.2.3", "any.example", "::ffff:10.1.2.3", {None}),
        ("10.1.2.3", "any.example", "10.1.2.4", set()),
        ("10.1.2.3", "any.example", None, set()),
        ("10.1.2.3:8443", "10.1.2.3", "10.1.2.3", {8443}),
        ("10.1.0.0/16", "any.example", "10.1.2.3", {None}),
        ("10.1.0.0/16", "any.example", "10.2.2.3", set()),
        ("fd12::1", "any.example", "fd12::1", {None}),
        ("[fd12::1]", "any.example", "fd12::1", {None}),
        ("[fd12::1]:8443", "any.example", "fd12::1", {8443}),
        ("fd12::/16", "any.example", "fd12::1", {None}),
        ("[::ffff:10.1.2.3]", "any.example", "10.1.2.3", {None}),
    ],
)
def test_an_entry_covers_its_server_and_no_other(
    entry: str, host: str, address: str | None, ports: set[int | None]
) -> None:
    listed = AllowList.read([entry])

    assert listed.ports(host, ip_address(address) if address else None) == ports


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("", "expected a host, host:port"),
        ("https://lms.campus.example", "without https:// and path"),
        ("lms.campus.example/keys", "does not appear to be an IPv4 or IPv6 network"),
        ("*.campus.example", "'*.campus.example' is not a host name"),
        ("ada@lms.campus.example", "is not a host name"),
        ("lms.campus.example:", "expected a host, host:port"),
        ("lms.campus.example:0", "port from 1 to 65535"),
        ("lms.campus.example:99999", "port from 1 to 65535"),
        ("lms.campus.example:https", "expected a host, host:port"),
        ("10.1.2.3/16", "10.1.2.3/16 has host bits set"),
        ("10.1.0.0/33", "does not appear to be"),
        ("2130706433", "unusual form"),
        ("127.1", "unusual form"),
        ("0.0.0.0/0", "too wide"),
        ("::/0", "too wide"),
        ("[fd12::1", "expected a host, host:port"),
        ("fd12::1::2", "IPv6 address in brackets"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(entry: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in the list of outbound servers") as refused:
        AllowList.read([entry])

    assert repr(entry) in str(refused.value) or f"'[{entry}]'" in str(refused.value)
    assert complaint in str(refused.value)
