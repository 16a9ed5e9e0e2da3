import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatelodge.outbound.client import OutboundClient
from gatelodge.outbound.errors import Blocked, NotHttps, Unreachable
from gatelodge.outbound.proxies import read_proxy
from tests.outbound.certificates import Authority
from tests.outbound.names import Names
from tests.outbound.servers import Server, reply, serving

pytestmark = pytest.mark.asyncio


@contextlib.asynccontextmanager
async def tunnelling(inside: Server) -> AsyncIterator[Server]:
    """A proxy that leads every CONNECT to one server."""
    proxy = Server(port=0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxy.requests.append(await reader.readuntil(b"\r\n\r\n"))
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", inside.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, onward_writer), _copy(onward_reader, writer))

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    yield proxy
    listening.close()
    await asyncio.sleep(0.01)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(4096):
            writer.write(data)
    writer.transport.abort()


async def test_everything_goes_through_the_proxy_which_looks_names_up(
    authority: Authority, tmp_path: Path
) -> None:
    names = Names()
    tls = authority.server(tmp_path, "lms.example")

    async with serving(reply(b"[]"), tls=tls) as lms, tunnelling(lms) as proxy:
        client = OutboundClient(
            proxy=f"http://gate:l%40dge@127.0.0.1:{proxy.port}",
            resolver=names,
            tls=authority.trusted(),
        )
        answer = await client.get("https://lms.example/keys")
        await client.aclose()

    assert answer.body == b"[]"
    assert names.asked == []
    assert proxy.requests[0].startswith(b"CONNECT lms.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"gate:l@dge") in proxy.requests[0]
    assert b"roxy" not in lms.requests[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost/",
        "https://anything.localhost/",
        "https://lms.example:25/",
        "https://gatelodge.example/",
    ],
)
async def test_what_the_proxy_cannot_know_is_checked_here(url: str) -> None:
    async with serving(reply()) as proxy:
        client = OutboundClient(proxy=proxy.url(""), own_addresses=[("gatelodge.example", 443)])
        with pytest.raises(Blocked):
            await client.get(url)
        await client.aclose()

    assert proxy.connections == 0


async def test_https_is_required_through_a_proxy_too() -> None:
    client = OutboundClient(proxy="http://127.0.0.1:1")

    with pytest.raises(NotHttps):
        await client.get("http://lms.example/")

    await client.aclose()


async def test_in_development_a_listed_server_is_called_in_plain_http_through_the_proxy() -> None:
    async with serving(reply()) as proxy:
        client = OutboundClient(proxy=proxy.url(""), development=True, allow=["lms.example"])
        await client.get("http://lms.example/keys")
        with pytest.raises(Blocked):
            await client.get("http://other.example/keys")
        await client.aclose()

    assert proxy.requests[0].startswith(
        b"GET http://lms.example:80/keys HTTP/1.1\r\nHost: lms.example\r\n"
    )
    assert len(proxy.requests) == 1


async def test_a_proxy_that_refuses_makes_the_server_unreachable() -> None:
    async with serving(reply(status="403 Forbidden")) as proxy:
        client = OutboundClient(proxy=proxy.url(""))
        with pytest.raises(
            Unreachable, match=r"The proxy did not connect to 'https://lms\.example/keys'"
        ):
            await client.get("https://lms.example/keys")
        await client.aclose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy.example:3128",
        "socks5://proxy.example",
        "http://",
        "http://a:b@proxy:x",
        "http://p/path",
    ],
)
async def test_a_proxy_that_cannot_be_read_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="expected http://host:port") as refused:
        read_proxy(url)

    assert "a:b" not in str(refused.value)
