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
