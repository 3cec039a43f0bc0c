"""generate_music: the length, level, tempo and form asked for; the same bytes for the same seed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.support.films import arguments, no_report
from tools.providers.studio.film.loudness import measure_lufs
from tools.providers.studio.film.prompts import choose_branch
from tools.providers.studio.film.reader import read_sound
from tools.providers.studio.jobs.generate_music import run

_RUN = """
import json, sys
from tools.providers.studio.jobs.generate_music import run
run(json.loads(sys.argv[1]), lambda fraction, message: None)
"""


def play(out: Path, prompt: str, **params: object) -> dict:
    out.mkdir(exist_ok=True)
    return run(arguments("generate_music", out, params={"prompt": prompt, **params}), no_report)


@pytest.mark.parametrize("prompt", ["lo-fi", "dance", "ambient", "epic orchestral"])
def test_lasts_and_sounds_as_asked(tmp_path: Path, prompt: str) -> None:
    file = play(tmp_path, prompt, duration=4)["files"][0]
    assert (file["kind"], file["mime"], file["duration_s"]) == ("audio", "audio/mp4", 4.0)
    with av.open(file["path"]) as container:
        stream = container.streams.audio[0]
        assert (stream.codec.name, stream.rate, stream.channels) == ("aac", 48000, 2)
        assert float(container.duration / 1e6) == pytest.approx(4.0, abs=0.03)
    sound = read_sound(file["path"], 4.0)
    assert measure_lufs(sound) == pytest.approx(-16, abs=1)
    assert np.abs(sound).max() < 0.99
    assert np.abs(sound[:, :24]).max() < 0.03
    assert np.abs(sound[:, -480:]).max() < 0.05
    # Stereo: the sides differ, but are not two different pieces.
    assert 0.2 < np.corrcoef(sound)[0, 1] < 0.999


def test_says_what_it_played(tmp_path: Path) -> None:
    result = play(tmp_path, "techno", duration=8, bpm=120, keyscale="A minor", timesig=4)
    meta = result["files"][0]["meta"]
    assert (meta["bpm"], meta["key"], meta["timesig"]) == (120, "A minor", 4)
    assert meta["beats"] == [n / 2 for n in range(16)]
    assert [s["name"] for s in meta["sections"]] == ["intro", "build", "main", "outro"]
    assert (meta["draft"], meta["provider"], meta["style"]) == (True, "studio", "techno")
    assert result["warnings"] == []


def test_plays_at_the_tempo_it_names(tmp_path: Path) -> None:
    file = play(tmp_path, "rock", duration=8, bpm=120)["files"][0]
    sound = read_sound(file["path"], 8.0)[:, 48000 * 3 : 48000 * 7]
    loudness = np.sqrt((sound.reshape(2, -1, 480) ** 2).mean(axis=(0, 2)))
    onsets = np.maximum(0, np.diff(loudness))
    onsets -= onsets.mean()
    echo = np.correlate(onsets, onsets, "full")[onsets.size - 1 :]
    # A beat is 50 windows of 10 ms: what sounds now sounds again then, and not in between.
    assert echo[100] > 0.3 * echo[0]
    assert echo[100] > 3 * max(echo[38], echo[62], echo[85])


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        call = arguments(
            "generate_music", tmp_path / name, params={"prompt": "jazz", "duration": 3}
        )
        subprocess.run([sys.executable, "-c", _RUN, json.dumps(call)], check=True)
        data = (tmp_path / name / "music-1.m4a").read_bytes()
        digests.add(hashlib.sha256(data).hexdigest())
    assert len(digests) == 1


def test_another_seed_is_another_piece(tmp_path: Path) -> None:
    call = arguments("generate_music", tmp_path, params={"prompt": "jazz", "duration": 2})
    first = run(call, no_report)["files"][0]["meta"]
    second = run({**call, "seed": 8}, no_report)["files"][0]["meta"]
    assert first != second


def test_variations_differ_by_seed_and_branch(tmp_path: Path) -> None:
    result = play(tmp_path, "{jazz|ambient} for rain", duration=2, numberOfVariations=3)
    metas = [file["meta"] for file in result["files"]]
    assert [meta["style"] for meta in metas] == ["jazz", "ambient", "jazz"]
    assert [meta["seed"] for meta in metas] == [7, 8, 9]
    assert len({file["path"] for file in result["files"]}) == 3
    assert choose_branch("{a|b} and {c|d|e}", 2) == "a and e"


@pytest.mark.parametrize(
    ("asked", "ending", "mime"),
    [
        ("mp3", "mp3", "audio/mpeg"),
        ("wav", "wav", "audio/wav"),
        ("flac", "flac", "audio/flac"),
        ("tape", "m4a", "audio/mp4"),
    ],
)
def test_writes_the_format_asked_for(tmp_path: Path, asked: str, ending: str, mime: str) -> None:
    result = play(tmp_path, "jazz", duration=2, outputFormat=asked)
    file = result["files"][0]
    assert (Path(file["path"]).suffix, file["mime"]) == (f".{ending}", mime)
    assert measure_lufs(read_sound(file["path"], 2.0)) == pytest.approx(-16, abs=1)
    assert len(result["warnings"]) == (asked == "tape")


def test_does_not_pretend_to_sing(tmp_path: Path) -> None:
    result = play(tmp_path, "pop", duration=2, lyrics="[Verse]\nHello again")
    assert any("does not sing" in warning for warning in result["warnings"])
    assert play(tmp_path, "pop", duration=2, lyrics="[Intro]\n[Verse]")["warnings"] == []


def test_heeds_the_studios_lengths(tmp_path: Path) -> None:
    call = arguments("generate_music", tmp_path, params={"prompt": "piano", "duration": 60})
    call["studio"]["duration_s"] = 1
    assert run(call, no_report)["files"][0]["duration_s"] == 1.0
    call["studio"] = {"max_duration_s": 2}
    result = run(call, no_report)
    assert result["files"][0]["duration_s"] == 2.0
    assert "2 s" in result["warnings"][0]
