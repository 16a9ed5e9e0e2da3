"""Decides whether a server may be called. Knows no socket: addresses come in, an objection or none goes out."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from ipaddress import ip_address

from gatelodge.outbound.allow_list import AllowList
from gatelodge.outbound.hosts import IPAddress, literal, read_host
from gatelodge.outbound.ranges import is_never_called, is_public, unwrapped


class Objection(StrEnum):
    """Why a server is not called, as the end of a sentence."""

    PORT = "https is called on port 443 and on ports from 1024 up, others only where the operator lists them"
    NEVER = "link-local and cloud metadata addresses are never called"
    OURSELVES = "this is Gatelodge's own address"
    NOT_PUBLIC = "it leads to an address that is not public, and the operator has not listed it"
    PLAIN = "plain http is only for servers that the operator lists in development"


class Guard:
    """``own_addresses`` are those we listen at; a host of "", "0.0.0.0" or "::" stands for all of this machine."""

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        development: bool = False,
        own_addresses: Collection[tuple[str, int]] = (),
        is_this_machine: Callable[[IPAddress], bool] | None = None,
    ) -> None:
        self._listed = AllowList.read(allow)
        self._development = development
        self._own = {(_own_host(host), port) for host, port in own_addresses}
        self._is_this_machine = is_this_machine or (lambda address: address.is_loopback)

    def permits(self, host: str, port: int, address: str | IPAddress) -> bool:
        return self.objection(host, port, ip_address(address)) is None

    def objection(
        self, host: str, port: int, address: IPAddress | None, *, plain: bool = False
    ) -> Objection | None:
        """``host`` as `read_host` wrote it; ``address`` is None where a proxy will look it up."""
        ports = self._listed.ports(host, address)
        is_listed = port in ports or (None in ports and self._is_ordinary(port))
        if plain and not is_listed:
            return Objection.PLAIN
        if is_listed and self._development:
            return None
        if address is not None and is_never_called(address):
            return Objection.NEVER
        if self._is_ourselves(host, port, address):
            return Objection.OURSELVES
        if is_listed:
            return None
        if not self._is_ordinary(port):
            return Objection.PORT
        if address is not None and not is_public(address):
            return Objection.NOT_PUBLIC
        return None

    def _is_ordinary(self, port: int) -> bool:
        # Below 1024 live the mail, shell and directory servers of a campus. They would read our TLS greeting, and the
        # host name in it, as a command; and whoever may name a URL could learn which of them exist.
        return port == 443 or port >= 1024 or (self._development and port == 80)

    def _is_ourselves(self, host: str, port: int, address: IPAddress | None) -> bool:
        if (host, port) in self._own:
            return True
        if address is None:
            return False
        judged = unwrapped(address)
        return (str(judged), port) in self._own or (
            ("", port) in self._own and self._is_this_machine(judged)
        )


def _own_host(host: str) -> str:
    if not host:
        return ""
    name = read_host(f"[{host}]" if ":" in host else host)
    address = literal(name)
    if address is None:
        return name
    return "" if address.is_unspecified else str(unwrapped(address))
