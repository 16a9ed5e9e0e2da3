"""One guarded client: https, no redirects, one time limit for everything, one size limit, checked addresses.

It stands on httpcore2 and not on httpx2 above it: cookies, redirects, decompression and proxies
from the environment are then not switched off, they are not there. A kept connection was checked
when it was made, and leads where it led then; it is dropped when it has been idle for a while.
"""

import asyncio
import re
import ssl
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from urllib.parse import urlencode

import httpcore2

from gatelodge.outbound.certificates import Certificate, certificate_of, fault_of
from gatelodge.outbound.errors import (
    BadAnswer,
    BadCertificate,
    Blocked,
    NotHttps,
    OutboundError,
    Redirected,
    TimedOut,
    TooLarge,
    Unreachable,
)
from gatelodge.outbound.guard import Guard
from gatelodge.outbound.hosts import literal, means_loopback
from gatelodge.outbound.machine import is_this_machine
from gatelodge.outbound.network import GuardedNetwork, MeteredNetwork, at_most
from gatelodge.outbound.proxies import read_proxy
from gatelodge.outbound.resolver import Resolver, SystemResolver
from gatelodge.outbound.targets import Target, read_target

DEADLINE = 5.0
MAX_BYTES = 256 * 1024
USER_AGENT = "Gatelodge"

# Headers, and what chunks weigh besides their content.
_OVERHEAD = 64 * 1024
_MOST_CONNECTIONS = 100
_MOST_IDLE_CONNECTIONS = 20
_IDLE_SECONDS = 30.0

# h11 lets these pass in a header's value; a log or a page should not have to.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Fields = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case; several headers of one name are joined with ", "."""
    body: bytes
    certificate: Certificate | None = None


class OutboundClient:
    """``tls`` is for an operator's own authorities; without it the machine's are trusted.

    Raises ValueError for an entry of ``allow``, an own address or a proxy that cannot be read.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        development: bool = False,
        own_addresses: Collection[tuple[str, int]] = (),
        proxy: str | None = None,
        user_agent: str = USER_AGENT,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._guard = Guard(
            allow=allow,
            development=development,
            own_addresses=own_addresses,
            is_this_machine=is_this_machine,
        )
        self._schemes = {"https", "http"} if development else {"https"}
        self._proxy = read_proxy(proxy) if proxy else None
        self._user_agent = user_agent
        self._deadline = deadline
        self._max_bytes = max_bytes
        tls = tls or httpcore2.default_ssl_context(_trust_env=False)
        look_up = resolver or SystemResolver()
        self._pools = {scheme: self._pool(scheme, look_up, tls) for scheme in self._schemes}

    async def get(
        self,
        url: str,
        *,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        return await self.send(
            "GET",
            url,
            headers={"Accept": accept} | dict(headers or {}),
            deadline=deadline,
            max_bytes=max_bytes,
        )

    async def post_form(
        self,
        url: str,
        fields: Fields,
        *,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        form = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        return await self.send(
            "POST",
            url,
            headers=form | dict(headers or {}),
            body=urlencode(fields).encode("ascii"),
            deadline=deadline,
            max_bytes=max_bytes,
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Any status but a redirect is an answer; everything else raises an `OutboundError`.

        Raises ValueError for a header that cannot be sent.
        """
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise ValueError(
                    f"The header {name!r} cannot be sent: expected visible ASCII characters."
                )
        target = read_target(url)
        self._check(target)
        seconds = self._deadline if deadline is None else deadline
        size = self._max_bytes if max_bytes is None else max_bytes
        try:
            async with asyncio.timeout(seconds):
                with at_most(size + _OVERHEAD, _too_large(target, size)):
                    return await self._exchange(method, target, headers, body, size)
        except TimeoutError:
            raise TimedOut(f"{str(target)!r} did not answer within {seconds:g} seconds.") from None
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.ProxyError,
            httpcore2.TimeoutException,
            OSError,
        ) as error:
            raise _translated(error, target) from error

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _pool(
        self, scheme: str, resolver: Resolver, tls: ssl.SSLContext
    ) -> httpcore2.AsyncConnectionPool:
        proxy = self._proxy
        return httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            proxy=proxy.for_pool(tls) if proxy else None,
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=MeteredNetwork()
            if proxy
            else GuardedNetwork(self._guard, resolver, plain=scheme == "http"),
        )

    def _check(self, target: Target) -> None:
        """What can be said before any name is looked up; with a proxy, all that we can say."""
        if target.scheme not in self._schemes:
            raise NotHttps(
                f"{str(target)!r} is not called: expected an address that begins with https://."
            )
        address = literal(target.host)
        if self._proxy and means_loopback(target.host):
            address = IPv4Address("127.0.0.1")
        if address is None and not self._proxy:
            return
        plain = target.scheme == "http"
        if objection := self._guard.objection(target.host, target.port, address, plain=plain):
            raise Blocked(
                f"{target.host!r} is not called: {objection}.", address=str(address or "")
            )

    async def _exchange(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None, size: int
    ) -> Answer:
        url = httpcore2.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path
        )
        # Identity, because a small compressed answer may be a large one; who compresses nevertheless is refused below.
        ours = {
            "Host": target.authority,
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",
        }
        sent = [*(ours | dict(headers)).items()]
        async with self._pools[target.scheme].stream(
            method, url, headers=sent, content=body
        ) as response:
            answered = _written(response.headers)
            _check_answer(target, response.status, answered, size)
            certificate = certificate_of(response.extensions["network_stream"])
            body = await _read(response, target, size)
            return Answer(response.status, answered, body, certificate)


def _check_answer(target: Target, status: int, headers: Mapping[str, str], size: int) -> None:
    if 300 <= status < 400:
        elsewhere = headers.get("location", "")[:200].partition("?")[0]
        raise Redirected(
            f"{str(target)!r} answered {status} and points to {elsewhere!r}: expected an answer."
        )
    if status < 200:
        raise BadAnswer(f"{str(target)!r} answered {status}: expected a status from 200 to 599.")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise BadAnswer(
            f"{str(target)!r} answered in encoding {encoding[:50]!r}: expected none, as was asked for."
        )
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > size:
        raise _too_large(target, size)


async def _read(response: httpcore2.Response, target: Target, size: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_stream():
        body += piece
        if len(body) > size:
            raise _too_large(target, size)
    return bytes(body)


def _written(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    written: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = _CONTROL.sub(" ", raw_value.decode("latin-1"))
        written[name] = f"{written[name]}, {value}" if name in written else value
    return written


def _too_large(target: Target, size: int) -> TooLarge:
    return TooLarge(
        f"{str(target)!r} answered with more than {size} bytes, which is the most that is read."
    )


def _translated(error: Exception, target: Target) -> OutboundError:
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        sentence = f"{str(target)!r} could not prove its name: {cause.verify_message}."
        return BadCertificate(sentence, fault=fault_of(cause))
    if isinstance(cause, ssl.SSLError):
        return Unreachable(f"{str(target)!r} was reached, but no secure connection could be made.")
    if isinstance(error, httpcore2.ProtocolError):
        return BadAnswer(f"{str(target)!r} did not answer as a web server does.")
    if isinstance(error, httpcore2.ProxyError):
        return Unreachable(f"The proxy did not connect to {str(target)!r}.")
    return Unreachable(f"{str(target)!r} could not be reached, or broke off.")
