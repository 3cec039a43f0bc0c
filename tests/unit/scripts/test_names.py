"""scripts/names.py over a small checkout."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    import names

FILES = {
    "runs/told.py": '"""Of a run."""\nfound = 1\ndef given(seed, asked):\n  for kept in seed: 1\n',
    "runs/good.py": '"""Runs."""\ndef failed_steps(need):\n  """List them."""\n  embed = need\n',
    "runs/migrations/0001_initial.py": "found = 1\n",
    "studio/draw.py": "found = 1\n",
    "tests/test_runs.py": "found = 1\n",
    "frontend/src/run/words.ts": "/** Whose run. */\nfunction said() {}\nconst { made } = x\n",
    "frontend/src/run/words.test.ts": "const found = 1\n",
    "frontend/src/api/schema.ts": "// Written by `manage.py`.\nconst found = 1\n",
}
RUNS = {"docstring": 1, "function": 1, "module": 1, "parameter": 1, "variable": 2}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    root = tmp_path_factory.mktemp("checkout")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return names.Names(root).figures()


def test_participles_and_relative_openings_are_counted(figures: dict[str, dict[str, int]]) -> None:
    assert figures == {
        "frontend/src/run": {"docstring": 1, "function": 1, "variable": 1},
        "runs": RUNS,
    }


def test_a_name_more_than_its_budget_is_refused_and_one_less_has_it_written() -> None:
    assert names.faults({"runs": RUNS}, {"runs": RUNS}) == ""
    less, more = {"runs": {**RUNS, "variable": 1}}, {"runs": {**RUNS, "variable": 3}}
    assert names.faults(more, {"runs": RUNS}).endswith("runs: variable 3, at most 2")
    assert "--write" in names.faults(less, {"runs": RUNS})
    assert "--write" in names.faults({}, {"runs": RUNS})
    assert "runs: docstring 1, at most 0" in names.faults({"runs": RUNS}, {})
