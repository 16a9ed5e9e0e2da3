"""Prints at the end of a run what tests have counted, whether they passed or failed."""

from __future__ import annotations

import pytest

COUNTS = "gatelodge_counts"


class CountsAtTheEnd:
    """The pytest plugin; tests/conftest.py registers it. Properties travel from pytest-xdist's workers."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
        counts = [
            line
            for report in reports
            if report.when == "call"
            for name, line in report.user_properties
            if name == COUNTS
        ]
        if counts:
            terminalreporter.section("counts")
            for line in counts:
                terminalreporter.write_line(str(line))
