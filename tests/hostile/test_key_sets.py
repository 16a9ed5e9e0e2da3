"""Key sets of a hostile LMS, through the whole gateway: each is a refusal that names it, soon, and others launch on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.hostile.processes import A_SECOND, PATIENCE
from tests.outbound.servers import Script, Server, reply, serving
from tests.support.browsers import Browser, browsing
from tests.support.campuses import OpenCampus
from tests.support.gateways import Campus
from tests.support.lms import Lms, encoded, public_jwk, signed

pytestmark = pytest.mark.asyncio

UNREACHABLE, INVALID = "launch.key_set_unreachable", "launch.key_set_invalid"
UNFIT, UNKNOWN = "launch.key_unfit", "launch.key_unknown"

A_FETCH = 5.0
"""Seconds on the wall that a key set may take at most."""


@pytest.fixture
def campus(campus_with: OpenCampus) -> Campus:
    """May call every server of this machine, and nobody waits for his turn."""
    return campus_with(outbound_allow=("127.0.0.1",), rate_limits=None)


@pytest_asyncio.fixture
async def browser(campus: Campus) -> AsyncIterator[Browser]:
    async with browsing(campus) as browser:
        yield browser


async def hostile(campus: Campus, key_set_url: str, number: int = 0) -> Lms:
    """One more LMS of Northfield's; it signs with the key "first"."""
    lms = Lms(issuer=f"https://hostile-{number}.example", client_id=f"hostile-{number}")
    campus.register(lms, key_set_url=key_set_url)
    # As a running gateway does every second.
    await campus.gateway.catalogue.refresh()
    return lms


async def launched(browser: Browser, lms: Lms) -> tuple[httpx2.Response, float]:
    """With what gateway, LMS and browser had of the processors' time; no fetch is waited for till its end."""
    begun = time.process_time()
    async with asyncio.timeout(A_FETCH):
        answer = await browser.launch(lms=lms)
    return answer, time.process_time() - begun


async def waited(browser: Browser, lms: Lms) -> tuple[httpx2.Response, float]:
    """With the time on the wall."""
    begun = time.monotonic()
    answer = await browser.launch(lms=lms)
    return answer, time.monotonic() - begun


# ---------------------------------------------------------------- what stands at the address


def key_set(*keys: Any) -> bytes:
    return reply(json.dumps({"keys": keys}).encode())


