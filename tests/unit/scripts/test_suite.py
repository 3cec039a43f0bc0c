"""What CI does with tests that failed once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[3] / "scripts" / "suite.py"
PASSES_AT_THE_SECOND_TRY = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(2))
def test_it(number):
    seen = Path(__file__).with_name(f"seen-{number}")
    first = not seen.exists()
    seen.touch()
    assert not first
"""


def run_in_ci(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(source)
    return subprocess.run(
        [sys.executable, str(SUITE), str(folder)],
        env={**os.environ, "CI": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param(PASSES_AT_THE_SECOND_TRY, 0, id="a few"),
        pytest.param("def test_it():\n    assert False\n", 1, id="fails again"),
    ],
)
def test_a_few_failures_are_tried_again_in_ci(source: str, code: int, tmp_path: Path) -> None:
    done = run_in_ci(tmp_path, source)
    assert done.returncode == code, done.stdout + done.stderr
    if code == 0:
        assert "Failed at first:" in done.stdout
        assert "test_it[1]" in done.stdout.rpartition("Failed at first:")[2]
