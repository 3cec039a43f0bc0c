"""Write subtitles into a clip: drawn on the pictures, and beside them as a track of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.sandbox import Refused
from tools.providers.studio.film.cues import Cue, as_srt, in_order, of_meta, read_list, read_text
from tools.providers.studio.film.lettering import undrawable
from tools.providers.studio.film.reader import Frame, open_film
from tools.providers.studio.film.results import outcome, video_file
from tools.providers.studio.film.retouching import retouch, working_size
from tools.providers.studio.film.subtitling import Subtitler, read_style

_MAX_CUES = 5000


def run(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """Port: `video`. The lines are `cues`, else `srt` (SRT or WebVTT), else, with
    `auto_transcribe`, what the clip's own metadata says is spoken.

    Raises Refused without a video, or without a line to write.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("There is no video to subtitle. Pass one.", "ASSET_NOT_FOUND")
    params = arguments["params"]
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    asked = _asked(params, clips[0].get("meta") or {}, film.duration_s, warnings)
    cues, remarks = in_order(asked[:_MAX_CUES], film.duration_s)
    warnings += remarks
    if not cues and not warnings:
        warnings.append("There was no line to write; the clip is as it was.")
    missing = undrawable("".join(cue.text for cue in cues))
    if missing:
        warnings.append(
            f"The studio's typeface cannot draw {_sample(missing)}; the subtitle track and the SRT "
            "text keep them."
        )
    size = working_size(film, warnings)
    style = read_style(params.get("style") or {}, warnings)
    subtitler = Subtitler(cues, style, size, film.fps)

    def draw(frame: Frame, number: int) -> Frame:
        return subtitler.draw(frame, number)

    path = Path(arguments["out"]) / "subtitled.mp4"
    loudness = retouch(film, path, size, draw, report, "Writing subtitles", subtitles=cues)
    total = film.frame_count()
    meta = {
        "cues": [cue.as_meta() for cue in cues],
        "srt": as_srt(cues),
        "loudness_lufs": loudness,
    }
    file = video_file(
        path,
        width=size[0],
        height=size[1],
        duration_s=float(total / film.fps),
        fps=film.fps,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], values={"srt": meta["srt"], "cues": meta["cues"]}, warnings=warnings)


def _asked(
    params: dict[str, Any], meta: dict[str, Any], duration_s: float, warnings: list[str]
) -> list[Cue]:
    """The lines to write, from the first source that is given."""
    if params.get("cues"):
        if params.get("srt"):
            warnings.append("Both cues and srt were given; the cues were used.")
        cues, bad = read_list(params["cues"])
        if bad:
            warnings.append(f"{bad} of the cues have no text or no times; they were left out.")
        return cues
    if str(params.get("srt") or "").strip():
        cues, bad = read_text(str(params["srt"]))
        if bad:
            warnings.append(f"{bad} of the times in srt could not be read; they were left out.")
        if not cues:
            raise Refused("srt holds no subtitle. Pass the text of an SRT or WebVTT file.")
        return cues
    if not params.get("auto_transcribe"):
        raise Refused(
            "There is nothing to write. Pass cues, srt or auto_transcribe.", "USER_INPUT_INCOMPLETE"
        )
    cues = of_meta(meta, duration_s)
    if not cues:
        warnings.append(
            "The studio cannot understand speech, and the clip does not say what is spoken in it; "
            "it has no subtitles. Pass cues or srt."
        )
    return cues


def _sample(characters: str) -> str:
    more = len(characters) - 12
    return " ".join(characters[:12]) + (f" and {more} more characters" if more > 0 else "")
