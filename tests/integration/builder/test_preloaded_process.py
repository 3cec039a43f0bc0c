"""What may be in the process that others are forked from, and what modules keep across a fork."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.program import ROOT

# Each step adds something to a preloaded process, which then says what is wrong with it.
PROGRAM = """
import importlib, sys, threading, django
django.setup()
from django.db import connection
from builder.ops.server import preloaded
STEPS = (
    preloaded.import_all,
    lambda: threading.Thread(target=threading.Event().wait, daemon=True, name="extra").start(),
    connection.ensure_connection,
    lambda: importlib.import_module("core.server"),
    lambda: importlib.import_module("cv2"),
)
for step in STEPS:
    step()
    try:
        preloaded.check()
        print("nothing")
    except preloaded.Unforkable as problem:
        print(problem)
print(*(name for name, module in sys.modules.items() if module))
"""
# What few servers ever use: it is imported where it is used.
LATE = ("media.credential_keys", "cryptography.x509", "cryptography.fernet", "click")
PROBLEMS = ["nothing", "thread extra", "connection default", "twisted.internet.reactor", "cv2"]
KEPT = {"core/process_name.py", "runs/dispatch/by_jobs.py"}


@pytest.mark.slow
def test_nothing_that_a_fork_would_break_is_there_before_it() -> None:
    *lines, imported = output_of(PROGRAM)
    assert len(lines) == len(PROBLEMS)
    for line, problem in zip(lines, PROBLEMS, strict=True):
        assert problem in line
    assert not {*LATE} & {*imported.split()}


def output_of(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_who_keeps_something_across_a_fork_is_listed() -> None:
    names = {
        path.relative_to(ROOT).as_posix()
        for app in ROOT.glob("*/apps.py")
        for path in app.parent.rglob("*.py")
        if "register_at_fork" in path.read_text()
    }
    assert names - {"builder/ops/server/preloaded.py"} == KEPT
