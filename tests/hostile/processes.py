"""A gateway as a process of its own, and what can be asked of it from outside: is it well, how large is it."""

from __future__ import annotations

import json
import shutil
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

# Here a test and the process share a machine with other tests: what is more than one second is theirs.
A_SECOND = 5.0


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

    def megabytes(self) -> float:
        """What the process holds of the machine's memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * 4096 / 1e6

    async def launches(self) -> None:
        """A good launch still works, from the login to the redemption, and none of it is slow."""
        begun = time.perf_counter()
        async with httpx2.AsyncClient(base_url=self.address, cookies=at_home()) as http:
            browser = Browser(http, self.campus)
            redeemed = await browser.redeem(await browser.launch())
        assert redeemed["launch"]["context"]["title"] == "Biology 101"
        assert time.perf_counter() - begun < 3 * A_SECOND


@contextmanager
def running(template: Path, directory: Path, lmss: tuple[Lms, Lms]) -> Iterator[Running]:
    for each, key in zip(lmss, ("first", "second"), strict=True):
        each.renew(key)
    shutil.copyfile(template, directory / "gatelodge.db")
    campus = open_campus(
        f"sqlite:///{directory}/gatelodge.db", directory, *lmss, clock=Clock(time.time())
    ).settle()
    log = directory / "log"
    try:
        # Limits have their own tests; here they would keep the rubbish from getting far.
        settings = environment(campus) | {"GATELODGE_RATE_LIMITS": "off"}
        with serving_process(settings, log) as (address, process):
            yield Running(campus, address, process.pid, log)
    finally:
        campus.gateway.close()
