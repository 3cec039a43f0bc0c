"""What two pictures or sounds have in common, in numbers that proofs can hold a limit against."""

from __future__ import annotations

import cv2
import numpy as np
from av import AudioFrame
from av.filter import Graph

from studio.media.audio.samples import SAMPLE_RATE
from studio.media.video.reader import sound_chunks

Picture = np.ndarray


def psnr(first: Picture, second: Picture) -> float:
    """Peak signal-to-noise ratio in dB of two uint8 pictures of one size; more is more alike."""
    error = float(((first.astype(float) - second.astype(float)) ** 2).mean())
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def ssim(first: Picture, second: Picture) -> float:
    """Mean structural similarity of the luma, 1 for equal pictures (Wang et al. 2004, σ 1.5)."""
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (first, second))

    def blurred(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def iou(first: np.ndarray, second: np.ndarray) -> float:
    """Intersection over union of two boolean masks."""
    union = np.logical_or(first, second).sum()
    return float(np.logical_and(first, second).sum() / union) if union else 1.0


def contrast(picture: Picture) -> float:
    """Standard deviation of the luma, 0 to 127."""
    return float(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).std())


def noise(picture: Picture) -> float:
    """Robust estimate of the fine noise: what a 3 × 3 median takes away (MAD × 1.4826)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    rest = grey.astype(float) - cv2.medianBlur(grey, 3).astype(float)
    return float(np.median(np.abs(rest)) * 1.4826) or float(np.abs(rest).mean())


def mean_colour(picture: Picture) -> np.ndarray:
    """Mean RGB, three floats 0 to 255."""
    return picture[..., :3].reshape(-1, 3).mean(axis=0)


def sound_of(path: object) -> np.ndarray:
    """A file's sound, (2, n) float32 at 48 kHz."""
    chunks = list(sound_chunks(path))  # type: ignore[arg-type]
    return np.concatenate(chunks, axis=1) if chunks else np.zeros((2, 0), np.float32)


def ebu_lufs(sound: np.ndarray) -> float:
    """Integrated loudness by FFmpeg's own EBU R 128 meter, so not by our measure of it."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=None
    )
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    value = float("-inf")
    for start in range(0, sound.shape[1], SAMPLE_RATE):
        part = np.ascontiguousarray(sound[:, start : start + SAMPLE_RATE])
        frame = AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        graph.push(frame)
        value = _drained(graph, value)
    graph.push(None)
    return _drained(graph, value)


def true_peak(sound: np.ndarray) -> float:
    """The highest point between samples as well, in dBFS: four times as many are looked at."""
    peak = 0.0
    for start in range(0, sound.shape[1], SAMPLE_RATE):
        part = sound[:, max(0, start - 480) : start + SAMPLE_RATE + 480]
        spectrum = np.fft.rfft(part * np.hanning(part.shape[1]) ** 0.05, axis=1)
        wider = np.pad(spectrum, ((0, 0), (0, 3 * (part.shape[1] // 2))))
        finer = np.fft.irfft(wider, 2 * (wider.shape[1] - 1), axis=1)
        peak = max(peak, float(np.abs(finer).max() * finer.shape[1] / part.shape[1]))
    return 20 * float(np.log10(max(peak, 1e-9)))


def _drained(graph: Graph, value: float) -> float:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return value
        value = float(frame.metadata.get("lavfi.r128.I", value))
