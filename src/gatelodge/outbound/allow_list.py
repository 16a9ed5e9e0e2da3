"""The operator's list of servers that may be called though their addresses are not public."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network

from gatelodge.outbound.hosts import IPAddress, literal, read_host
from gatelodge.outbound.ranges import Network, unwrapped

_ENTRY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A host or a network, with the one port that is meant, or all ordinary ones."""

    place: str | Network
    port: int | None = None

    def covers(self, host: str, address: IPAddress | None) -> bool:
        if isinstance(self.place, str):
            return self.place == host
        return address is not None and unwrapped(address) in self.place


@dataclass(frozen=True, slots=True)
class AllowList:
    entries: Sequence[Entry] = ()

    @classmethod
    def read(cls, entries: Sequence[str]) -> "AllowList":
        """Raises ValueError with a sentence that names the entry."""
        return cls(tuple(_read_entry(each.strip()) for each in entries))

    def ports(self, host: str, address: IPAddress | None) -> set[int | None]:
        """The ports for which the server is listed; None stands for the ordinary ones."""
        return {entry.port for entry in self.entries if entry.covers(host, address)}


def _read_entry(text: str) -> Entry:
    if "/" in text:
        return Entry(_read_network(text))
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    found = _ENTRY.fullmatch(text)
    if not found:
        raise _malformed(
            text, "expected a host, host:port, an IP address or a network like 10.0.0.0/8"
        )
    try:
        host = read_host(found["host"])
    except ValueError as error:
        raise _malformed(text, f"{found['host']!r} {error}") from None
    address = literal(host)
    return Entry(
        ip_network(unwrapped(address)) if address else host, _read_port(text, found["port"])
    )


def _read_network(text: str) -> Network:
    if "://" in text:
        raise _malformed(text, "expected a host without https:// and path")
    try:
        network = ip_network(text)
    except ValueError as error:
        raise _malformed(text, str(error)) from None
    # Public addresses need no entry, and no private range is wider than 10.0.0.0/8 and fc00::/7: a wider network
    # would be a slip, or a way to turn the guard off.
    if network.prefixlen < (8 if isinstance(network, IPv4Network) else 7):
        raise _malformed(
            text, "the network is too wide; list the part of it where your servers are"
        )
    return network


def _read_port(text: str, port: str | None) -> int | None:
    if port is None:
        return None
    if not 0 < int(port) < 65536:
        raise _malformed(text, "expected a port from 1 to 65535")
    return int(port)


def _malformed(text: str, why: str) -> ValueError:
    return ValueError(f"{text!r} cannot stand in the list of outbound servers: {why}.")
