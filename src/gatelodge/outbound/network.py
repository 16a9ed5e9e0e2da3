"""What httpcore2 calls instead of opening sockets itself: looks up once, checks, connects to what was checked."""

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import Any

import httpcore2

from gatelodge.outbound.errors import Blocked, NotResolved, TooLarge
from gatelodge.outbound.guard import Guard
from gatelodge.outbound.hosts import IPAddress, literal
from gatelodge.outbound.resolver import Resolver

# Small enough that a burst of tiny pieces does not keep the event loop from its other work.
_READ_AT_ONCE = 16 * 1024

_MOST_ADDRESSES = 64
_MOST_ATTEMPTS = 4
_ATTEMPT_SECONDS = 1.0


@dataclass(slots=True)
class _Meter:
    left: int
    complaint: TooLarge


_meter: ContextVar[_Meter] = ContextVar("meter")


@contextlib.contextmanager
def at_most(size: int, complaint: TooLarge) -> Iterator[None]:
    """Within, this task reads no more than so many bytes from its connections, whatever they are.

    The limit of a body does not count headers, endless "100 Continue" answers and the frames of
    chunks; this one does. A connection is shared by one request after the other, so the count
    belongs to the task and not to the connection.
    """
    token = _meter.set(_Meter(size, complaint))
    try:
        yield
    finally:
        _meter.reset(token)


class MeteredStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2's
        data = await self._stream.read(min(max_bytes, _READ_AT_ONCE), timeout)
        meter = _meter.get()
        meter.left -= len(data)
        if meter.left < 0:
            raise meter.complaint
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore2's
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return MeteredStream(
                await self._stream.start_tls(ssl_context, server_hostname, timeout)
            )
        except BaseException:
            # AnyIOStream closes itself after an Exception only. Our time limit is a cancellation, and servers that
            # never finish the handshake would keep one open socket for each request.
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class MeteredNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to whatever it is told: for the operator's own proxy."""

    def __init__(self) -> None:
        self._tcp = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        stream = await self._tcp.connect_tcp(host, port, timeout, local_address, socket_options)
        return MeteredStream(stream)


class GuardedNetwork(MeteredNetwork):
    """``plain`` says that what is sent over these connections is not encrypted."""

    def __init__(self, guard: Guard, resolver: Resolver, *, plain: bool) -> None:
        super().__init__()
        self._guard = guard
        self._resolver = resolver
        self._plain = plain

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._addresses_of(host)
        for address in addresses:
            if objection := self._guard.objection(host, port, address, plain=self._plain):
                raise Blocked(f"{host!r} is not called: {objection}.", address=str(address))
        *others, last = _in_turn(addresses)[:_MOST_ATTEMPTS]
        for address in others:
            with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await super().connect_tcp(
                    str(address), port, _ATTEMPT_SECONDS, local_address, socket_options
                )
        return await super().connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def _addresses_of(self, host: str) -> list[IPAddress]:
        if address := literal(host):
            return [address]
        try:
            # Spoken once: what a second look-up would say is never asked, so a name cannot change in between.
            found = list(dict.fromkeys(ip_address(each) for each in await self._resolver(host)))
        except TimeoutError:
            raise NotResolved(f"No address was found for {host!r} in time.") from None
        except (OSError, ValueError):
            raise NotResolved(f"No address was found for {host!r}.") from None
        if not 0 < len(found) <= _MOST_ADDRESSES:
            raise NotResolved(
                f"{len(found)} addresses were found for {host!r}: expected 1 to {_MOST_ADDRESSES}."
            )
        return found


def _in_turn(addresses: Sequence[IPAddress]) -> list[IPAddress]:
    """Families take turns (RFC 8305, 4), so that a dead IPv6 route leaves attempts for IPv4."""
    first = [each for each in addresses if each.version == addresses[0].version]
    second = [each for each in addresses if each.version != addresses[0].version]
    return [each for each in chain(*zip_longest(first, second)) if each]
