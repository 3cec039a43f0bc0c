"""Processes that end at any statement, and their outcome: by hand, for many runs.

`python -m tests.support.faults.hosts.by_hand SEED RUNS postgres|sqlite flat|nested`. The short form
is tests/storms/test_end_at_any_statement.py; docs/reference/faults.md has the sums.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.support.faults.hosts.checks import Outcome, check_tables
from tests.support.faults.hosts.crash_site import CrashSite

LONGEST_S = 7200.0


def main(seed: int, runs: int, database: str, shape: str) -> int:
    with (
        tempfile.TemporaryDirectory(prefix="rg-ends-") as home,
        CrashSite(Path(home), database) as site,
    ):
        counted = site.crash(seed, runs, LONGEST_S, shape=shape)
        outcome = Outcome(seed)
        check_tables(site, outcome)
        print(counted, f"{outcome.steps} steps", outcome.wrong() or "nothing is wrong")
        return 1 if outcome.wrong() or counted.get("broken") else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5]))
