"""generate_speech: a voice that says these words, at the level, pace and pitch asked for."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.artist.speech.voices import VOICES
from studio.jobs.generate_speech import run
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.audio.voice_analysis import count_vowels, listen, syllables
from studio.media.audio.writer import write_audio
from studio.tests.support.films import arguments, no_report, tone
from studio.tests.support.measures import ebu_lufs, sound_of, true_peak

TEXT = (
    "Welcome back, my friends. Tonight we climb the old lighthouse and watch the storm roll in. "
    "Are you ready?"
)
_RUN = """
import json, sys
from studio.jobs.generate_speech import run
run(json.loads(sys.argv[1]), lambda fraction, message: None)
"""


def speak(out: Path, prompt: str = TEXT, **params: object) -> dict:
    out.mkdir(exist_ok=True)
    return run(arguments("generate_speech", out, params={"prompt": prompt, **params}), no_report)


def heard(result: dict, index: int = 0) -> np.ndarray:
    return sound_of(result["files"][index]["path"])


def mono16(sound: np.ndarray) -> np.ndarray:
    """Mono at 16 kHz, as the measures of a voice want it."""
    mono = sound.mean(axis=0)
    return mono[: mono.size // 3 * 3].reshape(-1, 3).mean(axis=1)


@pytest.mark.parametrize(
    ("form", "mime"), [("wav", "audio/wav"), ("mp3", "audio/mpeg"), ("flac", "audio/flac")]
)
def test_is_a_recording_at_its_level(tmp_path: Path, form: str, mime: str) -> None:
    result = speak(tmp_path, outputFormat=form)
    file, sound = result["files"][0], heard(result)
    assert (file["kind"], file["mime"], Path(file["path"]).suffix) == ("audio", mime, f".{form}")
    assert file["meta"]["draft"] is True
    assert result["warnings"] == []
    with av.open(file["path"]) as container:
        assert (container.streams.audio[0].rate, container.streams.audio[0].channels) == (48000, 2)
    assert 5 < file["duration_s"] < 10
    assert sound.shape[1] / SAMPLE_RATE == pytest.approx(file["duration_s"], abs=0.05)
    assert ebu_lufs(sound) == pytest.approx(-16, abs=1)
    assert true_peak(sound) < -1
    assert np.abs(sound[:, :24]).max() < 0.01
    assert np.abs(sound[:, -480:]).max() < 0.01


def test_sounds_where_speech_sounds(tmp_path: Path) -> None:
    power = np.abs(np.fft.rfft(heard(speak(tmp_path)).mean(axis=0))) ** 2
    hertz = np.fft.rfftfreq(2 * power.size - 2, 1 / SAMPLE_RATE)
    speech = power[(hertz > 100) & (hertz < 4000)].sum() / power.sum()
    assert speech > 0.9
    assert power[hertz > 12_000].sum() < 0.001 * power.sum()


def test_says_as_many_syllables_as_the_text_has(tmp_path: Path) -> None:
    short = "The storm is coming."
    for text in (short, TEXT, f"{TEXT} {short} We should go inside now."):
        count = len(syllables(mono16(heard(speak(tmp_path, text))), 16_000))
        assert count == pytest.approx(count_vowels(text), rel=0.25)


def test_twice_the_words_take_twice_the_time(tmp_path: Path) -> None:
    words = "The keeper walks along the shore and counts the ships that pass in the night. "
    once, twice, thrice = (
        speak(tmp_path, words * times)["files"][0]["duration_s"] for times in (1, 2, 3)
    )
    assert twice - once == pytest.approx(thrice - twice, rel=0.1)
    assert twice == pytest.approx(2 * once, rel=0.15)


def test_other_words_sound_different(tmp_path: Path) -> None:
    def envelope(text: str) -> np.ndarray:
        sound = heard(speak(tmp_path, text)).mean(axis=0)[:96_000]
        return np.sqrt((sound.reshape(-1, 960) ** 2).mean(axis=1))

    first, again = envelope(TEXT), envelope(TEXT)
    other = envelope("Seventeen small boats, painted blue and red, sleep in the harbour.")
    assert np.corrcoef(first, again)[0, 1] > 0.9
    assert np.corrcoef(first, other)[0, 1] < 0.6


def test_each_voice_is_somebody_else(tmp_path: Path) -> None:
    seen = {}
    for name in VOICES:
        sound = heard(speak(tmp_path, voice=name, creativity=0.1))
        voice = listen(mono16(sound), 16_000)
        power = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
        hertz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)
        centre = float((power * hertz).sum() / power.sum())
        assert voice is not None
        seen[name] = (np.log2(voice.pitch_hz), np.log2(centre), np.log2(sound.shape[1]))
    names = list(seen)
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            apart = np.abs(np.subtract(seen[first], seen[second])).max()
            assert apart > 0.08, f"{first} and {second} are the same voice"
    women = ("serena", "vivian", "ono_anna", "sohee")
    assert min(seen[n][0] for n in women) > max(seen[n][0] for n in names if n not in women)


def test_a_description_changes_how_it_is_said(tmp_path: Path) -> None:
    def spoken(description: str) -> tuple[float, float]:
        result = speak(tmp_path, voiceDescription=description, creativity=0.1)
        assert result["warnings"] == []
        voice = listen(mono16(heard(result)), 16_000)
        return result["files"][0]["duration_s"], voice.pitch_hz if voice else 0.0

    usual, pitch = spoken("clear")
    assert spoken("very slow")[0] > 1.25 * usual
    assert spoken("fast, hurried")[0] < 0.85 * usual
    assert spoken("deep")[1] < 0.85 * pitch
    assert spoken("excited")[1] > 1.05 * pitch
    assert spoken("whispering")[1] == 0.0


def test_a_voice_is_designed_from_words(tmp_path: Path) -> None:
    def pitch(description: str) -> float:
        result = speak(tmp_path, model="design", voiceDescription=description)
        voice = listen(mono16(heard(result)), 16_000)
        return voice.pitch_hz if voice else 0.0

    assert pitch("an old man") < 115 < pitch("a woman") < pitch("a small child, a girl")
    assert (
        "Nothing in the voice description"
        in speak(tmp_path, voiceDescription="zorp")["warnings"][0]
    )


def test_a_clone_has_the_recordings_pitch_and_pace(tmp_path: Path) -> None:
    for name, slow in (("uncle_fu", "slow"), ("vivian", "fast")):
        model = speak(tmp_path / name, voice=name, voiceDescription=slow)["files"][0]
        call = arguments(
            "generate_speech",
            tmp_path,
            params={"prompt": TEXT, "model": "clone", "voiceTranscript": TEXT, "creativity": 0.1},
            voice=Path(model["path"]),
        )
        result = run(call, no_report)
        assert "pitch and pace" in result["warnings"][0]
        wanted = listen(mono16(sound_of(model["path"])), 16_000)
        got = listen(mono16(heard(result)), 16_000)
        assert wanted is not None
        assert got is not None
        assert got.pitch_hz == pytest.approx(wanted.pitch_hz, rel=0.1)
        assert result["files"][0]["duration_s"] == pytest.approx(model["duration_s"], rel=0.15)


def test_a_clone_needs_a_voice(tmp_path: Path) -> None:
    with pytest.raises(Refused) as missing:
        speak(tmp_path, model="clone")
    assert missing.value.error_type == "ASSET_NOT_FOUND"
    hum = np.random.default_rng(1).normal(0, 0.001, (2, SAMPLE_RATE)).astype(np.float32)
    write_audio(tmp_path / "hiss.wav", hum)
    call = arguments(
        "generate_speech",
        tmp_path,
        params={"prompt": TEXT, "model": "clone"},
        voice=tmp_path / "hiss.wav",
    )
    with pytest.raises(Refused, match="No voice"):
        run(call, no_report)


def test_cues_follow_the_words(tmp_path: Path) -> None:
    text = (
        "Dr. Smith came at 3.30 p.m. and waited. He said that nobody had seen the keeper since the "
        "great storm of last winter, when the lamp went out, and the boats did not come home."
    )
    result = speak(tmp_path, text)
    file, sound = result["files"][0], heard(result).mean(axis=0)
    cues = file["meta"]["cues"]
    assert " ".join(cue["text"] for cue in cues) == text
    assert max(len(cue["text"]) for cue in cues) <= 42
    assert all(cue["end"] > cue["start"] for cue in cues)
    assert all(a["end"] <= b["start"] + 0.001 for a, b in pairwise(cues))
    assert cues[-1]["end"] < file["duration_s"]
    # Speech is heard within each cue, and from its start.
    for cue in cues:
        part = sound[round(cue["start"] * SAMPLE_RATE) : round(cue["end"] * SAMPLE_RATE)]
        assert np.sqrt((part**2).mean()) > 0.02
    waits = [b["start"] - a["end"] for a, b in pairwise(cues) if a["text"].endswith("waited.")]
    assert waits[0] > 0.25


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Guten Morgen, wie geht es dir heute?", "german"),
        ("Bonjour, où est la gare ?", "french"),
        ("Hola, ¿cómo está usted hoy?", "spanish"),
        ("Buongiorno, dove è la stazione?", "italian"),
        ("Olá, você está bem? Não sei onde isto fica.", "portuguese"),
        ("Привет, как у тебя дела?", "russian"),
        ("你好，今天天气很好。", "chinese"),
        ("こんにちは、おげんきですか。", "japanese"),
        ("안녕하세요, 오늘 날씨가 좋습니다.", "korean"),
    ],
)
def test_speaks_the_language_of_the_text(tmp_path: Path, text: str, language: str) -> None:
    result = speak(tmp_path, text)
    assert result["files"][0]["meta"]["language"] == language
    assert result["files"][0]["duration_s"] > 1.2
    assert result["warnings"] == []
    assert "".join(c["text"] for c in result["files"][0]["meta"]["cues"]).replace(
        " ", ""
    ) == text.replace(" ", "")


def test_takes_differ_and_creativity_widens_them(tmp_path: Path) -> None:
    result = speak(tmp_path, numberOfVariations=3, creativity=1.5)
    assert len({Path(file["path"]).read_bytes() for file in result["files"]}) == 3
    assert [file["meta"]["seed"] for file in result["files"]] == [7, 8, 9]

    def spread(creativity: float) -> float:
        voice = listen(mono16(heard(speak(tmp_path, creativity=creativity))), 16_000)
        return voice.spread if voice else 0.0

    assert spread(2.0) > 1.3 * spread(0.1)


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        params = {"prompt": TEXT, "numberOfVariations": 2}
        call = arguments("generate_speech", tmp_path / name, params=params)
        subprocess.run([sys.executable, "-c", _RUN, json.dumps(call)], check=True)
        data = b"".join((tmp_path / name / f"speech-{n}.wav").read_bytes() for n in (1, 2))
        digests.add(hashlib.sha256(data).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("prompt", ["😀 🎉", "…", "   \n ", "東京"])
def test_refuses_what_nobody_can_say(tmp_path: Path, prompt: str) -> None:
    with pytest.raises(Refused, match=r"Add text|Write the text"):
        speak(tmp_path, prompt, language="japanese" if prompt == "東京" else "auto")


def test_markup_is_no_instruction(tmp_path: Path) -> None:
    plain = speak(tmp_path, "One. Two.")["files"][0]["duration_s"]
    marked = speak(tmp_path, 'One. <break time="9s"/> Two. 😀')["files"][0]
    assert marked["duration_s"] < plain + 5
    assert "😀" not in marked["meta"]["text"]


def test_leaves_out_the_kanji_and_says_so(tmp_path: Path) -> None:
    result = speak(tmp_path, "今日はいいてんきですね。", language="japanese")
    assert "Kanji" in result["warnings"][0]
    assert "今日" not in result["files"][0]["meta"]["text"]


def test_a_tone_is_not_a_voice() -> None:
    assert listen(tone(1.0, 2000)[0, ::3], 16_000) is None


@pytest.mark.thorough
def test_the_longest_text_is_spoken_whole(tmp_path: Path) -> None:
    text = (f"{TEXT} " * 40)[:4090].rsplit(".", 1)[0] + "."
    result = speak(tmp_path, text)
    file = result["files"][0]
    assert " ".join(cue["text"] for cue in file["meta"]["cues"]) == " ".join(text.split())
    assert ebu_lufs(heard(result)) == pytest.approx(-16, abs=1)
