"""Circle once around a picture's subject, ending where the film began."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mediakit.decode import open_image
from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.prompt.brief import Brief
from studio.artist.scenes.ambience import ambience, beds_of
from studio.artist.scenes.references import air_of, handy
from studio.artist.scenes.rendering import frame_count
from studio.artist.speech import espeak
from studio.artist.speech.languages import CODES, detect
from studio.artist.speech.script import has_words, sayable, sentences
from studio.artist.speech.take import record
from studio.artist.speech.voices import VOICES
from studio.artist.views.orbit import Orbit, Path, path_through
from studio.artist.views.views import StageView, View, open_view
from studio.job_io.job_results import video_file
from studio.job_io.order import Order
from studio.media.audio import mixing
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.raster import FloatArray, on_white, seeded_rng
from studio.media.sizes import film_size
from studio.media.video.writer import VideoWriter

SPEAKER = "serena"
LONGEST_S = 30.0
BREATH_S = 0.4


# A confined process starts no program, so the one that speaks is started before.
before_confinement = espeak.start
after_job = espeak.stop


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`; several are views from evenly around, crossed over into each other.

    One film of five seconds, longer where lines are spoken. meta: `angles` in degrees, `seed`, and
    `cues` of what is said. Raises Refused without a picture.
    """
    order = Order(arguments)
    given = order.media("image")
    if not given:
        raise Refused("Add an image to orbit.", "ASSET_NOT_FOUND")
    report(0.02, "Estimating depth")
    brief = order.brief(order.prompt())
    pictures = [on_white(open_image(one["path"])) for one in given[:8]]
    views = [
        open_view(handy(picture), medium) for picture, medium in zip(pictures, given, strict=False)
    ]
    path = _path(order, len(views))
    size = (pictures[0].shape[1], pictures[0].shape[0])
    width, height, warnings = film_size(order.params, order.studio, size)
    order.warn_all(warnings)
    lines = _spoken(order, path)
    seconds = _seconds(order, lines, path)
    sound, cues = _sound(order, brief, views[0], lines, path, seconds)
    meta = {
        **order.meta(brief, "orbit"),
        "angles": [round(degree) for degree in path.degrees],
        "role": "orbit",
        **({"cues": cues} if cues else {}),
    }
    orbit = Orbit(views, path, width, height, seconds, air_of(brief))
    target = order.out / "orbit.mp4"
    comment = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    with VideoWriter(target, width, height, order.fps, audio=sound, comment=comment) as writer:
        count = frame_count(seconds, order.fps)
        for index in range(count):
            writer.add(orbit.frame(index / max(1, count - 1)))
            report((index + 1) / count, f"Frame {index + 1} of {count}")
    file = video_file(
        target,
        width=width,
        height=height,
        duration_s=count / order.fps,
        fps=Fraction(order.fps).limit_denominator(1001),
        meta=meta,
    )
    return order.answer([file])


def _path(order: Order, given: int) -> Path:
    params = order.params
    path = path_through(
        params.get("angles") or (),
        str(params.get("elevation") or ""),
        str(params.get("distance") or ""),
    )
    if given == 1:
        order.warn(
            "From one image, side views are estimated and the back repeats the front."
            " Add more views for a full orbit."
        )
    return path


def _spoken(order: Order, path: Path) -> list[tuple[int, str]]:
    """Lines to speak and the part of the way they belong to."""
    listed = [str(line) for line in order.params.get("dialogues") or ()]
    lines = list(enumerate(listed))
    single = str(order.params.get("dialogue") or "")
    if single:
        lines.append((int(order.params.get("dialogueSegment") or 0), single))
    kept = [(part, sayable(text)) for part, text in lines if has_words(sayable(text))]
    late = [part for part, _ in kept if part >= path.parts]
    if late:
        order.warn(
            f"The orbit has {path.parts} parts, counted from 0. The line for part "
            f"{late[0]} is spoken in the last one."
        )
    return [(min(part, path.parts - 1), text) for part, text in kept]


def _seconds(order: Order, lines: Sequence[tuple[int, str]], path: Path) -> float:
    """Five seconds, or as long as the longest line needs in its part."""
    usual = order.seconds
    if not lines or order.studio.get("duration_s"):
        return usual
    # About fourteen characters are spoken in a second.
    longest = max(sum(len(text) for part, text in lines if part == at) for at, _ in lines) / 14
    limit = min(LONGEST_S, float(order.studio.get("max_duration_s") or LONGEST_S))
    return min(limit, max(usual, path.parts * (longest + 2 * BREATH_S)))


def _sound(
    order: Order,
    brief: Brief,
    view: View,
    lines: Sequence[tuple[int, str]],
    path: Path,
    seconds: float,
) -> tuple[FloatArray, list[Mapping[str, Any]]]:
    """The place's ambience with the lines over it, and when they are said."""
    own = view.stage.sounds if isinstance(view, StageView) else ()
    bed = ambience(own or beds_of(brief), seconds, brief.prompt, brief.seed)
    if not lines:
        return bed, []
    voices = np.zeros_like(bed)
    cues: list[Mapping[str, Any]] = []
    free = 0.0
    for part, text in lines:
        rng = seeded_rng(text, order.seed, "dialogue")
        take = record(
            sentences(text),
            VOICES[SPEAKER],
            CODES[detect(text)],
            0.9,
            rng,
            lambda _fraction, _message: None,
        )
        start = max(free, part * seconds / path.parts + BREATH_S / 2)
        at = round(start * SAMPLE_RATE)
        room = max(0, bed.shape[1] - at)
        said = take.sound[:, :room]
        if said.shape[1] < take.sound.shape[1] - round(0.3 * SAMPLE_RATE):
            order.warn("The video ends before all lines are spoken. Use fewer or shorter lines.")
        voices[:, at : at + said.shape[1]] += said
        cues.extend(
            {"start": cue.start + start, "end": min(seconds, cue.end + start), "text": cue.text}
            for cue in take.cues
            if cue.start + start < seconds
        )
        free = start + take.sound.shape[1] / SAMPLE_RATE
    mixed_sound = mixing.duck(bed, voices) + voices
    return np.asarray(np.clip(mixed_sound, -0.98, 0.98), np.float32), cues