def padded(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def weak_key() -> dict[str, str]:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is refused
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": "first", "n": padded(numbers.n), "e": "AQAB"}


def elliptic_key() -> dict[str, str]:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {
        "kty": "EC",
        "kid": "first",
        "crv": "P-256",
        "x": encoded(numbers.x.to_bytes(32, "big")),
        "y": encoded(numbers.y.to_bytes(32, "big")),
    }


GOOD = public_jwk("first")
GOOD_SET = json.dumps({"keys": [GOOD]}).encode()
OTHERS = [GOOD | {"kid": f"other-{number}"} for number in range(300)]
JSON = "Content-Type: application/json"

ANSWERS: dict[str, tuple[bytes, str]] = {
    "nothing": (reply(b""), INVALID),
    "html": (
        reply(b"<!doctype html><script>alert(1)</script>", headers=["Content-Type: text/html"]),
        INVALID,
    ),
    "no-set": (reply(b'{"key": []}'), INVALID),
    "no-keys": (key_set(), INVALID),
    "no-list": (reply(b'{"keys": {"first": 1}}'), INVALID),
    "twins": (reply(b'{"keys": [], ' + GOOD_SET[1:]), INVALID),
    "not-a-number": (reply(b'{"a": NaN, ' + GOOD_SET[1:]), INVALID),
    "deep": (reply(b'{"a": ' + b"[" * 100_000), INVALID),
    "long-number": (reply(b'{"a": ' + b"1" * 100_000 + b", " + GOOD_SET[1:]), INVALID),
    "utf-16": (reply(GOOD_SET.decode().encode("utf-16")), INVALID),
    "halves": (reply(b'{"keys": [{"kid": "\\ud800", "kty": "\\udfff"}]}'), UNKNOWN),
    "hundreds": (key_set(*OTHERS[:250], GOOD), INVALID),
    "strangers": (key_set(*OTHERS[:150]), UNKNOWN),
    "odd-members": (key_set(None, 1, [], {}, {"kid": 1}, {"kid": ["first"]}), UNKNOWN),
    "weak": (key_set(weak_key()), UNFIT),
    "elliptic": (key_set(elliptic_key()), UNFIT),
    "secret": (key_set({"kty": "oct", "kid": "first", "k": "AAAA"}), UNFIT),
    "for-encryption": (key_set(GOOD | {"use": "enc"}), UNFIT),
    "huge-modulus": (key_set(GOOD | {"n": "A" * 200_000}), UNFIT),
    "huge-exponent": (key_set(GOOD | {"e": "_" * 1_000}), UNFIT),
    "exponent-one": (key_set(GOOD | {"e": "AQ"}), UNFIT),
    "exponent-even": (key_set(GOOD | {"e": "Ag"}), UNFIT),
    "somebody-else-s": (
        key_set(GOOD | {"n": public_jwk("nobody's")["n"]}),
        "launch.signature_invalid",
    ),
    "redirect": (
        reply(status="302 Found", headers=["Location: http://127.0.0.1:9/keys"]),
        UNREACHABLE,
    ),
    "redirect-inward": (
        reply(status="307 Temporary", headers=["Location: http://169.254.169.254/"]),
        UNREACHABLE,
    ),
    "missing": (reply(GOOD_SET, status="404 Not Found"), UNREACHABLE),
    "broken": (reply(GOOD_SET, status="500 Internal Server Error"), UNREACHABLE),
    "empty": (b"HTTP/1.1 204 No Content\r\n\r\n", UNREACHABLE),
    "compressed": (
        reply(gzip.compress(GOOD_SET), headers=[JSON, "Content-Encoding: gzip"]),
        UNREACHABLE,
    ),
    "bomb": (
        reply(gzip.compress(b" " * 50_000_000), headers=[JSON, "Content-Encoding: gzip"]),
        UNREACHABLE,
    ),
    "compressed-unsaid": (reply(gzip.compress(GOOD_SET)), INVALID),
    "announced-too-large": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b" " * 10_000,
        UNREACHABLE,
    ),
    "announced-endless": (
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        UNREACHABLE,
    ),
    "too-large": (reply(GOOD_SET + b" " * 300_000), UNREACHABLE),
    "headers": (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000 + b"\r\n", UNREACHABLE),
    "two-lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        UNREACHABLE,
    ),
    "broken-chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        UNREACHABLE,
    ),
    "no-web-server": (b"220 mail.example ESMTP\r\n\r\n", UNREACHABLE),
    "nul": (b"\0" * 1000, UNREACHABLE),
}


@pytest.mark.parametrize(("answer", "code"), ANSWERS.values(), ids=ANSWERS)
async def test_a_bad_key_set_is_a_refusal_that_says_so(
    campus: Campus, browser: Browser, answer: bytes, code: str
) -> None:
    async with serving(answer) as server:
        refused, seconds = await launched(browser, await hostile(campus, server.url()))
        good, _ = await launched(browser, campus.lms)

    assert code in refused.text
    assert 400 <= refused.status_code < 500
    assert "alert(1)" not in refused.text
    assert seconds < A_SECOND
    assert good.status_code == 303
    assert server.connections == 1


@pytest.mark.parametrize(
    "keys",
    [
        [*OTHERS[:199], GOOD],
        [None, {"kid": "first", "kty": "oct"}, elliptic_key(), GOOD],
        [GOOD | {"d": "AQ", "p": 1, "x5c": ["rubbish"], "jku": "https://evil.example"}],
    ],
    ids=["two-hundred", "among-rubbish", "with-more-than-it-needs"],
)
async def test_a_good_key_among_others_is_found(
    campus: Campus, browser: Browser, keys: list[Any]
) -> None:
    async with serving(key_set(*keys)) as server:
        answer, seconds = await launched(browser, await hostile(campus, server.url()))

    assert answer.status_code == 303
    assert seconds < A_SECOND


# ---------------------------------------------------------------- servers that take their time


