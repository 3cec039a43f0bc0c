"""What happens to tests whose needs are not met, here and in CI."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program

SUITE = """
import pytest

@pytest.mark.browser
def test_with_a_browser():
    pytest.skip("no Chromium here")

@pytest.mark.slow
def test_with_a_compiler():
    pytest.skip("no compiler here")

@pytest.mark.postgres
def test_on_postgres():
    pass

def test_of_something_else():
    pytest.skip("not on this system")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("in_ci", "code", "summary"),
    [("", 0, "3 skipped, 1 deselected"), ("1", 1, "2 failed, 1 skipped, 1 deselected")],
)
def test_a_skipped_slow_test_fails_in_ci_alone(
    tmp_path: Path, in_ci: str, code: int, summary: str
) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(suite)]
    with Program([*command, "-p", "no:cacheprovider"], {"CI": in_ci, "DATABASE_URL": ""}) as run:
        assert run.wait(60) == code, run.text()
        assert summary in run.lines[-1]
        for why in ("no Chromium here", "no compiler here"):
            assert (f"may not be skipped. Skipped: {why}" in run.text()) == bool(in_ci)


DATABASE_SUITE = """
import pytest

@pytest.fixture
def committed(transactional_db):
    yield

@pytest.mark.django_db
def test_by_a_mark(): pass

def test_by_a_fixture(db): pass

@pytest.mark.usefixtures("committed")
def test_by_what_a_fixture_needs(): pass

def test_of_words(): pass
"""


@pytest.mark.slow
def test_on_postgres_all_tests_run_that_open_a_database(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(DATABASE_SUITE)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(suite)]
    # No server is asked.
    environment = {"DATABASE_URL": "postgres://reelgraph@127.0.0.1:1/none"}
    with Program([*command, "-q", "--co", "-p", "no:cacheprovider"], environment) as run:
        assert run.wait(60) == 0, run.text()
        names = [line.partition("::")[2] for line in run.lines if "::test_" in line]
    assert names == ["test_by_a_mark", "test_by_a_fixture", "test_by_what_a_fixture_needs"]
