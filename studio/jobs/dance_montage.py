"""A dance: a known choreography, cut on the beats of music made for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mediakit.decode import open_image
from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.dance.dances import DANCES, Dance
from studio.artist.dance.likeness import CutOut, without
from studio.artist.dance.montage import Dancer, Montage, Place, own_place, paint_places, plan
from studio.artist.dance.puppet import Puppet, Wardrobe
from studio.artist.drawing.figure import Light
from studio.artist.music.mix import perform
from studio.artist.music.score import write_score
from studio.artist.music.style import read_brief
from studio.artist.prompt.brief import Role
from studio.artist.scenes.own_figures import drawn_figures
from studio.artist.scenes.rendering import frame_count
from studio.job_io.job_results import video_file
from studio.job_io.order import Order
from studio.media.image.cutout import Cut, subject_of
from studio.media.image.resizing import no_larger
from studio.media.raster import ByteArray, FloatArray, hex_colour, on_white, seeded_rng, shade
from studio.media.sizes import film_size
from studio.media.video.writer import VideoWriter, frame_rate

SHORTEST_S, LONGEST_S = 8.0, 30.0
_FOUND = 0.3  # below that score what was cut out is hardly a person
# Larger than a dancer is ever seen.
LARGEST_DANCER = 1024
_FEMALE = {"woman", "women", "girl", "lady", "queen", "princess", "her", "she", "female"}


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`, the dancer; without it `imagePrompt` says what the dancer looks like.

    One film, `duration` long or as long as the choreography. Its meta has dance, bpm, beats and
    cuts in seconds. Raises Refused for a dance that is not one of ours.
    """
    order = Order(arguments)
    name = str(order.params.get("dance") or "")
    if name not in DANCES:
        raise Refused(f"dance must be one of {', '.join(sorted(DANCES))}, not {name!r}.")
    dance = DANCES[name]
    report(0.0, "Choosing steps")
    work = _Work(order, name, dance)
    beats, sound = _music(dance, name, work.seconds, order.seed)
    report(0.12, "Making room")
    montage = work.montage(beats)
    report(0.2, "Dancing")
    path = order.out / "dance-1.mp4"
    count = frame_count(work.seconds, order.fps)
    meta = work.meta(montage, beats)
    rate = frame_rate(order.fps)
    noted = json.dumps({k: meta[k] for k in ("dance", "bpm", "seed")}, sort_keys=True)
    with VideoWriter(path, *work.size, rate, audio=sound, comment=noted) as writer:
        for number in range(count):
            writer.add(montage.frame(number))
            report(0.2 + 0.8 * (number + 1) / count, f"Frame {number + 1} of {count}")
    width, height = work.size
    seconds = count / order.fps
    file = video_file(path, width=width, height=height, duration_s=seconds, fps=rate, meta=meta)
    return order.answer([file])


def _music(dance: Dance, name: str, seconds: float, seed: int) -> tuple[list[float], FloatArray]:
    """Beats in seconds, and the music that has them."""
    rng = seeded_rng(name, seed, "music")
    wanted = {"bpm": dance.bpm, "keyscale": dance.key, "timesig": 4}
    brief = read_brief(dance.music, wanted, rng)
    score = write_score(brief, seconds, rng)
    sound = perform(score, brief.style, rng, lambda fraction, message: None)
    return list(score.beats), sound


@dataclass(frozen=True, slots=True)
class _Person:
    """Someone in a picture. image: (h, w, 3)."""

    image: ByteArray
    cut: Cut


