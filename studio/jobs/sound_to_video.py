"""SceneFilm to a sound: a scene, or a picture, whose light, camera and air follow what is heard."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.prompt.sound_words import without_sound_words
from studio.artist.scenes.references import open_reference
from studio.artist.scenes.rendering import Scene, frame_count
from studio.artist.scenes.sound_reactive import Pulsing, display_for
from studio.job_io.order import Order
from studio.job_io.scene_film import SceneFilm
from studio.media.audio import mixing
from studio.media.audio.features import Hearing, hear
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.audio.tempo import hear_tempo
from studio.media.raster import ByteArray, FloatArray, seeded_rng
from studio.media.video.cues import Cue, in_order, moved, of_meta
from studio.media.video.reader import read_sound
from studio.media.video.subtitle_burning import SubtitleLook, Subtitler
from studio.media.video.writer import frame_rate

SHORTEST_S = 0.1
_CAPTIONS = re.compile(r"\b(lyrics|captions?|captioned|subtitles?|subtitled|karaoke)\b", re.I)


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `audio`, the sound; `image` and `end`, the pictures the film begins and ends on.

    The film is `duration` long, or ends with the sound where that is shorter, and has the sound as
    its track. Meta: the tempo, if there is one, and where the sound was begun. Raises Refused
    without a sound, or when `audioStart` lies behind its end.
    """
    order = Order(arguments)
    if order.params.get("outputFormat") == "mov":
        order.warn("Saved as MP4. MOV isn't supported.")
    heard = _Sound(order)
    pictures, endings = order.media("image"), order.media("end")
    files: list[dict[str, Any]] = []
    for index in range(order.variations):
        film = HeardFilm(order, order.prompt(index), index, order.variations, report)
        film.follow(heard, pictured=bool(pictures or endings))
        start = open_reference(pictures[0], film.brief) if pictures else None
        end = open_reference(endings[0], film.brief) if endings else None
        files.extend(film.made(start, end))
    return order.answer(files)


class _Sound:
    """The stretch of the sound that is filmed. samples: (2, n) float32 at 48 kHz."""

    def __init__(self, order: Order) -> None:
        given = order.media("audio")
        if not given:
            raise Refused("Add audio to make a video.", "ASSET_NOT_FOUND")
        medium = given[0]
        start = max(0.0, float(order.params.get("audioStart") or 0))
        whole = read_sound(medium["path"])
        length = whole.shape[1] / SAMPLE_RATE
        if start > max(0.0, length - SHORTEST_S):
            raise Refused(f"audioStart is {start:g} s, but the audio is {length:.1f} s long.")
        asked = order.seconds
        if length - start < asked - 0.5 / order.fps:
            order.warn(
                f"The audio lasts {length - start:.1f} s from there, and so does the "
                f"video (you asked for {asked:g} s)."
            )
        count = frame_count(min(asked, length - start), order.fps)
        self.seconds = count / order.fps
        first = round(start * SAMPLE_RATE)
        part = whole[:, first : first + round(self.seconds * SAMPLE_RATE)]
        ends_inside = first + part.shape[1] < whole.shape[1] - SAMPLE_RATE // 20
        self.samples = mixing.fade(
            part, 0.01 if start else 0.0, min(0.4, self.seconds / 8) if ends_inside else 0.0
        )
        self.hearing: Hearing = hear(part, order.fps, count)
        self.start_s = start
        self.facts = _facts(medium, part, start)
        words = of_meta(medium.get("meta") or {}, length)
        self.cues: list[Cue] = list(moved(words, -start, 0.0, self.seconds))


class HeardFilm(SceneFilm):
    """A film that follows a sound."""

    heard: _Sound
    _pictured: bool

    def __init__(
        self,
        order: Order,
        prompt: str,
        index: int,
        total: int,
        report: Report,
    ) -> None:
        # Words about the sound are followed, not drawn: they are no reason for a warning.
        super().__init__(order, without_sound_words(prompt), index, total, report)
        self.prompt = prompt

    def follow(self, heard: _Sound, *, pictured: bool) -> None:
        """pictured: a given picture is filmed, so that words without a place ask for nothing."""
        self.heard, self._pictured = heard, pictured

    @property
    def seconds(self) -> float:
        return self.heard.seconds

    def directed(self, scene: Scene, *, backwards: bool) -> Scene:
        rng = seeded_rng(self.prompt, self.brief.seed, "sparks")
        display = display_for(self.prompt, "" if self._pictured else self.brief.setting)
        return Pulsing(scene, self.heard.hearing, self.order.fps, rng, backwards, display)

    def facts(self) -> dict[str, Any]:
        cues = [cue.as_meta() for cue in self.heard.cues]
        spoken = {"cues": cues} if cues else {}
        return {"prompt": self.prompt, **self.heard.facts, **spoken}

    def finish(self, width: int, height: int) -> Callable[[ByteArray, int], ByteArray] | None:
        """Burns what is sung or spoken in, where the words ask for it."""
        if not _CAPTIONS.search(self.prompt):
            return None
        if not self.heard.cues:
            self.order.warn("The audio has no text, so no words are shown.")
            return None
        cues, _ = in_order(self.heard.cues, self.heard.seconds)
        rate = frame_rate(self.order.fps)
        return Subtitler(cues, SubtitleLook(), (width, height), rate).draw

    def sound(self, scene: Scene, seconds: float) -> FloatArray | None:
        if self.order.params.get("generateAudio") is False:
            return None
        return self.heard.samples


def _facts(medium: Mapping[str, Any], part: FloatArray, start_s: float) -> dict[str, Any]:
    """The tempo, as noted with the sound or as it is heard, and where it was started."""
    facts: dict[str, Any] = {"audio_start_s": round(start_s, 3)}
    known = (medium.get("meta") or {}).get("bpm")
    if isinstance(known, int | float) and known > 0:
        return {**facts, "bpm": known}
    tempo = hear_tempo(part)
    return facts if tempo is None else {**facts, "bpm": tempo.bpm}
