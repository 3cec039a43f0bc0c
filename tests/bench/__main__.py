"""`make bench`: measure, print a table and write bench.json.

`python -m tests.bench [--all | --list | ROW …]`; without rows all but the slow ones. It never
judges: the exit code is 1 only when a row could not be measured because it broke.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bench.figures import Figure, skipped, table, to_json, under_load
from tests.bench.ground import NotHere
from tests.bench.rows import ROWS, Row, UnknownRow, chosen
from tests.support.program import ROOT


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which rows; see --list")
    parser.add_argument("--all", action="store_true", help="the slow rows, too")
    parser.add_argument("--list", action="store_true", help="say what each row measures, and stop")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "bench.json", help="where the figures are written"
    )
    options = parser.parse_args(arguments)
    if options.list:
        print(listing())
        return 0
    try:
        rows = chosen(options.rows, everything=options.all)
    except UnknownRow as problem:
        print(problem, file=sys.stderr)
        return 2
    about, began = surroundings(), time.monotonic()
    figures, broken = measure(rows)
    about["took_s"] = round(time.monotonic() - began, 1)
    options.out.write_text(json.dumps(to_json(figures, about), indent=2) + "\n")
    print(f"\n{table(figures)}\n\nWritten to {options.out}")
    return 1 if broken else 0


def listing() -> str:
    """Each row's name and what it measures."""
    parts = []
    for row in ROWS:
        slow = " (slow: only when named, or with --all)" if row.slow else ""
        text = "\n".join(f"    {line}".rstrip() for line in row.what.splitlines())
        parts.append(f"{row.name}{slow}\n{text}")
    return "\n".join(parts)


def measure(rows: list[Row]) -> tuple[list[Figure], bool]:
    """The figures of these rows, and whether any of them broke."""
    figures: list[Figure] = []
    broken = False
    for name, part in [part for row in rows for part in row.parts()]:
        print(f"{name} …", file=sys.stderr, flush=True)
        measured, failed = _measured(name, part)
        broken = broken or failed
        figures += measured
        print(table(measured), file=sys.stderr, flush=True)
    return figures, broken


def _measured(name: str, part: Callable[[], Iterator[Figure]]) -> tuple[list[Figure], bool]:
    figures: list[Figure] = []
    before = os.getloadavg()[0]
    try:
        for figure in part():
            figures.append(under_load(figure, before))
            before = os.getloadavg()[0]
    # Helpers of tests skip where a program is missing, such as Chromium.
    except (NotHere, pytest.skip.Exception) as problem:
        figures.append(under_load(skipped(name, str(problem)), before))
    except (Exception, SystemExit) as problem:
        # The other rows are still worth having.
        traceback.print_exc()
        said = str(problem).strip() or type(problem).__name__
        figures.append(under_load(skipped(name, f"broke: {said.splitlines()[0]}"), before))
        return figures, True
    return figures, False


def surroundings() -> dict[str, Any]:
    """What the figures were measured on."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
