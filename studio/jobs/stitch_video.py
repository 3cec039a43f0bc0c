"""Join clips into one film, in order, with a transition and a sound track when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import CONTINUES, Report
from studio.job_io.job_results import comment_of, outcome, video_file
from studio.media.audio.samples import Sound
from studio.media.video.framing import read_fit, read_rate, read_size
from studio.media.video.joining import (
    joined_cues,
    joined_frames,
    joined_track,
    lay_out,
    read_bed,
)
from studio.media.video.reader import open_film
from studio.media.video.remux import can_join, join
from studio.media.video.soundtrack import Meter, at_loudness
from studio.media.video.transitions import read_transition
from studio.media.video.writer import VideoWriter

MAX_S = 600.0


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `video`, one or more in order; `audio`, optional, the sound track.

    A chosen sound track takes the place of the clips' own sound, as the public contract says; with
    `keepSourceAudio` it is laid under it. Music that is shorter than the film is repeated. Size and
    frame rate are the first clip's unless `aspectRatio`, `targetResolution` and `fps` say
    otherwise; `fit` says how other shapes fill the frame. `loudness`: of the whole, in LUFS. Clips
    that are encoded alike and follow each other without a transition are copied, not encoded again.
    A clip that begins with the last picture of the one before, which its meta says, shares it.
    Raises Refused without a video.
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
    metas = [clip.get("meta") or {} for clip in clips]
    continues = {number for number, meta in enumerate(metas) if number and meta.get(CONTINUES)}
    cuts, shortened = lay_out(films, rate, transition, continues)
    if shortened:
        warnings.append("A transition was shortened to fit a short clip.")
    total = whole = cuts[-1].start + cuts[-1].frames
    # Not `max_duration_s`: that bounds what the studio invents, and this is people's own material.
    allowed = float(arguments["studio"].get("max_film_s") or MAX_S)
    if total > round(allowed * rate):
        total = round(allowed * rate)
        warnings.append(f"Cut to {allowed:g} s, the longest possible.")

    report(0.05, "Measuring sound")
    audio = (arguments["media"].get("audio") or [None])[0]
    keep_source = audio is None or bool(params.get("keepSourceAudio"))
    bed = read_bed(audio) if audio else None
    if bed and (warning := bed.warning(float(total / rate))):
        warnings.append(warning)

    def track_of() -> Iterator[Sound] | None:
        return joined_track(cuts, rate, total, bed, keep_source)

    track = track_of()
    if track is not None and params.get("loudness"):
        track = at_loudness(lambda: track_of() or iter(()), float(params["loudness"]))
    meter = Meter()
    sound = None if track is None else meter.through(track)
    fit = read_fit(params)
    path = Path(arguments["out"]) / "film.mp4"
    comment = comment_of(arguments)
    is_cut = all(cut.head == (number in continues) for number, cut in enumerate(cuts))
    if is_cut and total == whole and can_join(films, size, rate):
        join(cuts, path, rate, sound, report, comment=comment)
    else:
        with VideoWriter(path, width, height, rate, audio=sound, comment=comment) as writer:
            for frame in islice(joined_frames(cuts, rate, size, fit, transition), total):
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
    said = joined_cues(cuts, clips if keep_source else [], audio, rate, total)
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
