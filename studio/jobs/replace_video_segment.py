"""Put something else in place of one stretch of a clip; all around it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.clips.segments import (
    StandIn,
    Stretch,
    of_bridge,
    of_clip,
    of_look,
    of_scene,
    replaced_frames,
    replaced_track,
)
from studio.artist.prompt.brief import read
from studio.job_io.job_results import comment_of, outcome, video_file
from studio.media.styles.restyle import read_restyle
from studio.media.video.cues import moved, of_meta
from studio.media.video.frame_edits import working_size
from studio.media.video.reader import Film, open_film
from studio.media.video.soundtrack import Meter
from studio.media.video.writer import VideoWriter

_FASTEST = 2.0


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `video`; `replacement`, the clip to put in. Answers one MP4 as long as the clip.

    Without a clip to put in, the prompt says what is seen: a scene, or a look of the stretch
    itself; without either, the stretch is bridged. Raises Refused without a video and for times
    that do not lie in it, naming the parameter.
    """
    media, params = arguments["media"], arguments["params"]
    clips = media.get("video") or []
    if not clips:
        raise Refused("Add a video to change.", "ASSET_NOT_FOUND")
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    first, end = _range(film, params)
    stretch = Stretch(film, working_size(film), first, end)
    replacement = (media.get("replacement") or [None])[0]
    report(0.02, "Preparing range")
    stand_in = _stand_in(stretch, arguments, replacement, warnings)
    keep = bool(params.get("keepOriginalAudio"))
    if stand_in.made == "clip" and stand_in.sound is None and not keep and film.has_sound:
        warnings.append("The replacement video has no audio, so the original sound was kept.")
    sound = None if keep else stand_in.sound
    track = replaced_track(stretch, sound) if film.has_sound or sound is not None else None
    meter = Meter()
    path = Path(arguments["out"]) / "replaced.mp4"
    total = film.frame_count()
    with VideoWriter(
        path,
        *stretch.size,
        film.fps,
        audio=None if track is None else meter.through(track),
        comment=comment_of(arguments),
    ) as writer:
        for frame in replaced_frames(stretch, stand_in):
            writer.add(frame)
            if writer.frames % 8 == 0:
                report(0.05 + 0.93 * writer.frames / total, "Replacing")
    meta = {
        "replaced_s": [round(float(n / film.fps), 3) for n in (first, end)],
        "replaced_by": stand_in.made,
        "prompt": params.get("prompt"),
        "seed": arguments.get("seed"),
        "loudness_lufs": None if track is None else round(meter.lufs, 1),
        **_said(stretch, clips[0].get("meta") or {}, is_kept=sound is None),
    }
    file = video_file(
        path,
        width=stretch.size[0],
        height=stretch.size[1],
        duration_s=float(total / film.fps),
        fps=film.fps,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], warnings=warnings)


def _said(stretch: Stretch, meta: Mapping[str, Any], *, is_kept: bool) -> dict[str, Any]:
    """What is said in the clip: outside the stretch, and in it where its sound is kept."""
    film = stretch.film
    said = of_meta(meta, film.duration_s)
    if not is_kept:
        first, end = (float(n / film.fps) for n in (stretch.first, stretch.end))
        said = [*moved(said, 0, 0, first), *moved(said, 0, end, film.duration_s)]
    return {"cues": [cue.as_meta() for cue in said]} if said else {}


def _range(film: Film, params: dict[str, Any]) -> tuple[int, int]:
    """Numbers of the first picture of the stretch and of the first one after it."""
    times = {}
    length = film.duration_s
    for name in ("startSeconds", "endSeconds"):
        if params.get(name) is None:
            raise Refused(f"Set {name}.")
        asked = float(params[name])
        time = asked + length if asked < 0 else asked
        # A picture more or less forgives lengths that were rounded.
        if not -1 / film.fps <= time <= length + 1 / film.fps:
            raise Refused(f"{name} is {asked:.6g} s, but the video is {length:.4g} s long.")
        times[name] = time
    if times["endSeconds"] <= times["startSeconds"]:
        raise Refused(
            f"End ({times['endSeconds']:.6g} s) must be after start "
            f"({times['startSeconds']:.6g} s)."
        )
    total = film.frame_count()
    first = min(total - 1, max(0, round(times["startSeconds"] * film.fps)))
    return first, min(total, max(first + 1, round(times["endSeconds"] * film.fps)))


def _stand_in(
    stretch: Stretch,
    arguments: dict[str, Any],
    replacement: dict[str, Any] | None,
    warnings: list[str],
) -> StandIn:
    params = arguments["params"]
    prompt = str(params.get("prompt") or "").strip()
    if replacement is not None:
        if prompt:
            warnings.append("There is a replacement video, so the prompt was ignored.")
        return _clip(stretch, open_film(replacement["path"], warnings), params, warnings)
    unused = ("replacementStartSeconds", "replacementEndSeconds")
    warnings += [
        f"{name} was ignored, because there is no replacement video."
        for name in unused
        if params.get(name)
    ]
    seed = int(arguments.get("seed") or 0)
    brief = read(prompt, seed=seed)
    restyle = read_restyle(prompt)
    if prompt and not restyle.warning and not brief.roles:
        return of_look(stretch, restyle, seed)
    if prompt and (brief.roles or brief.weather or brief.setting != "abstract"):
        if brief.warning:
            warnings.append(brief.warning)
        return of_scene(stretch, brief)
    if prompt and brief.move is None:
        warnings.append(
            "Nothing in the prompt can be drawn, so the range blends from the frame "
            "before it to the frame after it."
        )
    return of_bridge(stretch, brief.move)


def _clip(stretch: Stretch, clip: Film, params: dict[str, Any], warnings: list[str]) -> StandIn:
    rate = stretch.film.fps
    total = clip.frame_count(rate)
    start = float(params.get("replacementStartSeconds") or 0)
    asked_end = params.get("replacementEndSeconds")
    end = clip.duration_s if asked_end is None else float(asked_end)
    if round(start * rate) >= total:
        raise Refused(
            f"replacementStartSeconds is {start:.6g} s, but the replacement video ends"
            f" at {clip.duration_s:.4g} s."
        )
    if end > clip.duration_s + 1 / rate:
        raise Refused(
            f"replacementEndSeconds is {end:.6g} s, but the replacement video ends at "
            f"{clip.duration_s:.4g} s."
        )
    if end <= start:
        raise Refused(
            f"replacementEndSeconds ({end:.6g} s) must be after "
            f"replacementStartSeconds ({start:.6g} s)."
        )
    first = round(start * rate)
    count = max(1, min(total, round(end * rate)) - first)
    speed = count / stretch.count
    if not 1 / _FASTEST <= speed <= _FASTEST:
        warnings.append(
            f"The replacement video plays at {speed:.2g}× speed to fill the range. "
            "Choose another part of it with replacementStartSeconds and "
            "replacementEndSeconds."
        )
    return of_clip(stretch, clip, first, count)
