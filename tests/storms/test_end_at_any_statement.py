"""Processes end at any statement, commit or change of a file: nothing is lost, doubled or repaid.

Thousands of such ends are tried by hand, see docs/reference/faults.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.faults.hosts.checks import Outcome, check_tables
from tests.support.faults.hosts.crash_site import CrashSite

pytestmark = [pytest.mark.slow]
RUNS = int(os.environ.get("REELGRAPH_CRASH_RUNS", "8"))
SEED = int(os.environ.get("REELGRAPH_SEED", "0"))
WITHIN_S = 300 + 24 * RUNS


@pytest.mark.parametrize(
    ("database", "shapes", "seed"), [("postgres", "flat,nested", 1), ("sqlite", "nested", 3)]
)
def test_starts_and_steps_outlive_ends_anywhere(
    tmp_path: Path, database: str, shapes: str, seed: int
) -> None:
    rounds = RUNS * len(shapes.split(","))
    with CrashSite(tmp_path, database) as site:
        counted = site.crash(SEED or seed, RUNS, within_s=WITHIN_S, shapes=shapes)
        print(counted)
        outcome = Outcome(SEED or seed)
        check_tables(site, outcome)
        assert not outcome.wrong()
        assert counted["work"] >= 2 * rounds
        assert "broken" not in counted
        assert site.rows("SELECT count(*) AS runs FROM runs_run")[0]["runs"] == rounds
        open_groups = "SELECT key FROM runs_step WHERE kind = 'group' AND status <> 'completed'"
        assert site.rows(open_groups) == []
        if database == "sqlite":
            assert site.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
            assert site.rows("PRAGMA foreign_key_check") == []


def test_a_guests_start_is_whole_or_not_at_all(tmp_path: Path) -> None:
    with CrashSite(tmp_path, "sqlite") as site:
        assert site.crash_guests(within_s=WITHIN_S)["points"] > 20
