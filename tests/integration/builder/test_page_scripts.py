"""The scripts of the pages: which there are, and pages where none was ever built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.template import Context, Template
from django_vite.core.asset_loader import DjangoViteAssetLoader

from tests.support.clients.visitors import signed_in

FOLDER = Path(project.BASE_DIR) / "frontend" / "src" / "pages"
TEMPLATES = [
    path.read_text()
    for folder in ("builder", "core", "moderation", "accounts")
    for path in (Path(project.BASE_DIR) / folder).rglob("templates/**/*.html")
]


@pytest.fixture
def manifest(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Where the manifest of the pages is looked for."""
    path = tmp_path / "manifest.json"
    pages = {"manifest_path": path, "static_url_prefix": "dist/pages"}
    settings.DJANGO_VITE = settings.DJANGO_VITE | {"pages": pages}
    DjangoViteAssetLoader._instance = None
    yield path
    DjangoViteAssetLoader._instance = None


def script(name: str) -> str:
    return Template(f'{{% load reelgraph %}}{{% page_script "{name}" %}}').render(Context())


def asked_for(pattern: str) -> set[str]:
    return {name for text in TEMPLATES for name in re.findall(pattern, text)}


def test_a_page_loads_its_script_and_what_that_shares_with_others(manifest: Path) -> None:
    entry = {"file": "assets/copy-a1B2c3D4.js", "isEntry": True, "imports": ["_toasts.js"]}
    shared = {"file": "assets/toasts-a1B2c3D4.js"}
    manifest.write_text(json.dumps({"src/pages/copy.ts": entry, "_toasts.js": shared}))
    tags = script("copy")
    assert 'src="/static/dist/pages/assets/copy-a1B2c3D4.js"' in tags
    assert 'rel="modulepreload"' in tags
    assert 'href="/static/dist/pages/assets/toasts-a1B2c3D4.js"' in tags


@pytest.mark.django_db
def test_pages_come_without_scripts_where_none_were_built(manifest: Path, alice: Any) -> None:
    assert script("copy") == ""
    page = signed_in(alice).get("/me/keys")
    assert page.status_code == 200
    assert b"dist/pages/assets" not in page.content


def test_every_script_is_on_a_page_and_every_name_is_one(manifest: Path) -> None:
    scripts = {path.stem for path in FOLDER.glob("*.ts")}
    assert scripts == asked_for(r'page_script "([^"]+)"')
    classic = {path.stem for path in (FOLDER / "classic").glob("*.ts")}
    assert classic == asked_for(r"static 'dist/pages/([^']+)\.js'")
