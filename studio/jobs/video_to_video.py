"""Remake a clip in another look: its motion and structure stay, its rendering changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mediakit.decode import open_image
from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.job_results import Result, image_file, outcome, video_file
from studio.job_io.prompt_branches import choose_branch
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.image.geometry import widen_canvas
from studio.media.image.palette import color_spread, towards_palette
from studio.media.image.writer import save_image
from studio.media.raster import Frame
from studio.media.styles.restyle import LIGHT_LOOKS, Restyle, draw, make_looks, read_restyle
from studio.media.video.cues import spoken
from studio.media.video.reader import Film, open_film
from studio.media.video.soundtrack import Meter, faded, film_chunks
from studio.media.video.writer import VideoWriter

MAX_VARIATIONS = 16
_LONGEST_SIDE = 1920
_OUTPAINT_GROWTH = 0.25

# What a mode asks for that filters cannot do; said on the result, never faked.
_CANNOT: Mapping[str, str] = {
    "pose": "Pose tracking isn't supported. The video was restyled instead.",
    "depth": "Depth guidance isn't supported. The video was restyled instead.",
    "animate-replace": "Replacing the subject isn't supported. The video was restyled"
    " in the reference image's colors.",
    "animate-move": "Motion transfer isn't supported. The video was restyled in the "
    "reference image's colors.",
}


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `video`; `image`, whose colors are taken in the animate modes; `mask`, where white
    is replaced. Writes one MP4 per variation, as long as the source or shorter; with
    `returnLastFrame` its last frame follows it.

    Raises Refused without a video.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to restyle.", "ASSET_NOT_FOUND")
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    remake = _Remake(arguments, film)
    variations = [remake.variation(index, report) for index in range(remake.variations)]
    report(1.0, "Done")
    files = [file for variation in variations for file in variation]
    return outcome(files, warnings=[*warnings, *remake.warnings])


class _Remake:
    """One call: what is asked of the clip, and the warnings gathered on the way."""

    def __init__(self, arguments: dict[str, Any], film: Film) -> None:
        self.params: Mapping[str, Any] = arguments["params"]
        self.media: Mapping[str, Any] = arguments["media"]
        self.out = Path(arguments["out"])
        self.seed = int(arguments.get("seed") or 0)
        self.film = film
        self.warnings: list[str] = []
        self.mode = str(self.params.get("controlMode") or "")
        wanted = int(self.params.get("numberOfVariations") or 1)
        self.variations = min(max(wanted, 1), MAX_VARIATIONS)
        self.first, self.count = self._span(arguments["studio"])
        self.size = self._size()
        self.canvas, self.place = self._canvas()
        self.mask = self._mask()
        self.palette = self._palette()
        self._warn_of_the_rest()

    def variation(self, index: int, report: Report) -> list[Result]:
        """Write one variation, and its last frame where that is asked for."""
        prompt = choose_branch(str(self.params.get("prompt") or ""), index)
        restyle = self._restyle(prompt)
        if restyle.warning:
            self.warnings.append(restyle.warning)
        seed = self.seed + index
        looks = make_looks(restyle, *self.canvas, seed)
        strength = _share(self.params.get("promptStrength"), 1.0)
        if self.mode == "detailer":
            strength = _share(self.params.get("detailerStrength"), strength)
        meter = Meter()
        sound = self._sound(meter)
        rate = self.film.fps
        path = self.out / f"remake-{index + 1}.mp4"
        with VideoWriter(path, *self.canvas, rate, audio=sound, comment="draft: studio") as writer:
            for frame in self._source():
                drawn = draw(looks, frame.copy(), writer.frames / max(1, self.count - 1))
                drawn = towards_palette(self.palette, drawn)
                if strength < 1:
                    drawn = _blend(frame, drawn, strength)
                if self.mask is not None:
                    drawn = (frame + (drawn.astype(np.float32) - frame) * self.mask).astype(
                        np.uint8
                    )
                writer.add(drawn)
                if writer.frames % 8 == 0:
                    report((index + writer.frames / self.count) / self.variations, "Restyling")
        meta = {
            "prompt": prompt,
            "seed": seed,
            "controlMode": self.mode or None,
            "looks": list(restyle.looks),
            "loudness_lufs": None if sound is None else round(meter.lufs, 1),
            **self._said(sound is not None),
        }
        film = video_file(
            path,
            width=self.canvas[0],
            height=self.canvas[1],
            duration_s=float(self.count / rate),
            fps=rate,
            meta=meta,
        )
        return [film, *self._last_frame(drawn, index, meta)]

    def _last_frame(self, drawn: Frame, index: int, meta: Mapping[str, Any]) -> list[Result]:
        if not self.params.get("returnLastFrame"):
            return []
        path = self.out / f"last-frame-{index + 1}.png"
        noted = {**meta, "role": "last_frame"}
        save_image(drawn, path, noted)
        return [image_file(path, "image/png", self.canvas, noted)]

    def _source(self) -> Iterator[Frame]:
        frames = self.film.frames(size=self.size, fit="cover")
        for frame in islice(frames, self.first, self.first + self.count):
            yield (
                frame if self.canvas == self.size else widen_canvas(frame, self.canvas, self.place)
            )

    def _restyle(self, prompt: str) -> Restyle:
        negative = str(self.params.get("negativePrompt") or "")
        if self.mode == "detailer":
            # Its prompt describes the clip as it is: "a neon street" must not turn it neon.
            return Restyle(("detail",))
        restyle = read_restyle(prompt, negative)
        if self.mode == "outpaint":
            # Likewise: the words say what the new space shows.
            return Restyle(())
        if self.mode == "canny":
            # Lines of the clip itself, whatever medium the words name; light and color stay.
            light = tuple(name for name in restyle.looks if name in LIGHT_LOOKS)
            return Restyle((*light[:1], "edges"), restyle.colours)
        return restyle

    def _span(self, studio: Mapping[str, Any]) -> tuple[int, int]:
        """The first source picture used and how many."""
        rate = self.film.fps
        total = self.film.frame_count()
        first = round(float(self.params.get("videoStart") or 0) * rate)
        if first >= total:
            self.warnings.append("The video ends before videoStart, so it was used from its start.")
            first = 0
        count = total - first
        asked = studio.get("duration_s") or self.params.get("duration")
        if asked:
            wanted = max(1, round(float(asked) * rate))
            if wanted > count + 1:
                self.warnings.append(
                    f"The video gives {float(count / rate):.3g} s (you asked for "
                    f"{float(asked):g} s)."
                )
            count = min(count, wanted)
        longest = studio.get("max_duration_s")
        if longest and count > round(longest * rate):
            self.warnings.append(f"Cut to {longest:g} s, the longest possible.")
            count = round(longest * rate)
        return first, count

    def _size(self) -> tuple[int, int]:
        width, height = self.film.width, self.film.height
        short, long = min(width, height), max(width, height)
        scale = 1.0
        target = self.params.get("targetResolution")
        asked_width = float(self.params.get("width") or 0)
        asked_height = float(self.params.get("height") or 0)
        if target:
            scale = float(target) / short
        elif asked_width or asked_height:
            # One side given: the other follows. Both: the clip covers them, cropped, unstretched.
            shape = width / height
            width = int(asked_width or asked_height * shape)
            height = int(asked_height or asked_width / shape)
            long = max(width, height)
        elif long > _LONGEST_SIDE:
            self.warnings.append(
                f"The video was reduced to {_LONGEST_SIDE} pixels on its long side."
            )
            scale = _LONGEST_SIDE / long
        # Where both sides are scaled, 4K is the most that fits in memory and time.
        scale = min(scale, 4096 / long)
        return _even(width * scale), _even(height * scale)

    def _canvas(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The size of the result, and where the clip's upper left corner lies in it."""
        width, height = self.size
        if self.mode != "outpaint":
            return self.size, (0, 0)
        position = str(self.params.get("outpaintPosition") or "center")
        ratio = str(self.params.get("outpaintAspectRatio") or "")
        sides = [float(side) for side in ratio.split(":")] if ratio.count(":") == 1 else []
        if len(sides) == 2 and min(sides) > 0:
            shape = sides[0] / sides[1]
            canvas = (max(width, round(height * shape)), max(height, round(width / shape)))
        else:
            wider = position in ("left", "right", "center")
            higher = position in ("top", "bottom", "center")
            canvas = (
                round(width * (1 + _OUTPAINT_GROWTH * wider)),
                round(height * (1 + _OUTPAINT_GROWTH * higher)),
            )
        grown = (_even(canvas[0]), _even(canvas[1]))
        # Named after where the original sits: "left" keeps it left and grows to the right.
        free = (grown[0] - width, grown[1] - height)
        share = {"left": (0, 0.5), "right": (1, 0.5), "top": (0.5, 0), "bottom": (0.5, 1)}
        across, down = share.get(position, (0.5, 0.5))
        self.warnings.append(
            "The new space is filled by mirroring the video. The prompt isn't drawn there."
        )
        return grown, (round(free[0] * across), round(free[1] * down))

    def _mask(self) -> Any:
        """Where to restyle, (height, width, 1) float32 0 to 1, feathered; None: everywhere."""
        if self.mode != "inpaint":
            return None
        self.warnings.append(
            "Drawing new objects into a region isn't supported. This was restyled: "
            + (
                "the masked region."
                if self.media.get("mask")
                else "the whole frame, because there is no mask."
            )
        )
        if not self.media.get("mask"):
            return None
        picture = open_image(self.media["mask"][0]["path"])
        grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
        mask = cv2.resize(grey, self.canvas, interpolation=cv2.INTER_AREA)
        mask = cv2.GaussianBlur(mask, (0, 0), self.canvas[1] / 180)
        return (mask.astype(np.float32) / 255)[..., None]

    def _palette(self) -> Any:
        """Three curves that bring the clip's colors to the reference picture's; None: none."""
        images = self.media.get("image")
        if not images or self.mode not in ("animate-move", "animate-replace", "pose"):
            return None
        picture = np.ascontiguousarray(open_image(images[0]["path"])[..., :3])
        wanted = color_spread(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA))
        frame = next(self._source())
        given = color_spread(cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA))
        gain = np.clip(wanted[1] / np.maximum(given[1], 4), 0.6, 1.6)
        curves = (np.arange(256)[:, None] - given[0]) * gain + wanted[0]
        return np.clip(curves, 0, 255).astype(np.uint8)[None]

    def _said(self, is_heard: bool) -> Mapping[str, Any]:
        """What is spoken in the clip, while its sound and its clock are its own."""
        return spoken(self.media["video"][0]) if is_heard and not self.first else {}

    def _sound(self, meter: Meter) -> Iterator[Sound] | None:
        if self.params.get("generateAudio") is False or not self.film.has_sound:
            return None
        rate = self.film.fps
        first, count = (round(n / rate * SAMPLE_RATE) for n in (self.first, self.count))
        sound = film_chunks(self.film, count, skip=first)
        if self.first + self.count < self.film.frame_count():
            sound = faded(sound, count, out_s=0.08)
        return meter.through(sound)

    def _warn_of_the_rest(self) -> None:
        needs_picture = self.mode in ("animate-move", "animate-replace")
        # animate-move is what an absent mode becomes; without a picture it asks for nothing more.
        if self.mode in _CANNOT and (not needs_picture or self.media.get("image")):
            self.warnings.append(_CANNOT[self.mode])
        if self.media.get("audio"):
            self.warnings.append("Reference audio was ignored. The original sound was kept.")
        if self.params.get("outputFormat") == "mov":
            self.warnings.append("Saved as MP4. MOV isn't supported.")


def _blend(frame: Frame, drawn: Frame, share: float) -> Frame:
    return np.asarray(cv2.addWeighted(frame, 1 - share, drawn, share, 0), np.uint8)


def _share(value: Any, default: float) -> float:
    return default if value is None else min(max(float(value), 0.0), 1.0)


def _even(side: float) -> int:
    return max(16, round(side / 2) * 2)
