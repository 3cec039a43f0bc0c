"""Processes end at any statement, commit or change of a file: nothing is lost, doubled or repaid.

Thousands of such ends are tried by hand, see docs/reference/faults.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.faults.hosts.checks import Outcome, check_tables
from tests.support.faults.hosts.crash_points import CrashSite

pytestmark = pytest.mark.slow
RUNS = int(os.environ.get("REELGRAPH_CRASH_RUNS", "12"))
SEED = int(os.environ.get("REELGRAPH_SEED", "0"))
WITHIN_S = 150 + 12 * RUNS


@pytest.mark.parametrize(("seed", "shape"), [(1, "flat"), (2, "flat"), (3, "nested")])
def test_starts_and_steps_outlive_ends_anywhere(tmp_path: Path, seed: int, shape: str) -> None:
    with CrashSite(tmp_path) as site:
        counted = site.crash(SEED or seed, RUNS, within_s=WITHIN_S, shape=shape)
        outcome = Outcome(SEED or seed)
        check_tables(site, outcome)
        assert not outcome.wrong()
        assert counted["work"] >= 2 * RUNS
        assert "broken" not in counted
        assert site.rows("SELECT count(*) AS runs FROM runs_run")[0]["runs"] == RUNS
        open_groups = "SELECT key FROM runs_step WHERE kind = 'group' AND status <> 'completed'"
        assert site.rows(open_groups) == []
