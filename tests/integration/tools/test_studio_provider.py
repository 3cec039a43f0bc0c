"""The studio's jobs run in the sandbox, and its answers are not taken on trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from core.errors import ProviderError
from media.sandbox import Unwatched
from studio.tests.support.films import make_clip
from tools.catalog import catalogue
from tools.catalog.generate_music import GenerateMusic
from tools.catalog.generate_speech import GenerateSpeech
from tools.catalog.orbit_video import OrbitVideo
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument, required_arguments
from tools.providers.base import Job, MediaFile
from tools.providers.studio import StudioProvider, read_answer

# Those of its tools that take the name of a model.
TAKING_MODELS = [
    tool for tool in catalogue() if tool.name in StudioProvider().tools() and model_argument(tool)
]
# Required arguments that are no text.
VALUES: dict[str, Any] = {"dance": "chanel", "startSeconds": 0.25, "endSeconds": 1, "duration": 10}


class Watched(Unwatched):
    """Keeps what it hears; has nothing to say about paid calls, which the studio never makes."""

    def __init__(self) -> None:
        self.heard: list[float] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.heard.append(fraction)

    def wait(self, seconds: float) -> None:
        raise AssertionError("the studio never waits")

    def submitting(self, request: object = None) -> None:
        raise AssertionError("the studio never submits")

    def remember(self, job_ref: object) -> None:
        raise AssertionError("the studio has no references")


def test_makes_music_in_a_child_process_and_says_it_is_a_draft(tmp_path: Path):
    context = Watched()
    job = Job(
        tool="generate_music",
        params=fill_defaults(
            GenerateMusic, {"prompt": "calm piano", "duration": 10, "model": "lyria-3"}
        ),
        media={},
        seed=7,
        key="1:1:1",
        out=tmp_path,
    )
    outcome = StudioProvider().run(job, context)
    (file,) = outcome.files
    assert file.kind == "audio"
    assert file.path.parent == tmp_path
    assert file.path.stat().st_size > 1000
    assert file.duration_s > 0
    assert file.meta["draft"] is True
    assert file.meta["provider"] == "studio"
    assert context.heard[-1] == pytest.approx(1)
    assert outcome.warnings == ("The built-in studio has no models, so “lyria-3” was ignored.",)


@pytest.mark.slow
@pytest.mark.parametrize("tool", TAKING_MODELS, ids=lambda tool: tool.name)
def test_a_draft_in_place_of_a_model_is_marked_and_names_it(tmp_path: Path, tool: type[Tool]):
    Image.new("RGB", (64, 48), (200, 120, 40)).save(tmp_path / "lamp.png")
    make_clip(tmp_path / "lamp.mp4", frames=36, size=(64, 48))
    files = {
        "image": MediaFile(tmp_path / "lamp.png", "image", "image/png", "0" * 64, 64, 48),
        "video": MediaFile(tmp_path / "lamp.mp4", "video", "video/mp4", "1" * 64, 64, 48, 1.5),
        "audio": MediaFile(tmp_path / "lamp.mp4", "audio", "video/mp4", "1" * 64, duration_s=1.5),
    }
    media = {port.name: (files[port.kind],) for port in tool.ports() if port.required}
    required = {name: VALUES.get(name, "a lamp") for name in required_arguments(tool)}
    params = fill_defaults(tool, {**required, model_argument(tool): "lyria-3"})
    out = tmp_path / "out"
    out.mkdir()
    outcome = StudioProvider().run(job(out, tool.name, params, media), Watched())
    assert outcome.files
    assert all(file.meta["draft"] for file in outcome.files)
    assert sum("“lyria-3” was ignored" in said for said in outcome.warnings) == 1


def job(out: Path, tool: str = "generate_image", params: Any = None, media: Any = None) -> Job:
    return Job(tool=tool, params=params or {}, media=media or {}, seed=7, key="1:1:1", out=out)


def clip(path: Path, meta: Any = None) -> MediaFile:
    return MediaFile(path, "video", "video/mp4", "0" * 64, 64, 64, 1.5, meta=meta or {})


def answer(path: Path) -> dict:
    return {"files": [{"path": str(path), "kind": "image", "mime": "image/png"}]}


def test_speaks_though_its_job_is_confined(tmp_path: Path):
    job = Job(
        tool="generate_speech",
        params=fill_defaults(GenerateSpeech, {"prompt": "The lamp is lit."}),
        media={},
        seed=7,
        key="1:1:1",
        out=tmp_path,
    )
    outcome = StudioProvider().run(job, Watched())
    (file,) = outcome.files
    assert file.path.read_bytes()[:4] == b"RIFF"
    assert outcome.values["text"] == "The lamp is lit."


def test_an_orbit_speaks_its_lines_though_its_job_is_confined(tmp_path: Path):
    picture = tmp_path / "lamp.png"
    Image.new("RGB", (160, 90), (200, 120, 40)).save(picture)
    out = tmp_path / "out"
    out.mkdir()
    lines = {"prompt": "a lamp", "dialogue": "The lamp is lit."}
    job = Job(
        tool="orbit_video",
        params=fill_defaults(OrbitVideo, lines),
        media={"image": [MediaFile(picture, "image", "image/png", "0" * 64, 160, 90)]},
        seed=7,
        key="1:1:1",
        out=out,
    )
    (file,) = StudioProvider().run(job, Watched()).files
    assert file.meta["cues"][0]["text"] == "The lamp is lit."


def test_refuses_a_result_outside_the_jobs_folder(tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    for path in (tmp_path / "secret", out / ".." / "secret", Path("/etc/hostname")):
        with pytest.raises(ProviderError, match="outside its folder"):
            read_answer(answer(path), out, is_draft=True)


def test_refuses_a_result_that_is_a_link(tmp_path: Path):
    target = tmp_path / "real.png"
    target.write_bytes(b"x")
    link = tmp_path / "link.png"
    link.symlink_to(target)
    with pytest.raises(ProviderError, match="outside its folder"):
        read_answer(answer(link), tmp_path, is_draft=True)


@pytest.mark.parametrize("is_draft", [True, False])
def test_what_it_invents_is_its_draft_whatever_the_job_says(tmp_path: Path, is_draft: bool):
    result = answer(tmp_path / "a.png")
    result["files"][0]["meta"] = {"provider": "someone else", "draft": is_draft, "bpm": 90}
    (file,) = read_answer(result, tmp_path, is_draft=True).files
    assert file.meta == {"provider": "studio", "draft": True, "bpm": 90, "origin": "drawn"}


@pytest.mark.parametrize(
    ("tool", "params"),
    [
        ("stitch_video", {}),
        *(
            pytest.param(tool, params, marks=pytest.mark.slow)
            for tool, params in (
                ("stitch_video", {"transition": "crossfade"}),
                ("overlay_video", {"overlays": [{"kind": "text", "text": "Lamp"}]}),
                ("add_subtitles", {"cues": [{"start": 0, "end": 1, "text": "Lamp"}]}),
                ("replace_video_segment", {"startSeconds": 0.25, "endSeconds": 1}),
            )
        ),
    ],
)
def test_a_film_of_files_is_a_draft_where_a_file_is_one(
    tmp_path: Path, tool: str, params: dict[str, Any]
):
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    for path in (first, second):
        make_clip(path, frames=36)
    for origin in ({}, {"draft": True}):
        out = tmp_path / f"out-{len(origin)}"
        out.mkdir()
        clips = [clip(first), clip(second, origin)]
        media = {"video": clips}
        if tool == "replace_video_segment":
            media = {"video": clips[:1], "replacement": clips[1:]}
        elif tool != "stitch_video":
            media = {"video": clips[1:]}
        (made,) = StudioProvider().run(job(out, tool, params, media), Watched()).files
        assert made.meta["provider"] == "studio"
        assert made.meta.get("draft") == origin.get("draft")
        with av.open(str(made.path)) as container:
            assert ("draft" in container.metadata.get("comment", "")) is bool(origin)
