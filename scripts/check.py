"""`make check`: everything a change must pass. The quick checks first, then the whole suite."""

from __future__ import annotations

import os
import sys
import time

from bootstrap import ROOT, VENV, ensure_or_exit, run
from suite import run_tests

CODE = [
    "core",
    "accounts",
    "media",
    "tools",
    "templates_app",
    "runs",
    "moderation",
    "builder",
    "scripts",
]


def quick_checks(python: str) -> list[tuple[str, list[str]]]:
    """(what is checked, the command), none of which changes a file."""
    tool = [python, "-m"]
    return [
        ("lint (make fmt mends most of it)", [*tool, "ruff", "check", "."]),
        ("format (make fmt mends it)", [*tool, "ruff", "format", "--check", "."]),
        ("types", [*tool, "mypy", *CODE]),
        ("layers", [str(VENV / "bin" / "lint-imports"), "--no-cache"]),
        (
            "migrations (manage.py makemigrations)",
            [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        ),
    ]


def main() -> int:
    python = ensure_or_exit("runtime", "dev")
    os.chdir(ROOT)
    failed = []
    for name, command in quick_checks(python):
        print(f"— {name}", flush=True)
        started = time.monotonic()
        if run(command):
            failed.append(name)
        print(f"  {time.monotonic() - started:.1f} s", flush=True)
    if failed:
        print("\nNot in order: " + "; ".join(failed), file=sys.stderr)
        return 1
    print("— tests", flush=True)
    return run_tests([])


if __name__ == "__main__":
    sys.exit(main())
