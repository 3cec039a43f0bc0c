"""Film a scene from words, or from words and reference pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.artist.drawing.stage import Stage
from studio.artist.scenes.ambience import ambience, beds_of
from studio.artist.scenes.build import build
from studio.artist.scenes.references import Reference, open_reference
from studio.artist.scenes.rendering import Scene, frame_count, shoot
from studio.job_io.order import Order
from studio.media.image.writer import save_image
from studio.media.raster import ByteArray
from studio.media.sizes import film_size


def run(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """Arguments, answer: see the studio provider. A film for each variation, seeds counting up."""
    order = Order(arguments)
    if order.params.get("outputFormat") == "mov":
        order.warn("Saved as MP4. MOV isn't supported.")
    pictures = order.media("images", "image")
    endings = order.media("end", "end_image")
    role = order.params.get("frameRole") or "start"
    if role == "both" and not endings and len(pictures) > 1:
        pictures, endings = pictures[:1], pictures[1:2]
    if len(pictures) > 1:
        order.warn("Only the first reference image was used.")
    files: list[dict[str, Any]] = []
    for index in range(order.variations):
        films = Film(order, order.prompt(index), index, order.variations, report)
        start = open_reference(pictures[0], films.brief) if pictures else None
        end = open_reference(endings[0], films.brief) if endings else None
        if role == "end" and start is not None and end is None:
            start.is_last = True
        files.extend(films.made(start, end))
    return order.answer(files)


class Film:
    """One film of a job: the order, its prompt, and which of how many it is."""

    def __init__(
        self,
        order: Order,
        prompt: str,
        index: int,
        total: int,
        report: Callable[[float, str], None],
    ) -> None:
        self.order, self.index, self.total, self.report = order, index, total, report
        self.brief = order.brief(prompt, index)

    def made(self, start: Reference | None, end: Reference | None = None) -> list[dict[str, Any]]:
        """Shoot it: from words alone without `start`. The file, and the last frame if asked for."""
        order, brief = self.order, self.brief
        if start is None and end is not None:
            # Only an end is given: the film arrives at it.
            start, end = end, None
            start.is_last = True
        size = start.size if start else None
        width, height, warnings = film_size(order.params, order.studio, size)
        order.warn_all(warnings)
        seconds = frame_count(self.seconds, order.fps) / order.fps
        backwards = bool(start and start.is_last)
        scene: Scene = start.scene if start else build(brief, width, height)
        move = brief.move or "push_in"
        meta = {**order.meta(brief, move), **self.facts()}
        path = order.out / f"video-{self.index + 1}.mp4"
        last = shoot(
            path,
            self.directed(scene, backwards=backwards),
            width=width,
            height=height,
            fps=order.fps,
            seconds=seconds,
            move=move,
            audio=self.sound(scene, seconds),
            comment=json.dumps(meta, ensure_ascii=False, sort_keys=True),
            report=self._progress,
            ending=self.directed(end.scene, backwards=True) if end else None,
            backwards=backwards,
            opens_drawn=start is not None,
            finish=self.finish(width, height),
        )
        return [self._file(path, width, height, seconds, meta), *self._last_frame(last, meta)]

    def facts(self) -> dict[str, Any]:
        """What else the film's meta says."""
        return {}

    def finish(self, width: int, height: int) -> Callable[[ByteArray, int], ByteArray] | None:
        """What is still drawn on each finished frame, by its number."""
        return None

    @property
    def seconds(self) -> float:
        """How long the film is to be."""
        return self.order.seconds

    def directed(self, scene: Scene, *, backwards: bool) -> Scene:
        """What is filmed of a scene. backwards: its last moment is the film's first."""
        return scene

    def sound(self, scene: Scene, seconds: float) -> Any:
        """The place's ambience; None when the film is to be silent."""
        if self.order.params.get("generateAudio") is False:
            return None
        sounds = scene.sounds if isinstance(scene, Stage) else beds_of(self.brief)
        return ambience(sounds, seconds, self.brief.prompt, self.brief.seed)

    def _progress(self, fraction: float, message: str) -> None:
        self.report((self.index + fraction) / self.total, message)

    def _file(
        self, path: Path, width: int, height: int, seconds: float, meta: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "path": str(path),
            "kind": "video",
            "mime": "video/mp4",
            "width": width,
            "height": height,
            "duration_s": round(seconds, 3),
            "fps": self.order.fps,
            "meta": dict(meta),
        }

    def _last_frame(
        self, last: np.ndarray[Any, Any], meta: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        if not self.order.params.get("returnLastFrame"):
            return []
        path = self.order.out / f"last-frame-{self.index + 1}.png"
        noted = {**meta, "role": "last_frame"}
        save_image(last, path, noted)
        height, width = last.shape[:2]
        return [
            {
                "path": str(path),
                "kind": "image",
                "mime": "image/png",
                "width": width,
                "height": height,
                "duration_s": None,
                "fps": None,
                "meta": noted,
            }
        ]
