"""`make gate`: what CI runs beside `make check`, the tests that tests/gate.txt lists.

In two parts: what starts the product, whose processes are slow by their own mark, and integration
tests on Postgres.
"""

from __future__ import annotations

import sys

import test_postgres
from bootstrap import ROOT
from suite import run_parts, run_tests

LIST = ROOT / "tests" / "gate.txt"
ON_POSTGRES = "tests/integration"


def listed_tests() -> list[str]:
    """Return the paths and ids of the list."""
    return [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]


def main() -> int:
    tests = listed_tests()
    on_postgres = [path for path in tests if path.startswith(ON_POSTGRES)]
    others = [path for path in tests if not path.startswith(ON_POSTGRES)]
    return run_parts(
        {
            "the started product": lambda: run_tests(["-m", "not thorough", *others]),
            "Postgres": lambda: test_postgres.run_on_postgres(["-m", "not slow", *on_postgres]),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
