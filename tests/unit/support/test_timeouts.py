"""A test that is ended by its time-out fails alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.postgres_server import PostgresServer
from tests.support.program import ROOT, Program

SUITE = """
import pytest
from django.db import connection

def ask(text):
    with connection.cursor() as cursor:
        cursor.execute(text)

@pytest.mark.timeout(2, func_only=True)
@pytest.mark.django_db{options}
def test_late():
    ask("SELECT pg_sleep(600)")

@pytest.mark.django_db{options}
def test_next():
    ask("SELECT 1")
"""


@pytest.mark.slow
@pytest.mark.parametrize("options", ["", "(transaction=True)"], ids=["in one", "that commits"])
def test_the_tests_after_one_that_is_late_pass(tmp_path: Path, options: str) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE.format(options=options))
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), str(suite)]
    with (
        PostgresServer() as server,
        Program([*command, "-p", "no:cacheprovider", "-q"], {"DATABASE_URL": server.url}) as run,
    ):
        run.wait(300)
        assert "1 failed, 1 passed" in run.text()
