"""scripts/structure.py over a small checkout that holds one of each fault."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    import structure

CLOCK = """
def {name}({argument}):
    minutes, rest = divmod({argument}, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{{minutes:02}}:{{rest:02}}"
    text = text.strip()
    if hours:
        text = f"{{hours}}:{{text}}"
    return text
"""
FILES = {
    "runs/__init__.py": "",
    "runs/models.py": "from runs import states\n" + "ROW = 1\n" * 400,
    "runs/states.py": "from runs.models import ROW\nfrom runs.engine import lease, work\n",
    "runs/urls.py": "from runs.web import api\n",
    "runs/web/__init__.py": "",
    "runs/web/api.py": "from runs.states import ROW\n",
    "runs/engine/__init__.py": "",
    "runs/engine/lease.py": "from __future__ import annotations\n\nimport os\nimport sys\n"
    + CLOCK.format(name="clock", argument="seconds"),
    "runs/engine/work.py": "from runs import models\n" + CLOCK.format(name="time", argument="left"),
    "runs/migrations/0001_initial.py": "ROW = 1\n" * 500,
    "tools/__init__.py": '"""Tools.\n\nPublic modules:\n- `registry`, `sizes.*`: x.\n"""\n',
    "tools/registry.py": "from tools import secret\n",
    "tools/secret.py": "",
    "tools/sizes/__init__.py": "",
    "tools/sizes/large.py": "",
    "runs/tasks.py": "from tools import registry, secret\nfrom tools.sizes import large\n",
    "tests/test_runs.py": "from runs.web import api\n" + "ROW = 1\n" * 500,
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> structure.Tree:
    root = tmp_path_factory.mktemp("checkout")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return structure.Tree(root)


def test_a_long_module_is_named_and_migrations_and_tests_are_not(tree: structure.Tree) -> None:
    assert tree.long_modules().offenders == ["runs/models.py: 401 lines"]


def test_modules_that_import_each_other_are_one_cycle(tree: structure.Tree) -> None:
    assert tree.module_cycles().offenders == ["runs.engine.work ↔ runs.models ↔ runs.states"]


def test_folders_that_import_each_other_are_a_cycle_and_wiring_is_exempt(
    tree: structure.Tree,
) -> None:
    found = tree.folder_cycles()
    assert found.offenders[0] == "runs ↔ runs/engine"
    assert "    runs.states imports runs.engine.lease" in found.offenders
    assert not any("web" in line for line in found.offenders)


def test_functions_are_duplicates_whatever_their_variables_are_called(
    tree: structure.Tree,
) -> None:
    assert tree.duplicates().offenders == [
        "runs/engine/lease.py:6 clock = runs/engine/work.py:3 time"
    ]


def test_another_apps_private_module_is_not_imported(tree: structure.Tree) -> None:
    assert tree.private_imports().offenders == [
        "runs.tasks imports tools.secret, which tools/__init__.py doesn't list"
    ]


def test_a_module_of_ours_counts_once_for_each_that_is_imported(tree: structure.Tree) -> None:
    assert tree.of_ours([tree.every["runs.states"]]) == [3]
    assert tree.statements([tree.every["runs.states"]]) == [2]


def test_what_is_over_its_budget_is_named_with_the_remedy(tree: structure.Tree) -> None:
    said: list[str] = []
    assert structure.over_budget(tree.figures(), said.append)
    at = next(n for n, line in enumerate(said) if line.startswith("duplicate functions"))
    assert said[at] == "duplicate functions: 1, at most 0. Keep one and import it:"
    assert "runs/engine/work.py" in said[at + 1]


def test_the_table_has_a_row_for_each_package(tree: structure.Tree) -> None:
    lines = structure.table(tree).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| all", "| runs", "| tools", "| tests"]
