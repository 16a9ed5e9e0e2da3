"""The platforms' public keys: fetched, kept, and let go as their owners say.

Per key-set address: cached within the bounds of its cache headers; refetched for an unknown key
id at most three times a minute, by one request at a time; the last good set is kept for a day
while the platform is down; a key that a newer good set lacks is dead at once (design, section 6).
"""

import asyncio
import re
from collections import OrderedDict, deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from joserfc.jwk import Key

from gatelodge.lti.errors import GatelodgeError, KeySetInvalid, KeySetUnreachable, Refusal
from gatelodge.lti.notes import note
from gatelodge.lti.registration import PlatformClient
from gatelodge.lti.tokens import PlatformKeys, UnverifiedToken, read_key_set
from gatelodge.services.ports import Clock
from gatelodge.services.telemetry import Telemetry
from gatelodge.storage import key_sets as stored
from gatelodge.storage.database import Database

SHORTEST_USE = 60.0
LONGEST_USE = 3600.0
USUAL_USE = 600.0
"""Seconds that a set is used before it is fetched again: at least, at most, and if nothing is said."""

KEPT_WHILE_DOWN = 24 * 3600.0
FETCHES_A_MINUTE = 3
FETCH_SECONDS = 5.0
_SETS_IN_MEMORY = 10_000


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Fetcher(Protocol):
    """The guarded client, as far as key sets need it."""

    async def get(self, url: str, *, accept: str, deadline: float) -> Answer: ...


@dataclass(slots=True)
class _KnownSet:
    keys: PlatformKeys | None = None
    fetched_at: float = 0.0
    fresh_until: float = 0.0
    fetches: deque[float] = field(default_factory=lambda: deque(maxlen=FETCHES_A_MINUTE))
    failure: Refusal | None = None
    fetching: asyncio.Task[None] | None = None

    def may_fetch(self, now: float) -> bool:
        return len(self.fetches) < FETCHES_A_MINUTE or now - self.fetches[0] >= 60

    def is_good(self, now: float) -> bool:
        return self.keys is not None and now - self.fetched_at <= KEPT_WHILE_DOWN


class KeySets:
    def __init__(
        self, database: Database, fetcher: Fetcher, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._telemetry = telemetry
        self._sets: OrderedDict[str, _KnownSet] = OrderedDict()
        self._storing: set[asyncio.Task[None]] = set()

    def key_for(self, client: PlatformClient, token: UnverifiedToken) -> Awaitable[Key]:
        """The key that the token names, from this client's key set and from nowhere else."""
        return self.key_at(client.key_set_url, token)

    async def key_at(self, url: str, token: UnverifiedToken) -> Key:
        known = self._sets.get(url) or await self._recall(url)
        now = self._clock()
        keys = known.keys
        if keys is None or now >= known.fresh_until or token.key_id not in keys:
            keys = await self._renewed(url, known, token.key_id)
        return keys.get(token.key_id, token.algorithm)

    async def close(self) -> None:
        """Wait for the fetches under way, each over within `FETCH_SECONDS`, and for their copies."""
        under_way = [known.fetching for known in self._sets.values() if known.fetching]
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.gather(*self._storing, return_exceptions=True)

    async def _renewed(self, url: str, known: _KnownSet, key_id: str) -> PlatformKeys:
        """The set after a fetch, or the last good one when none may be made or it failed.

        A fetch that others began may have been answered before this key was published: then the
        platform is asked again, in what is left of the time.
        """
        loop = asyncio.get_running_loop()
        begun, joined = loop.time(), known.fetching
        if joined is not None:
            await asyncio.shield(joined)
        if joined is None:
            await self._fetched(url, known, FETCH_SECONDS)
        elif known.failure is None and known.keys is not None and key_id not in known.keys:
            await self._fetched(url, known, FETCH_SECONDS - (loop.time() - begun))
        if known.keys is not None and known.is_good(self._clock()):
            return known.keys
        raise known.failure or KeySetUnreachable(sent=url)

    async def _fetched(self, url: str, known: _KnownSet, seconds: float) -> None:
        now = self._clock()
        if known.fetching is None and seconds > 0 and known.may_fetch(now):
            known.fetches.append(now)
            known.fetching = asyncio.create_task(self._fetch(url, known, seconds))
        if known.fetching is not None:
            # One launch that is given up must not end the fetch that others wait for.
            await asyncio.shield(known.fetching)

    async def _fetch(self, url: str, known: _KnownSet, seconds: float = FETCH_SECONDS) -> None:
        try:
            answer = await self._fetcher.get(url, accept="application/json", deadline=seconds)
            keys = _read(url, answer)
        except Refusal as refusal:
            known.failure = refusal
        except GatelodgeError as error:
            known.failure = KeySetUnreachable(sent=url, note=note(error.code))
            known.failure.__cause__ = error.with_traceback(None)
        else:
            self._learn(url, known, keys, answer)
        finally:
            known.fetching = None
        self._telemetry.key_set_fetched("failed" if known.failure else "fetched")

    def _learn(self, url: str, known: _KnownSet, keys: PlatformKeys, answer: Answer) -> None:
        now = self._clock()
        known.keys, known.failure, known.fetched_at = keys, None, now
        known.fresh_until = now + _seconds_of_use(answer.headers)
        # Nobody waits for the copy: it serves after a restart while the platform is down.
        storing = asyncio.create_task(
            self._store(url, answer.body.decode(), now, known.fresh_until)
        )
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)

    async def _store(self, url: str, body: str, fetched_at: float, fresh_until: float) -> None:
        try:
            await self._database.run_write(
                lambda connection: stored.put(
                    connection, url, body, fetched_at=fetched_at, fresh_until=fresh_until
                )
            )
        except GatelodgeError:
            self._telemetry.key_set_fetched("not_stored")

    async def _recall(self, url: str) -> _KnownSet:
        """What another replica, or this one before a restart, has learnt."""
        row = await self._database.run_read(lambda connection: stored.get(connection, url))
        known = self._sets.get(url)
        if known is not None:
            return known
        known = _KnownSet()
        if row is not None:
            known.keys = read_key_set(row.body.encode())
            known.fetched_at, known.fresh_until = row.fetched_at, row.fresh_until
        self._sets[url] = known
        if len(self._sets) > _SETS_IN_MEMORY:
            self._sets.popitem(last=False)
        return known


def _read(url: str, answer: Answer) -> PlatformKeys:
    if answer.status != 200:
        raise KeySetUnreachable(sent=url, note=note("key_set.status", status=str(answer.status)))
    try:
        return read_key_set(answer.body)
    except KeySetInvalid as refusal:
        raise KeySetInvalid(sent=url, note=refusal.note) from None


def _seconds_of_use(headers: Mapping[str, str]) -> float:
    """From Cache-Control's max-age (SF 6.3), within our bounds."""
    said = re.search(r"(?:^|[,\s])max-age=(\d{1,9})", headers.get("cache-control", "").lower())
    seconds = float(said[1]) if said else USUAL_USE
    return min(max(seconds, SHORTEST_USE), LONGEST_USE)
