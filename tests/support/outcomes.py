"""The outcomes of a run's tests, for `scripts/suite.py`, which decides about a second try.

`--outcomes FILE` writes JSON: `passes` and `failures` (ids of tests, each list sorted) and
`errors`: files that could not be collected, and processes of the tests that crashed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", metavar="FILE", help="write the outcomes of the tests, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    # Processes of pytest-xdist send their reports to the one that started them.
    if config.option.outcomes and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(config.option.outcomes)))


class Outcomes:
    """Collects the reports of all processes of a run."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.passes: set[str] = set()
        self.failures: set[str] = set()
        self.errors: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failures.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passes.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        if error:
            self.errors.add("a process of the tests crashed")

    def pytest_sessionfinish(self) -> None:
        lists = {
            "passes": sorted(self.passes - self.failures),
            "failures": sorted(self.failures),
            "errors": sorted(self.errors),
        }
        self.file.write_text(json.dumps(lists))
