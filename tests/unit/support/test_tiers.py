"""Which tests `make test` leaves to `make test-all`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program
from tests.support.tiers import TESTS

SUITE = """
import pytest

def test_plain(): pass

@pytest.mark.slow
def test_marked(): pass

@pytest.mark.thorough
def test_thorough(): pass

@pytest.mark.browser
def test_browser(): pass
"""


def collection(path: Path, marks: str) -> Program:
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(path)]
    options = ["-p", "no:cacheprovider", "--collect-only", "-q", "-m", marks]
    return Program([*command, *options], {"DATABASE_URL": ""})


def collected(path: Path, marks: str) -> set[str]:
    with collection(path, marks) as run:
        run.wait(150)
        return {line.rpartition("::")[2] for line in run.lines if "::" in line}


@pytest.mark.slow
def test_what_is_slow_by_its_mark_is_left_to_test_all(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)
    assert collected(suite, "not slow") == {"test_plain"}
    assert collected(suite, "slow") == {"test_marked", "test_thorough", "test_browser"}


@pytest.mark.slow
def test_property_tests_run_in_test_all_too(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    properties = "from hypothesis import given, strategies\n"
    properties += "@given(strategies.none())\ndef test_property(value): pass\n"
    suite.write_text(f"{SUITE}\n{properties}")
    (tmp_path / "test_plain.py").write_text("def test_other(): pass\n")
    whole = {"test_marked", "test_thorough", "test_browser", "test_property"}
    assert collected(tmp_path, "slow or hypothesis") == whole


@pytest.mark.slow
def test_a_slow_test_that_its_file_does_not_name_is_refused(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text("import pytest\n\n@getattr(pytest.mark, 'slow')\ndef test(): pass\n")
    with collection(suite, "not slow") as run:
        assert run.wait(150) == pytest.ExitCode.USAGE_ERROR
    assert "::test is slow by a mark of another file" in run.text()


@pytest.mark.slow
def test_what_starts_the_product_is_slow_by_its_folder() -> None:
    assert not collected(TESTS / "e2e", "not slow")
    assert collected(TESTS / "e2e", "slow")


@pytest.mark.slow
@pytest.mark.parametrize("marks", ["pytest.mark.slow", "[pytest.mark.django_db, pytest.mark.slow]"])
def test_a_file_whose_tests_are_all_slow_is_not_read_for_the_others(
    tmp_path: Path, marks: str
) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(f"import pytest\n\npytestmark = {marks}\n\ndef test(): pass\n")
    assert collected(tmp_path, "slow") == {"test"}
    suite.write_text(f"{suite.read_text()}\nraise OSError\n")
    assert not collected(tmp_path, "not slow")
