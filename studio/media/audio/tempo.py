"""How fast music is and where its beats fall, heard from the sound alone.

Beginnings of notes are found band by band, then a comb of a half, one, two, four and eight beats is
laid over their echo. What is heard twice as fast or half as fast is heard right in a sense: which
one people tap to is no property of the sound, so tempos near 115 are preferred and an octave may
be wrong. Where the offbeats are louder than the drum, beats may be half a beat off. Music of our
own says its tempo; nothing needs to be heard there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE, Sound

Curve = npt.NDArray[np.float64]

HOP = 512  # samples between two looks: 10.7 ms
_WINDOW = 1024
_SLOWEST, _FASTEST = 56.0, 184.0
_USUAL = 115.0  # the tempo people find most natural
_ENOUGH_S = 4.0
_LISTEN_S = 120.0
# Share of the strongest echo that beats must have to be beats at all.
_CLEAR = 0.1


@dataclass(frozen=True, slots=True)
class Tempo:
    """bpm: beats a minute. beats: their times in seconds, from the first in the sound to the last.
    clarity: 0 to 1, how much of what begins begins on a beat."""

    bpm: float
    beats: tuple[float, ...]
    clarity: float


def onsets(sound: Sound) -> Curve:
    """How much begins at each moment, one value for HOP samples, of (2, n) sound at 48 kHz."""
    return _above_level(_rises(sound)[0])


def _rises(sound: Sound) -> tuple[Curve, Curve, Curve]:
    """What is louder than a moment before: over all bands, a bass drum's body, its click."""
    mono = sound.mean(axis=0)
    padded = np.pad(mono, (_WINDOW // 2, _WINDOW))
    count = max(1, mono.size // HOP)
    bands = _bands()
    window = np.hanning(_WINDOW)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    body, click = (hertz > 35) & (hertz < 150), (hertz > 1500) & (hertz < 4000)
    rises = np.zeros((count, 3))
    last = np.zeros((1, bands.shape[1] + 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:count]
    for start in range(0, count, 1024):
        power = np.abs(np.fft.rfft(frames[start : start + 1024] * window, axis=1))
        # In decibels, nearly: a soft note begins as surely as a loud one.
        heard = np.concatenate(
            [
                np.log1p(60 * (power @ bands)),
                power[:, body].sum(axis=1, keepdims=True),
                np.log1p(60 * power[:, click].mean(axis=1, keepdims=True)),
            ],
            axis=1,
        )
        rise = np.maximum(np.diff(np.concatenate([last, heard]), axis=0), 0)
        rises[start : start + len(heard)] = np.stack(
            [rise[:, :-2].mean(axis=1), rise[:, -2], rise[:, -1]], axis=1
        )
        last = heard[-1:]
    return rises[:, 0], rises[:, 1], rises[:, 2]


def _above_level(flux: Curve) -> Curve:
    """What always goes on is no beginning."""
    around = 2 * round(0.4 * SAMPLE_RATE / HOP) + 1
    level = np.convolve(np.pad(flux, around // 2, mode="edge"), np.ones(around) / around, "valid")
    return np.maximum(flux - level, 0)


def hear_tempo(sound: Sound) -> Tempo | None:
    """The tempo and beats of (2, n) sound at 48 kHz; None when nothing keeps time.

    Needs four seconds; two minutes are listened to, and the beats continued from there.
    """
    length_s = sound.shape[1] / SAMPLE_RATE
    if length_s < _ENOUGH_S:
        return None
    flux, body, click = _rises(sound[:, : round(_LISTEN_S * SAMPLE_RATE)])
    curve = _above_level(flux)
    if not curve.any():
        return None
    rate = 60 * SAMPLE_RATE / HOP  # looks a minute
    echo = _echo(curve)
    guess = _comb(echo, rate)
    bpm, first, hit = _fit(curve, rate, guess)
    first = _on_the_drum(body, click, first, rate / bpm)
    clarity = _clarity(echo, rate / bpm)
    if clarity < _CLEAR:
        return None
    step = 60 / bpm
    start = first * HOP / SAMPLE_RATE
    start -= step * int(start / step)
    beats = np.arange(start, length_s, step)
    return Tempo(
        round(float(bpm), 2), tuple(round(float(b), 3) for b in beats), round(min(clarity, hit), 3)
    )


def _bands() -> npt.NDArray[np.float64]:
    """Twenty-four bands, evenly spaced to the ear, as columns over the spectrum's bins."""
    edges = np.geomspace(40, 12_000, 26)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    columns = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        rising = (hertz - low) / (centre - low)
        falling = (high - hertz) / (high - centre)
        column = np.clip(np.minimum(rising, falling), 0, None)
        if not column.any():
            column[np.abs(hertz - centre).argmin()] = 1
        columns.append(column / column.sum())
    return np.stack(columns, axis=1)


def _echo(curve: Curve) -> Curve:
    """How much the onsets repeat after each number of looks, 1 at none."""
    centred = curve - curve.mean()
    size = curve.size
    echo = np.fft.irfft(np.abs(np.fft.rfft(centred, 4 * size)) ** 2)[:size]
    echo /= np.maximum(1, size - np.arange(size))
    return np.asarray(echo / max(echo[0], 1e-12))


def _comb(echo: Curve, rate: float) -> float:
    """The tempo whose beats, pairs, bars and double bars repeat best."""
    tempos = np.arange(_SLOWEST, _FASTEST, 0.25)
    lags = np.arange(echo.size)
    score = np.zeros_like(tempos)
    for beats, weight in ((0.5, 0.5), (1, 1.0), (2, 1.0), (4, 1.0), (8, 0.6)):
        at = rate / tempos * beats
        inside = at < 0.8 * echo.size
        score += weight * np.where(inside, np.interp(at, lags, echo), 0)
    natural = np.exp(-0.5 * np.log2(tempos / _USUAL) ** 2)
    return float(tempos[(score * natural).argmax()])


def _fit(curve: Curve, rate: float, guess: float) -> tuple[float, float, float]:
    """Tempo, first beat (in looks) and share of onsets hit, of the grid that hits most."""
    # A grid of narrow teeth: the beat is where things begin, give or take a look.
    soft = np.convolve(curve, [0.25, 0.5, 1.0, 0.5, 0.25], mode="same")
    looks = np.arange(curve.size)
    best = (guess, 0.0, -1.0)
    for bpm in np.arange(guess * 0.975, guess * 1.025, 0.05):
        step = rate / bpm
        for first in np.arange(0, step, 1.0):
            at = np.arange(first, curve.size - 1, step)
            hit = float(np.interp(at, looks, soft).mean())
            if hit > best[2]:
                best = (float(bpm), float(first), hit)
    top = float(np.percentile(soft, 99)) or 1.0
    return best[0], best[1], min(1.0, best[2] / top)


def _on_the_drum(body: Curve, click: Curve, first: float, step: float) -> float:
    """The first beat, half a beat later where the bass drum is: hats between beats are sharper."""
    looks = np.arange(body.size)

    def struck(start: float) -> float:
        at = np.arange(start, body.size - 1, step)
        both = [np.convolve(curve, np.ones(5), mode="same") for curve in (body, click)]
        return float(np.prod([np.interp(at, looks, curve).mean() for curve in both]))

    other = first + step / 2 if first < step / 2 else first - step / 2
    return other if struck(other) > struck(first) else first


def _clarity(echo: Curve, step: float) -> float:
    lags = np.arange(echo.size)
    at = np.array([1.0, 2.0, 4.0]) * step
    at = at[at < 0.8 * echo.size]
    return float(np.interp(at, lags, echo).max()) if at.size else 0.0
