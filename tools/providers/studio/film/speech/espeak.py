"""eSpeak NG through its C interface: a sentence in, samples and the times of its words out.

The library keeps the phase of its waves from one sentence to the next, so a sentence sounds a
little different each time it is said. The same sentences in the same order from the start of a
process, with the same seeds, are the same samples; a studio job has a process to itself.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import espeakng_loader
import numpy as np
import numpy.typing as npt

Mono = npt.NDArray[np.float32]

RATE_HZ = 22_050  # what eSpeak NG makes, whatever is asked
SLOWEST, FASTEST = 80, 450  # words a minute

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000  # without it a missing data folder ends the process
_CHARACTER = 1
_UTF8 = 1  # and neither SSML nor phoneme input: what looks like markup is read as it stands
_RATE, _VOLUME, _PITCH, _RANGE, _GAP = 1, 2, 3, 4, 7
# A hundred is the usual volume; some voices clip there.
_HEADROOM = 55
_WORD = 1


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


def say(text: str, manner: Manner, *, seed: int = 0) -> Utterance:
    """Say one sentence. seed: of the breath and the flutter in the voice, 31 bits. Raises
    RuntimeError when the library refuses, ValueError on a voice it does not have."""
    return _engine().say(text, manner, seed)


class _Engine:
    def __init__(self) -> None:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if rate != RATE_HZ:
            raise RuntimeError(f"eSpeak NG did not start: it answered {rate}.")
        self._library = library
        self._chunks: list[npt.NDArray[np.int16]] = []
        self._words: list[Word] = []
        # Held here: the library keeps only the address.
        self._callback = _Callback(self._take)
        library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, manner: Manner, seed: int) -> Utterance:
        library = self._library
        # Otherwise seeded with the time of day.
        library.espeak_ng_SetRandSeed(ctypes.c_long(seed))
        if library.espeak_SetVoiceByName(manner.voice.encode()):
            raise ValueError(f"eSpeak NG has no voice {manner.voice!r}.")
        for parameter, value in (
            (_RATE, min(max(manner.rate, SLOWEST), FASTEST)),
            (_VOLUME, _HEADROOM),
            (_PITCH, min(max(manner.pitch, 0), 100)),
            (_RANGE, min(max(manner.range, 0), 100)),
            (_GAP, manner.gap),
        ):
            library.espeak_SetParameter(parameter, value, 0)
        self._chunks.clear()
        self._words.clear()
        data = text.encode()
        if library.espeak_Synth(data, len(data) + 1, 0, _CHARACTER, 0, _UTF8, None, None):
            raise RuntimeError("eSpeak NG did not speak.")
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.int16)
        return Utterance((samples / 32768).astype(np.float32), tuple(self._words))

    def _take(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type:
            if events[index].type == _WORD:
                at = events[index].text_position - 1
                # A word spelt out letter by letter comes again and again.
                if not self._words or at > self._words[-1].at:
                    self._words.append(Word(at, events[index].sample / RATE_HZ))
            index += 1
        return 0


@cache
def _engine() -> _Engine:
    return _Engine()
