"""What is served under /static."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

STYLE = ".sheet { color: red; }\n" * 200


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> Client:
    """A client of a server with these static files."""
    for name in ("css/page.css", "dist/.vite/manifest.json", ".notes", "css/.page.css.swp"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STYLE)
    settings.STATICFILES_DIRS = [tmp_path]
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["dist/.vite/manifest.json", ".notes", "css/.page.css.swp"])
def test_files_with_a_dot_are_not_served(client: Client, name: str) -> None:
    assert client.get("/static/css/page.css").status_code == 200
    assert client.get(f"/static/{name}").status_code == 404
