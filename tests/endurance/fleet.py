"""Processes of the gateway that are killed without a warning and started again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from secrets import SystemRandom

import httpx2

from tests.support.browsers import at_home
from tests.support.gateways import Campus
from tests.support.mortal import mortal
from tests.support.processes import GATELODGE, environment

CHANCE = SystemRandom()
PATIENCE = 30.0
"""Seconds after which a request counts as hanging."""


class Replica:
    """One `gatelodge serve`. ``http`` reaches the process that runs now, with the fleet's cookies."""

    def __init__(self, environment: Mapping[str, str], log: Path, jar: CookieJar) -> None:
        self._environment = environment
        self._log = log
        self._jar = jar
        self._process: asyncio.subprocess.Process | None = None
        self._clients: list[httpx2.AsyncClient] = []

    @property
    def http(self) -> httpx2.AsyncClient:
        return self._clients[-1]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    async def start(self) -> None:
        """Returns when it is ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *mortal(GATELODGE, "serve", "--port", "0"),
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        said = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        client = httpx2.AsyncClient(
            base_url=said.decode().split()[3], cookies=self._jar, timeout=PATIENCE
        )
        await until_ready(client)
        self._clients.append(client)

    async def kill(self) -> None:
        """SIGKILL: the process learns nothing of it."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        for each in self._clients:
            await each.aclose()


class Fleet:
    """Replicas on one database; to each of them all others are strangers."""

    def __init__(self, campus: Campus, size: int) -> None:
        settings = environment(campus) | {"GATELODGE_RATE_LIMITS": "off"}
        jar = at_home()
        self.replicas = [
            Replica(settings, campus.directory / f"log-{number}", jar) for number in range(size)
        ]

    def any(self) -> Replica:
        return CHANCE.choice(self.replicas)


@asynccontextmanager
async def running(campus: Campus, size: int) -> AsyncIterator[Fleet]:
    fleet = Fleet(campus, size)
    try:
        await asyncio.gather(*(each.start() for each in fleet.replicas))
        yield fleet
        for each in fleet.replicas:
            assert '"exception":' not in each.log, each.log
    finally:
        await asyncio.gather(*(each.close() for each in fleet.replicas))


async def until_ready(http: httpx2.AsyncClient) -> float:
    """Waits until the gateway and its database answer; tells for how long."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        try:
            if (await http.get("/readyz")).status_code == 200:
                return time.monotonic() - begun
        except httpx2.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError(http.base_url)
