"""Let a clip go on after its end: in its motion, in its scene, in its sound."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.clips.continuation import (
    Onward,
    OwnScene,
    likeness,
    move_of,
    onward_meta,
    own_scene,
)
from studio.artist.drawing.stage import Element
from studio.artist.prompt.brief import read
from studio.artist.scenes.references import air_of
from studio.job_io.job_results import outcome, video_file
from studio.media.audio.extension import TAIL_S, continued
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video import cues
from studio.media.video.frame_edits import working_size
from studio.media.video.motion import STILL, Motion, between, small_grey
from studio.media.video.reader import Film, open_film
from studio.media.video.soundtrack import Meter, exactly, film_chunks
from studio.media.video.writer import VideoWriter

_LONGEST_S = 600.0
_LOOK_BACK = 5  # pairs of pictures the last motion is measured on
_KEPT = ("prompt", "negative_prompt", "seed", "setting", "subjects", "camera")


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `video`. Answers one MP4: the clip, then `duration` seconds more.

    `prompt` steers the camera and the weather of what is added. A clip of the studio's goes on in
    its own scene, any other from what it last shows. Raises Refused without a video.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to extend.", "ASSET_NOT_FOUND")
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    extension = _Extension(arguments, film, clips[0].get("meta") or {})
    file = extension.write(report)
    report(1.0, "Done")
    return outcome([file], warnings=[*warnings, *extension.warnings])


class _Extension:
    """One call: how long, from where, and what is asked of the camera."""

    def __init__(self, arguments: dict[str, Any], film: Film, meta: Mapping[str, Any]) -> None:
        self.film, self.meta = film, meta
        self.out = Path(arguments["out"])
        self.seed = int(arguments.get("seed") or 0)
        self.prompt = str(arguments["params"].get("prompt") or "").strip()
        self.warnings: list[str] = []
        self.own = film.frame_count()
        self.added = self._added(arguments)
        self.size = working_size(film)
        self.brief = read(self.prompt, seed=self.seed)
        self.scene: Onward | None = None
        self.move = ""

    def write(self, report: Report) -> dict[str, Any]:
        """Write the clip and what follows it."""
        film, total = self.film, self.own + self.added
        meter = Meter()
        sound = meter.through(self._sound(round(total / film.fps * SAMPLE_RATE)))
        path = self.out / "extended.mp4"
        with VideoWriter(
            path,
            *self.size,
            film.fps,
            audio=sound if film.has_sound else None,
            comment="draft: studio",
        ) as writer:
            for frame in self._pictures():
                writer.add(frame)
                if writer.frames % 8 == 0:
                    report(0.02 + 0.96 * writer.frames / total, "Extending")
        meta = {
            **cues.spoken({"meta": self.meta}),
            **self._scene_meta(),
            "extended_from_s": round(float(self.own / film.fps), 3),
            "continued": "scene" if isinstance(self.scene, OwnScene) else "picture",
            "camera": self.move,
            "extension_prompt": self.prompt,
            "extension_seed": self.seed,
            "loudness_lufs": round(meter.lufs, 1) if film.has_sound else None,
        }
        return video_file(
            path,
            width=self.size[0],
            height=self.size[1],
            duration_s=float(total / film.fps),
            fps=film.fps,
            meta=meta,
        )

    def _pictures(self) -> Iterator[Frame]:
        greys: deque[Any] = deque(maxlen=_LOOK_BACK + 1)
        last: Frame | None = None
        for number, frame in enumerate(self.film.frames(size=self.size)):
            if number >= self.own - greys.maxlen:  # type: ignore[operator]
                greys.append(small_grey(frame))
            last = frame
            yield frame
        if last is not None:
            self.scene = self._onward(last, _last_motion(list(greys)))
            yield from (self.scene.frame(k) for k in range(1, self.added + 1))

    def _onward(self, last: Frame, motion: Motion) -> Onward:
        fps = float(self.film.fps)
        move = self.brief.move or move_of(motion, fps)
        weather = self._weather()
        own = own_scene(
            last,
            self.meta,
            move=move,
            count=self.added,
            fps=fps,
            filmed=self.own,
            weather=weather,
        )
        self._warn_of_words(own)
        self.move = move
        if own is not None:
            return own
        if move == "pull_out":
            self.warnings.append(
                "The camera moves in before it pulls out, because nothing exists beyond the frame."
            )
        return likeness(last, motion, move=move, count=self.added, fps=fps, weather=weather)

    def _weather(self) -> tuple[Element, ...]:
        if not self.brief.weather:
            return ()
        return air_of(self.brief)

    def _warn_of_words(self, own: OwnScene | None) -> None:
        """Say what of the prompt cannot happen: only the camera and the weather can change."""
        if not self.prompt:
            return
        there: frozenset[str] = frozenset()
        if own is not None:
            there = frozenset(str(name) for name in self.meta.get("subjects") or ())
        new = [role.word or role.name for role in self.brief.roles if role.name not in there]
        words = list(dict.fromkeys([*new, *self.brief.unknown]))
        if words or not (self.brief.move or self.brief.weather):
            named = ", ".join(f"“{word}”" for word in words[:6])
            self.warnings.append(
                "The built-in studio continues the last frame and changes only camera"
                " and weather: "
                + (f"it cannot make happen: {named}." if named else "the prompt names neither.")
            )

    def _sound(self, samples: int) -> Iterator[Sound]:
        """The clip's sound, and after it what it lets expect."""
        film = self.film
        own = round(self.own / film.fps * SAMPLE_RATE)
        length = min(own, round(TAIL_S * SAMPLE_RATE))
        tail = np.concatenate(list(film_chunks(film, length, skip=own - length)), axis=1)
        spoken = bool(self.meta.get("cues") or self.meta.get("text"))
        after, join = continued(tail, samples - own, spoken=spoken)
        yield from film_chunks(film, own - join)
        yield from exactly([after], samples - own + join)

    def _scene_meta(self) -> dict[str, Any]:
        if not isinstance(self.scene, OwnScene):
            return {}
        kept = {name: self.meta[name] for name in _KEPT if name in self.meta}
        return {**kept, **onward_meta(self.scene)}

    def _added(self, arguments: dict[str, Any]) -> int:
        film, studio = self.film, arguments["studio"]
        asked = float(studio.get("duration_s") or arguments["params"].get("duration") or 5)
        longest = min(
            float(studio.get("max_duration_s") or _LONGEST_S), _LONGEST_S - film.duration_s
        )
        if longest <= 0:
            raise Refused(f"At {film.duration_s:.0f} s the video is already the longest possible.")
        if asked > longest:
            self.warnings.append(f"Only {longest:.3g} s were added, the longest possible.")
        return max(1, round(min(asked, longest) * film.fps))


def _last_motion(greys: list[Any]) -> Motion:
    """The clip's motion at its end, a picture: the middle one of the last few."""
    pairs = [between(a, b) for a, b in pairwise(greys)]
    if not pairs:
        return STILL
    middle = (float(np.median([getattr(m, name) for m in pairs])) for name in ("dx", "dy", "zoom"))
    return Motion(*middle)
