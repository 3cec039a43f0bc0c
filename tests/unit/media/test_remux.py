"""Films and sounds are copied without tags, cover pictures and data tracks."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media.sandbox.remux import remux
from mediakit.errors import Refused
from tests.support.builders.blobs import SECRET, film_with_place


def sound(container: str, codec: str) -> bytes:
    """Half a second of a tone, with tags."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata["title"] = SECRET
        output.metadata["comment"] = SECRET
        stream = output.add_stream(codec, rate=48_000, layout="mono")
        tone = np.sin(np.arange(24_000) * 0.05).astype(np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=48_000, frame_size=stream.frame_size or None
        )
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(part))
        output.mux(stream.encode())
    return file.getvalue()


def with_cover(mp3: bytes) -> bytes:
    """The same with an ID3 tag in front that holds a cover picture."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "JPEG")
    frame = b"\x00image/jpeg\x00\x03\x00" + picture.getvalue()
    tag = b"APIC" + len(frame).to_bytes(4, "big") + b"\x00\x00" + frame
    size = bytes((len(tag) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + tag + mp3


def copy(tmp_path: Path, data: bytes, mime: str) -> Path:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    remux(str(source), mime, str(target), "")
    return target


def seconds(path: Path) -> float:
    with av.open(str(path)) as media:
        return sum(frame.samples / frame.sample_rate for frame in media.decode(audio=0))


@pytest.mark.parametrize(
    ("container", "codec", "mime"),
    [
        ("mp4", "aac", "audio/mp4"),
        ("mov", "aac", "video/quicktime"),
        ("webm", "libopus", "audio/webm"),
        ("matroska", "libopus", "audio/x-matroska"),
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("wav", "pcm_s16le", "audio/wav"),
        ("flac", "flac", "audio/flac"),
        ("ogg", "libopus", "audio/ogg"),
    ],
)
def test_a_sound_keeps_its_length_and_loses_its_tags(tmp_path, container, codec, mime):
    data = sound(container, codec)
    assert SECRET.encode() in data
    target = copy(tmp_path, data, mime)
    assert SECRET.encode() not in target.read_bytes()
    assert seconds(target) == pytest.approx(seconds(tmp_path / "source"), abs=0.05)


def test_a_film_keeps_its_frames_and_loses_its_place(tmp_path):
    target = copy(tmp_path, film_with_place(), "video/mp4")
    assert b"+48.2000" not in target.read_bytes()
    with av.open(str(target)) as media:
        assert sum(1 for _ in media.decode(video=0)) == 5


def test_a_cover_picture_is_left_behind(tmp_path):
    data = with_cover(sound("mp3", "libmp3lame"))
    target = copy(tmp_path, data, "audio/mpeg")
    with av.open(str(tmp_path / "source")) as source, av.open(str(target)) as media:
        assert len(source.streams.video) == 1
        assert len(media.streams.video) == 0


def test_equal_files_give_equal_copies(tmp_path):
    first = copy(tmp_path, film_with_place(), "video/mp4").read_bytes()
    assert copy(tmp_path, film_with_place(), "video/mp4").read_bytes() == first


def test_a_cut_off_or_unknown_file_is_refused(tmp_path):
    with pytest.raises(Refused):
        copy(tmp_path, film_with_place()[:200], "video/mp4")
    with pytest.raises(Refused, match="can't be published"):
        copy(tmp_path, film_with_place(), "model/gltf-binary")
