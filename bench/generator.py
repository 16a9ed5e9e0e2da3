"""The load: plays an LMS and many browsers against one server, and judges every answer.

A round is logins (measured), signing (not measured), launches (measured). Connections are kept
alive, and each sends its next request when the last one is answered. Nothing is sent but to
loopback, and only to a port that the measured server itself holds; every run is bounded by the
number of its rounds and by a deadline.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import lms
from machine import cpu_seconds, require_holder

CONNECTIONS = 16
ANSWER_SECONDS = 60.0
BROWSERS = 5_000
"""Different people at different addresses, who come again and again."""


@dataclass(frozen=True)
class Target:
    """A running server. ``pids`` are all processes that work for it, its database's included.

    ``accepted`` is a pattern of the address that an accepted launch leads to.
    """

    name: str
    pid: int
    port: int
    pids: Sequence[int]
    base_url: str
    login_path: str
    launch_path: str
    accepted: str
    registrations: int = 1
    binds_browser: bool = True


@dataclass(frozen=True)
class Load:
    rounds: int = 5
    per_round: int = 1000
    mixed: int = 400
    """Launches of the last round, of which a third are bad. It isn't part of the figures."""
    warm_up: int = 1
    """Rounds that are not measured, before those that are."""


@dataclass
class Measured:
    """CPU microseconds of each round, and what became of good and bad launches."""

    login_us: list[float] = field(default_factory=list)
    launch_us: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    alone_ms: list[float] = field(default_factory=list)
    good: int = 0
    good_refused: int = 0
    bad: dict[str, int] = field(default_factory=dict)
    bad_taken: dict[str, int] = field(default_factory=dict)

    @property
    def login(self) -> float:
        return median(self.login_us)

    @property
    def launch(self) -> float:
        return median(self.launch_us)

    @property
    def p50_p99(self) -> tuple[float, float]:
        cuts = quantiles(self.latencies_ms, n=100)
        return cuts[49], cuts[98]


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    cookies: str
    seconds: float


@dataclass(frozen=True)
class Begun:
    """A login that was answered: what the LMS was asked, and what the browser keeps."""

    registration: int
    person: int
    state: str
    nonce: str
    cookies: str


def measure(
    target: Target, load: Load, *, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> Measured:
    require_holder(target.pid, target.port)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_Run(target).measure(load))


