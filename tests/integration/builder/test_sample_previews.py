"""The samples show what they make from the first start on; nothing is rendered for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from builder.ops.samples import sample_files
from builder.ops.samples.sample_files import SAMPLES
from builder.ops.server.prepare import prepare
from builder.web.gallery.cards import card_of_version
from media import blobs
from media.models import Blob
from runs.models import Run
from templates_app import media_links
from templates_app.lifecycle import forking, samples
from templates_app.models import Template, TemplateMedia, TemplateVersion
from tests.support.builders.samples import is_current

pytestmark = pytest.mark.django_db
NAMES = sample_files.names()
MB = 1_000_000
LOGO = "badge-in-the-corner"


@pytest.fixture(scope="module", autouse=True)
def _first_start(module_db: None) -> None:
    prepare()


def sample(name: str) -> Template:
    return Template.objects.select_related("published").get(
        public_id=sample_files.read(name).spec["id"]
    )


def preview_of(template: Template) -> dict[str, Any] | None:
    template.refresh_from_db()
    assert template.published is not None
    return next(iter(template.published.spec.get("previewArtifacts") or ()), None)


def opened(url: str) -> Blob:
    """What anyone gets at this public address."""
    version, sha256 = urlsplit(url).path.removeprefix("/media/t/").split("/")
    blob = media_links.resolve_published(version, sha256)
    assert blob is not None
    assert blobs.path_of(blob.sha256).stat().st_size == blob.size
    return blob


def test_each_committed_preview_shows_what_the_sample_makes_now() -> None:
    old = [name for name in NAMES if not is_current(name)]
    assert not old, "Run `make previews` and commit what it writes."


def test_each_has_a_still_and_at_most_10_have_a_video_in_at_most_8_mb() -> None:
    files = [path for path in sample_files.committed_files() if path.parent.name == "previews"]
    assert sorted(path.stem for path in files if path.suffix == ".webp") == sorted(NAMES)
    assert len([path for path in files if path.suffix == ".mp4"]) <= 10
    assert sum(path.stat().st_size for path in sample_files.committed_files()) <= 8 * MB


def test_the_first_start_shows_all_of_them_and_renders_nothing() -> None:
    for name in NAMES:
        template = sample(name)
        assert template.published is not None
        card = card_of_version(template, template.published, is_open=True, blocked_files=())
        assert opened(card["poster_url"]).mime == "image/webp"
        if card["preview_url"]:
            assert opened(card["preview_url"]).mime == "video/mp4"
    assert not Run.objects.exists()


def test_the_first_gallery_begins_with_the_chosen_samples() -> None:
    cards = Client().get("/").context["cards"]
    shown = [card["name"] for card in cards]
    assert shown[: len(sample_files.FIRST)] == [
        sample_files.read(name).spec["name"] for name in sample_files.FIRST
    ]


def test_every_example_file_can_be_opened_by_anyone() -> None:
    shown = set()
    for name in NAMES:
        version = sample(name).published
        assert version is not None
        spec = media_links.show(version.spec, version_id=version.pk, base_url="", is_open=True)
        for declared in spec["inputs"]:
            if declared["type"] in media_links.MEDIA_TYPES:
                (example,) = declared["jsonSchema"]["examples"]
                assert opened(example).kind == declared["type"]
                shown.add(opened(example).sha256)
    examples = (SAMPLES / "examples").iterdir()
    assert shown == {sample_files.sha256_of(f"examples/{path.name}") for path in examples}


def test_a_lost_file_is_put_back_by_the_next_start() -> None:
    shown = TemplateMedia.objects.filter(version=sample(LOGO).published).first()
    assert shown is not None
    path = blobs.path_of(shown.blob_id)
    content = path.read_bytes()
    path.unlink()
    before = TemplateVersion.objects.count()
    prepare()
    assert path.read_bytes() == content
    assert TemplateVersion.objects.count() == before


def test_a_preview_that_was_taken_down_here_stays_away() -> None:
    poster = TemplateMedia.objects.get(version=sample(LOGO).published, role="preview")
    Blob.objects.filter(pk=poster.blob_id).update(blocked_at="2026-01-01T00:00:00Z")
    prepare()
    assert preview_of(sample(LOGO)) is None
    assert sample(LOGO).moderation == "visible"


def test_a_sample_of_an_earlier_release_gets_the_preview_of_this_one() -> None:
    old = sample_files.read(LOGO).spec
    stages = [{"id": "shot", "type": "fixed", "label": "Shot", "tool": "note", "args": {}}]
    samples.ensure_sample({**old, "inputs": [], "stages": stages, "previewArtifacts": []})
    prepare()
    shown = preview_of(sample(LOGO))
    assert shown is not None
    assert shown["stageId"] == "film"


def test_a_sample_that_makes_other_things_does_not_show_the_committed_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (SAMPLES / "clip-check.json").read_text()
    (tmp_path / "clip-check.json").write_text(text.replace("koi fish", "whale"))
    monkeypatch.setattr(sample_files, "SAMPLES", tmp_path)
    assert sample_files.read("clip-check").spec["previewArtifacts"] == []


def test_a_sample_in_better_words_keeps_the_committed_preview() -> None:
    spec = sample_files.read("clip-check").spec
    recipe = sample_files.recipe(spec)
    spec["inputs"][0]["description"] = "What is in the video?"
    spec["stages"][0]["label"] = "Recording"
    assert sample_files.recipe(spec) == recipe


def test_a_person_s_remix_stays_as_it_is(alice: User) -> None:
    copy = forking.fork_template(actor=alice, public_id=sample(LOGO).public_id).template
    assert copy.head is not None
    before = copy.head.spec
    release = sample_files.read(LOGO)
    spec = {**release.spec, "description": "Other", "previewArtifacts": []}
    samples.ensure_sample(spec, references=release.files)
    copy.refresh_from_db()
    assert copy.head is not None
    assert (copy.head.spec, copy.versions.count()) == (before, 1)
    roles = TemplateMedia.objects.filter(version=copy.head).values_list("role", flat=True)
    assert sorted(roles) == ["default", "default", "poster", "preview"]
