"""What no browser and no library sends, over real sockets to a real process: it goes on serving others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.processes import Running
from tests.hostile.wires import CHUNKED, FORM, POST, dripping, poured, said, statuses

pytestmark = pytest.mark.asyncio

GET = b"GET / HTTP/1.1\r\nhost: lti.example\r\n"
A_FEW = 48.0
"""Megabytes that a process may grow by while it is wooed by hundreds of strangers."""


@pytest_asyncio.fixture
async def unharmed(process: Running) -> AsyncIterator[None]:
    """Before and after the test a launch works; it leaves no failure in the log, and little in memory."""
    await process.launches()
    before = process.megabytes()
    yield
    await process.launches()
    assert process.failures() == []
    assert process.megabytes() - before < A_FEW


RUBBISH = {
    "nothing": b"\r\n\r\n",
    "no-words": b"\x00\xff\x00\xff\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 60,
    "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http-0.9": b"GET /\r\n\r\n",
    "http-1.0": b"GET / HTTP/1.0\r\n\r\n",
    "http-9": b"GET / HTTP/9.9\r\nhost: lti.example\r\n\r\n",
    "no-host": b"GET / HTTP/1.1\r\n\r\n",
    "two-hosts": b"GET / HTTP/1.1\r\nhost: evil.example\r\nhost: evil.example\r\n\r\n",
    "absolute-form": b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "absolute-login": b"GET http://evil.example/lti/hello/login HTTP/1.1\r\nhost: a\r\n\r\n",
    "absolute-bare": b"GET http://evil.example HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "authority-form": b"CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "asterisk-form": b"OPTIONS * HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "no-slash": b"GET evil.example HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "two-slashes": b"GET //evil.example/.. HTTP/1.1\r\nhost: a\r\n\r\n",
    "dots": b"GET /static/../../../../etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n",
    "escaped-dots": b"GET /static/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nhost: a\r\n\r\n",
    "fragment": b"GET /#evil.example HTTP/1.1\r\nhost: a\r\n\r\n",
    "nul-in-path": b"GET /lti/\x00/login HTTP/1.1\r\nhost: a\r\n\r\n",
    "escaped-nul": b"GET /lti/%00/login?iss=%00&login_hint=%00 HTTP/1.1\r\nhost: a\r\n\r\n",
    "escaped-break": b"GET /lti/%0d%0aset-cookie:a=b/login HTTP/1.1\r\nhost: a\r\n\r\n",
    "half-an-escape": b"GET /lti/%f/login?iss=%f%zz HTTP/1.1\r\nhost: a\r\n\r\n",
    "odd-method": b"BREW / HTTP/1.1\r\nhost: a\r\n\r\n",
    "small-method": b"get / HTTP/1.1\r\nhost: a\r\n\r\n",
    "trace": b"TRACE / HTTP/1.1\r\nhost: a\r\nx-secret: quillfeather\r\n\r\n",
    "propfind": b"PROPFIND /lti/hello/login HTTP/1.1\r\nhost: a\r\n\r\n",
    "delete": b"DELETE /lti/hello/launch HTTP/1.1\r\nhost: a\r\n\r\n",
    "nul-in-header": GET + b"x: a\x00b\r\n\r\n",
    "break-in-header": GET + b"x: a\rb: c\r\n\r\n",
    "no-colon": GET + b"nothing\r\n\r\n",
    "no-name": GET + b": nothing\r\n\r\n",
    "blank-before-colon": GET + b"content-length : 5\r\n\r\nabcde",
    "folded": GET + b"x: a\r\n b\r\n\r\n",
    "letters-above": GET + b"x: \xff\xfe\r\ncookie: \xff=\xff; __Host-gatelodge-\xff=\xff\r\n\r\n",
    "web-socket": GET + b"connection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "h2c": GET + b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: a\r\n\r\n",
    "expects": POST + b"expect: 100-continue\r\ncontent-length: 7\r\n\r\nstate=a",
    "expects-rubbish": POST + b"expect: a miracle\r\ncontent-length: 7\r\n\r\nstate=a",
    "length-negative": POST + b"content-length: -1\r\n\r\nstate=a",
    "length-no-number": POST + b"content-length: many\r\n\r\nstate=a",
    "length-endless": POST + b"content-length: " + b"9" * 400 + b"\r\n\r\nstate=a",
    "length-above-all": POST + b"content-length: 99999999999\r\n\r\nstate=a",
    "length-twice": POST + b"content-length: 7\r\ncontent-length: 8\r\n\r\nstate=a",
    "length-listed": POST + b"content-length: 7, 7\r\n\r\nstate=a",
    "length-too-short": POST + b"content-length: 3\r\n\r\nstate=aGET / HTTP/1.1\r\n\r\n",
    "length-of-a-get": GET + b"content-length: 7\r\n\r\nstate=a",
    "length-and-chunks": POST
    + b"content-length: 7\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "chunks-twice": POST + b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks-zipped": POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks-by-another-name": POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunk-no-number": CHUNKED + b"zz\r\nstate=a\r\n0\r\n\r\n",
    "chunk-negative": CHUNKED + b"-5\r\nstate\r\n0\r\n\r\n",
    "chunk-huge": CHUNKED + b"f" * 15 + b"\r\nstate=a",
    "chunk-beyond-numbers": CHUNKED + b"f" * 40 + b"\r\nstate=a",
    "chunk-too-short": CHUNKED + b"3\r\nstate=a\r\n0\r\n\r\n",
    "chunk-without-end": CHUNKED + b"5;a=b\r\nstate\n0\n\n",
    "form-of-nul": POST + b"content-length: 12\r\n\r\nstate=\x00&\x00=\x00\r",
    "form-of-halves": POST + b"content-length: 25\r\n\r\nstate=%ED%A0%80&id_token=%",
    "form-that-is-zipped": POST + b"content-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
    "form-in-parts": POST.replace(FORM, b"content-type: multipart/form-data; boundary=a\r\n")
    + b"content-length: 9\r\n\r\n--a\r\n--a--",
}  # fmt: skip


TWO_READINGS = {
    *("length-twice", "length-listed", "length-and-chunks", "length-negative", "length-endless"),
    *("chunks-twice", "chunks-by-another-name", "chunk-too-short", "chunk-without-end"),
    *("blank-before-colon", "folded", "break-in-header", "nul-in-header", "no-name"),
}
"""What a proxy before us could read in another way, and so let a second request slip through."""


@pytest.mark.usefixtures("unharmed")
async def test_rubbish_is_refused_or_hung_up_on(process: Running) -> None:
    answers = dict(
        zip(
            RUBBISH,
            await asyncio.gather(*(said(process.port, each) for each in RUBBISH.values())),
            strict=True,
        )
    )

    for name, answer in answers.items():
        found = statuses(answer)
        assert set(found) <= {100, 200, 400, 401, 403, 404, 405, 413}, name
        assert found == [400] or name not in TWO_READINGS, name
        assert not re.search(b"Traceback|evil.example|quillfeather|set-cookie|root:", answer), name
    assert {name for name, answer in answers.items() if not answer} == {"nothing", "chunk-huge"}
    assert "WebSocket" not in process.log


WORDS = st.sampled_from(
    [
        *(b"GET", b"POST", b" ", b"/", b"/lti/hello/launch", b"/oauth/token", b"?", b"a=b&", b"%"),
        *(
            b"HTTP/1.1",
            b"HTTP/1.0",
            b"\r\n",
            b"\n",
            b"\r",
            b"\t",
            b"\x00",
            b"\xff",
            b":",
            b";",
            b",",
        ),
        *(b"host: a\r\n", FORM, b"content-length: ", b"transfer-encoding: chunked\r\n", b"0", b"7"),
        *(b"\r\n\r\n", b"0\r\n\r\n", b"expect: 100-continue\r\n", b"connection: close\r\n"),
        *(POST, CHUNKED, GET + b"\r\n", b"state=a", b"x" * 3000),
    ]
)


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORDS | st.binary(max_size=8), min_size=1, max_size=12))
async def test_words_of_http_in_any_order_are_no_failure(
    process: Running, words: list[bytes]
) -> None:
    answer = await said(process.port, b"".join(words), half_close=True, seconds=0.5)

    assert all(status < 500 for status in statuses(answer))
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (GET + b"x: ", b"y" * 65536),
        (GET, b"a: bbbbbbbbbbbb\r\n" * 4096),
        (b"GET /", b"y" * 65536),
        (b"GET /?", b"a=b&" * 16384),
        (b"", b"Y" * 65536),
        (CHUNKED + b"0\r\n", b"a: bbbbbbbbbbbb\r\n" * 4096),
        (CHUNKED, b"10000\r\n" + b"y" * 65536 + b"\r\n"),
        (CHUNKED, b"1\r\ny\r\n" * 8192),
        (CHUNKED + b"1;", b"y" * 65536),
        (POST + b"content-length: 999999999\r\n\r\n", b"state=a&" * 8192),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999\r\n\r\n", b"y" * 65536),
    ],
    ids=[
        *("header", "headers", "path", "query", "method", "trailers"),
        *("chunks", "small-chunks", "extension", "form", "nobody-reads-it"),
    ],
)
@pytest.mark.usefixtures("unharmed")
async def test_what_has_no_end_is_ended(process: Running, first: bytes, piece: bytes) -> None:
    written = await asyncio.gather(
        *(poured(process.port, first, piece, size=64_000_000) for _ in range(4))
    )

    # What the kernel keeps on both sides was written, too, and reached nobody.
    assert max(written) < 32_000_000


@pytest.mark.usefixtures("unharmed")
async def test_a_head_of_many_headers_is_not_kept(process: Running) -> None:
    """One of them for each byte of memory that costs us a hundred."""
    head = GET + b"a:\r\n" * 60_000

    waiting = asyncio.gather(*(said(process.port, head, seconds=2) for _ in range(30)))
    await asyncio.sleep(1)

    await process.launches()
    assert all(not statuses(each) for each in await waiting)


@pytest.mark.usefixtures("unharmed")
async def test_while_hundreds_send_a_letter_at_a_time_others_launch(process: Running) -> None:
    starts = (
        (b"", b"\r"),
        (GET, b"x"),
        (b"GET /", b"y"),
        (POST + b"content-length: 20000\r\n\r\nstate=", b"a"),
        (CHUNKED, b"1\r\na\r\n"),
        (
            POST.replace(b"/lti/hello/launch", b"/oauth/token") + b"content-length: 9000\r\n\r\n",
            b"a",
        ),
    )
    async with asyncio.TaskGroup() as group:
        slow = [
            group.create_task(dripping(process.port, *start)) for start in starts for _ in range(50)
        ]
        await asyncio.sleep(1)

        for _ in range(5):
            await process.launches()

        for each in slow:
            each.cancel()


@pytest.mark.usefixtures("unharmed")
async def test_who_hangs_up_in_the_middle_is_forgotten(process: Running) -> None:
    beginnings = [GET[:9], GET, POST + b"content-length: 500\r\n\r\nstate=a", CHUNKED + b"5\r\nab"]

    for half_close in (True, False):
        await asyncio.gather(
            *(
                said(process.port, each, half_close=half_close, seconds=0.3)
                for each in beginnings * 25
            )
        )


async def test_requests_in_one_breath_are_answered_in_their_order(process: Running) -> None:
    paths = [b"/healthz", b"/nothing", b"/lti/hello/launch"] * 30
    sent = b"".join(b"GET " + each + b" HTTP/1.1\r\nhost: a\r\n\r\n" for each in paths)

    answer = await said(process.port, sent + GET + b"connection: close\r\n\r\n", seconds=5)

    assert statuses(answer) == [200, 404, 405] * 30 + [200]


@pytest.mark.usefixtures("unharmed")
async def test_who_never_reads_the_answers_is_not_asked_for_more(process: Running) -> None:
    written = await asyncio.gather(
        *(
            poured(process.port, b"", (GET + b"\r\n") * 1000, size=30_000_000, seconds=3)
            for _ in range(4)
        )
    )

    assert max(written) < 30_000_000


@pytest.mark.usefixtures("unharmed")
async def test_a_flood_of_rubbish_at_once_delays_nobody(process: Running) -> None:
    async with asyncio.TaskGroup() as group:
        for sent in [*RUBBISH.values()] * 4:
            group.create_task(said(process.port, sent, half_close=True))
        for _ in range(3):
            await process.launches()


async def test_a_launch_under_a_foreign_host_and_target_leads_where_it_always_leads(
    process: Running,
) -> None:
    query = str(
        httpx2.QueryParams(process.campus.lms.login("https://lti.example/lti/hello/launch"))
    )
    for target in (b"/lti/hello/login", b"http://evil.example/lti/hello/login"):
        answer = await said(
            process.port,
            b"GET " + target + b"?" + query.encode() + b" HTTP/1.1\r\nhost: evil.example\r\n"
            b"x-forwarded-host: evil.example\r\nforwarded: host=evil.example;proto=http\r\n"
            b"x-forwarded-proto: http\r\nx-forwarded-for: evil.example\r\nconnection: close\r\n\r\n",
        )

        assert statuses(answer) == [302]
        assert b"location: https://lms.example/auth?" in answer
        assert b"redirect_uri=https%3A%2F%2Flti.example%2Flti%2Fhello%2Flaunch" in answer
        assert b"evil" not in answer
