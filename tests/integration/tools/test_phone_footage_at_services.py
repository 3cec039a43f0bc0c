"""Phones' images and videos reach a service as people see them, whatever the service looks at."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from core.errors import ProviderError
from media.sandbox import Unwatched
from media.sandbox.rotated_copies import upright
from studio.media.video.reader import open_film, read_sound
from studio.tests.support.films import (
    BT709,
    HLG,
    PQ,
    difference,
    make_clip,
    make_raw_clip,
    make_tagged_clip,
    picture,
    pitch,
    tone,
)
from tests.support.builders.hostile_media import picture as any_picture
from tests.support.fakes.comfyui_server import ComfyServer
from tools.providers.base import Job, MediaFile, MediaKind
from tools.providers.comfyui import configured

RED, BLUE = (0.85, 0.1, 0.1), (0.1, 0.1, 0.85)
PATCHES = [(0.75, 0.75, 0.75), (0.38, 0.38, 0.38), (0.58, 0.4, 0.3), (0.2, 0.45, 0.7)]


class Sending(Unwatched):
    def wait(self, seconds: float) -> None:
        """Nothing is polled for long here."""

    def submitting(self, request: object = None) -> None:
        """Nothing is paid for."""

    def remember(self, job_ref: Any) -> None:
        """Nothing is attached to."""

    def attach(self, job_id: str, job_ref: Any, request: object) -> bool:
        return True

    def is_of_other_step(self, job_id: str) -> bool:
        return False

    def others_wait(self) -> bool:
        return False


@pytest.fixture
def comfy() -> Iterator[ComfyServer]:
    with ComfyServer() as server:
        server.switches.previews_only = True
        yield server


@pytest.fixture
def received(comfy: ComfyServer, tmp_path: Path):
    """Sends a file; the one that the server has then."""
    graphs = tmp_path / "graphs"
    graphs.mkdir()

    def send(path: Path, kind: MediaKind, mime: str) -> Path:
        graph = {
            "1": {"class_type": "VAELoader", "inputs": {kind: f"{{{{{kind}}}}}"}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        }
        (graphs / "look.json").write_text(json.dumps(graph))
        provider = configured("comfyui", {"url": comfy.url, "graphs": str(graphs)})
        out = tmp_path / f"out-{len(comfy.entries('upload'))}"
        out.mkdir()
        file = MediaFile(path, kind, mime, sha256(path.read_bytes()).hexdigest())
        call = Job("look", {}, {kind: (file,)}, None, f"{out.name}:1:1", out)
        # A result would cost a child process that looks at it.
        with pytest.raises(ProviderError, match="gave only previews"):
            provider.run(call, Sending())
        return comfy.folder / "input" / "reelgraph" / str(comfy.entries("upload")[-1]["name"])

    return send


@pytest.fixture
def copied(tmp_path: Path) -> Callable[..., Path]:
    """Writes the copy that a service would get, in this process; the file itself where none is."""

    def copy(path: Path, kind: MediaKind, mime: str) -> Path:
        target = tmp_path / f"{path.stem}-upright.{'png' if kind == 'image' else 'mp4'}"
        arguments = {"path": str(path), "target": str(target)}
        return target if upright(arguments, lambda fraction, message: None) else path

    return copy


@pytest.fixture
def arrived(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """One case goes to the service by way of the sandbox; `copied` shows the same of the others."""
    fixture: Callable[..., Path] = request.getfixturevalue(request.param)
    return fixture


def first_received(name: str, first: Any, *others: Any) -> pytest.MarkDecorator:
    cases = [("received", first), *(("copied", other) for other in others)]
    return pytest.mark.parametrize(("arrived", name), cases, indirect=["arrived"])


def stored(path: Path) -> list[np.ndarray]:
    """The pictures of a video for a program that heeds no note on turns and colors."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def times_s(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


