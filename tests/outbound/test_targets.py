import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.outbound.errors import BadAddress
from gatelodge.outbound.targets import Target, read_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://lms.example.edu", Target("https", "lms.example.edu", 443, "/")),
        (
            "HTTPS://LMS.example.edu:8443/a/../b?x=1&y",
            Target("https", "lms.example.edu", 8443, "/a/../b?x=1&y"),
        ),
        ("https://lms.example.edu?x=/@:", Target("https", "lms.example.edu", 443, "/?x=/@:")),
        ("http://[2001:db8::1]:8080/", Target("http", "2001:db8::1", 8080, "/")),
        (
            "https://lms.example.edu/schlüssel?%41",
            Target("https", "lms.example.edu", 443, "/schl%C3%BCssel?%41"),
        ),
    ],
)
def test_an_address_is_read_into_its_parts(url: str, target: Target) -> None:
    assert read_target(url) == target


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "written like https://"),
        ("lms.example.edu/keys", "written like https://"),
        ("//lms.example.edu/keys", "written like https://"),
        ("https:/lms.example.edu", "written like https://"),
        ("javascript:alert(1)", "written like https://"),
        ("https://lms.example.edu\\@evil.example/", "without spaces and backslashes"),
        ("https://lms.example.edu/ HTTP/1.1\r\nX: y", "without spaces and backslashes"),
        ("https://lms.example.edu/\tkeys", "without spaces and backslashes"),
        (" https://lms.example.edu/", "written like https://"),
        ("https://lms.example.edu/\ud800", "without spaces and backslashes"),
        ("https://lms.example.edu/\x00", "without spaces and backslashes"),
        ("file://localhost/etc/passwd", "expected https, not 'file'"),
        ("gopher://lms.example.edu/", "expected https, not 'gopher'"),
        ("https://lms.example.edu/#keys", "no '#'"),
        ("https:///keys", "a host, or a host and a port"),
        ("https://:443/keys", "a host, or a host and a port"),
        ("https://lms.example.edu:/keys", "a host, or a host and a port"),
        ("https://lms.example.edu:443:80/", "a host, or a host and a port"),
        ("https://lms.example.edu:+443/", "a host, or a host and a port"),
        ("https://lms.example.edu:\uff14\uff14\uff13/", "a host, or a host and a port"),
        ("https://::1/", "a host, or a host and a port"),
        ("https://lms.example.edu:0/", "port from 1 to 65535"),
        ("https://lms.example.edu:65536/", "port from 1 to 65535"),
        ("https://2130706433/", "'2130706433' is an IPv4 address in an unusual form"),
        ("https://0x7f.0.0.1/", "unusual form"),
        ("https://lms%2eexample/", "'lms%2eexample' is not a host name"),
        ("https://lms.example.edu/" + "a" * 5000, "too long"),
    ],
)
def test_an_address_that_is_not_plain_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read_target(url)

    assert complaint in str(refused.value)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadAddress) as refused:
        read_target("https://ada:secret@lms.example.edu/keys")

    assert "user name or a password" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_query_is_never_shown() -> None:
    assert str(read_target("https://lms.example.edu:8443/register?token=secret")) == (
        "https://lms.example.edu:8443/register"
    )


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://lms.example.edu:443/", "lms.example.edu"),
        ("https://lms.example.edu:80/", "lms.example.edu:80"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_the_host_header_has_the_port_unless_it_is_the_usual_one(url: str, authority: str) -> None:
    assert read_target(url).authority == authority


@given(st.text(alphabet=st.sampled_from("htps:/[]@\\?#%.0x1ab:é \r\n\u3002"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            target = read_target(url)
        except BadAddress:
            continue

        assert target.path.startswith("/")
        assert (target.host + target.path).isascii()
        assert (target.host + target.path).isprintable()
