"""What other engines are measured with stays apart: from our environment and from CI."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.rows import chosen
from tests.support.program import ROOT

OURS = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"tests", "scripts"}
PROGRAMS = sorted((ROOT / "tests" / "bench" / "peers").glob("*.py"))


def test_says_in_one_line_which_server_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bench_peers.py")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("`make bench-peers` needs Redis")
    assert "sudo apt install redis-server postgresql" in line


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_programs_of_other_engines_import_nothing_of_ours(program: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(program.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert not imported & OURS


def test_other_engines_are_measured_only_when_asked_for() -> None:
    assert not {"celery", "dbos"} & {row.name for row in chosen([])}
    for path in (".ci/run", "scripts/check.py", "scripts/suite.py", "scripts/test_all.py"):
        text = (ROOT / path).read_text()
        assert "peers" not in text, f"{path} measures other engines"
        assert "make bench" not in text
