"""Speech comes from a program of its own, which may be absent and is confined like a job."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media.sandbox import confine
from mediakit.errors import Refused
from studio.artist.speech import espeak
from studio.artist.speech.espeak import Manner
from studio.jobs import generate_speech

ROOT = Path(__file__).resolve().parents[3]
REQUEST = {
    "text": "Hello there.",
    "voice": "en-us",
    "rate": 165,
    "pitch": 50,
    "range": 50,
    "gap": 0,
    "volume": 55,
    "seed": 7,
}


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "media.sandbox.helper", str(os.getpid()), espeak.PROGRAM],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as started:
        yield started
        started.kill()


def ask(program: subprocess.Popen[bytes], request: dict[str, Any]) -> dict[str, Any]:
    program.stdin.write(json.dumps(request).encode() + b"\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


def test_text_goes_in_and_a_wav_file_comes_out(program: subprocess.Popen[bytes]) -> None:
    answer = ask(program, REQUEST)
    with wave.open(io.BytesIO(program.stdout.read(answer["bytes"]))) as recording:
        assert (recording.getframerate(), recording.getnchannels()) == (espeak.RATE_HZ, 1)
        assert recording.getnframes() > espeak.RATE_HZ // 4
    assert [at for at, _sample in answer["words"]] == [0, 6]


def test_a_voice_it_does_not_have_is_named_and_the_next_is_said(
    program: subprocess.Popen[bytes],
) -> None:
    assert "nowhere" in ask(program, {**REQUEST, "voice": "nowhere"})["error"]
    assert ask(program, REQUEST)["bytes"] > 1000


@pytest.mark.skipif(bool(confine.available().missing()), reason="this machine cannot confine it")
def test_the_program_is_confined(program: subprocess.Popen[bytes]) -> None:
    ask(program, REQUEST)
    lines = Path(f"/proc/{program.pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}


def test_the_program_ends_with_its_input(program: subprocess.Popen[bytes]) -> None:
    program.stdin.close()
    assert program.wait(60) == 0


def test_the_same_sentences_are_the_same_samples() -> None:
    def said() -> list[bytes]:
        started = espeak._Program()
        request = {**REQUEST, "seed": 3}
        return [started.say(request).samples.tobytes() for _ in range(2)]

    first = said()
    assert said() == first
    assert first[0] != first[1]


def test_no_process_of_the_studio_loads_the_library() -> None:
    espeak.say("Hello.", Manner("en-us"))
    assert "espeakng_loader" not in sys.modules
    assert "libespeak" not in Path("/proc/self/maps").read_text()


def test_speech_without_espeak_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(espeak, "PROGRAM", "studio.tests.support.mute_espeak")
    espeak.stop()
    arguments = {"params": {"prompt": "Hello."}, "media": {}, "seed": 1, "out": str(tmp_path)}
    try:
        with pytest.raises(Refused, match="espeak-ng isn't installed on this server"):
            generate_speech.run(arguments, lambda fraction, message: None)
    finally:
        espeak.stop()
