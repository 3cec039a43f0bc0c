"""No module but `runs.engine.transitions` writes the state of a run or a step."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.program import ROOT

WRITER = "runs/engine/transitions.py"
# What stores keyword arguments in columns: of a queryset, a manager or a `RunChange`.
STORING = {"update", "set", "create", "get_or_create", "update_or_create", "acreate", "aupdate"}
MODELS = {"Run", "Step"}
SQL = re.compile(r"runs_(step|run)\b.*\bset\b(?:(?!\bwhere\b).)*\bstatus\s*=", re.I | re.S)


def writes(source: str) -> Iterator[int]:
    """The lines on which a module's source writes a status, or stores new rows past its check."""
    knows_models = "runs.models" in source or "runs.log.changes" in source
    # What has none of these words has nothing that the rest would report, and takes long to parse.
    words = ("status", "bulk_create") if knows_models else ("runs_",)
    if not any(word in source.lower() for word in words):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SQL.search(node.value):
                yield node.lineno
        elif not knows_models:
            continue
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Attribute) and one.attr == "status" for one in targets):
                yield node.lineno
        elif isinstance(node, ast.Call) and _stores(node):
            yield node.lineno


def _stores(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Name):
        name = call.func.id
    if name in STORING | MODELS:
        given = {keyword.arg for keyword in call.keywords}
        return "status" in given or any("'status':" in text for text in _arguments(call))
    if name in ("bulk_create", "abulk_create"):
        # New steps and runs begin in `insert_steps` and `insert_run`.
        of = ast.unparse(call.func).partition(".")[0]
        return of in MODELS
    if name in ("save", "bulk_update"):
        return any("'status'" in text for text in _arguments(call))
    return False


def _arguments(call: ast.Call) -> list[str]:
    return [ast.unparse(one) for one in (*call.args, *(k.value for k in call.keywords))]


def modules() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [
        name
        for name in listed.stdout.split()
        if not name.startswith("tests/") and "/migrations/" not in name and (ROOT / name).is_file()
    ]


def test_only_transitions_write_the_states_of_runs_and_steps() -> None:
    found = {name: list(writes((ROOT / name).read_text())) for name in modules()}
    assert found.pop(WRITER), "the check does not see the writer's own writes"
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "write",
    [
        "Step.objects.filter(id=1).update(status='ready')",
        "rows.update(**{'status': 'ready'})",
        "step.status = 'ready'",
        "step.save(update_fields=['status'])",
        "Step.objects.bulk_update(steps, ['status'])",
        "Step.objects.bulk_create(steps)",
        "Step(key='a', status='ready')",
        "Run.objects.create(status='running')",
        "change.set(status='running')",
        "Statement('UPDATE runs_step SET attempt = 1, status = 2 WHERE id = 3')",
    ],
)
def test_every_way_of_writing_a_state_is_seen(write: str) -> None:
    assert list(writes(f"from runs.models import Run, Step\n{write}\n"))


@pytest.mark.parametrize(
    "read",
    [
        "Step.objects.filter(status='ready').update(not_before=now)",
        "Statement('UPDATE runs_step SET not_before = 1 WHERE status = 2')",
        "found.exclude(status='ready').count()",
    ],
)
def test_reading_a_state_is_no_write(read: str) -> None:
    assert not list(writes(f"from runs.models import Run, Step\n{read}\n"))
