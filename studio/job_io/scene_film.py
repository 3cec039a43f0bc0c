"""Filming a scene, or a picture, as an order asks: what the tools that film one share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.drawing.stage import Stage
from studio.artist.scenes.ambience import ambience, beds_of
from studio.artist.scenes.build import build
from studio.artist.scenes.references import Reference
from studio.artist.scenes.rendering import Scene, frame_count, shoot
from studio.job_io.job_results import image_file, video_file
from studio.job_io.order import Order
from studio.media.image.writer import save_image
from studio.media.raster import ByteArray
from studio.media.sizes import film_size


class SceneFilm:
    """One film of a job: the order, its prompt, and which of how many it is."""

    def __init__(
        self,
        order: Order,
        prompt: str,
        index: int,
        total: int,
        report: Report,
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
        return video_file(
            path, width=width, height=height, duration_s=seconds, fps=self.order.fps, meta=meta
        )

    def _last_frame(
        self, last: np.ndarray[Any, Any], meta: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        if not self.order.params.get("returnLastFrame"):
            return []
        path = self.order.out / f"last-frame-{self.index + 1}.png"
        noted = {**meta, "role": "last_frame"}
        save_image(last, path, noted)
        height, width = last.shape[:2]
        return [image_file(path, "image/png", (width, height), noted)]
