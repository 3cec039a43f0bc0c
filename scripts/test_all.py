"""`make test-all`: every test that `make test` leaves out, and the database's on Postgres.

In parts, one after another, each with so many processes that both cores are busy. All parts run
even if one fails; the last lines say which did, and how much processor time the machine spent.

`make test-all TURN=3` leaves out the studio's renders and the long forms whose turn is another
(see tests/support/tiers.py). CI runs the turn of tests/turn.txt.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import test_postgres
from suite import INTERRUPTED, run_tests

BROWSER, STORMS = "tests/e2e", "tests/storms"
# Their processes start servers, kill them and wait for what comes of it. A test of minutes that
# is the last of its file would stand alone at the end.
MANY_AT_ONCE = ("-n", "4", "--dist", "worksteal")


def browser() -> int:
    """Apart from the others: the product and the browser are started once for each process."""
    return run_tests(["-m", "slow", BROWSER])


def others() -> int:
    """Renders, full-size media, thousands of rows, the long forms."""
    return run_tests(["-m", "slow", f"--ignore={BROWSER}", f"--ignore={STORMS}"])


def storms() -> int:
    """Apart from what computes: they promise to react within seconds."""
    return run_tests(["-m", "slow", STORMS, *MANY_AT_ONCE])


def postgres() -> int:
    return test_postgres.run_parts(test_postgres.PARTS)


PARTS: dict[str, Callable[[], int]] = {
    "the product in a browser": browser,
    "slow tests": others,
    "storms": storms,
    "Postgres": postgres,
}


def machine_cpu_s() -> float:
    """Processor seconds this machine has spent since it started; 0 where that is unknown."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return 0.0
    user, nice, system = (int(number) for number in line.split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    turn = os.environ.get("TURN", "")
    if turn:
        os.environ["REELGRAPH_TURN"] = turn
        print(f"Turn {turn} of the renders and long forms", flush=True)
    lines, is_red = [], False
    for name, part in PARTS.items():
        print(f"— {name}", flush=True)
        start, cpu_before = time.monotonic(), machine_cpu_s()
        code = part()
        if code == INTERRUPTED:
            return code
        result = "FAILED" if code else "passed"
        is_red = is_red or code != 0
        minutes, cpu_s = (time.monotonic() - start) / 60, machine_cpu_s() - cpu_before
        lines.append(f"{name}: {result} in {minutes:.1f} min, {cpu_s:.0f} CPU-s of this machine")
    print("\n".join(lines))
    return int(is_red)


if __name__ == "__main__":
    sys.exit(main())
