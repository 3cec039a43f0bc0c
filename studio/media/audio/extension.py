"""Letting a sound go on after its end: from where it last sounded as it does there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.media.audio import mixing
from studio.media.audio.samples import SAMPLE_RATE, Sound

TAIL_S = 10.0  # how far back a good place is looked for
_COARSE = 8  # samples averaged into one while looking
_ENDING_S = 1.2  # how much of the end is recognised: a beat or two
_SHORTEST_S = 1.0  # of a loop: shorter ones buzz
_ALIKE = 0.55  # correlation above which two places are the same music
JOIN = SAMPLE_RATE // 20
_SOFT_JOIN_S = 0.4
_FADE_S = 1.2
_PAUSE_S = 0.4


def continued(tail: Sound, samples: int, *, spoken: bool = False) -> tuple[Sound, int]:
    """What follows `tail`, the end of a sound, for so many samples; it fades out at its end.

    Returns the sound and by how many samples it begins before the tail's end: up to there it is
    crossfaded with it. spoken: what was said is not said again; the room it was said in stays.
    """
    found = None if spoken else _same_place(tail)
    if found is None:
        loop = _quietest(tail) if spoken else tail[:, tail.shape[1] // 3 :]
        join = min(round(_SOFT_JOIN_S * SAMPLE_RATE), loop.shape[1] // 3)
        power = 0.5  # unlike sounds add up by their power
    else:
        # The join lies before the place: there both sound the same.
        join = min(JOIN, found)
        loop = tail[:, found - join :]
        power = 1.0
    rise = ((np.arange(join) + 0.5) / max(1, join)).astype(np.float32)
    looped = _repeated(loop, samples + join, join, rise, power)
    if join:
        looped[:, :join] = _blend(tail[:, -join:], looped[:, :join], rise, power)
    fading = min(_FADE_S, samples / SAMPLE_RATE / 3)
    return mixing.fade(looped, out_s=fading), join


def _repeated(
    loop: Sound, samples: int, join: int, rise: npt.NDArray[np.float32], power: float
) -> Sound:
    """The loop again and again, each time blended into the next over `join` samples."""
    out = np.zeros((2, samples), np.float32)
    at = 0
    while loop.shape[1] > join and at < samples:
        piece = loop[:, : samples - at].copy()
        if at and piece.shape[1] > join:
            piece[:, :join] = _blend(out[:, at : at + join], piece[:, :join], rise, power)
        out[:, at : at + piece.shape[1]] = piece
        at += loop.shape[1] - join
    return out


def _blend(old: Sound, new: Sound, rise: npt.NDArray[np.float32], power: float) -> Sound:
    share = rise[: new.shape[1]]
    return np.asarray(old * (1 - share) ** power + new * share**power, np.float32)


def _same_place(tail: Sound) -> int | None:
    """The sample after which the tail goes on as after its end could be; None: nothing is alike."""
    count = tail.shape[1] // _COARSE
    mono = tail.mean(axis=0)[-count * _COARSE :].reshape(count, _COARSE).mean(axis=1)
    rate = SAMPLE_RATE / _COARSE
    ending = mono[-min(round(_ENDING_S * rate), round(0.3 * count)) :]
    # Of a short clip a shorter loop has to do.
    room = count - len(ending) - round(min(_SHORTEST_S * rate, 0.4 * count))
    if room < len(ending) or float((ending**2).mean()) < 1e-9:
        return None
    size = 1 << (count + len(ending)).bit_length()
    product = np.fft.rfft(mono, size) * np.conj(np.fft.rfft(ending, size))
    match = np.fft.irfft(product, size)[:room]
    energy = np.concatenate([[0], np.cumsum(mono**2)])
    power = energy[len(ending) : len(ending) + room] - energy[:room]
    alike = match / np.sqrt(np.maximum(power * float((ending**2).sum()), 1e-12))
    best = int(alike.argmax())
    if alike[best] < _ALIKE:
        return None
    coarse = tail.shape[1] - count * _COARSE + (best + len(ending)) * _COARSE
    return _refined(tail, coarse)


def _refined(tail: Sound, place: int) -> int:
    """The same place to the sample: waves that meet out of step cancel out."""
    mono = tail.mean(axis=0)
    length = round(0.05 * SAMPLE_RATE)
    ending = mono[-length:]
    places = range(max(length, place - 2 * _COARSE), min(mono.size, place + 2 * _COARSE))
    return max(places, key=lambda at: float(mono[at - length : at] @ ending), default=place)


def _quietest(tail: Sound) -> Sound:
    """The quietest moment: what is heard between words."""
    window = min(round(_PAUSE_S * SAMPLE_RATE), tail.shape[1])
    step = SAMPLE_RATE // 20
    starts = range(0, tail.shape[1] - window + 1, step)
    levels = [float((tail[:, s : s + window] ** 2).mean()) for s in starts]
    quietest = int(np.argmin(levels)) if levels else 0
    return tail[:, quietest * step : quietest * step + window]