@first_received("rotation", 90, 180, -90)
def test_a_turned_clip_arrives_upright(arrived, tmp_path: Path, rotation: int) -> None:
    frames = [picture(n, (180, 60, 30)) for n in range(6)]
    clip = make_raw_clip(
        tmp_path / "clip.mp4", frames, [n * 40 for n in range(6)], rotation=rotation
    )
    seen = stored(arrived(clip, "video", "video/mp4"))
    wanted = [np.rot90(frame, rotation // 90) for frame in frames]
    assert len(seen) == len(wanted)
    for one, other in zip(seen, wanted, strict=True):
        assert one.shape == other.shape
        assert difference(one, other) < 4


def test_an_uneven_clip_keeps_its_times(copied, tmp_path: Path) -> None:
    times = [0, 33, 100, 104, 290, 400]
    frames = [picture(n, (30, 90, 160)) for n in range(len(times))]
    clip = make_raw_clip(tmp_path / "clip.mp4", frames, times, rotation=90)
    seen = times_s(copied(clip, "video", "video/mp4"))
    assert seen == pytest.approx([at / 1000 for at in times], abs=0.002)


@first_received("tags", HLG, PQ)
def test_an_hdr_clip_arrives_tone_mapped(arrived, tmp_path: Path, tags) -> None:
    clip = make_tagged_clip(tmp_path / "clip.mp4", PATCHES, tags=tags)
    at_service = arrived(clip, "video", "video/mp4")
    reference = next(open_film(clip).frames())
    (seen, *_) = stored(at_service)
    for place in range(len(PATCHES)):
        middle = (slice(24, 40), slice(64 * place + 24, 64 * place + 40))
        off = np.abs(seen[middle].mean(axis=(0, 1)) - reference[middle].mean(axis=(0, 1)))
        assert off.max() < 4, place
    assert open_film(at_service).colors.transfer == "bt709"


def test_a_turned_hdr_clip_is_both(copied, tmp_path: Path) -> None:
    clip = make_tagged_clip(tmp_path / "clip.mp4", [RED, BLUE], tags=HLG, rotation=-90)
    (seen, *_) = stored(copied(clip, "video", "video/mp4"))
    assert seen.shape == (128, 64, 3)
    assert seen[32, 32, 0] > 150 > seen[96, 32, 0]


@first_received("codec", "aac", "pcm_s16le")
def test_its_sound_comes_along_in_time(arrived, tmp_path: Path, codec: str) -> None:
    clip = tmp_path / "clip.mov"
    with av.open(str(clip), "w") as container:
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.set_display_rotation(90)
        sound: Any = container.add_stream(codec, rate=48000, layout="stereo")
        samples = tone(2.0, 660)
        wave = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        wave.sample_rate = 48000
        for n in range(50):
            shown = av.VideoFrame.from_ndarray(picture(n, (90, 90, 30)), format="rgb24")
            container.mux(video.encode(shown))
        container.mux(sound.encode(wave))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    heard = read_sound(arrived(clip, "video", "video/quicktime"))
    assert heard.shape[1] / 48000 == pytest.approx(2.0, abs=0.08)
    assert pitch(heard) == pytest.approx(660, abs=5)


def test_a_clip_that_needs_nothing_is_sent_as_it_is(received, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=6)
    assert received(clip, "video", "video/mp4").read_bytes() == clip.read_bytes()
    plain = make_tagged_clip(tmp_path / "plain.mp4", [RED, BLUE], tags=BT709, bits=8)
    assert received(plain, "video", "video/mp4").read_bytes() == plain.read_bytes()


@first_received("kind", "HEIF", "JPEG", "AVIF", "TIFF")
def test_a_photo_arrives_upright_as_png(arrived, tmp_path: Path, kind: str) -> None:
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32, 0] = pixels[:, 32:, 2] = 220
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo"
    PIL.Image.fromarray(pixels).save(path, kind, exif=exif if kind == "TIFF" else exif.tobytes())
    at_service = arrived(path, "image", "image/jpeg")
    assert at_service.suffix == ".png"
    with PIL.Image.open(at_service) as seen:
        assert (seen.size, seen.getexif().get(0x0112, 1)) == ((48, 64), 1)
        assert seen.getpixel((24, 8))[0] > 180 > seen.getpixel((24, 56))[0]


@first_received("kind", "PNG", "JPEG", "WEBP")
def test_an_image_that_needs_nothing_is_sent_as_it_is(arrived, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "image"
    path.write_bytes(any_picture(kind))
    assert arrived(path, "image", f"image/{kind.lower()}").read_bytes() == path.read_bytes()
    assert PIL.Image.open(io.BytesIO(path.read_bytes())).format == kind
