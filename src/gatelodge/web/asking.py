"""Who is asking, and how: the network address and the scheme, as far as anybody may be believed.

X-Forwarded-For and X-Forwarded-Proto count only when they come from a proxy that the operator
named; everybody else can write them too. The Host header is never asked.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import msgspec
from starlette.requests import Request

from gatelodge.web.exchange import Headers, headers_of

Network = IPv4Network | IPv6Network

# Some proxies add the port, as RFC 7239 section 6 writes it.
_WITH_PORT = re.compile(r"(?:\[(?P<bracketed>[^\]]*)\]|(?P<plain>[^:]*))(?::\d+)?")

# In a row before us; a stranger among our own addresses could name thousands.
_MOST_PROXIES = 20

_ADDRESSES_KEPT = 16_384
_LONGEST_KEPT = 100


class Asking(msgspec.Struct, frozen=True):
    """``secure`` is False when a proxy of ours says that the browser came over plain http."""

    address: str
    secure: bool


class Proxies:
    """Reads who is asking, given the proxies that may speak for others."""

    def __init__(self, trusted: Sequence[Network], *, https_expected: bool) -> None:
        self._trusted = tuple(trusted)
        self._https_expected = https_expected
        # Asked for each request, mostly about the same few.
        self._is_trusted = lru_cache(maxsize=_ADDRESSES_KEPT)(self._looks_trusted)
        self._first_stranger_before = lru_cache(maxsize=_ADDRESSES_KEPT)(self._first_stranger)

    def asking(self, peer: str, headers: Headers) -> Asking:
        """``peer`` is who holds the other end of the connection."""
        if not self._trusted or not self._is_trusted(peer):
            return Asking(peer, secure=True)
        scheme = headers.get(b"x-forwarded-proto", b"").rpartition(b",")[2].strip()
        insecure = self._https_expected and scheme.lower() == b"http"
        forwarded = headers.get(b"x-forwarded-for", b"")
        # Nearly always it is one browser's address, which comes a second time with the launch.
        is_usual = len(forwarded) <= _LONGEST_KEPT
        find = self._first_stranger_before if is_usual else self._first_stranger
        return Asking(find(forwarded, peer), secure=not insecure)

    def address_of(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return self.asking(peer, headers_of(request.scope)).address

    def _first_stranger(self, forwarded: bytes, peer: str) -> str:
        """The nearest address that is no proxy of ours: what lies behind it is hearsay."""
        nearest = peer
        hops = forwarded.decode("latin-1").rsplit(",", _MOST_PROXIES)[-_MOST_PROXIES:]
        for hop in reversed(hops):
            address = _address(hop)
            if address is None:
                break
            nearest = address
            if not self._is_trusted(nearest):
                break
        return nearest

    def _looks_trusted(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(
            ip_address(address) in network for network in self._trusted
        )


def _address(text: str) -> str | None:
    """An address as it is compared and counted."""
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["bracketed"] or found["plain"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
