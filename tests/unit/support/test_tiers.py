"""Which tests `make test` leaves to `make test-all`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program
from tests.support.tiers import DRAWN, NO_TABLES, RENDERS, TESTS, TURNS, turn_of

SUITE = """
import pytest

def test_plain(): pass

@pytest.mark.slow
def test_marked(): pass

@pytest.mark.thorough
def test_thorough(): pass

@pytest.mark.browser
def test_browser(): pass

@pytest.mark.browser
@pytest.mark.journey
def test_journey(): pass
"""


def collection(path: Path, marks: str, turn: str = "") -> Program:
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(path)]
    options = ["-p", "no:cacheprovider", "--collect-only", "-q", "-m", marks]
    return Program([*command, *options], {"DATABASE_URL": "", "REELGRAPH_TURN": turn})


def collected(path: Path, marks: str, turn: str = "") -> set[str]:
    with collection(path, marks, turn) as run:
        run.wait(150)
        return {line.rpartition("::")[2] for line in run.lines if "::" in line}


@pytest.mark.slow
def test_what_is_slow_by_its_mark_is_left_to_test_all(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)
    assert collected(suite, "not slow") == {"test_plain", "test_journey"}
    assert collected(suite, "slow") == {"test_marked", "test_thorough", "test_browser"}


@pytest.mark.slow
def test_a_slow_test_that_its_file_does_not_name_is_refused(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text("import pytest\n\n@getattr(pytest.mark, 'slow')\ndef test(): pass\n")
    with collection(suite, "not slow") as run:
        assert run.wait(150) == pytest.ExitCode.USAGE_ERROR
    assert "::test is slow by a mark of another file" in run.text()


@pytest.mark.slow
def test_only_long_forms_take_turns(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)
    turn = turn_of(suite)
    assert collected(suite, "slow", str(turn + TURNS)) == {
        "test_marked",
        "test_thorough",
        "test_browser",
    }
    assert collected(suite, "slow", str(turn + 1)) == {"test_marked", "test_browser"}


def test_what_takes_turns_is_there() -> None:
    assert [place for place in (*RENDERS, *NO_TABLES, *DRAWN) if not place.exists()] == []


@pytest.mark.slow
def test_what_starts_the_product_is_slow_by_its_folder() -> None:
    folder = TESTS / "e2e"
    journeys = collected(folder, "not slow")
    assert journeys
    assert journeys == collected(folder, "journey")