class _Work:
    """One order, read: who dances, where, how long and how large."""

    def __init__(self, order: Order, name: str, dance: Dance) -> None:
        self.order, self.name, self.dance = order, name, dance
        self.person = self._in_picture()
        source = self.person.image.shape[1::-1] if self.person else None
        width, height, warnings = film_size(order.params, order.studio, source)
        order.warn_all(warnings)
        self.size = (width, height)

    @property
    def seconds(self) -> float:
        order = self.order
        asked = order.params.get("duration")
        whole = self.dance.beats * 60 / self.dance.bpm
        wanted = float(asked) if asked else min(max(whole, SHORTEST_S), LONGEST_S)
        fixed = order.studio.get("duration_s")
        longest = float(order.studio.get("max_duration_s") or LONGEST_S)
        return frame_count(min(float(fixed or wanted), longest), order.fps) / order.fps

    def montage(self, beats: Sequence[float]) -> Montage:
        order, dance = self.order, self.dance
        width, height = self.size
        rng = seeded_rng(self.name, order.seed, "places")
        single = bool(order.params.get("singleClip"))
        places = self._places(rng, single)
        count = frame_count(self.seconds, order.fps)
        takes = plan(dance, beats, count, order.fps, rng, single=single, places=len(places))
        lead, crowd = self._dancers()
        return Montage(dance, takes, places, lead, crowd, beats, (width, height), order.fps)

    def meta(self, montage: Montage, beats: Sequence[float]) -> dict[str, Any]:
        order = self.order
        return {
            "dance": self.name,
            "prompt": str(order.params.get("imagePrompt") or ""),
            "seed": order.seed,
            "bpm": self.dance.bpm,
            "key": self.dance.key,
            "beats": [round(beat, 3) for beat in beats],
            "cuts": [round(take.first / order.fps, 3) for take in montage.takes[1:]],
        }

    def _in_picture(self) -> _Person | None:
        order = self.order
        pictures = order.media("image")
        if not pictures:
            return None
        if order.params.get("imagePrompt"):
            order.warn("The image sets the dancer, so the description was ignored.")
        image = on_white(open_image(pictures[0]["path"]))
        image = no_larger(image, LARGEST_DANCER, 2)
        figures = drawn_figures(pictures[0], image)
        cut = figures[0] if figures else subject_of(image)
        if cut.score < _FOUND or not (cut.mask > 0.5).any():
            order.warn("No person found. The main subject dances.")
        if not (cut.mask > 0.5).any():
            cut = replace(cut, mask=np.ones(image.shape[:2], np.float32))
        return _Person(image, cut)

    def _places(self, rng: np.random.Generator, single: bool) -> list[Place]:
        width, height = self.size
        own = self._own_place(self.person) if self.person else None
        if own and single:
            return [own]
        dance = replace(self.dance, places=self.dance.places[:1]) if single else self.dance
        places = paint_places(dance, width, height, self.order.seed, rng)
        return [*places[:-1], own] if own else places

    def _own_place(self, person: _Person) -> Place:
        """Where the picture was taken, without the one who dances now."""
        return own_place(without(person.image, person.cut.mask), *self.size)

    def _dancers(self) -> tuple[Dancer, list[Dancer]]:
        if self.person:
            lead = CutOut(self.person.image, self.person.cut.mask)
            return lead, [lead]
        tall = 0.72 * self.size[1] * 1.6
        wardrobe = self._wardrobe()
        light = Light(rim=hex_colour(self.dance.lights[0]), rim_strength=0.9)
        # The two beside are drawn smaller, and wear the colors the other way round.
        beside = replace(wardrobe, top=wardrobe.accent, accent=wardrobe.top)
        lead_dice, crowd_dice = (
            seeded_rng(self.name, self.order.seed, who) for who in ("lead", "crowd")
        )
        crowd: list[Dancer] = [Puppet(beside, 0.6 * self.size[1], light, crowd_dice)]
        return Puppet(wardrobe, tall, light, lead_dice), crowd

    def _wardrobe(self) -> Wardrobe:
        """The dance's own clothes, or what the words say."""
        prompt = str(self.order.params.get("imagePrompt") or "").strip()
        wardrobe = self.dance.wardrobe
        if not prompt:
            return wardrobe
        brief = self.order.brief(prompt)
        role = brief.roles[0] if brief.roles else Role("person")
        if role.name in ("robot", "astronaut"):
            colour = role.colour or hex_colour("d5d9e2")
            return replace(
                wardrobe, body=role.name, top=colour, trousers=shade(colour, 0.8), hat=""
            )
        if role.name != "person":
            self.order.warn(f"A {role.word} isn't available as a dancer. A person dances instead.")
        if role.colour:
            wardrobe = replace(wardrobe, top=role.colour)
        words = set(prompt.lower().split())
        return replace(wardrobe, hair="long" if words & _FEMALE else "short")
