import asyncio
import gzip
import time

import pytest

from gatelodge.outbound.client import OutboundClient
from gatelodge.outbound.errors import (
    BadAddress,
    BadAnswer,
    Blocked,
    NotHttps,
    OutboundError,
    Redirected,
    TimedOut,
    TooLarge,
    Unreachable,
)
from tests.outbound.servers import Script, reply, serving

pytestmark = pytest.mark.asyncio


async def test_an_answer_is_status_headers_and_body(client: OutboundClient) -> None:
    async with serving(
        reply(b'{"keys": []}', headers=["Cache-Control: max-age=60", "X-One: 1", "x-one: 2"])
    ) as lms:
        answer = await client.get(lms.url())

    assert answer.status == 200
    assert answer.headers == {
        "cache-control": "max-age=60",
        "x-one": "1, 2",
        "content-length": "12",
    }
    assert answer.body == b'{"keys": []}'


async def test_a_request_says_who_asks_and_carries_nothing_else(client: OutboundClient) -> None:
    async with serving(reply()) as lms:
        await client.get(lms.url("/keys?tenant=ä"))

    assert lms.requests == [
        f"GET /keys?tenant=%C3%A4 HTTP/1.1\r\nHost: 127.0.0.1:{lms.port}\r\nUser-Agent: Gatelodge\r\n"
        "Accept-Encoding: identity\r\nAccept: application/json\r\n\r\n".encode()
    ]


async def test_a_form_is_posted(client: OutboundClient) -> None:
    async with serving(reply()) as lms:
        answer = await client.post_form(
            lms.url("/token"), {"scope": "a b", "grant_type": "client_credentials"}
        )

    head, _, body = lms.requests[0].partition(b"\r\n\r\n")
    assert answer.status == 200
    assert head.startswith(b"POST /token HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in head
    assert body == b"scope=a+b&grant_type=client_credentials"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "204 No Content", "400 Bad Request"])
async def test_an_error_of_the_server_is_an_answer_too(client: OutboundClient, status: str) -> None:
    async with serving(reply(b"", status=status)) as lms:
        answer = await client.get(lms.url())

    assert answer.status == int(status[:3])


async def test_a_page_in_html_is_an_answer_and_says_so(client: OutboundClient) -> None:
    async with serving(reply(b"<html>Sign in", headers=["Content-Type: text/html"])) as lms:
        answer = await client.get(lms.url())

    assert answer.headers["content-type"] == "text/html"
    assert answer.body == b"<html>Sign in"


async def test_a_cookie_is_not_kept(client: OutboundClient) -> None:
    async with serving(reply(headers=["Set-Cookie: session=1; Path=/"])) as lms:
        await client.get(lms.url())
        await client.get(lms.url())

    assert b"ookie" not in lms.requests[1]


async def test_a_connection_is_used_again(client: OutboundClient) -> None:
    async with serving(reply()) as lms:
        for _ in range(3):
            await client.get(lms.url())

    assert lms.connections == 1


async def test_control_characters_in_a_header_become_spaces(client: OutboundClient) -> None:
    async with serving(reply(headers=["X-Note: \x1b[31mred\x07\x9b"])) as lms:
        answer = await client.get(lms.url())

    assert answer.headers["x-note"] == " [31mred  "


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(10)


async def dripping_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    await drip(writer, b"x")


