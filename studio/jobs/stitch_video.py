"""Join clips into one film, in order, with a transition and a sound track when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from studio.errors import Refused
from studio.job_io.results import outcome, video_file
from studio.media.audio.loudness import SILENT
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video.cues import Cue, moved, of_meta
from studio.media.video.framing import read_fit, read_rate, read_size
from studio.media.video.reader import Film, Fit, open_film, read_chunks
from studio.media.video.remux import can_join, join
from studio.media.video.soundtrack import (
    Lane,
    Meter,
    at_loudness,
    beneath,
    faded,
    film_chunks,
    limited,
    looped,
    measured,
    mixed,
)
from studio.media.video.transitions import BLENDS, Transition, read_transition
from studio.media.video.writer import VideoWriter

MAX_S = 600.0
_DECLICK = SAMPLE_RATE // 200  # 5 ms: a waveform cut in mid-swing clicks
_BED_LUFS = -20.0
_COMMENT = "draft: studio"
_BED_CEILING = 0.84


@dataclass(frozen=True, slots=True)
class Cut:
    """One clip's place in the film, in frames: its first one, how many, and how many are shared
    with the clip before and the clip after."""

    film: Film
    start: int
    frames: int
    head: int
    tail: int


def run(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """Ports: `video`, one or more in order; `audio`, optional, the sound track.

    A chosen sound track takes the place of the clips' own sound, as the public contract says; with
    `keepSourceAudio` it is laid under it. Size and frame rate are the first clip's unless
    `aspectRatio`, `targetResolution` and `fps` say otherwise; `fit` says how other shapes fill the
    frame. `loudness`: of the whole, in LUFS. Clips that are encoded alike and follow each other
    without a transition are copied, not encoded again. Raises Refused without a video.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to stitch.", "ASSET_NOT_FOUND")
    params = arguments["params"]
    transition, warning = read_transition(params.get("transition"))
    warnings = [warning] if warning else []
    report(0.0, "Measuring clips")
    films = [open_film(clip["path"], warnings) for clip in clips]
    rate = read_rate(params, films, warnings)
    size = width, height = read_size(params, films, warnings)
    cuts, shortened = lay_out(films, rate, transition)
    if shortened:
        warnings.append("A transition was shortened to fit a short clip.")
    total = cuts[-1].start + cuts[-1].frames
    # Not `max_duration_s`: that bounds what the studio invents, and this is people's own material.
    allowed = float(arguments["studio"].get("max_film_s") or MAX_S)
    if total > round(allowed * rate):
        total = round(allowed * rate)
        warnings.append(f"Cut to {allowed:g} s, the longest possible.")

    report(0.05, "Measuring sound")
    audio = (arguments["media"].get("audio") or [None])[0]
    keep_source = audio is None or bool(params.get("keepSourceAudio"))
    bed = audio["path"] if audio else None

    def track_of() -> Iterator[Sound] | None:
        return _sound_track(cuts, rate, total, bed, keep_source)

    track = track_of()
    if track is not None and params.get("loudness"):
        track = at_loudness(lambda: track_of() or iter(()), float(params["loudness"]))
    meter = Meter()
    sound = None if track is None else meter.through(track)
    fit = read_fit(params)
    path = Path(arguments["out"]) / "film.mp4"
    is_whole = total == sum(cut.frames for cut in cuts)
    if is_whole and can_join(films, size, rate):
        join(films, path, rate, sound, report, comment=_COMMENT)
    else:
        with VideoWriter(path, width, height, rate, audio=sound, comment=_COMMENT) as writer:
            for frame in islice(_pictures(cuts, rate, size, fit, transition), total):
                writer.add(frame)
                if writer.frames % 12 == 0:
                    report(0.1 + 0.88 * writer.frames / total, "Joining clips")
    meta = {
        "clips": len(films),
        "transition": transition.kind,
        "transition_s": transition.duration_s,
        "cuts_s": [round(float(cut.start / rate), 3) for cut in cuts],
        "loudness_lufs": None if track is None else round(meter.lufs, 1),
    }
    said = _spoken(cuts, clips if keep_source else [], audio, rate, total)
    if said:
        meta["cues"] = [cue.as_meta() for cue in said]
    file = video_file(
        path,
        width=width,
        height=height,
        duration_s=float(total / rate),
        fps=rate,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], warnings=warnings)


