"""Processes end at any statement, commit or change of a file: nothing is lost, doubled or repaid.

Thousands of such ends are tried by hand, see docs/reference/faults.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.faults.hosts.checks import Outcome, check_tables
from tests.support.faults.hosts.crash_points import CrashSite

pytestmark = pytest.mark.slow
RUNS = 12


@pytest.mark.parametrize("seed", [1, 2])
def test_starts_and_steps_outlive_ends_anywhere(tmp_path: Path, seed: int) -> None:
    with CrashSite(tmp_path) as site:
        counted = site.crash(seed, RUNS, within_s=150)
        outcome = Outcome(seed)
        check_tables(site, outcome)
        assert not outcome.wrong()
        assert counted["work"] >= 2 * RUNS
        assert "broken" not in counted
        assert site.rows("SELECT count(*) AS runs FROM runs_run")[0]["runs"] == RUNS