async def dripping_header(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    await drip(writer, b"x")


async def dripping_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await drip(writer, b"1\r\nx\r\n")


async def drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    while True:
        writer.write(drop)
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("script", [silence, dripping_body, dripping_header, dripping_chunks])
async def test_a_slow_server_takes_no_longer_than_the_time_limit(
    client: OutboundClient, script: Script
) -> None:
    began = time.monotonic()

    async with serving(script) as lms:
        with pytest.raises(TimedOut) as refused:
            await client.get(lms.url("/keys?secret=1"), deadline=0.2)

    assert time.monotonic() - began < 2
    assert (
        str(refused.value)
        == f"'http://127.0.0.1:{lms.port}/keys' did not answer within 0.2 seconds."
    )


async def endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await pour(writer, b"x" * 1000)


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await pour(writer, b"1\r\nx\r\n" * 1000)


async def endless_chunk_extension(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    await pour(writer, b"x" * 1000)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await pour(writer, b"X: " + b"x" * 1000 + b"\r\n")


async def endless_patience(writer: asyncio.StreamWriter) -> None:
    await pour(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def endless_trailers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    await pour(writer, b"X: " + b"x" * 1000 + b"\r\n")


async def pour(writer: asyncio.StreamWriter, water: bytes) -> None:
    while True:
        writer.write(water)
        await writer.drain()


@pytest.mark.parametrize(
    "script",
    [
        endless_body,
        endless_chunks,
        endless_chunk_extension,
        endless_headers,
        endless_patience,
        endless_trailers,
        reply(b"x" * 10_001),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n"
        + b"x" * 10_001
        + b"\r\n0\r\n\r\n",
    ],
)
async def test_of_an_endless_answer_no_more_is_read_than_the_size_limit(
    client: OutboundClient, script: Script | bytes
) -> None:
    async with serving(script) as lms:
        with pytest.raises(TooLarge) as refused:
            await client.get(lms.url())

    assert str(refused.value) == (
        f"'http://127.0.0.1:{lms.port}/keys' answered with more than 10000 bytes, which is the most that is read."
    )


async def test_a_server_that_announces_too_much_is_not_read_at_all(client: OutboundClient) -> None:
    async def boast(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")
        await asyncio.sleep(10)

    async with serving(boast) as lms:
        with pytest.raises(TooLarge):
            await client.get(lms.url())


async def test_an_answer_as_long_as_the_limit_is_read(client: OutboundClient) -> None:
    async with serving(reply(b"x" * 10_000)) as lms:
        assert len((await client.get(lms.url())).body) == 10_000
        assert len((await client.get(lms.url(), max_bytes=20_000)).body) == 10_000


async def test_many_small_requests_do_not_add_up_to_a_large_one(client: OutboundClient) -> None:
    async with serving(reply(b"x" * 9_000)) as lms:
        for _ in range(20):
            await client.get(lms.url())

    assert lms.connections == 1


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See", "304 Same", "307 Go", "308 Gone", "300 Pick"]
)
async def test_a_redirect_is_not_followed(client: OutboundClient, status: str) -> None:
    async with serving(reply()) as inside:
        elsewhere = reply(
            b"", status=status, headers=[f"Location: {inside.url('/secret?token=1')}"]
        )
        async with serving(elsewhere) as lms:
            with pytest.raises(Redirected) as refused:
                await client.get(lms.url())

    assert inside.requests == []
    assert f"answered {status[:3]} and points to '{inside.url('/secret')}'" in str(refused.value)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "aws-chunked"])
async def test_a_compressed_answer_is_refused_unread(client: OutboundClient, encoding: str) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)

    async with serving(reply(bomb, headers=[f"Content-Encoding: {encoding}"])) as lms:
        with pytest.raises(BadAnswer, match=f"answered in encoding '{encoding}'"):
            await client.get(lms.url())


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
async def test_what_is_not_a_web_server_is_a_bad_answer(
    client: OutboundClient, nonsense: bytes
) -> None:
    async with serving(nonsense) as lms:
        with pytest.raises(BadAnswer):
            await client.get(lms.url())


async def test_a_server_that_hangs_up_is_a_bad_answer(client: OutboundClient) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def hang_up_halfway(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    for script in (hang_up, hang_up_halfway):
        async with serving(script) as lms:
            with pytest.raises((BadAnswer, Unreachable)):
                await client.get(lms.url())


async def test_a_closed_port_is_unreachable(client: OutboundClient) -> None:
    async with serving(reply()) as gone:
        pass

    with pytest.raises(Unreachable, match="could not be reached"):
        await client.get(gone.url())


async def test_after_every_failure_the_client_works_on(client: OutboundClient) -> None:
    for script in (silence, endless_body, dripping_body, b"nonsense\r\n\r\n"):
        async with serving(script) as lms:
            with pytest.raises(OutboundError):
                await client.get(lms.url(), deadline=0.2)

    async with serving(reply()) as lms:
        assert (await client.get(lms.url())).status == 200


async def test_slow_servers_do_not_hold_up_others(client: OutboundClient) -> None:
    async with serving(silence) as slow, serving(reply()) as quick:
        waiting = [asyncio.create_task(client.get(slow.url())) for _ in range(50)]
        await asyncio.sleep(0)

        answer = await client.get(quick.url())

        assert answer.status == 200
        assert not any(each.done() for each in waiting)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_is_cancelled_is_cancelled(client: OutboundClient) -> None:
    async with serving(silence) as lms:
        asking = asyncio.create_task(client.get(lms.url()))
        await asyncio.sleep(0.05)
        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking


@pytest.mark.parametrize("value", ["Bearer a\r\nX-Evil: 1", "Bearer \x00", "Bearer ä"])
async def test_a_header_that_would_be_two_is_not_sent(client: OutboundClient, value: str) -> None:
    with pytest.raises(ValueError, match="'Authorization' cannot be sent"):
        await client.get("http://127.0.0.1/", headers={"Authorization": value})


async def test_in_production_plain_http_is_refused_even_for_a_listed_server() -> None:
    client = OutboundClient(allow=["127.0.0.1"])

    async with serving(reply()) as lms:
        with pytest.raises(NotHttps, match="expected an address that begins with https"):
            await client.get(lms.url())

    assert lms.connections == 0
    await client.aclose()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://168.63.129.16/",
        "https://0.0.0.0/",
        "https://8.8.8.8:22/",
    ],
)
async def test_a_special_address_is_blocked(url: str) -> None:
    client = OutboundClient()

    with pytest.raises(Blocked, match="is not called: "):
        await client.get(url)

    await client.aclose()


@pytest.mark.parametrize(
    "url", ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "ftp://lms.example/"]
)
async def test_an_address_in_disguise_is_refused(client: OutboundClient, url: str) -> None:
    with pytest.raises(BadAddress):
        await client.get(url)
