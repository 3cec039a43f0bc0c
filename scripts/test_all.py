"""`make test-all`: every test that `make test` leaves out, every example, and all on Postgres.

In parts, one after another, each with so many processes that both cores are busy; `PART=storms`
runs one of them. Nothing is tried twice. It may take two hours: run it before a release, and for
the parts that a change touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import test_postgres
from suite import Result, run_parts, run_tests

BROWSER, CLIENTS, STORMS = "tests/e2e", "tests/clients", "tests/storms"
# Their processes start servers, kill them and wait for what comes of it. A test of minutes that
# is the last of its file would stand alone at the end.
MANY_AT_ONCE = ("-n", "4", "--dist", "worksteal")


def browser() -> Result:
    """Apart from the others: the product and the browser are started once for each process.

    The SDKs and other programs of tests/clients use the same servers.
    """
    return run_tests(["-m", "slow", BROWSER, CLIENTS], tries_again=False)


def slow() -> Result:
    """Renders, full-size media, thousands of rows, the long forms, property tests at length."""
    left_out = [f"--ignore={folder}" for folder in (BROWSER, CLIENTS, STORMS)]
    return run_tests(["-m", "slow or hypothesis", *left_out], tries_again=False)


def storms() -> Result:
    """Apart from what computes: they promise to react within seconds."""
    return run_tests(["-m", "slow", STORMS, *MANY_AT_ONCE], tries_again=False)


def postgres() -> Result:
    return test_postgres.run_on_postgres(test_postgres.PARTS, tries_again=False)


PARTS: dict[str, Callable[[], Result]] = {
    "browser": browser,
    "slow": slow,
    "storms": storms,
    "postgres": postgres,
}


def requested_parts() -> dict[str, Callable[[], Result]]:
    """Return the parts that `PART=` names, all where it names none; exits at an unknown one."""
    names = os.environ.get("PART", "").split() or [*PARTS]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"PART={unknown[0]}: there is no such part. Use one of {', '.join(PARTS)}.")
    return {name: PARTS[name] for name in names}


def main() -> int:
    parts = requested_parts()
    os.environ["REELGRAPH_WHOLE"] = "1"
    return run_parts(parts)


if __name__ == "__main__":
    sys.exit(main())
