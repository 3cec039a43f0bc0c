# Speaks sentences with eSpeak NG: text in, WAV out.
# Copyright (C) 2026 the Reelgraph authors
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This program is free software: you can redistribute it and/or modify it under the terms of the
# GNU General Public License as published by the Free Software Foundation, either version 3 of the
# License, or (at your option) any later version.
#
# This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without
# even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU
# General Public License for more details: LICENSES/GPL-3.0-or-later.txt.
"""A program of its own around eSpeak NG, which is under the GPL: `python -m <this>`.

It reads requests from its input, a JSON object in each line: {text, voice, rate, pitch, range,
gap, volume, seed}. It answers each with a line of JSON, {words: [[first character, sample], ...],
bytes}, and that many bytes of a WAV file; or with {error} alone. `absent` is the error when eSpeak
NG is not installed. It ends with its input.

The library keeps the phase of its waves from one sentence to the next, so a sentence sounds a
little different each time it is said. The same sentences in the same order from the start of the
program, with the same seeds, are the same samples.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import wave
from typing import Any

RATE_HZ = 22_050  # what eSpeak NG makes, at any requested rate

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000  # without it a missing data folder ends the process
_CHARACTER = 1
_UTF8 = 1  # and neither SSML nor phoneme input: what looks like markup is read as text
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4, "gap": 7}
_WORD = 1


class _Id(ctypes.Union):
    _fields_ = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Absent(Exception):
    """eSpeak NG is not installed."""


class Failed(Exception):
    """It refused; the message says what."""


class Engine:
    """Raises Absent without the library, Failed when it does not start."""

    def __init__(self) -> None:
        try:
            import espeakng_loader

            library = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
        except (ImportError, OSError, RuntimeError) as problem:
            raise Absent from problem
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if rate != RATE_HZ:
            raise Failed(f"eSpeak NG did not start: it answered {rate}.")
        self._library = library
        self._samples = bytearray()
        self._words: list[tuple[int, int]] = []
        # Held here: the library keeps only the address.
        self._callback = _Callback(self._take)
        library.espeak_SetSynthCallback(self._callback)

    def say(self, request: dict[str, Any]) -> tuple[bytes, list[tuple[int, int]]]:
        """16-bit samples, and of each word its first character and its first sample."""
        library = self._library
        # Otherwise seeded with the time of day.
        library.espeak_ng_SetRandSeed(ctypes.c_long(request["seed"]))
        if library.espeak_SetVoiceByName(request["voice"].encode()):
            raise Failed(f"eSpeak NG has no voice {request['voice']!r}.")
        for name, number in _PARAMETERS.items():
            library.espeak_SetParameter(number, request[name], 0)
        self._samples.clear()
        self._words.clear()
        text = request["text"].encode()
        if library.espeak_Synth(text, len(text) + 1, 0, _CHARACTER, 0, _UTF8, None, None):
            raise Failed("eSpeak NG did not speak.")
        return bytes(self._samples), list(self._words)

    def _take(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, 2 * count)
        index = 0
        while events[index].type:
            if events[index].type == _WORD:
                at = events[index].text_position - 1
                # A word spelt out letter by letter comes again and again.
                if not self._words or at > self._words[-1][0]:
                    self._words.append((at, events[index].sample))
            index += 1
        return 0


def answer(engine: Engine, request: dict[str, Any]) -> bytes:
    samples, words = engine.say(request)
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        recording.writeframes(samples)
    recorded = file.getvalue()
    return _line({"words": words, "bytes": len(recorded)}) + recorded


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def main() -> None:
    engine: Engine | None = None
    for line in sys.stdin.buffer:
        try:
            engine = engine or Engine()
            reply = answer(engine, json.loads(line))
        except Absent:
            reply = _line({"error": "absent"})
        except Failed as problem:
            reply = _line({"error": str(problem)})
        sys.stdout.buffer.write(reply)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
