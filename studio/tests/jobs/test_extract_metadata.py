"""extract_metadata: the facts of each kind of file, without telling where or by whom."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest
from PIL.TiffImagePlugin import IFDRational

from mediakit.errors import Refused
from studio.jobs.extract_metadata import run
from studio.media.audio.writer import write_audio
from studio.tests.support.films import arguments, make_clip, make_raw_clip, no_report, picture, tone


def read(out: Path, **media: Path) -> dict:
    result = run(arguments("extract_metadata", out, **media), no_report)
    assert result["files"] == []
    json.dumps(result, allow_nan=False)
    return result["values"]


def test_a_film_tells_its_streams_size_and_loudness(tmp_path: Path) -> None:
    values = read(tmp_path, video=make_clip(tmp_path / "clip.mp4"))
    facts = values["metadata"]["video"]
    assert (facts["width"], facts["height"], facts["fps"]) == (320, 180, 24.0)
    assert (facts["duration_s"], facts["frames"], facts["rotation"]) == (1.0, 24, 0)
    assert [stream["codec"] for stream in facts["streams"]] == ["h264", "aac"]
    assert facts["streams"][0]["pixel_format"] == "yuv420p"
    assert facts["streams"][1]["sample_rate"] == 48000
    assert facts["loudness_lufs"] == pytest.approx(-14.4, abs=0.6)
    assert facts["mime"] == "video/mp4"
    assert facts["size_bytes"] == (tmp_path / "clip.mp4").stat().st_size
    assert values["message"].startswith("Video: 320×180, 1 s, 24 fps, h264, aac, -14")
    assert "\n" not in values["message"]


def test_a_turned_film_tells_how_it_is_shown(tmp_path: Path) -> None:
    frames = [picture(i, (40, 90, 140)) for i in range(4)]
    clip = make_raw_clip(tmp_path / "phone.mp4", frames, [0, 40, 80, 120], rotation=90)
    facts = read(tmp_path, video=clip)["metadata"]["video"]
    assert (facts["width"], facts["height"], facts["rotation"]) == (180, 320, 270)
    assert (facts["streams"][0]["width"], facts["streams"][0]["height"]) == (320, 180)
    assert "loudness_lufs" not in facts


def test_sound_tells_its_loudness_and_peak(tmp_path: Path) -> None:
    write_audio(tmp_path / "tone.wav", tone(1.0, 997, 0.5))
    facts = read(tmp_path, audio=tmp_path / "tone.wav")["metadata"]["audio"]
    assert facts["loudness_lufs"] == pytest.approx(-6.0, abs=0.2)
    assert facts["peak_dbfs"] == pytest.approx(-6.0, abs=0.1)
    assert facts["streams"][0]["codec"] == "pcm_s16le"


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    write_audio(tmp_path / "silence.wav", np.zeros((2, 48000), np.float32))
    facts = read(tmp_path, audio=tmp_path / "silence.wav")["metadata"]["audio"]
    assert facts["loudness_lufs"] is None
    assert facts["peak_dbfs"] is None


def test_a_photo_tells_its_camera_but_not_its_place(tmp_path: Path) -> None:
    photo = PIL.Image.fromarray(picture(0, (200, 60, 40)))
    exif = photo.getexif()
    exif[0x010F] = "Lumen"
    exif[0x0112] = 6  # stored on its side
    exif.get_ifd(0x8769)[0x829A] = IFDRational(1, 50)
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-42"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    photo.save(tmp_path / "photo.jpg", exif=exif)
    values = read(tmp_path, image=tmp_path / "photo.jpg")
    facts = values["metadata"]["image"]
    assert (facts["width"], facts["height"]) == (180, 320)
    assert facts["exif"]["Make"] == "Lumen"
    assert facts["exif"]["ExposureTime"] == pytest.approx(0.02)
    text = json.dumps(values)
    assert "GPS" not in text
    assert "SERIAL-42" not in text
    assert "52" not in json.dumps(facts["exif"])


def test_a_picture_tells_its_palette_and_notes(tmp_path: Path) -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[:, :60] = (255, 0, 0)
    pixels[:, 60:] = (0, 0, 255)
    notes = PIL.PngImagePlugin.PngInfo()
    notes.add_text("parameters", "a red wall")
    notes.add_text("Location", "somewhere private")
    PIL.Image.fromarray(pixels).save(tmp_path / "wall.png", pnginfo=notes)
    facts = read(tmp_path, image=tmp_path / "wall.png")["metadata"]["image"]
    assert facts["palette"][0] == {"hex": "#ff0000", "name": "red", "share": 0.75}
    assert facts["palette"][1] == {"hex": "#0000ff", "name": "blue", "share": 0.25}
    assert facts["notes"] == {"parameters": "a red wall"}
    assert facts["transparent"] is False


def test_reads_several_files_and_keeps_the_question(tmp_path: Path) -> None:
    write_audio(tmp_path / "tone.m4a", tone(1.0))
    call = arguments(
        "extract_metadata",
        tmp_path,
        params={"prompt": "How long is it?"},
        video=make_clip(tmp_path / "clip.mp4", frames=6),
        audio=tmp_path / "tone.m4a",
    )
    call["media"]["audio"][0]["meta"] = {"bpm": 120, "beats": [0, 0.5], "draft": True}
    values = run(call, no_report)["values"]
    assert set(values["metadata"]) == {"video", "audio"}
    assert values["metadata"]["audio"]["artifact"] == {"bpm": 120, "draft": True}
    assert values["question"] == "How long is it?"
    assert values["message"].count(":") == 2


def test_needs_something_to_read(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image, video or audio"):
        run(arguments("extract_metadata", tmp_path), no_report)
