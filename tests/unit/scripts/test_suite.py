"""Second tries of failed tests, and the list of tests that CI runs beside `make check`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT
from tests.support.tiers import TESTS

# True once, in whichever process asks first.
ONCE = """
import os, pathlib, pytest

def is_first(name):
    try:
        (pathlib.Path(__file__).parent / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

@pytest.mark.parametrize("number", range({count}))
def test_late(number):
    assert not is_first(f"late-{{number}}")

def test_plain(): pass
"""
ALWAYS = "def test_wrong(): assert False\n"
CRASH = "def test_crash():\n    if is_first('crash'): os._exit(1)\n"
SKIPPED = "def test_odd():\n    if not is_first('odd'): pytest.skip('not now')\n    assert False\n"
# They take most of the time of such a run, and none of these tests is theirs.
FEW_PLUGINS = " ".join(f"-p no:{name}" for name in ("schemathesis", "hypothesispytest", "django"))
MORE = "— once more, alone:"


def run_suite(tests: Path, **environment: str) -> tuple[int, str]:
    """Run `make test T=…` over the tests of a folder; returns its exit code and output."""
    process = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "suite.py"), str(tests)],
        env={**os.environ, "PYTEST_ADDOPTS": FEW_PLUGINS, **environment},
        capture_output=True,
        text=True,
    )
    return process.returncode, process.stdout + process.stderr


@pytest.mark.slow
@pytest.mark.parametrize("ci", ["", "1"])
def test_late_tests_pass_alone_and_the_last_lines_name_them(tmp_path: Path, ci: str) -> None:
    (tmp_path / "test_it.py").write_text(ONCE.format(count=4))
    file = tmp_path / "second_tries.txt"
    code, text = run_suite(tmp_path, CI=ci, REELGRAPH_SECOND_TRIES=str(file))
    assert code == 0, text
    tests = [f"test_it.py::test_late[{number}]" for number in range(4)]
    assert text.splitlines()[-5:] == [
        "Passed in the second try only:",
        *(f"  {test}" for test in tests),
    ]
    assert file.read_text().splitlines() == tests


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "count", "tries"),
    [
        pytest.param(ALWAYS, 1, 2, id="fails twice"),
        pytest.param(SKIPPED, 1, 2, id="is skipped alone"),
        pytest.param("", 5, 1, id="five late ones"),
        pytest.param(CRASH, 0, 1, id="a process crashes"),
        pytest.param("import missing\n", 1, 1, id="a file is broken"),
    ],
)
def test_anything_else_is_red(tmp_path: Path, source: str, count: int, tries: int) -> None:
    (tmp_path / "test_it.py").write_text(ONCE.format(count=count))
    (tmp_path / "test_other.py").write_text(ONCE.format(count=0) + source)
    code, text = run_suite(tmp_path)
    assert code != 0, text
    assert text.count(MORE) == tries - 1
    assert "Passed in the second try only" not in text


def test_the_list_of_the_gate_names_tests_that_exist() -> None:
    lines = (TESTS / "gate.txt").read_text().splitlines()
    tests = [line for line in lines if line and not line.startswith("#")]
    assert tests
    for test in tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        if name:
            assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(), test