def lay_out(
    films: Sequence[Film], rate: Fraction, transition: Transition
) -> tuple[list[Cut], bool]:
    """Place the clips one after another; also whether a transition had to be shortened.

    A transition takes at most half of either clip, so that a clip's two never meet.
    """
    wanted = round(transition.duration_s * rate)
    counts = [film.frame_count(rate) for film in films]
    shared = [min(wanted, before // 2, after // 2) for before, after in pairwise(counts)]
    cuts = []
    start = 0
    for film, frames, head, tail in zip(films, counts, [0, *shared], [*shared, 0], strict=True):
        start -= head
        cuts.append(Cut(film, start, frames, head, tail))
        start += frames
    return cuts, any(overlap < wanted for overlap in shared)


def _pictures(
    cuts: Sequence[Cut], rate: Fraction, size: tuple[int, int], fit: Fit, transition: Transition
) -> Iterator[Frame]:
    # The clip before is still open while its end is shared, so nothing is kept but one picture.
    before: Iterator[Frame] = iter(())
    for cut in cuts:
        frames = cut.film.frames(fps=rate, size=size, fit=fit)
        for index in range(cut.head):
            done = (index + 1) / (cut.head + 1)
            yield BLENDS[transition.kind](next(before), next(frames), done)
        yield from islice(frames, cut.frames - cut.head - cut.tail)
        before = frames


def _sound_track(
    cuts: Sequence[Cut], rate: Fraction, total: int, bed_path: str | None, keep_source: bool
) -> Iterator[Sound] | None:
    samples = round(total / rate * SAMPLE_RATE)
    keep_source = keep_source and any(cut.film.has_sound for cut in cuts)
    if bed_path is None:
        return limited(_joined_sound(cuts, rate, samples)) if keep_source else None
    heard = measured(read_chunks(bed_path))
    bed = looped(lambda: read_chunks(bed_path), heard.samples, samples)
    bed = faded(bed, samples, in_s=0.05, out_s=min(1.5, samples / SAMPLE_RATE / 4))
    if not keep_source:
        return limited(bed)
    gain = np.float32(10 ** ((_BED_LUFS - heard.lufs) / 20) if heard.lufs > SILENT else 1.0)
    under = limited((chunk * gain for chunk in bed), _BED_CEILING)
    own = _joined_sound(cuts, rate, samples)
    return limited(beneath(under, own))


def _joined_sound(cuts: Sequence[Cut], rate: Fraction, samples: int) -> Iterator[Sound]:
    lanes = []
    for index, cut in enumerate(cuts):
        start, end, head, tail = (
            round(frames / rate * SAMPLE_RATE)
            for frames in (cut.start, cut.start + cut.frames, cut.head, cut.tail)
        )
        if not cut.film.has_sound or start >= samples:
            continue
        rise = head or (_DECLICK if index else 0)
        fall = tail or (_DECLICK if index < len(cuts) - 1 else 0)
        sound = partial(film_chunks, cut.film, end - start)
        lanes.append(Lane(start, end - start, sound, rise, fall))
    return mixed(lanes, samples)


def _spoken(
    cuts: Sequence[Cut],
    clips: Sequence[Mapping[str, Any]],
    audio: Mapping[str, Any] | None,
    rate: Fraction,
    total: int,
) -> list[Cue]:
    """What is said in the film, as far as those who made its sound wrote it down."""
    length = float(total / rate)
    found = []
    for cut, clip in zip(cuts, clips, strict=False):
        start, end = (float(n / rate) for n in (cut.start, cut.start + cut.frames))
        said = of_meta(clip.get("meta") or {}, end - start)
        found += moved(said, start, start, min(end, length))
    if audio is not None:
        said = of_meta(audio.get("meta") or {}, float(audio.get("duration_s") or length))
        found += moved(said, 0.0, 0.0, length)
    return sorted(found, key=lambda cue: cue.start)
