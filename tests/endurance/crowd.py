"""A crowd that clicks: it plays browser, LMS and tool, and writes down what it was answered.

It is bounded: so many visitors at once, and no more visits than were said. What it does not know is whether a
launch was admitted whose answer it never saw; about everything else it is sure.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.endurance.fleet import CHANCE, PATIENCE, Fleet, Replica
from tests.support.browsers import Browser, Login, code_of
from tests.support.gateways import Campus

VISITORS = 8
BROKEN = "broken"
ADMITTED = "303"
SPENT = "launch.nonce_spent"
UNAVAILABLE = "launch.database_unavailable"

ANSWERED_WITHIN = 11.0
RECOVERED_WITHIN = 5.0
"""Seconds: twice the patience with a database, and a little for a machine that is busy otherwise."""


@dataclass
class Visit:
    """One click. ``answer`` is "303", the code of a refusal, or "broken" when the connection was."""

    login: Login
    token: str
    answer: str = BROKEN
    code: str | None = None
    redeemed: int = 0
    redemption_broke: bool = False


@dataclass
class Counts:
    """What is printed at the end of a run, and must be as the last line of it says."""

    visits: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    logins_refused: Counter[str] = field(default_factory=Counter)
    redeemed: int = 0
    redemptions_broken: int = 0
    slowest: float = 0.0
    lost: int = 0
    redeemed_twice: int = 0
    admitted_twice: int = 0

    def __str__(self) -> str:
        answers = ", ".join(f"{each} {count}" for each, count in sorted(self.answers.items()))
        logins = sum(self.logins_refused.values())
        return (
            f"launches {self.visits} ({answers}), logins without an answer or refused {logins}, "
            f"redeemed {self.redeemed}, redemptions unanswered {self.redemptions_broken}, "
            f"slowest answer {self.slowest:.1f} s, lost {self.lost}, "
            f"redeemed twice {self.redeemed_twice}, admitted twice {self.admitted_twice}"
        )


class Crowd:
    def __init__(self, campus: Campus, fleet: Fleet) -> None:
        self.campus = campus
        self.fleet = fleet
        self.counts = Counts()
        self.visits: list[Visit] = []
        self.admitted: set[str] = set()
        self.doubtful: set[str] = set()
        self._client_id = campus.hello.client_id

    # ------------------------------------------------------------------- the storm

    async def come(self, until: Callable[[], bool], *, most: int, at_once: int = VISITORS) -> None:
        """Visitors come one after the other, some at a time, until it is enough."""

        async def visitor() -> None:
            while not until() and len(self.visits) < most:
                await self._visit()

        await asyncio.gather(*(visitor() for _ in range(at_once)))

    async def first_admitted(self) -> float:
        """Tells how long it takes until somebody is let in again."""
        begun, before = time.monotonic(), self.counts.answers[ADMITTED]
        while self.counts.answers[ADMITTED] == before:
            assert time.monotonic() - begun < PATIENCE
            await self._visit()
        return time.monotonic() - begun

    async def _visit(self) -> None:
        login = await self._login(self.fleet.any())
        if login is None:
            # Nothing was begun; a person would try again.
            await asyncio.sleep(0.05)
            return
        visit = Visit(login, self._token(login))
        self.visits.append(visit)
        await self._post(visit, self.fleet.any())
        self.counts.visits += 1
        self.counts.answers[visit.answer] += 1
        # Some tools are quick; the others find the code when all is over.
        if visit.code and CHANCE.random() < 0.5:
            await self.redeem(visit, self.fleet.any())

    async def _login(self, replica: Replica) -> Login | None:
        browser = Browser(replica.http, self.campus)
        answer = await self._timed(browser.begin())
        if answer is None or answer.status_code != 302:
            self.counts.logins_refused[reason(answer)] += 1
            return None
        request = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        return Login(request, browser.target())

    def _token(self, login: Login) -> str:
        self.campus.clock.now = time.time()
        return Browser(self.fleet.any().http, self.campus).token(login)

    async def _post(self, visit: Visit, replica: Replica) -> None:
        browser = Browser(replica.http, self.campus)
        answer = await self._timed(browser.post(visit.login, visit.token))
        visit.answer = reason(answer)
        if answer is not None and visit.answer == UNAVAILABLE:
            assert answer.status_code == 503
        if answer is not None and answer.status_code == 303:
            self.counts.admitted_twice += visit.code is not None
            visit.code = code_of(answer)

    async def redeem(self, visit: Visit, replica: Replica) -> httpx2.Response | None:
        form = {"grant_type": "authorization_code", "code": str(visit.code)}
        credentials = (self._client_id, self.campus.hello_secret)
        answer = await self._timed(replica.http.post("/oauth/token", data=form, auth=credentials))
        if answer is None or answer.status_code >= 500:
            # Taken, or not: the answer was lost on its way, or the database's on its way to the gateway.
            visit.redemption_broke = True
            self.counts.redemptions_broken += 1
        elif answer.status_code == 200:
            visit.redeemed += 1
            self.counts.redeemed += 1
        return answer

    async def _timed(self, request: Awaitable[httpx2.Response]) -> httpx2.Response | None:
        begun = time.monotonic()
        try:
            return await request
        except httpx2.TimeoutException:
            raise
        except httpx2.TransportError:
            return None
        finally:
            self.counts.slowest = max(self.counts.slowest, time.monotonic() - begun)

    # ------------------------------------------------------------------- when it is over

    async def look_back(self) -> None:
        """Every visit so far, on gateways that are all well: redeem what was not, and try everything once more."""
        visits, self.visits = self.visits, []
        gate = asyncio.Semaphore(VISITORS)

        async def one(visit: Visit) -> None:
            async with gate:
                await self._look_back_at(visit)

        await asyncio.gather(*map(one, visits))

    async def _look_back_at(self, visit: Visit) -> None:
        if visit.code is None:
            # Either it was admitted and nobody heard of it, or it is good still.
            await self._post(visit, self.fleet.any())
            assert visit.answer in (ADMITTED, SPENT), visit.answer
        if visit.code is None:
            self.doubtful.add(visit.login.nonce)
        else:
            self.admitted.add(visit.login.nonce)
            await self._redeem_what_was_kept(visit)
        for replica in self.fleet.replicas:
            await self._post(visit, replica)
            assert visit.answer == SPENT
            if visit.code:
                again = await self.redeem(visit, replica)
                assert again is not None
                assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        self.counts.redeemed_twice += visit.redeemed > 1

    async def _redeem_what_was_kept(self, visit: Visit) -> None:
        if visit.redeemed:
            return
        answer = await self.redeem(visit, self.fleet.any())
        assert answer is not None
        if answer.status_code != 200:
            # Taken, perhaps, by the redemption whose answer was never seen.
            assert "redeemed before" in answer.text, answer.text
            self.counts.lost += not visit.redemption_broke

    def require_each_once(self, recorded: Iterable[str]) -> None:
        """``recorded`` are the ids of all launches in the database: those admitted, and of the others at most one."""
        rows = Counter(recorded)
        self.counts.lost += len(self.admitted - rows.keys())
        self.counts.admitted_twice += sum(count - 1 for count in rows.values())
        assert rows.keys() == self.admitted | self.doubtful

    def require_nothing_lost_or_twice(self) -> None:
        found = self.counts.lost, self.counts.redeemed_twice, self.counts.admitted_twice
        assert found == (0, 0, 0)

    def require_told_in_time(self, recovered: float) -> None:
        """Everybody was let in or told why not, nobody hung, and it was over when the trouble was."""
        assert self.counts.answers.keys() <= {ADMITTED, UNAVAILABLE}
        assert self.counts.slowest < ANSWERED_WITHIN
        assert recovered < RECOVERED_WITHIN


def reason(answer: httpx2.Response | None) -> str:
    if answer is None:
        return BROKEN
    if answer.status_code == 303:
        return ADMITTED
    found = re.search(r"\b(?:login|launch)\.[a-z_]+", answer.text)
    return found[0] if found else f"status {answer.status_code}"
