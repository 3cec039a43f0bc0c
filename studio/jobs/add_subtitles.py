"""Write subtitles into a clip: drawn on the pictures, and beside them as a track of text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from mediakit.typefaces import undrawable
from studio.job_io.job_results import comment_of, outcome, video_file
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.raster import Frame
from studio.media.video.cues import Cue, as_srt, in_order, of_meta, read_list, read_text
from studio.media.video.frame_edits import retouch, working_size
from studio.media.video.reader import Film, open_film
from studio.media.video.remux import can_copy, copy_with_titles
from studio.media.video.soundtrack import film_chunks, measured
from studio.media.video.subtitle_burning import Subtitler, read_style

_MAX_CUES = 5000


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `video`. The lines are `cues`, else `srt` (SRT or WebVTT), else, with
    `auto_transcribe`, what the clip's own metadata says is spoken.

    Raises Refused without a video, or without a line to write.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to subtitle.", "ASSET_NOT_FOUND")
    params = arguments["params"]
    warnings: list[str] = []
    film = open_film(clips[0]["path"])
    asked = _asked(params, clips[0].get("meta") or {}, film.duration_s, warnings)
    cues, remarks = in_order(asked[:_MAX_CUES], film.duration_s)
    warnings += remarks
    if not cues and not warnings:
        warnings.append("No subtitle lines. The video is unchanged.")
    path = Path(arguments["out"]) / "subtitled.mp4"
    is_drawn = bool(cues) and params.get("burnIn") is not False
    if is_drawn or not can_copy(film):
        if film.colors.conversion:
            warnings.append(film.colors.conversion)
        loudness = _drawn(film, path, cues if is_drawn else [], cues, arguments, warnings, report)
        size, duration_s = working_size(film), float(film.frame_count() / film.fps)
    else:
        copy_with_titles(film, path, cues, report, "Writing subtitles")
        loudness = _loudness(film)
        size, duration_s = (film.width, film.height), film.duration_s
    meta = {
        "cues": [cue.as_meta() for cue in cues],
        "srt": as_srt(cues),
        "loudness_lufs": loudness,
    }
    file = video_file(
        path,
        width=size[0],
        height=size[1],
        duration_s=duration_s,
        fps=film.fps,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], values={"srt": meta["srt"], "cues": meta["cues"]}, warnings=warnings)


def _drawn(
    film: Film,
    path: Path,
    seen: Sequence[Cue],
    cues: Sequence[Cue],
    arguments: dict[str, Any],
    warnings: list[str],
    report: Report,
) -> float | None:
    """Encode the film with the lines to be seen on its pictures; the loudness of its sound."""
    missing = undrawable("".join(cue.text for cue in seen))
    if missing:
        warnings.append(
            f"These characters can't be shown: {_sample(missing)}. The subtitle track and the SRT"
            " text have them."
        )
    size = working_size(film)
    style = read_style(arguments["params"].get("style") or {}, warnings)
    subtitler = Subtitler(seen, style, size, film.fps)

    def draw(frame: Frame, number: int) -> Frame:
        return subtitler.draw(frame, number)

    comment, message = comment_of(arguments), "Writing subtitles"
    return retouch(film, path, size, draw, report, message, subtitles=cues, comment=comment)


def _loudness(film: Film) -> float | None:
    if not film.has_sound:
        return None
    return round(measured(film_chunks(film, round(film.duration_s * SAMPLE_RATE))).lufs, 1)


def _asked(
    params: dict[str, Any], meta: dict[str, Any], duration_s: float, warnings: list[str]
) -> list[Cue]:
    """The lines to write, from the first source that is given."""
    if params.get("cues"):
        if params.get("srt"):
            warnings.append("Both lines and SRT were given. The lines were used.")
        cues, bad = read_list(params["cues"])
        if bad:
            warnings.append(f"{bad} of the lines have no text or no times and were skipped.")
        return cues
    if str(params.get("srt") or "").strip():
        cues, bad = read_text(str(params["srt"]))
        if bad:
            warnings.append(
                f"{bad} of the times in the SRT text couldn't be read and were skipped."
            )
        if not cues:
            raise Refused("No subtitles in the SRT text. Use the text of an SRT or WebVTT file.")
        return cues
    if not params.get("auto_transcribe"):
        raise Refused(
            "Add subtitle lines, an SRT file, or turn on transcription.", "USER_INPUT_INCOMPLETE"
        )
    cues = of_meta(meta, duration_s)
    if not cues:
        warnings.append(
            "The built-in studio can't transcribe speech. Add subtitle lines or an SRT file."
        )
    return cues


def _sample(characters: str) -> str:
    more = len(characters) - 12
    return " ".join(characters[:12]) + (f" and {more} more characters" if more > 0 else "")
