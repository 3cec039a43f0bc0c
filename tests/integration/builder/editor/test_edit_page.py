"""`/t/<id>/edit`: who may open the editor, what it is told, and what it never needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_vite.core.asset_loader import DjangoViteAssetLoader

from accounts.models import User
from builder.web.editor.views import CANVAS
from templates_app.models import Collaborator
from tests.support.builders.graphs import bindings_fixture
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
SCRIPT = "assets/main-a1B2c3D4.js"


def use_manifest(settings: Any, path: Path) -> None:
    editor = {"manifest_path": path, "static_url_prefix": "dist"}
    settings.DJANGO_VITE = settings.DJANGO_VITE | {"default": editor}
    DjangoViteAssetLoader._instance = None


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A manifest as Vite writes it, whether or not the editor was built here."""
    manifest = tmp_path / "manifest.json"
    entry = {"file": SCRIPT, "name": "main", "src": "src/main.tsx", "isEntry": True}
    parts = {f"_{name}.js": {"file": f"assets/{name}-1.js", "name": name} for name in CANVAS}
    manifest.write_text(json.dumps({"src/main.tsx": entry, **parts}))
    use_manifest(settings, manifest)
    yield manifest
    DjangoViteAssetLoader._instance = None


def boot_of(content: bytes) -> dict[str, Any]:
    found = re.search(rb'<script id="boot" type="application/json">(.+?)</script>', content)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


def test_the_owner_may_edit(alice: User) -> None:
    template = make_template(alice, name="Dusk")
    page = signed_in(alice).get(f"/t/{template.public_id}/edit")
    assert page.status_code == 200
    boot = boot_of(page.content)
    assert boot["templateId"] == template.public_id
    assert boot["me"]["id"] == alice.public_id
    assert boot["canEdit"] is True
    html = page.content.decode()
    assert f'src="/static/dist/{SCRIPT}"' in html
    # The canvas is asked for with the first script, except where the outline is shown first.
    for name in CANVAS:
        address = f"/static/dist/assets/{name}-1.js"
        assert f'<link rel="modulepreload" href="{address}" media="(min-width: 760px)">' in html


def test_others_open_a_public_template_to_look_at(alice: User, bob: User) -> None:
    template = make_public(alice)
    boot = boot_of(signed_in(bob).get(f"/t/{template.public_id}/edit").content)
    assert boot["canEdit"] is False
    assert boot["owner"] == alice.shown_name


def test_who_was_invited_may_edit_a_private_template(alice: User, bob: User) -> None:
    template = make_template(alice, name="Ours")
    Collaborator.objects.create(template=template, user=bob)
    page = signed_in(bob).get(f"/t/{template.public_id}/edit")
    assert boot_of(page.content)["canEdit"] is True
    assert "<title>Ours, editor" in page.content.decode()


def test_anyone_who_is_not_signed_in_comes_back_after_signing_in(alice: User) -> None:
    path = f"/t/{make_public(alice).public_id}/edit"
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in?next={path}"


def test_the_page_keeps_the_strict_policy_and_needs_no_inline_script(alice: User) -> None:
    template = make_template(alice, name="</script><script>alert(1)</script>")
    page = signed_in(alice).get(f"/t/{template.public_id}/edit")
    assert "unsafe" not in page["Content-Security-Policy"]
    scripts = re.findall(r"<script\b([^>]*)>", page.content.decode())
    assert scripts
    assert all('src="' in one or 'type="application/json"' in one for one in scripts)
    assert 'style="' not in page.content.decode()


def test_without_scripts_the_page_leads_to_the_templates_own(alice: User) -> None:
    template = make_template(alice)
    page = signed_in(alice).get(f"/t/{template.public_id}/edit").content.decode()
    without = re.search(r"<noscript>(.+?)</noscript>", page, re.S)
    assert without
    assert f'href="/t/{template.public_id}"' in without[1]


def test_an_editor_that_was_never_built_says_what_to_do(
    alice: User, settings: Any, tmp_path: Path
) -> None:
    use_manifest(settings, tmp_path / "nothing.json")
    answer = signed_in(alice).get(f"/t/{make_template(alice).public_id}/edit")
    assert answer.status_code == 503
    assert "make setup" in answer.content.decode()


def test_what_is_wrong_with_a_reference_is_worded_by_the_servers_catalogue(alice: User) -> None:
    template = make_template(alice)
    patterns = boot_of(signed_in(alice).get(f"/t/{template.public_id}/edit").content)[
        "bindingPatterns"
    ]
    broken = [case["read"]["broken"] for case in bindings_fixture() if "broken" in case["read"]]
    assert {why["key"] for why in broken} == set(patterns)
    for why in broken:
        assert patterns[why["key"]].format(**why["params"])


def test_the_editor_is_told_who_reads_sentences_and_who_can_set_that_up(
    alice: User, settings: Any
) -> None:
    address = f"/t/{make_template(alice).public_id}/edit"
    boot = boot_of(signed_in(alice).get(address).content)
    assert (boot["hasLanguageModel"], boot["isOperator"]) == (False, False)
    model = {"kind": "language-model", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    settings.PROVIDERS = {"language-model": model}
    alice.is_staff = alice.is_superuser = True
    alice.save()
    boot = boot_of(signed_in(alice).get(address).content)
    assert (boot["hasLanguageModel"], boot["isOperator"]) == (True, True)
