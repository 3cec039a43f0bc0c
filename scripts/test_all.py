"""`make test-all`: every test that `make test` leaves out, and the database's on Postgres.

In parts, one after another. All parts run even if one fails; the last lines say which did. With
`LONG_FORMS=0` the long forms of tests whose short forms run are left out, and the studio's renders
(`make test-studio`), and on Postgres the pages and tools, which ask it through the apps whose tests
run there.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import test_postgres
from suite import INTERRUPTED, run_tests

TESTS = Path("tests")
BROWSER, STORMS, STUDIO = TESTS / "e2e", TESTS / "storms", TESTS / "studio"
LONG_FORMS = os.environ.get("LONG_FORMS") != "0"
CHOSEN = "slow" if LONG_FORMS else "slow and not thorough"


def browser() -> int:
    """Apart from the others: the product and the browser are started once for each process."""
    return run_tests(["-m", CHOSEN, str(BROWSER)])


def others() -> int:
    """Renders, full-size media, thousands of rows, the long forms."""
    apart = [BROWSER, STORMS] if LONG_FORMS else [BROWSER, STORMS, STUDIO]
    return run_tests(["-m", CHOSEN, *(f"--ignore={folder}" for folder in apart)])


def storms() -> int:
    """Apart from what computes: they mostly stand still, and promise to react within seconds."""
    return run_tests(["-m", CHOSEN, str(STORMS)])


def postgres() -> int:
    return test_postgres.run_parts(test_postgres.PARTS if LONG_FORMS else test_postgres.APPS)


PARTS: dict[str, Callable[[], int]] = {
    "the product in a browser": browser,
    "slow tests": others,
    "storms": storms,
    "Postgres": postgres,
}


def main() -> int:
    results: dict[str, tuple[int, float]] = {}
    for name, part in PARTS.items():
        print(f"— {name}", flush=True)
        started = time.monotonic()
        code = part()
        if code == INTERRUPTED:
            return code
        results[name] = (code, time.monotonic() - started)
    for name, (code, seconds) in results.items():
        print(f"{name}: {'passed' if code == 0 else 'FAILED'} in {seconds / 60:.1f} min")
    return 1 if any(code for code, _ in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
