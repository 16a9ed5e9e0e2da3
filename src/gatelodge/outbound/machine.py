"""Which addresses are this machine's own."""

import socket
from ipaddress import IPv4Address

from gatelodge.outbound.hosts import IPAddress


def is_this_machine(address: IPAddress) -> bool:
    """Asks the kernel which source it would send from; nothing is sent.

    To reach itself, a machine sends from the very address that it calls. Binding to the address
    would tell the same, but not under ip_nonlocal_bind, which load balancers set.
    """
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Port 9 is discard; a datagram socket sends nothing when it connects.
            probe.connect((str(address), 9))
            return str(probe.getsockname()[0]) == str(address)
    except OSError:
        return False
