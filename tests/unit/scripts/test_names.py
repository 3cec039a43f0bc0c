"""scripts/names.py over a small checkout."""

from __future__ import annotations

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    import names

RUNS = {"docstring": 1, "function": 1, "module": 1, "parameter": 1, "variable": 2}


def test_a_name_more_than_its_budget_is_refused_and_one_less_has_it_written() -> None:
    assert names.faults({"runs": RUNS}, {"runs": RUNS}) == ""
    less, more = {"runs": {**RUNS, "variable": 1}}, {"runs": {**RUNS, "variable": 3}}
    assert names.faults(more, {"runs": RUNS}).endswith("runs: variable 3, at most 2")
    assert "--write" in names.faults(less, {"runs": RUNS})
    assert "--write" in names.faults({}, {"runs": RUNS})
    assert "runs: docstring 1, at most 0" in names.faults({"runs": RUNS}, {})
