"""What may be in the process that others are forked from, and what modules keep across a fork."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.program import ROOT

PRELOADED = """
import importlib, threading, django
django.setup()
from builder.server import preloaded
for name in preloaded.MODULES:
    importlib.import_module(name)
{more}
preloaded.check()
"""
KEPT = {"core/process_name.py", "runs/dispatch/by_jobs.py"}


def problems_of(more: str) -> str:
    """What a preloaded process says that also did this; nothing when it may fork."""
    done = subprocess.run(
        [sys.executable, "-c", PRELOADED.format(more=more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode != 0) == ("Unforkable" in done.stderr), done.stderr
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("", ""),
        ("threading.Thread(target=threading.Event().wait, daemon=True).start()", "thread"),
        ("from django.db import connection; connection.ensure_connection()", "connection default"),
        ("import core.server", "twisted.internet.reactor"),
        ("import cv2", "cv2"),
    ],
)
def test_nothing_that_a_fork_would_break_is_there_before_it(more: str, problem: str) -> None:
    message = problems_of(more)
    assert problem in message
    assert bool(problem) == bool(message)


def test_who_keeps_something_across_a_fork_is_listed() -> None:
    names = subprocess.run(
        ["git", "grep", "-l", "os.register_at_fork", "--", "*.py", ":!tests", ":!builder/server"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(names.stdout.split()) == KEPT
