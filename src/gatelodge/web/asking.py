"""Who is asking, and how: the network address and the scheme, as far as anybody may be believed.

X-Forwarded-For and X-Forwarded-Proto count only when they come from a proxy that the operator
named; everybody else can write them too. The Host header is never asked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from gatelodge.web.exchange import headers_named

Network = IPv4Network | IPv6Network

# Some proxies add the port, as RFC 7239 section 6 writes it.
_WITH_PORT = re.compile(r"(?:\[(?P<bracketed>[^\]]*)\]|(?P<plain>[^:]*))(?::\d+)?")

# In a row before us; a stranger among our own addresses could name thousands.
_MOST_PROXIES = 20

_ADDRESSES_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class Asking:
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

    def asking(self, scope: Mapping[str, Any]) -> Asking:
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusted or not self._is_trusted(peer):
            return Asking(peer, secure=True)
        scheme = _listed(scope, b"x-forwarded-proto")[-1].strip()
        hops = _listed(scope, b"x-forwarded-for")
        insecure = self._https_expected and scheme.lower() == "http"
        return Asking(
            self._first_stranger(reversed(hops[-_MOST_PROXIES:]), peer), secure=not insecure
        )

    def _first_stranger(self, hops: Iterable[str], peer: str) -> str:
        """The nearest address that is no proxy of ours: what lies behind it is hearsay."""
        nearest = peer
        for hop in hops:
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


def _listed(scope: Mapping[str, Any], name: bytes) -> list[str]:
    """Several headers of one name are one list (RFC 9110 section 5.3)."""
    return ",".join(headers_named(scope, name)).split(",")


@lru_cache(maxsize=_ADDRESSES_KEPT)
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
