"""A run of tests that is killed takes along what it has started."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

STARTS_A_SERVER = """
from tests.support.postgres_server import own_server

with own_server() as server:
    print(server.pid, server.folder, flush=True)
    input()
"""
STARTS_A_PROGRAM = """
import subprocess
from tests.support.mortal import mortal

print(subprocess.Popen(mortal("sleep", "3600")).pid, flush=True)
input()
"""


def test_a_program_of_a_killed_run_ends() -> None:
    with run_of(STARTS_A_PROGRAM) as run:
        assert run.stdout is not None
        program = run.stdout.readline().strip()
        run.kill()

    soon(lambda: is_over(program))


@pytest.mark.postgresql
def test_the_server_of_a_killed_run_ends_and_its_data_are_deleted() -> None:
    with run_of(STARTS_A_SERVER) as run:
        assert run.stdout is not None
        server, folder = run.stdout.readline().split()
        run.kill()

    soon(lambda: is_over(server))
    soon(lambda: not Path(folder).exists())


def run_of(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_over(pid: str) -> bool:
    """A process that nobody has buried is over, too."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def soon(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)
