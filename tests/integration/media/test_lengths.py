"""The length of a sound or a film is that of its decoded content, not of its header, and what
can be decoded is taken, published and downloaded without its notes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import av
import av.error
import pytest

from accounts.models import User
from media import blobs
from media.blobs import FileFacts
from media.marking import marked_copy
from media.models import Blob, Upload
from media.origin import UNKNOWN
from media.sandbox import Unwatched
from media.sandbox.probe import probe
from media.sandbox.remux import remux
from mediakit.decode import AV_OPTIONS
from mediakit.errors import Refused
from tests.integration.media.test_odd_media import RAW, encoders
from tests.support.builders.clips import CLIPS, SECONDS, Clip, film, seconds_of, sound
from tests.support.builders.factories import make_key
from tests.support.builders.probing import outcomes_of
from tests.support.clients.asgi_requests import request_app
from tests.support.faults.confining import light_children
from tests.support.program import ROOT

FILES = ROOT / "tests" / "fixtures"
# What is allowed between a length and the decoded one, and between a decoded one and what an
# encoder was given: it may fill up its first and last packet.
NEAR_S = 0.05
# A copy of an MP3 says where its sound begins: a decoder leaves out the first 529 samples.
COPY_NEAR_S = 0.07
# Files whose first bytes say nothing or something unusual; how long they last.
ODD_KINDS = {
    "ape_first.mp3": 4.049,
    "crc_fffa.mp3": 4.049,
    "cut_mid_frame.mp3": 4.023,
    "doctype2.webm": 4.0,
    "doctype8.webm": 4.0,
    "junk_first.mp3": 4.049,
    "qt_free_first.mov": 2.043,
    "qt_skip_first.mov": 2.043,
    "qt_wide_first.mov": 2.043,
    "r8000.mp3": 4.176,
    "rf64.wav": 2.0,
    "zeros_first.mp3": 4.049,
}
# Files whose header tells no length or another one.
ODD_LENGTHS = {
    "cut.webm": 9.7,
    "cut_fast.mp4": 14.2,
    "flac_2s_without_length.flac": 2.0,
    "long_norm.webm": 6.0,
    "nodur.webm": 6.0,
    "vbr_22s_said_longer.mp3": 22.073,
    "vbr_60s_said_shorter.mp3": 60.056,
    "verylong_norm.webm": 6.0,
    "webm_3s_without_length.webm": 3.0,
    "xing_10s_of_30s.mp3": 9.824,
}
ODD = {
    **{FILES / "odd_kinds" / name: seconds for name, seconds in ODD_KINDS.items()},
    **{FILES / "odd_lengths" / name: seconds for name, seconds in ODD_LENGTHS.items()},
}
# One of each way in which a header says something else.
FEW = frozenset(
    {"libmp3lame-8000.mp3", "noise-behind.mp3", "uneven-bare.mp3", "said-most.wav", "cut.wav"}
    | {"said-half.flac", "said-most.m4a", "edited-much.mp4", "cut.mp4", "parts.mp4"}
    | {"wavpack-8000.mka", "vp8-said-much.webm", "vp8-unsaid.webm", "late.webm", "uneven.mp4"}
)
# Containers that are taken, and endings; those that are not, and what is written into them.
TAKEN = {
    **{name: name for name in ("mp4", "mov", "webm", "3gp", "wav", "mp3", "mp2", "ogg", "flac")},
    "ismv": "ismv",
    "ipod": "m4a",
    "matroska": "mkv",
}
STRANGE = {
    "adts": ("aac", "audio"),
    "aiff": ("pcm_s16be", "audio"),
    "w64": ("pcm_s16le", "audio"),
    "asf": ("aac", "audio"),
    "avi": ("mpeg4", "video"),
    "mpegts": ("libx264", "video"),
    "flv": ("flv", "video"),
    "h264": ("libx264", "video"),
}


@pytest.fixture(scope="session")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Clip], Path]:
    """Write a clip, once, and return its file."""
    folder = tmp_path_factory.mktemp("clips")

    @cache
    def write(clip: Clip) -> Path:
        path = folder / clip.name
        path.write_bytes(clip.data)
        return path

    return write


@pytest.fixture
def _light_children_only() -> Iterator[None]:
    yield from light_children()


def test_a_clip_lasts_as_long_as_what_is_decoded(
    file_of: Callable[[Clip], Path], tmp_path: Path
) -> None:
    few = [file_of(clip) for clip in CLIPS if clip.name in FEW]
    assert len(few) == len(FEW)
    assert _lengths(few, tmp_path) == {path.name: _about(seconds_of(path)) for path in few}


def test_files_of_other_programs_are_taken_with_their_length(tmp_path: Path) -> None:
    assert _lengths(ODD, tmp_path) == {path.name: _about(ODD[path]) for path in ODD}


@pytest.mark.slow
def test_every_clip_and_its_copy_last_as_long_as_what_is_decoded(
    file_of: Callable[[Clip], Path], tmp_path: Path
) -> None:
    seconds = {file_of(clip): seconds_of(file_of(clip)) for clip in CLIPS}
    whole = [file_of(clip) for clip in CLIPS if clip.is_whole]
    assert {path.name: seconds[path] for path in whole} == {
        path.name: _about(SECONDS) for path in whole
    }
    assert _lengths(seconds, tmp_path) == {path.name: _about(seconds[path]) for path in seconds}
    assert {path.name: _seconds_of_copy(path, tmp_path) for path in seconds} == {
        path.name: _about(length) for path, length in seconds.items()
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_light_children_only")
class TestUploads:
    """Uploads over the API are published, and downloaded without notes."""

    def test_each_lasts_as_long_as_what_is_decoded_and_so_does_its_copy(
        self, alice: User, file_of: Callable[[Clip], Path]
    ) -> None:
        seconds = dict(ODD)
        for clip in CLIPS:
            if clip.name in FEW or clip.is_usual:
                seconds[file_of(clip)] = seconds_of(file_of(clip))
        assert len(seconds) >= 50
        key = make_key(alice)
        answers = {path.name: _upload(key, path) for path in seconds}
        assert {name: answer.get("duration", answer) for name, answer in answers.items()} == {
            path.name: _about(length) for path, length in seconds.items()
        }
        copies = {
            # As publishing makes it.
            name: marked_copy(_blob(answer["id"]), "clean", UNKNOWN, Unwatched())
            for name, answer in answers.items()
        }
        lengths = {name: seconds_of(blobs.path_of(copy.sha256)) for name, copy in copies.items()}
        assert lengths == {
            path.name: _about(length, COPY_NEAR_S) for path, length in seconds.items()
        }
        downloads = _hashes_of_archive(key, [answer["id"] for answer in answers.values()])
        assert downloads == {copy.sha256 for copy in copies.values()}


@pytest.mark.slow
def test_whatever_can_be_decoded_is_taken_with_its_length_and_copied_clean(tmp_path: Path) -> None:
    outcomes = Counter[str]()
    wrong = []
    for path in _all_that_is_written(tmp_path):
        try:
            facts = probe({"path": str(path)}, lambda *_: None)
        except Refused as refusal:
            outcomes["refused"] += 1
            if path.name != RAW and _can_be_decoded(path):
                wrong.append((path.name, refusal.message))
            continue
        if facts["kind"] == "image":
            continue
        outcomes["taken"] += 1
        seconds = seconds_of(path)
        if facts["duration_ms"] != pytest.approx(seconds * 1000, abs=NEAR_S * 1000):
            wrong.append((path.name, facts["duration_ms"], seconds))
        copy = _copy_of(path, facts["mime"], tmp_path)
        if probe({"path": str(copy)}, lambda *_: None)["kind"] != facts["kind"]:
            wrong.append((path.name, facts["kind"]))
    assert wrong == []
    assert outcomes["taken"] > 300, outcomes


@pytest.mark.slow
@pytest.mark.parametrize("container", STRANGE)
def test_a_container_that_is_not_taken_is_refused_with_those_that_are(
    container: str, tmp_path: Path
) -> None:
    codec, kind = STRANGE[container]
    path = tmp_path / "strange"
    path.write_bytes((sound if kind == "audio" else film)(container, codec))
    assert not _can_be_decoded(path)
    with pytest.raises(Refused, match=r"Use PNG, .* MP4, MOV, WebM, MKV, MP3, M4A, OGG, FLAC or"):
        probe({"path": str(path)}, lambda *_: None)


@pytest.mark.slow
def test_ten_minutes_are_taken_though_an_encoder_fills_them_up(tmp_path: Path) -> None:
    path = tmp_path / "ten"
    path.write_bytes(sound("mp3", "libmp3lame", rate=8_000, seconds=600, muxer={"write_xing": "0"}))
    assert seconds_of(path) > 600.1
    assert probe({"path": str(path)}, lambda *_: None)["kind"] == "audio"
    path.write_bytes(sound("wav", "pcm_u8", rate=8_000, seconds=600.4))
    with pytest.raises(Refused, match="over 10 minutes"):
        probe({"path": str(path)}, lambda *_: None)


def _all_that_is_written(folder: Path) -> Iterator[Path]:
    """Write each codec into each container that is taken, and yield what came of it."""
    for codec, (container, ending) in product(encoders("audio"), TAKEN.items()):
        for rate in (8_000, 22_050, 48_000):
            path = folder / f"{codec}-{rate}.{ending}"
            with contextlib.suppress(OSError, ValueError, av.error.FFmpegError):
                path.write_bytes(sound(container, codec, rate=rate))
                yield path
    for codec, (container, ending) in product(encoders("video"), TAKEN.items()):
        path = folder / f"{codec}.{ending}"
        with contextlib.suppress(OSError, ValueError, av.error.FFmpegError):
            path.write_bytes(film(container, codec))
            yield path


def _can_be_decoded(path: Path) -> bool:
    """Return whether a decoder makes something of a file by the containers that are taken."""
    try:
        with av.open(str(path), options=AV_OPTIONS) as container:
            return next(container.decode(), None) is not None
    except av.error.FFmpegError:
        return False


def _seconds_of_copy(path: Path, folder: Path) -> float:
    """Return how long the copy without notes lasts."""
    return seconds_of(_copy_of(path, probe({"path": str(path)}, lambda *_: None)["mime"], folder))


def _copy_of(path: Path, mime: str, folder: Path) -> Path:
    """Write a copy without notes."""
    target = folder / f"copy-{path.name}"
    remux(str(path), mime, str(target), "")
    return target


def _blob(upload_id: str) -> Blob:
    blob = Upload.objects.select_related("blob").get(public_id=upload_id).blob
    assert blob is not None
    return blob


def _upload(key: str, path: Path) -> dict[str, Any]:
    """Upload a file over the API. Return the answer, with the problem where it isn't taken."""
    with av.open(str(path)) as container:
        slot = "referenceVideo" if container.streams.video else "referenceAudio"
    address = f"/v1/media/uploadUrl?jobId={path.name}&id=clip&type={slot}"
    url = request_app("GET", address, {"api-key": key}).json()["data"]["uploadUrl"]
    answer = request_app("PUT", url, {}, path.read_bytes())
    return answer.json()["data"] if answer.status == 200 else {"problem": answer.text}


def _hashes_of_archive(key: str, ids: Iterable[str]) -> set[str]:
    """Download these uploads without their notes. Return the hashes of the files."""
    picks = "&".join(f"pick={one}" for one in ids)
    answer = request_app("GET", f"/me/media/download?clean=1&{picks}", {"api-key": key})
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def _lengths(paths: Iterable[Path], folder: Path) -> dict[str, object]:
    """Return name → the length of what is taken, else why it isn't."""
    outcomes = outcomes_of({path.name: path.read_bytes() for path in paths}, folder)
    return {
        name: (outcome.duration_ms or 0) / 1000 if isinstance(outcome, FileFacts) else outcome
        for name, outcome in outcomes.items()
    }


def _about(seconds: float, near_s: float = NEAR_S) -> object:
    return pytest.approx(seconds, abs=near_s)