async def says_nothing(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drips_its_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"a: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def drips_its_keys(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        await writer.drain()


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    writer.transport.abort()


async def continues(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


async def test_while_key_sets_take_their_time_others_launch(
    campus: Campus, browser: Browser
) -> None:
    await browser.launch()
    scripts: list[Script] = [
        *(says_nothing, drips_its_headers, drips_its_keys),
        *(never_ends, hangs_up, continues),
    ]
    async with contextlib.AsyncExitStack() as servers:
        urls = [(await servers.enter_async_context(serving(each))).url() for each in scripts]
        lmss = [await hostile(campus, url, number) for number, url in enumerate(urls)]
        under_way = asyncio.gather(*(waited(browser, lms) for lms in lmss for _ in range(3)))
        good = [await waited(browser, campus.lms) for _ in range(20)]
        refused = await under_way

    assert {answer.status_code for answer, _ in good} == {303}
    assert max(seconds for _, seconds in good) < A_FETCH
    assert all(UNREACHABLE in answer.text for answer, _ in refused)
    assert max(seconds for _, seconds in refused) < A_FETCH + PATIENCE


# ---------------------------------------------------------------- floods


async def test_a_flood_of_unknown_keys_makes_few_fetches_and_stops_no_launch(
    campus: Campus, browser: Browser
) -> None:
    async def forge(number: int) -> httpx2.Response:
        begun = await browser.login()
        claims = campus.lms.claims(campus.clock(), nonce=begun.nonce)
        return await browser.post(begun, signed(claims, "nobody's", kid=f"nobody's {number}"))

    await browser.launch()
    before = campus.rows()["refusals"]
    forged, good = await asyncio.gather(
        asyncio.gather(*(forge(number) for number in range(150))),
        asyncio.gather(*(browser.launch() for _ in range(20))),
    )

    assert all(UNKNOWN in each.text for each in forged)
    assert {each.status_code for each in good} == {303}
    assert campus.lms.fetches <= 3
    assert campus.rows()["refusals"] - before == 1


# ---------------------------------------------------------------- names that lead inward

Names = dict[str, list[list[str]]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Names, Counter[str]]]:
    """What this machine's resolver says; each look-up takes the next answer, and the last one stays."""
    answers: Names = {}
    asked: Counter[str] = Counter()

    def look_up(host: str, *_: object, **__: object) -> list[Any]:
        asked[host] += 1
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers, asked


@contextlib.asynccontextmanager
async def listening_inside() -> AsyncIterator[Server]:
    """What stands at an address that nobody outside should reach, in plain words."""
    async with serving(reply(GOOD_SET, headers=[JSON, "Connection: close"])) as server:
        yield server


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost.", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"),  # noqa: S104
        *("2130706433", "0x7f.1", "017700000001", "127.1", "127.0.0.2"),
        *("inward.example", "both.example", "mapped.example"),
    ],
)
async def test_a_key_set_inside_is_never_called(
    campus_with: OpenCampus, names: tuple[Names, Counter[str]], host: str
) -> None:
    answers, _ = names
    answers.update(
        {
            "localhost": [["127.0.0.1"]],
            "localhost.": [["127.0.0.1"]],
            "inward.example": [["127.0.0.1"]],
            "both.example": [["93.184.216.34", "127.0.0.1"]],
            "mapped.example": [["::ffff:127.0.0.1"]],
        }
    )
    campus = campus_with(development=False, outbound_allow=())
    async with listening_inside() as inside, browsing(campus) as browser:
        lms = await hostile(campus, inside.url(scheme="https", host=host))
        answer, seconds = await launched(browser, lms)

    assert UNREACHABLE in answer.text
    assert inside.connections == 0
    assert seconds < A_SECOND


async def test_a_name_that_turns_inward_is_never_followed_there(
    campus_with: OpenCampus, names: tuple[Names, Counter[str]]
) -> None:
    answers, asked = names
    answers["turning.example"] = [["127.0.0.1"], ["127.0.0.2"]]
    inside: list[object] = []
    campus = campus_with(outbound_allow=("127.0.0.1",))
    async with listening_inside() as outside, browsing(campus) as browser:
        trap = await asyncio.start_server(
            lambda *connection: inside.append(connection), "127.0.0.2", outside.port
        )
        async with trap:
            lms = await hostile(campus, outside.url(host="turning.example"))
            first, _ = await launched(browser, lms)
            campus.clock.pass_seconds(3600)
            # The kept set still serves; a key that it doesn't have would have to be fetched.
            second, _ = await launched(browser, lms)
            begun = await browser.login(lms=lms)
            third = await browser.post(begun, browser.token(begun, lms=lms, key="second"))

    assert (first.status_code, second.status_code) == (303, 303)
    assert UNKNOWN in third.text
    assert asked["turning.example"] == 3
    assert inside == []
