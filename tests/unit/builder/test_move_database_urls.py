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
