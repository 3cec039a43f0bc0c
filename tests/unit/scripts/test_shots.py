"""`make shots` runs as a program of its own, where Django is not set up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.program import ROOT

pytestmark = pytest.mark.slow


def test_names_the_pages_there_are_when_asked_for_another() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.shots", "nowhere"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("No page is called nowhere. There are: ")
