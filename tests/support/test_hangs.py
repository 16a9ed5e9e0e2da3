"""What a run says of tests that hang."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

CONFTEST = """
from tests.support.hangs import NothingHangs

def pytest_configure(config):
    config.addinivalue_line("markers", "wall_limit(seconds): needs more time")
    config.pluginmanager.register(NothingHangs(seconds=1, grace=2))
"""
TESTS = """
import asyncio
import threading
import time

import pytest

def waits_for_ever():
    threading.Event().wait()

async def sleeps_for_ever():
    await asyncio.sleep(3600)

@pytest.fixture
def hanging_before():
    waits_for_ever()

@pytest.fixture
def hanging_after():
    yield
    waits_for_ever()

def test_that_waits():
    waits_for_ever()

def test_beside_a_thread():
    threading.Thread(target=waits_for_ever, daemon=True).start()
    threading.Event().wait()

@pytest.mark.asyncio
async def test_with_a_task():
    await asyncio.create_task(sleeps_for_ever())

def test_whose_setup_waits(hanging_before):
    pass

def test_whose_teardown_waits(hanging_after):
    pass

def test_whose_teardown_waits_after_a_failure(hanging_after):
    assert False

@pytest.mark.wall_limit(60)
def test_that_may_take_longer():
    time.sleep(1.5)

def test_without_a_fault():
    pass
"""
DEAF = """
import time

def test_that_heeds_nothing():
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass

def test_after_it():
    pass
"""
PLUGINS = ("-p", "asyncio", "-p", "xdist")
"""Alone, so that a run begins soon."""


def run(folder: Path, tests: str, *options: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_some.py").write_text(tests, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfE", *PLUGINS, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run(tmp_path_factory.mktemp("hangs"), TESTS)


def test_a_test_that_hangs_fails_by_name_and_the_others_go_on(said: str) -> None:
    assert "4 failed, 3 passed, 3 errors" in said
    assert set(re.findall(r"Failed: (.+) test_some.py::(\w+) hung: 1 s are over", said)) == {
        ("The test", "test_that_waits"),
        ("The test", "test_beside_a_thread"),
        ("The test", "test_with_a_task"),
        ("The setup of", "test_whose_setup_waits"),
        ("The teardown of", "test_whose_teardown_waits"),
        ("The teardown of", "test_whose_teardown_waits_after_a_failure"),
    }


def test_it_says_where_threads_and_tasks_stood(said: str) -> None:
    assert re.search(r"line \d+, in waits_for_ever\b", said)
    assert re.search(r"line \d+, in sleeps_for_ever\b", said)


def test_one_that_cannot_be_stopped_is_named_and_ended_with_its_process(tmp_path: Path) -> None:
    said = run(tmp_path, DEAF, "--numprocesses=1", "--dist=worksteal")

    assert "crashed while running 'test_some.py::test_that_heeds_nothing'" in said
    assert re.search(r"line \d+ in test_that_heeds_nothing\b", said)
    assert "1 failed, 1 passed" in said


def test_alone_too_it_says_where_it_stood(tmp_path: Path) -> None:
    said = run(tmp_path, DEAF)

    assert re.search(r"line \d+ in test_that_heeds_nothing\b", said)
