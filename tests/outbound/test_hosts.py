from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatelodge.outbound.hosts import literal, read_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("lms.example.edu", "lms.example.edu"),
        ("LMS.Example.EDU", "lms.example.edu"),
        ("lms.example.edu.", "lms.example.edu"),
        ("intranet", "intranet"),
        ("moodle_test.example.edu", "moodle_test.example.edu"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1.", "192.0.2.1"),
        ("[2001:DB8::0:1]", "2001:db8::1"),
        ("hochschule-münchen.example", "xn--hochschule-mnchen-e3b.example"),
        ("straße.example", "xn--strae-oqa.example"),
        # Full-width digits and ideographic full stops are an address too.
        ("\uff11\uff12\uff17\u3002\uff10\u3002\uff10\u3002\uff11", "127.0.0.1"),
    ],
)
def test_a_host_is_written_one_way(text: str, host: str) -> None:
    assert read_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127%2e0.0.1",
        "127.1",
        "127.0.0.01",
        "1.2.3.4.5",
        "256.0.0.1",
        "lms.example.0x10",
    ],
)
def test_an_address_in_another_form_than_four_decimal_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"unusual form; write it like 192\.0\.2\.1"):
        read_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "lms..example",
        "-lms.example",
        "lms-.example",
        "lms%2eexample",
        "lms example",
        "lms\x00.example",
        "a" * 64 + ".example",
        "a." * 130 + "example",
        "ü" * 300,
        "[127.0.0.1]",
        "[fe80::1%eth0]",
        "[::1",
        "::1",
        "[::1].example",
        "\ud800.example",
        "℀.example",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        read_host(text)


@given(st.text(max_size=40))
@example("\uff11.1")
@example("xn--a")
def test_whatever_is_read_stays_as_it_is_when_read_again(text: str) -> None:
    try:
        host = read_host(text)
    except ValueError:
        return

    assert host.isascii()
    assert read_host(f"[{host}]" if ":" in host else host) == host


@given(st.ip_addresses(v=4), st.sampled_from(["{0}", "0x{0:x}", "0{0:o}", "{0:d}."]))
def test_an_address_as_one_number_never_becomes_a_name(address: IPv4Address, form: str) -> None:
    with pytest.raises(ValueError, match="unusual form"):
        read_host(form.format(int(address)))


@given(st.ip_addresses())
def test_every_address_is_read_as_itself(address: IPv4Address | IPv6Address) -> None:
    text = f"[{address}]" if address.version == 6 else str(address)

    assert literal(read_host(text)) == address
