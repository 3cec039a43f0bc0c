"""A sentence in, samples and the times of its words out, by the program around eSpeak NG.

eSpeak NG is under the GPL, so it runs in a program of its own (`espeak_program`), which may be
absent. A sandbox gives the command that runs it confined; without one it runs as it is. The same
sentences in the same order from the start of that program, with the same seeds, are the same
samples; a studio job has one to itself.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import subprocess
import sys
import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from mediakit.errors import Refused
from studio.media.audio.samples import Mono

RATE_HZ = 22_050
SLOWEST, FASTEST = 80, 450  # words a minute

CODE_ROOT = Path(__file__).resolve().parents[3]
UNCONFINED = (sys.executable, "-P", "-s", "-m")
PROGRAM = "studio.artist.speech.espeak_program"
ABSENT = (
    "The built-in studio can't speak, because espeak-ng isn't installed on this "
    "server. Install the package espeakng-loader, or choose another provider for "
    "generate_speech."
)
# A hundred is the usual volume; some voices clip there.
_HEADROOM = 55


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sentence is said. voice: language and variant, as eSpeak NG names them. rate: words a
    minute. pitch, range: 0 to 100, 50 is the voice's own. gap: pause between words, 10 ms each."""

    voice: str
    rate: int = 165
    pitch: int = 50
    range: int = 50
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word: its first character in the sentence, and when it begins."""

    at: int
    start_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """samples: mono at RATE_HZ, within ±1. words: in the order they are said."""

    samples: Mono
    words: tuple[Word, ...]


def say(text: str, manner: Manner, *, seed: int = 0) -> Utterance:
    """Say one sentence. seed: of the breath and the flutter in the voice, 31 bits. Raises Refused
    where eSpeak NG is not installed, RuntimeError when it fails or has no such voice."""
    request = {
        **asdict(manner),
        "text": text,
        "rate": min(max(manner.rate, SLOWEST), FASTEST),
        "pitch": min(max(manner.pitch, 0), 100),
        "range": min(max(manner.range, 0), 100),
        "volume": _HEADROOM,
        "seed": seed,
    }
    return start().say(request)


_program: _Program | None = None


def start(command: Sequence[str] = UNCONFINED) -> _Program:
    """The program of this process, started once. A job starts it before it is confined.

    command: runs the module whose name is appended to it.
    """
    global _program
    if _program is None:
        _program = _Program(command)
    return _program


def stop() -> None:
    """End the program; the next sentence starts another."""
    global _program
    if _program is not None:
        _program.end()
        _program = None


class _Program:
    def __init__(self, command: Sequence[str] = UNCONFINED) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, PROGRAM],
            # As bare as a job's: it needs nothing of it.
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(CODE_ROOT)},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        atexit.register(self._process.kill)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def say(self, request: dict[str, Any]) -> Utterance:
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except BrokenPipeError:
            pass  # told by the missing answer
        line = self._answers.readline()
        if not line:
            raise RuntimeError("The program around eSpeak NG ended without an answer.")
        answer = json.loads(line)
        if answer.get("error") == "absent":
            raise Refused(ABSENT, "GPU_WORKER_FAILED")
        if "error" in answer:
            raise RuntimeError(answer["error"])
        with wave.open(io.BytesIO(self._answers.read(answer["bytes"]))) as recording:
            samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
        words = tuple(Word(at, sample / RATE_HZ) for at, sample in answer["words"])
        return Utterance((samples / 32768).astype(np.float32), words)
