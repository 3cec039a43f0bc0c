"""Enlarge a clip: each picture agrees with the small one, and stands as steady as it did."""

from __future__ import annotations

import math
import secrets
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.job_results import comment_of, outcome, video_file
from studio.media.image.upscaling import enlarge_plane
from studio.media.raster import ByteArray, Frame
from studio.media.video import cues
from studio.media.video.frame_edits import even, retouch
from studio.media.video.reader import Film, open_film

_LONGEST_SIDE = 4096
_SMALL = 720  # short sides up to here become 1080, larger ones 1440
# What two slow cores enlarge well within a job's time: 40 seconds at 1080p. Beyond, plainly.
_CAREFUL_PIXELS = 2_000_000_000
_MOST_PIXELS = 6_000_000_000
_STILL = 5  # a change of so few steps of 255 in one picture is noise, not motion
_GRAIN = 1.6
_SHARPEN = 0.5


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `video`. Answers one MP4 whose short side is `targetResolution`, with the clip's sound.

    Raises Refused without a video.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to upscale.", "ASSET_NOT_FOUND")
    params = arguments["params"]
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    source = (even(film.width), even(film.height))
    size = target_size(film, params.get("targetResolution"), warnings)
    sharper = params.get("detailPreference") == "sharper"
    fast = params.get("processingSpeed") == "faster"
    pixels = film.frame_count() * size[0] * size[1]
    if pixels > _CAREFUL_PIXELS and not fast:
        fast = True
        warnings.append("Long video: a faster method was used.")
    seed = _seed(params.get("seed"), sharper, warnings)
    enlarger = Enlarger(source, size, sharper=sharper, fast=fast, seed=seed)
    path = Path(arguments["out"]) / "upscaled.mp4"
    loudness = retouch(
        film,
        path,
        source,
        enlarger.draw,
        report,
        "Enlarging",
        comment=comment_of(arguments),
        output_size=enlarger.size,
    )
    meta = {
        "scale": round(size[1] / film.height, 3),
        "method": "cubic" if fast else "lanczos, back-projected",
        "seed": seed,
        "loudness_lufs": loudness,
        **cues.spoken(clips[0]),
    }
    file = video_file(
        path,
        width=size[0],
        height=size[1],
        duration_s=float(film.frame_count() / film.fps),
        fps=film.fps,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], warnings=warnings)


def target_size(film: Film, asked: Any, warnings: list[str]) -> tuple[int, int]:
    """The even size whose short side is asked for; never smaller than the clip."""
    short = min(film.width, film.height)
    target = int(asked) if asked else (1080 if short <= _SMALL else 1440)
    scale = max(1.0, target / short)
    if target <= short:
        warnings.append(f"Already {film.width}×{film.height}. Not enlarged to {target}.")
    fitting = min(
        _LONGEST_SIDE / max(film.width, film.height),
        math.sqrt(_MOST_PIXELS / (film.frame_count() * film.width * film.height)),
    )
    if scale > max(1.0, fitting):
        scale = max(1.0, fitting)
        warnings.append(
            f"The short side is {round(short * scale)} pixels, not {target}: the video"
            " is too long or wide for more."
        )
    return _even(film.width * scale), _even(film.height * scale)


class Enlarger:
    """Enlarges pictures taken in order. sharper: local contrast and a fine grain by the seed.

    Otherwise what only flickers, from one small picture to the next, is held still first.
    """

    def __init__(
        self,
        source: tuple[int, int],
        size: tuple[int, int],
        *,
        sharper: bool,
        fast: bool,
        seed: int,
    ) -> None:
        self.size = size
        self._sharper, self._fast = sharper, fast
        self._same = source == size
        self._radius = max(0.8, 0.5 * size[0] / source[0])
        self._held: Frame | None = None
        rng = np.random.default_rng(seed)
        grain = cv2.GaussianBlur(rng.standard_normal(size[::-1], dtype=np.float32), (0, 0), 0.7)
        grain *= _GRAIN / max(float(grain.std()), 1e-6)
        self._grain = np.rint(grain).astype(np.int16) if sharper else None

    def draw(self, frame: Frame, _number: int) -> Frame:
        """A picture of the source's size → one of the target's."""
        if not self._sharper:
            frame = self._steadied(frame)
        if not self._same:
            frame = self._plain(frame) if self._fast else self._careful(frame)
        return self._sharpened(frame) if self._sharper else frame

    def _careful(self, frame: Frame) -> Frame:
        # The eye, and the encoder, see light sharper than color: only light is worth the care.
        planes = cv2.split(cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb))
        colours = [cv2.resize(p, self.size, interpolation=cv2.INTER_CUBIC) for p in planes[1:]]
        light = enlarge_plane(np.asarray(planes[0], np.uint8), *self.size)
        return np.asarray(cv2.cvtColor(cv2.merge([light, *colours]), cv2.COLOR_YCrCb2RGB), np.uint8)

    def _plain(self, frame: Frame) -> Frame:
        return np.asarray(cv2.resize(frame, self.size, interpolation=cv2.INTER_CUBIC), np.uint8)

    def _steadied(self, frame: Frame) -> Frame:
        """Halfway to the picture before, where the two differ by no more than noise."""
        if self._held is None:
            self._held = frame
            return frame
        change = cv2.absdiff(frame, self._held).max(axis=2)
        # A neighbourhood must be still: a slow edge is not noise.
        still: ByteArray = np.asarray(cv2.blur(change, (5, 5)) < _STILL, np.uint8)
        still &= (change < 2 * _STILL).astype(np.uint8)
        mean = cv2.addWeighted(frame, 0.5, self._held, 0.5, 0)
        self._held = np.where(still[..., None] > 0, mean, frame)
        return self._held

    def _sharpened(self, frame: Frame) -> Frame:
        soft = cv2.GaussianBlur(frame, (0, 0), self._radius)
        crisp = cv2.addWeighted(frame, 1 + _SHARPEN, soft, -_SHARPEN, 0)
        if self._grain is None:
            return np.asarray(crisp, np.uint8)
        return np.clip(crisp + self._grain[..., None], 0, 255).astype(np.uint8)


def _seed(asked: Any, sharper: bool, warnings: list[str]) -> int:
    seed = int(asked or 0)
    if seed and not sharper:
        warnings.append("The seed only varies the grain of “sharper”, so it was ignored.")
    return secrets.randbelow(2**32) if seed == -1 else seed


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
