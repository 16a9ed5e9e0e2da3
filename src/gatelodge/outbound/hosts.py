"""The one way a host is written here, so that what was checked is what is called."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna

IPAddress = IPv4Address | IPv6Address

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def read_host(text: str) -> str:
    """Lower case, in ASCII, without a dot at the end; an IPv6 address without its brackets.

    Raises ValueError with a phrase that says what is wrong.
    """
    if text.startswith("["):
        return _read_bracketed(text)
    name = _in_ascii(text.lower()).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_dotted(name)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("is not a host name")
    return name


def literal(host: str) -> IPAddress | None:
    """The address that a host, as `read_host` wrote it, spells out; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def means_loopback(host: str) -> bool:
    """RFC 6761, 6.3: these names are this machine, whatever a resolver or a proxy says."""
    return host == "localhost" or host.endswith(".localhost")


def _in_ascii(name: str) -> str:
    if name.isascii():
        return name
    if len(name) > 253:
        raise ValueError("is not a host name")
    try:
        # UTS 46 first, as browsers do: full-width digits and dots become digits and dots before anybody judges them.
        return idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError:
        raise ValueError("is not an internationalized host name") from None


def _read_dotted(name: str) -> str:
    # A host whose last label is a number is an IPv4 address to inet_aton, whatever its form: 2130706433, 0x7f.1 and
    # 0177.0.0.1 are all 127.0.0.1 (https://url.spec.whatwg.org/#ends-in-a-number-checker). One form is enough.
    try:
        return str(IPv4Address(name))
    except ValueError:
        raise ValueError("is an IPv4 address in an unusual form; write it like 192.0.2.1") from None


def _read_bracketed(text: str) -> str:
    if not text.endswith("]") or "%" in text:
        raise ValueError("is not an IPv6 address in brackets")
    try:
        return str(IPv6Address(text[1:-1]))
    except ValueError:
        raise ValueError("is not an IPv6 address in brackets") from None
