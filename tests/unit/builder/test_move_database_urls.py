"""How `move-database` reads and shows the URL of a database."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

command = importlib.import_module("builder.management.commands.move-database")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://ada:se%40cret@db:5432/studio", "postgres://ada:…@db:5432/studio"),
        ("postgres://ada@db/studio?sslpassword=secret", "postgres://ada@db/studio?…"),
        ("postgres:///studio", "postgres:///studio"),
        ("postgres://ada:a@b@db/studio", "postgres://ada:…@db/studio"),
    ],
)
def test_shows_no_password(url: str, shown: str) -> None:
    assert command.without_password(url) == shown
    assert command.url_of(url) == url


@pytest.mark.parametrize(
    "stderr",
    [
        "CommandError: no room\n",
        'Traceback (most recent call last):\n  File "/a b.py", line 1, in f\n    g(\n    ^^\n'
        "django.db.utils.ProgrammingError: old\n\nThe above exception was the direct cause:\n\n"
        'Traceback (most recent call last):\n  File "/c.py", line 2, in h\n    raise X\n'
        "CommandError: no room\nLINE 1: CREATE TABLE x\n                  ^\n",
    ],
)
def test_the_reason_is_one_line(stderr: str) -> None:
    assert command.reason_in(stderr) == "CommandError: no room"
    assert command.reason_in("") == ""


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("/srv/a b.sqlite3", "sqlite:////srv/a%20b.sqlite3"),
        ("sqlite:////srv/x.sqlite3", "sqlite:////srv/x.sqlite3"),
        ("sqlite:///x.sqlite3", f"sqlite:///{Path.cwd()}/x.sqlite3"),
        ("x.sqlite3", f"sqlite:///{Path.cwd()}/x.sqlite3"),
    ],
)
def test_a_file_is_named_by_its_whole_path(text: str, url: str) -> None:
    assert command.url_of(text) == url
