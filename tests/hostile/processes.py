"""A gateway as a process of its own, and what can be asked of it from outside: is it well, how large is it."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.support.browsers import Browser, at_home
from tests.support.clock import Clock
from tests.support.gateways import Campus, open_campus
from tests.support.lms import Lms
from tests.support.processes import environment, serving_process

A_SECOND = 1.0
"""Of a processor's time: on the wall's clock a busy machine counts what others do."""

PATIENCE = 15.0
"""Seconds on the wall, however busy the machine is: nobody is kept waiting."""


@dataclass
class Running:
    """``pid`` is the process's; ``log`` is what it has written."""

    campus: Campus
    address: str
    pid: int
    log_file: Path

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def failures(self) -> list[dict[str, Any]]:
        """Lines that tell of a fault of ours; a request that couldn't be read is none."""
        lines = [json.loads(line) for line in self.log.splitlines()]
        return [line for line in lines if line["level"] in ("error", "critical")]

    def seconds(self) -> float:
        """What the process has had of the processors' time."""
        after_its_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_its_name[11:13])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """What the process holds of the machine's memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * 4096 / 1e6

    async def launches(self) -> None:
        """A good launch still works, from the login to the redemption, and soon."""
        async with (
            asyncio.timeout(PATIENCE),
            httpx2.AsyncClient(base_url=self.address, cookies=at_home()) as http,
        ):
            browser = Browser(http, self.campus)
            redeemed = await browser.redeem(await browser.launch())
        assert redeemed["launch"]["context"]["title"] == "Biology 101"


@contextmanager
def running(address: str, directory: Path, lmss: tuple[Lms, Lms]) -> Iterator[Running]:
    """On an empty database, which is settled first."""
    for each, key in zip(lmss, ("first", "second"), strict=True):
        each.renew(key)
    campus = open_campus(address, directory, *lmss, clock=Clock(time.time())).settle()
    log = directory / "log"
    try:
        # Limits have their own tests; here they would keep the rubbish from getting far.
        settings = environment(campus) | {"GATELODGE_RATE_LIMITS": "off"}
        with serving_process(settings, log) as (served_at, process):
            yield Running(campus, served_at, process.pid, log)
    finally:
        campus.gateway.close()