class _Run:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._target_link = f"{target.base_url}{target.launch_path}"
        self._accepted = re.compile(target.accepted)
        self._person = random.randrange(1_000_000)
        self._measured = Measured()
        self._sent_before: Sequence[bytes] = ()

    async def measure(self, load: Load) -> Measured:
        for _ in range(load.warm_up):
            await self._round(load.per_round, counts=False)
        for _ in range(load.rounds):
            await self._round(load.per_round)
        if load.mixed:
            await self._one_by_one(min(load.per_round, 100))
            await self._mixed_round(load.mixed)
        return self._measured

    # ------------------------------------------------------------ rounds

    async def _round(self, count: int, *, counts: bool = True) -> None:
        begun, login_us, _ = await self._logins(count)
        posts = [self._launch(each, lms.signed(self._claims(each))) for each in begun]
        answers, launch_us, busy = await self._timed(posts)
        self._judge_good(posts, answers)
        if counts:
            self._measured.login_us.append(login_us)
            self._measured.launch_us.append(launch_us)
            self._measured.busy.append(busy)
            self._measured.latencies_ms += [each.seconds * 1000 for each in answers]

    async def _one_by_one(self, count: int) -> None:
        """Nothing else in flight: what one person waits."""
        begun, _, _ = await self._logins(count)
        posts = [self._launch(each, lms.signed(self._claims(each))) for each in begun]
        answers = await self._exchange(posts, connections=1)
        self._judge_good(posts, answers)
        self._measured.alone_ms += [each.seconds * 1000 for each in answers]

    async def _mixed_round(self, count: int) -> None:
        """Good launches and bad ones of every kind, in any order."""
        begun, _, _ = await self._logins(count)
        kinds = [*lms.BAD_TOKENS, "replay", *(["cookieless"] if self._target.binds_browser else [])]
        replayed = iter(self._sent_before)
        posts: list[tuple[str, bytes]] = []
        for number, each in enumerate(begun):
            kind = kinds[number // 3 % len(kinds)] if number % 3 == 0 else "good"
            posts.append((kind, self._bad(kind, each, replayed)))
        random.shuffle(posts)
        answers = await self._exchange([body for _, body in posts])
        for (kind, _), answer in zip(posts, answers, strict=True):
            self._count(kind, is_taken=self._is_taken(answer))

    def _bad(self, kind: str, begun: Begun, replayed: Iterator[bytes]) -> bytes:
        claims = self._claims(begun)
        if kind == "replay":
            return next(replayed)
        if kind == "cookieless":
            return self._launch(begun, lms.signed(claims), cookies="")
        return self._launch(begun, lms.BAD_TOKENS.get(kind, lms.signed)(claims))

    def _judge_good(self, posts: Sequence[bytes], answers: Sequence[Answer]) -> None:
        for answer in answers:
            self._count("good", is_taken=self._is_taken(answer))
        self._sent_before = posts

    def _count(self, kind: str, *, is_taken: bool) -> None:
        measured = self._measured
        if kind == "good":
            measured.good += 1
            measured.good_refused += not is_taken
        else:
            measured.bad[kind] = measured.bad.get(kind, 0) + 1
            measured.bad_taken[kind] = measured.bad_taken.get(kind, 0) + is_taken

    def _is_taken(self, answer: Answer) -> bool:
        return answer.status in (302, 303) and bool(self._accepted.match(answer.location))

    # ------------------------------------------------------------ requests

    async def _logins(self, count: int) -> tuple[list[Begun], float, float]:
        asked = [self._next() for _ in range(count)]
        forms = [lms.login(self._target_link, *each) for each in asked]
        posts = [
            self._post(self._target.login_path, form, person=person)
            for form, (_, person) in zip(forms, asked, strict=True)
        ]
        answers, us, busy = await self._timed(posts)
        begun = []
        for (registration, person), answer in zip(asked, answers, strict=True):
            if answer.status not in (302, 303):
                raise RuntimeError(f"{self._target.name} refused a login with {answer.status}")
            query = parse_qs(urlsplit(answer.location).query)
            state, nonce = query["state"][0], query["nonce"][0]
            begun.append(Begun(registration, person, state, nonce, answer.cookies))
        return begun, us, busy

    def _next(self) -> tuple[int, int]:
        """Registration and person, in turn."""
        self._person += 1
        # In steps that come to each registration once before they come to any a second time.
        registration = 1 + self._person * 7919 % self._target.registrations
        return registration, self._person

    def _claims(self, begun: Begun) -> lms.Claims:
        return lms.claims(self._target_link, begun.registration, begun.person, begun.nonce)

    def _launch(self, begun: Begun, token: str, cookies: str | None = None) -> bytes:
        form = {"id_token": token, "state": begun.state}
        held = begun.cookies if cookies is None else cookies
        return self._post(self._target.launch_path, form, person=begun.person, cookies=held)

    def _post(self, path: str, form: dict[str, str], *, person: int, cookies: str = "") -> bytes:
        body = urlencode(form).encode()
        low, high = person % BROWSERS % 250, person % BROWSERS // 250
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {urlsplit(self._target.base_url).netloc}",
            "X-Forwarded-Proto: https",
            f"X-Forwarded-For: 198.18.{high}.{low + 1}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0",
            "Accept: text/html,application/xhtml+xml",
            "Accept-Language: en-GB,en;q=0.5",
            f"Origin: {lms.ISSUER}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            *([f"Cookie: {cookies}"] if cookies else []),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def _timed(self, posts: Sequence[bytes]) -> tuple[list[Answer], float, float]:
        """Answers, CPU microseconds of the server per request, and how busy its core was."""
        opened = await self._connect(CONNECTIONS)
        before, begun_at = cpu_seconds(self._target.pids), time.perf_counter()
        answers = await _closed_loop(opened, posts)
        used, took = cpu_seconds(self._target.pids) - before, time.perf_counter() - begun_at
        _close(opened)
        return answers, used / len(posts) * 1e6, used / took

    async def _exchange(
        self, posts: Sequence[bytes], connections: int = CONNECTIONS
    ) -> list[Answer]:
        opened = await self._connect(connections)
        answers = await _closed_loop(opened, posts)
        _close(opened)
        return answers

    async def _connect(self, count: int) -> list[_Connection]:
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(_Connection, "127.0.0.1", self._target.port))[1]
            for _ in range(count)
        ]
        await asyncio.sleep(0.05)
        return opened


async def _closed_loop(opened: Sequence[_Connection], posts: Sequence[bytes]) -> list[Answer]:
    answers: list[Answer | None] = [None] * len(posts)
    waiting = iter(enumerate(posts))

    async def work(connection: _Connection) -> None:
        for place, post in waiting:
            answers[place] = await connection.send(post)

    await asyncio.wait_for(asyncio.gather(*map(work, opened)), ANSWER_SECONDS + 0.05 * len(posts))
    return [each for each in answers if each is not None]


def _close(opened: Iterable[_Connection]) -> None:
    for each in opened:
        each.close()


class _Connection(asyncio.Protocol):
    """One connection of HTTP/1.1 that is kept alive, with one request in flight."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[Answer] | None = None
        self._sent_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        self._answer = asyncio.get_running_loop().create_future()
        self._sent_at = time.perf_counter()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self._answer = None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, complete, body = self._received.partition(b"\r\n\r\n")
        if not complete or self._answer is None:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [
            (name.lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)
        ]
        if len(body) < int(_first(headers, "content-length", "0")):
            return
        cookies = [value.partition(";")[0] for name, value in headers if name == "set-cookie"]
        self._received = b""
        answer = Answer(
            int(first.split()[1]),
            _first(headers, "location", ""),
            "; ".join(cookies),
            time.perf_counter() - self._sent_at,
        )
        self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(f"the server hung up: {error}"))


def _first(headers: Sequence[tuple[str, str]], name: str, otherwise: str) -> str:
    return next((value for key, value in headers if key == name), otherwise)
