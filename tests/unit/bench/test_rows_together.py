"""Several rows in one call, as `make bench` measures them: none disturbs those after it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.support.program import Program

# How the names of each row's figures begin. The last one starts two servers with the same settings,
# one after the other, and asks each for a key.
ROWS = {"plan": "validate + compile", "kill": "kill -9"}


@pytest.mark.slow
def test_rows_of_one_call_are_all_measured_printed_and_written(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    # What `make bench T="plan kill"` runs.
    env = {"T": shlex.join([*ROWS, "--out", str(out)]), "DATABASE_URL": ""}
    with Program([sys.executable, "scripts/bench.py"], env) as bench:
        code = bench.wait(600)
    assert code == 0, bench.text()
    figures = json.loads(out.read_text())["figures"]
    assert [figure["row"] for figure in figures if not figure["values"]] == []
    _, _, shown = bench.text().rpartition("| row ")
    for row, begin in ROWS.items():
        assert any(figure["row"].startswith(begin) for figure in figures), row
        assert f"\n| {begin}" in shown, shown
