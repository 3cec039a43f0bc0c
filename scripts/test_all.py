"""`make test-all`: every test that `make test` leaves out, and the database's on Postgres.

In parts, one after another. All parts run even if one fails; the last lines say which did. With
`LONG_FORMS=0`, as in CI, the long forms of tests whose short forms run are left out, and the
studio's renders (`make test-studio`), and on Postgres the pages and tools, which ask it through the
apps whose tests run there. Every other file of the browser's tests, the storms and those on
Postgres is left out too; which half runs, the commit's hash decides.
"""

from __future__ import annotations

import os
import subprocess
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


def chosen(*folders: Path) -> list[str]:
    """What to run of these folders: all of it, or in CI half of their files."""
    if LONG_FORMS:
        return [str(folder) for folder in folders]
    files = sorted(str(file) for folder in folders for file in folder.rglob("test_*.py"))
    return files[_turn() :: 2]


def _turn() -> int:
    """0 or 1, by the commit; 0 outside of a checkout."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
    return int(asked.stdout.strip() or "0", 16) % 2


def browser() -> int:
    """Apart from the others: the product and the browser are started once for each process."""
    return run_tests(["-m", CHOSEN, *chosen(BROWSER)])


def others() -> int:
    """Renders, full-size media, thousands of rows, the long forms."""
    apart = [BROWSER, STORMS] if LONG_FORMS else [BROWSER, STORMS, STUDIO]
    return run_tests(["-m", CHOSEN, *(f"--ignore={folder}" for folder in apart)])


def storms() -> int:
    """Apart from what computes: they mostly stand still, and promise to react within seconds."""
    return run_tests(["-m", CHOSEN, *chosen(STORMS)])


def postgres() -> int:
    if LONG_FORMS:
        return test_postgres.run_parts(test_postgres.PARTS)
    apps = (Path(test_postgres.TESTS) / app for app in test_postgres.OWN_TABLES)
    return test_postgres.run_parts(["-m", "not thorough", *chosen(*apps)])


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
