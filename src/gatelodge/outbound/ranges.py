"""Which IP addresses are public, and which are never called. The lists are those of microsoft-antissrf."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from AntiSSRF import IPAddressRanges as Ranges

from gatelodge.outbound.hosts import IPAddress

Network = IPv4Network | IPv6Network


def _networks(*lists: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ip_network(each) for one in lists for each in one)


# The only IPv6 addresses given out to hosts on the Internet (RFC 4291, 2.4). What is outside is refused without being
# listed: IPv4-compatible addresses (::127.0.0.1), IPv4-translated ones (::ffff:0:127.0.0.1), whatever comes next.
_GLOBAL_UNICAST = IPv6Network("2000::/3")

_NOT_PUBLIC = _networks(Ranges.recommended_latest)

# Where clouds and hypervisors answer their guests, often with credentials, outside of the link-local ranges.
_METADATA = (
    "100.100.100.200/32",  # Alibaba Cloud
    "192.0.0.192/32",  # Oracle Cloud Classic
    "fd00:ec2::/32",  # AWS: metadata, pod identity, DNS, time
    "fd20:ce::254/128",  # Google Cloud
    "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud
    "fd00:42::42/128",  # Scaleway
    "fd00:a9fe:a9fe::1/128",  # Akamai
    "fd00:100::100:200/128",  # Alibaba Cloud
)

_NEVER = _networks(
    Ranges.link_local,
    Ranges.imds,
    Ranges.wireserver,
    _METADATA,
    # Not one server each: to Linux 0.0.0.0 is itself, the others are everybody.
    Ranges.unspecified,
    Ranges.broadcast,
    Ranges.multicast,
)

# RFC 6052, 2.1: on a network with IPv6 only, every IPv4 server of the world is seen behind this prefix.
_NAT64 = IPv6Network("64:ff9b::/96")

# Prefixes of other translators that end with the IPv4 address: local NAT64 (RFC 8215), IPv4-compatible and
# IPv4-translated addresses (RFC 4291, 2.5.5.1; RFC 2765). None is public; an operator's list may open them.
_IPV4_AT_THE_END = (
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0:0/96"),
)


def unwrapped(address: IPAddress) -> IPAddress:
    """The address to judge: an IPv4 server may also be written as an IPv6 address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    # Without the zone, which `ipaddress` would compare too.
    bare = IPv6Address(int(address))
    return _last_32_bits(bare) if bare in _NAT64 else bare


def is_public(address: IPAddress) -> bool:
    judged = unwrapped(address)
    if isinstance(judged, IPv6Address) and judged not in _GLOBAL_UNICAST:
        return False
    # A second opinion costs nothing: Python's list is older, and not made from the same sources.
    return judged.is_global and not any(judged in network for network in _NOT_PUBLIC)


def is_never_called(address: IPAddress) -> bool:
    """Link-local, metadata, and what is not one server: not even for an operator who lists a network around it."""
    return any(each in network for each in _forms(unwrapped(address)) for network in _NEVER)


def _forms(address: IPAddress) -> list[IPAddress]:
    """The address and those that a tunnel or a translator may take from within it."""
    forms = [address]
    if isinstance(address, IPv6Address) and not address.is_loopback:
        forms += filter(None, [address.sixtofour, *(address.teredo or ())])
        forms += [_last_32_bits(address) for network in _IPV4_AT_THE_END if address in network]
    return forms


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)
