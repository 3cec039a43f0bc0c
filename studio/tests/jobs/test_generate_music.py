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

from studio.artist.music.form import plan_form
from studio.artist.music.score import Section, write_score
from studio.artist.music.style import read_brief, read_key
from studio.job_io.prompt_branches import choose_branch
from studio.jobs.generate_music import run
from studio.media.audio.loudness import measure_lufs
from studio.media.audio.tempo import hear_tempo
from studio.media.video.reader import read_sound
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import ebu_lufs, sound_of, true_peak

_SCALES = {True: (0, 2, 3, 5, 7, 8, 10), False: (0, 2, 4, 5, 7, 9, 11)}
_RUN = """
import json, sys
from studio.media.audio.tempo import hear_tempo
from studio.jobs.generate_music import run
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
    assert [s["name"] for s in meta["sections"]] == ["intro", "verse", "chorus", "outro"]
    assert (meta["draft"], meta["provider"], meta["style"]) == (True, "studio", "techno")
    assert result["warnings"] == []


@pytest.mark.parametrize(("style", "bpm"), [("rock", 120), ("pop", 97.5), ("jazz", 131)])
def test_plays_at_the_tempo_it_names(tmp_path: Path, style: str, bpm: float) -> None:
    file = play(tmp_path, style, duration=14, bpm=bpm, outputFormat="wav")["files"][0]
    heard = hear_tempo(sound_of(file["path"]))
    assert heard is not None
    assert heard.bpm == pytest.approx(bpm, rel=0.02)
    # The beats it names are those one hears.
    off = [np.abs(np.array(heard.beats) - beat).min() for beat in file["meta"]["beats"]]
    assert float(np.median(off)) < 0.04


def test_lasts_to_the_frame_at_its_level(tmp_path: Path) -> None:
    for seconds in (3, 7.77, 20):
        file = play(tmp_path, "synthwave", duration=seconds, outputFormat="wav")["files"][0]
        sound = sound_of(file["path"])
        assert sound.shape[1] / 48_000 == pytest.approx(seconds, abs=1 / 24)
        assert ebu_lufs(sound) == pytest.approx(-16, abs=1)
        assert true_peak(sound) < -1
        # Music, not noise: peaks stand 8 to 20 dB above the mean.
        crest = 20 * np.log10(np.abs(sound).max() / np.sqrt((sound**2).mean()))
        assert 8 < crest < 20


@pytest.mark.parametrize("key", ["A minor", "Eb major", "F# minor"])
def test_is_in_the_key_it_names(tmp_path: Path, key: str) -> None:
    file = play(tmp_path, "piano", duration=16, keyscale=key, outputFormat="wav")["files"][0]
    mono = sound_of(file["path"]).mean(axis=0)
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size))) ** 2
    hertz = np.fft.rfftfreq(mono.size, 1 / 48_000)
    band = (hertz > 65) & (hertz < 1000)
    pitch = np.rint(12 * np.log2(hertz[band] / 440) + 69).astype(int) % 12
    chroma = np.bincount(pitch, np.sqrt(power[band]), 12)
    tonic, minor = read_key(key) or (0, None)
    scale = [(tonic + step) % 12 for step in _SCALES[bool(minor)]]
    outside = [step for step in range(12) if step not in scale]
    assert chroma[scale].mean() > 1.6 * chroma[outside].mean()
    assert tonic in np.argsort(chroma)[-4:]


def test_a_longer_piece_has_the_form_of_a_song() -> None:
    form = [name for name, _ in plan_form(72)]
    assert form == ["intro", "build", "main", "build", "break", "main", "outro"]
    rng = np.random.default_rng(3)
    score = write_score(read_brief("pop, 120 bpm", {}, rng), 144.0, rng)

    def roots(section: Section) -> list[int]:
        """The bass's first note in each of the section's first four bars of two seconds."""
        bass = [note for note in score.layers["bass"] if note.start_s >= section.start_s - 0.1]
        starts = [section.start_s + 2 * bar for bar in range(4)]
        return [round(min(bass, key=lambda n: abs(n.start_s - at)).pitch) % 12 for at in starts]

    verse, chorus, again = (roots(score.sections[index]) for index in (1, 2, 5))
    assert chorus == again
    assert verse != chorus
    assert score.sections[-1].end_s == 144.0


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
    assert any("Singing isn't supported" in warning for warning in result["warnings"])
    assert play(tmp_path, "pop", duration=2, lyrics="[Intro]\n[Verse]")["warnings"] == []


def test_heeds_the_studios_lengths(tmp_path: Path) -> None:
    call = arguments("generate_music", tmp_path, params={"prompt": "piano", "duration": 60})
    call["studio"]["duration_s"] = 1
    assert run(call, no_report)["files"][0]["duration_s"] == 1.0
    call["studio"] = {"max_duration_s": 2}
    result = run(call, no_report)
    assert result["files"][0]["duration_s"] == 2.0
    assert "2 s" in result["warnings"][0]
