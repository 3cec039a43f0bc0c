"""The CPU time that the tests cost, and the budgets that hold it.

`make costs` measures the short tier, `make costs T="-m slow"` the others, `make costs T=FILE` one
file, and each writes its figures into tests/costs.json. Load alone costs up to twice as much, so
each process's figures are divided by its pace at a fixed piece of work. `costs.py --check`, part of
`make check`, judges only what is written there, never a run. `costs.py FOLDER` prints what cost
most of what a run wrote into a folder.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ROOT
from suite import requested_arguments, run_tests

FIGURES = ROOT / "tests" / "costs.json"
# CPU seconds of all tests of `make test`, and of all others: who adds takes away. What pytest
# itself takes, to collect and to report, comes on top: 180 on a quiet machine.
SHORT_S = 558.0
SLOW_S = 1600.0
# A test over this belongs to the slow ones. So many still don't; may only go down.
LONG_S = 1.5
MOST_LONG = 14
MOST_UNMEASURED = 1
FOLDERS = ("tests", "studio/tests")
RENDERS = ("studio/tests/artist/", "studio/tests/jobs/")
# What the fixed piece of work of tests/support/costs.py takes on a quiet machine.
PACE_S = 0.00105


@dataclass(frozen=True, slots=True)
class Row:
    """One test of one run. cpu_s: of its process and of the children that ended meanwhile."""

    test: str
    is_slow: bool
    cpu_s: float

    @property
    def file(self) -> str:
        return self.test.partition("::")[0]


@dataclass
class Figures:
    """CPU seconds by file, and of each long test of the short tier by its id.

    unmeasured: files without a figure, all of whose tests are slow.
    """

    short: dict[str, float]
    slow: dict[str, float]
    long: dict[str, float]
    unmeasured: list[str]

    def problems(self, files: Iterable[str]) -> list[str]:
        """List what is over a budget, with the remedy. files: all there are, from the root on."""
        listed_files, here = {*self.short, *self.slow, *self.unmeasured}, set(files)
        lines = [
            f"{file} has no figure: make costs T={file}" for file in sorted(here - listed_files)
        ]
        lines += [f"{file} is gone: take it out" for file in sorted(listed_files - here)]
        for name, costs, budget in (("short", self.short, SHORT_S), ("slow", self.slow, SLOW_S)):
            total = sum(costs.values())
            if total > budget:
                lines.append(f"The {name} tests cost {total:.0f} CPU-s, at most {budget:.0f}.")
        if len(self.unmeasured) > MOST_UNMEASURED:
            lines.append(f"Over {MOST_UNMEASURED} files without a figure: make costs T=FILE")
        if len(self.long) > MOST_LONG:
            lines.append(
                f"{len(self.long)} tests of `make test` cost over {LONG_S} CPU-s, at most"
                f" {MOST_LONG}: shorten one, or mark it slow."
            )
            lines += [f"    {cpu_s:5.1f}  {test}" for test, cpu_s in _most(self.long)]
        return lines

    def update(self, rows: Iterable[Row]) -> None:
        """Take over the files of a run; all others keep their figures."""
        for is_slow, costs in ((False, self.short), (True, self.slow)):
            costs.update(by_file(row for row in rows if row.is_slow == is_slow))
        self.unmeasured = sorted({*self.unmeasured} - {row.file for row in rows})
        ids = {row.test for row in rows}
        self.long = {
            **{test: cpu_s for test, cpu_s in self.long.items() if test not in ids},
            **{row.test: row.cpu_s for row in rows if not row.is_slow and row.cpu_s > LONG_S},
        }


def by_file(rows: Iterable[Row]) -> dict[str, float]:
    costs: dict[str, float] = {}
    for row in rows:
        costs[row.file] = round(costs.get(row.file, 0.0) + row.cpu_s, 3)
    return costs


def read_rows(folder: Path) -> list[Row]:
    """Read what the processes of a run wrote, as it were on a quiet machine."""
    return [row for path in folder.glob("*.jsonl") for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[Row]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    slowness = max(1.0, statistics.mean(line["pace"] for line in lines) / PACE_S)
    for line in lines:
        yield Row(line["test"], line["is_slow"], (line["own"] + line["children"]) / slowness)


def read_figures() -> Figures:
    return Figures(**json.loads(FIGURES.read_text()))


def write_figures(figures: Figures) -> None:
    cpu_s_by_test = {
        name: {key: round(cpu_s, 2) for key, cpu_s in sorted(getattr(figures, name).items())}
        for name in ("short", "slow", "long")
    }
    whole = {**cpu_s_by_test, "unmeasured": figures.unmeasured}
    FIGURES.write_text(json.dumps(whole, indent=1) + "\n")


def test_files() -> list[str]:
    """All test files but the studio's renders, of which a run has one in seven."""
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("test_*.py"))
    paths = (path.relative_to(ROOT).as_posix() for path in files)
    return [path for path in paths if not path.startswith(RENDERS)]


def measure(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="rg-costs-") as folder:
        code = run_tests(arguments, REELGRAPH_TEST_COSTS=folder)
        if code == 0:
            figures = read_figures()
            figures.update(read_rows(Path(folder)))
            write_figures(figures)
        return code


def show(folder: Path) -> None:
    rows = read_rows(folder)
    print(f"{len(rows)} tests, {sum(row.cpu_s for row in rows):.1f} CPU seconds")
    for costs in (by_file(rows), {row.test: row.cpu_s for row in rows}):
        for name, cpu_s in _most(costs)[:60]:
            print(f"{cpu_s:8.2f}  {name}")


def _most(costs: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(costs.items(), key=lambda item: -item[1])


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        problems = read_figures().problems(test_files())
        print("\n".join(problems) or "within the budgets")
        return int(bool(problems))
    if arguments:
        show(Path(arguments[0]))
        return 0
    return measure(requested_arguments() or ["-m", "not slow"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
