"""Tests that need more than Python: Chromium, a Postgres server, a C compiler, root.

On a person's machine such a test is skipped where its need is not met. In CI (CI=1) the skip of a
slow test (see `tests.support.tiers`) is a failure, so that a green line means that they ran.
Tests marked `postgres` run where the database is Postgres (`make test-postgres`), and are left out
of the run elsewhere; tests that open no database are left out there.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from django.conf import settings

from tests.support.tiers import in_slow_folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    belongs = _opens_database if on_postgres else _runs_on_sqlite
    left_out = [item for item in items if not belongs(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if belongs(item)]


def _opens_database(item: pytest.Item) -> bool:
    """Whether it can show anything on Postgres that it doesn't show on SQLite."""
    if any(item.get_closest_marker(mark) for mark in ("django_db", "postgres")):
        return True
    return not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


def _runs_on_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if item.get_closest_marker("slow") and not hasattr(report, "wasxfail"):
        _refuse_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """A module that skips itself as a whole."""
    report = yield
    if in_slow_folder(collector):
        _refuse_a_skip(report)
    return report


def _refuse_a_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI a slow test may not be skipped. {reason}"
