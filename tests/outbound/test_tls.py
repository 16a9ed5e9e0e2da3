import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gatelodge.outbound.certificates import Fault
from gatelodge.outbound.client import OutboundClient
from gatelodge.outbound.errors import BadCertificate, Blocked, TimedOut, Unreachable
from tests.outbound.certificates import Authority
from tests.outbound.names import Names
from tests.outbound.servers import reply, serving

pytestmark = pytest.mark.asyncio


def client_for(authority: Authority | None, *allow: str) -> OutboundClient:
    return OutboundClient(
        allow=allow or ["lms.campus.example"],
        resolver=Names(lms_campus_example=[["127.0.0.1"]], evil_example=[["127.0.0.1"]]),
        tls=authority.trusted() if authority else None,
    )


async def test_in_production_a_listed_campus_server_is_called_over_https(
    authority: Authority, tmp_path: Path
) -> None:
    tls = authority.server(tmp_path, "lms.campus.example")
    asked: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    client = client_for(authority)

    async with serving(reply(b"[]"), tls=tls) as lms:
        answer = await client.get(lms.url(scheme="https", host="lms.campus.example"))
        await client.aclose()

    assert answer.body == b"[]"
    # By its name, though it was called at an address.
    assert asked == ["lms.campus.example"]
    assert answer.certificate is not None
    assert (answer.certificate.protocol, answer.certificate.issued_by) == (
        "TLS 1.3",
        "Test authority",
    )


async def test_a_certificate_for_another_name_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    client = client_for(authority)

    async with serving(
        reply(), tls=authority.server(tmp_path, "other.example", "127.0.0.1")
    ) as lms:
        with pytest.raises(BadCertificate) as refused:
            await client.get(lms.url(scheme="https", host="lms.campus.example"))
        await client.aclose()

    assert "could not prove its name: Hostname mismatch" in str(refused.value)
    assert refused.value.fault is Fault.OTHER_NAME
    assert lms.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    client = client_for(None)

    async with serving(reply(), tls=authority.server(tmp_path, "lms.campus.example")) as lms:
        with pytest.raises(BadCertificate, match="unable to get local issuer certificate"):
            await client.get(lms.url(scheme="https", host="lms.campus.example"))
        await client.aclose()


async def test_an_expired_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    client = client_for(authority)

    async with serving(
        reply(), tls=authority.server(tmp_path, "lms.campus.example", days=-1)
    ) as lms:
        with pytest.raises(BadCertificate, match="certificate has expired"):
            await client.get(lms.url(scheme="https", host="lms.campus.example"))
        await client.aclose()


async def test_an_address_in_the_url_is_proven_as_an_address(
    authority: Authority, tmp_path: Path
) -> None:
    client = client_for(authority, "127.0.0.1")

    async with serving(reply(), tls=authority.server(tmp_path, "127.0.0.1")) as lms:
        assert (await client.get(lms.url(scheme="https"))).status == 200
        await client.aclose()


async def test_a_name_that_is_not_listed_is_blocked_before_any_greeting(
    authority: Authority, tmp_path: Path
) -> None:
    client = client_for(authority)

    async with serving(reply(), tls=authority.server(tmp_path, "evil.example")) as lms:
        with pytest.raises(Blocked):
            await client.get(lms.url(scheme="https", host="evil.example"))
        await client.aclose()

    assert lms.connections == 0


async def test_a_server_without_tls_is_unreachable(authority: Authority) -> None:
    async def answer_in_clear(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    client = client_for(authority)

    async with listening(answer_in_clear) as port:
        with pytest.raises(Unreachable, match="no secure connection could be made"):
            await client.get(f"https://lms.campus.example:{port}/")
        await client.aclose()


async def test_a_server_that_never_ends_the_handshake_is_hung_up_on(authority: Authority) -> None:
    ended = asyncio.Event()

    async def listen_in_silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    client = client_for(authority)

    async with listening(listen_in_silence) as port:
        with pytest.raises(TimedOut):
            await client.get(f"https://lms.campus.example:{port}/", deadline=0.2)

        await asyncio.wait_for(ended.wait(), timeout=2)
        await client.aclose()


async def test_old_tls_is_refused(authority: Authority, tmp_path: Path) -> None:
    tls = authority.server(tmp_path, "lms.campus.example")
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    client = client_for(authority)

    async with serving(reply(), tls=tls) as lms:
        with pytest.raises(Unreachable):
            await client.get(lms.url(scheme="https", host="lms.campus.example"))
        await client.aclose()

    assert lms.connections == 0


@contextlib.asynccontextmanager
async def listening(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0.01)
