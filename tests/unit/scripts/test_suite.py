"""What CI does with tests that failed."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.tiers import TESTS

# May only get smaller.
MOST_RETRIED = 2
NAMED = {"tests/e2e/test_one.py::test_a": "why"}


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TESTS.parent / "scripts"))
    return importlib.import_module("suite")


@pytest.mark.parametrize(
    ("failures", "retried"),
    [
        ({"tests/e2e/test_one.py::test_a"}, True),
        ({"tests/e2e/test_one.py::test_b"}, False),
        ({"tests/e2e/test_one.py::test_a", "tests/e2e/test_one.py::test_b"}, False),
    ],
)
def test_only_named_tests_are_tried_again(
    suite: ModuleType, failures: set[str], retried: bool
) -> None:
    assert suite.may_be_retried(failures, NAMED) == retried


def test_the_named_ones_are_few_exist_and_say_why(suite: ModuleType) -> None:
    named = json.loads(suite.RETRIED.read_text())
    assert len(named) <= MOST_RETRIED
    for test, cause in named.items():
        path, _, name = test.partition("::")
        source = (TESTS.parent / path).read_text()
        assert f"def {name.partition('[')[0]}(" in source, test
        assert cause


@pytest.mark.slow
def test_another_failure_is_red_at_once_in_ci(suite: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    assert False\n")
    result = subprocess.run(
        [sys.executable, str(suite.__file__), str(tmp_path)],
        env={**os.environ, "CI": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout.count("1 failed") == 1
