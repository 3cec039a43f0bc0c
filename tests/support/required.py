"""Tests that need more than Python: Chromium, or a Postgres server.

On a person's machine a `browser` test without Chromium is skipped. In CI (CI=1) such a skip is a
failure, so that nobody reads a green line for tests that never ran. Tests marked `postgres` run
where the database is Postgres (`make test-postgres`), and are left out of the run elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from django.conf import settings

MARKS = ("browser", "postgres")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    marks = [mark for mark in MARKS if item.get_closest_marker(mark)]
    expected = hasattr(report, "wasxfail")
    if report.skipped and marks and not expected and os.environ.get("CI") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI a {marks[0]} test may not be skipped. {reason}"
    return report
