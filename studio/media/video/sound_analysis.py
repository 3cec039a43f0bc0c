"""Listening to a film once: how loud it is, and where it is silent."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.media.audio.loudness import SILENT
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.video.reader import Film
from studio.media.video.soundtrack import Meter, blocks, film_chunks

_WINDOW = SAMPLE_RATE // 20
_HUSHED = 10 ** (-50 / 20)  # -50 dBFS
_SILENCE_S = 0.4
_CURVE = 24


def listen(film: Film) -> dict[str, Any] | None:
    """loudness_lufs, peak_db, silences and the loudest moment; None for a film without sound."""
    if not film.has_sound:
        return None
    total = round(film.duration_s * SAMPLE_RATE)
    meter = Meter()
    levels: list[np.ndarray] = []
    peak = 0.0
    for block in blocks(meter.through(film_chunks(film, total)), 20 * _WINDOW):
        count = -(-block.shape[1] // _WINDOW)
        padded = np.pad(block, ((0, 0), (0, count * _WINDOW - block.shape[1])))
        levels.append(np.sqrt((padded.reshape(2, count, _WINDOW) ** 2).mean(axis=(0, 2))))
        peak = max(peak, float(np.abs(block).max(initial=0)))
    level = np.concatenate(levels) if levels else np.zeros(1, np.float32)
    loud = np.convolve(level, np.ones(20) / 20, mode="same")
    return {
        "loudness_lufs": round(meter.lufs, 1) if meter.lufs > SILENT else None,
        "peak_db": round(20 * float(np.log10(max(peak, 1e-5))), 1),
        "loudest_s": round(float(loud.argmax()) / 20, 2),
        "silences": _silences(level < _HUSHED, film.duration_s),
        "level_over_time": [
            round(float(np.sqrt((piece**2).mean())), 4)
            for piece in np.array_split(level, min(_CURVE, level.size))
        ],
    }


def _silences(hushed: np.ndarray, duration_s: float) -> list[dict[str, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], hushed.astype(np.int8), [0]])))
    spans = zip(edges[::2] / 20, edges[1::2] / 20, strict=True)
    return [
        {"start": round(float(start), 2), "end": round(min(float(end), duration_s), 2)}
        for start, end in spans
        if end - start >= _SILENCE_S
    ]
