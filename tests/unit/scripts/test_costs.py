"""What the tests may cost, judged by written figures."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.tiers import TESTS

FILE = "tests/unit/test_it.py"


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TESTS.parent / "scripts"))
    return importlib.import_module("costs")


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ({"short": {FILE: 1.0}}, ""),
        ({"slow": {FILE: 90.0}}, ""),
        ({}, f"{FILE} has no figure: make costs T={FILE}"),
        ({"short": {FILE: 1.0, "tests/test_gone.py": 1.0}}, "tests/test_gone.py is gone"),
        ({"short": {FILE: 9_000.0}}, "The short tests cost 9000 CPU-s"),
        ({"slow": {FILE: 9_000.0}}, "The slow tests cost 9000 CPU-s"),
        (
            {"short": {FILE: 1.0}, "long": {f"{FILE}::test_{n}": 2.0 for n in range(99)}},
            "99 tests of `make test` cost over 1.5 CPU-s",
        ),
    ],
)
def test_each_budget_is_held(costs: ModuleType, figures: dict[str, Any], problem: str) -> None:
    whole = costs.Figures(**{"short": {}, "slow": {}, "long": {}, "unmeasured": [], **figures})
    lines = "\n".join(whole.problems([FILE]))
    assert lines == "" if not problem else problem in lines


def test_a_run_replaces_the_figures_of_its_files_alone(costs: ModuleType, tmp_path: Path) -> None:
    rows = [
        {"test": f"{FILE}::test_a", "is_slow": False, "own": 1.5, "children": 0.5, "pace": 0.0},
        {"test": f"{FILE}::test_b", "is_slow": False, "own": 0.25, "children": 0.0, "pace": 0.0},
        {"test": f"{FILE}::test_c", "is_slow": True, "own": 7.0, "children": 0.0, "pace": 0.0},
    ]
    (tmp_path / "1.jsonl").write_text("\n".join(map(json.dumps, rows)))
    other = "tests/unit/test_other.py"
    figures = costs.Figures(
        short={FILE: 9.0, other: 1.0},
        slow={other: 2.0},
        long={f"{FILE}::test_b": 8.0},
        unmeasured=[FILE],
    )
    figures.update(costs.read_rows(tmp_path))
    assert figures.short == {FILE: 2.25, other: 1.0}
    assert figures.slow == {FILE: 7.0, other: 2.0}
    assert figures.long == {f"{FILE}::test_a": 2.0}
    assert figures.unmeasured == []


def test_figures_are_those_of_a_quiet_machine(costs: ModuleType, tmp_path: Path) -> None:
    row = {"test": f"{FILE}::test_a", "is_slow": False, "own": 3.0, "children": 1.0}
    (tmp_path / "1.jsonl").write_text(json.dumps({**row, "pace": 2 * costs.PACE_S}))
    assert [one.cpu_s for one in costs.read_rows(tmp_path)] == [2.0]
