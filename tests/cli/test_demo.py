"""The demo as a program: what it prints, what it keeps, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from unittest import mock

import httpx2
import pytest

from gatelodge.cli.demo_world import Ports, World
from gatelodge.simulator.config import read_config
from gatelodge.simulator.scenarios import SCENARIOS, groups_for
from tests.support.mortal import mortal

GATELODGE = (sys.executable, "-c", "from gatelodge.cli import main; main()")

# Away from the ports of the journeys' demos; each of pytest's workers has its own.
FIRST_PORT = 8500 + 20 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def test_the_first_line_is_the_address_of_the_lms(demo: Demo) -> None:
    assert demo.first_line == demo.lms
    assert "Biology 101" in httpx2.get(f"{demo.first_line}/courses/biology-101").text


def test_gateway_and_tools_are_up_when_the_address_is_printed(demo: Demo) -> None:
    assert httpx2.get(f"{demo.gateway}/readyz").status_code == 200
    assert "Nobody is here yet" in httpx2.get(demo.hello).text


def test_an_account_of_the_portal_is_told_and_works(demo: Demo) -> None:
    email, password = demo.account.split(", password ")

    asked = httpx2.get(f"{demo.gateway}/sign-in")
    token = re.search(r'name="csrf" value="([^"]+)"', asked.text)
    answer = httpx2.post(
        f"{demo.gateway}/sign-in",
        data={"email": email, "password": password, "csrf": token[1] if token else ""},
        # Browsers send secure cookies to this machine without TLS, too.
        headers={
            "origin": demo.gateway,
            "cookie": asked.headers["set-cookie"].partition(";")[0],
        },
    )

    assert demo.portal == f"{demo.gateway}/portal"
    assert answer.status_code == 303
    assert "__Host-gatelodge-session" in answer.headers["set-cookie"]


def test_lms_and_gateway_are_two_sites_to_a_browser(demo: Demo) -> None:
    assert httpx2.URL(demo.lms).host != httpx2.URL(demo.gateway).host


def test_when_one_part_dies_all_end_with_a_clear_sentence(demo: Demo, tmp_path: Path) -> None:
    """The ports of the other demo are taken, so this one has its own."""
    with Demo(tmp_path) as second:
        assert second.lms != demo.lms

        os.kill(second.process_of("gatelodge.simulator"), signal.SIGKILL)

        assert second.process.wait(30) == 1
        assert "The simulated LMS has ended by itself (exit code -9)" in second.said()
        assert "lms.log" in second.said()
        second.must_be_down()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(tmp_path: Path, number: signal.Signals) -> None:
    with Demo(tmp_path) as demo:
        demo.process.send_signal(number)

        assert demo.process.wait(30) == 0
        assert "The demo has ended." in demo.said()
        demo.must_be_down()


# ----------------------------------------------------------------------- what it is made of


def test_what_is_kept_can_be_read_by_nobody_else(world: World) -> None:
    world.settle()

    for file in world.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_a_second_start_finds_the_same_secrets(world: World) -> None:
    assert world.settle() == world.settle()


def test_a_half_made_start_is_made_anew(world: World) -> None:
    before = world.settle()
    (world.folder / "logins.json").unlink()

    assert world.settle() != before


def test_settings_of_another_gateway_are_not_looked_at(world: World) -> None:
    os.environ["GATELODGE_DATABASE_URL"] = "postgresql://nowhere/none"

    world.settle()

    assert "GATELODGE_DATABASE_URL" not in os.environ
    assert (world.folder / "gatelodge.db").exists()


def test_every_scenario_finds_the_tool_it_needs(world: World) -> None:
    world.settle()

    config = read_config(world.lms_config_file)

    shown = [
        each for group in groups_for(t.purpose for t in config.tools) for each in group.scenarios
    ]
    assert tuple(shown) == SCENARIOS


# ----------------------------------------------------------------------- fixtures


class Demo:
    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        self._errors = (cwd / "errors.txt").open("wb")
        self.process = subprocess.Popen(
            mortal(*GATELODGE, "demo", "--port", str(FIRST_PORT)),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()
        rest = iter(self.process.stdout.readline, "Ctrl-C ends everything.\n")
        facts = dict(line.strip().split("  ", 1) for line in rest if line.startswith("  "))
        self.lms = self.first_line
        self.gateway = facts["Gateway"].strip()
        self.hello = facts["Sample tool"].strip()
        self.portal = facts["Portal"].strip()
        self.account = facts["Sign in as"].strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()

    def said(self) -> str:
        return (self.cwd / "errors.txt").read_text(encoding="utf-8")

    def process_of(self, words: str) -> int:
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="utf-8").split()
        [found] = [
            each
            for each in children
            if words in Path(f"/proc/{each}/cmdline").read_text("utf-8").replace("\0", " ")
        ]
        return int(found)

    def must_be_down(self) -> None:
        for address in (self.lms, self.gateway, self.hello):
            with pytest.raises(httpx2.ConnectError):
                httpx2.get(address)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with mock.patch.dict(os.environ):
        yield World(tmp_path / "demo", Ports(8000, 8001, 8002, 8003))
