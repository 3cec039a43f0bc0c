"""Subtitles as data: read from lists and from SRT and WebVTT text, put in order, written out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_CLOCK}\s*-{{1,2}}>\s*{_CLOCK}(?P<settings>.*)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[^<>]*>|\{\\[^{}]*\}")
_SPOKEN_BY = re.compile(r"<v[.\w]{0,99}\s{1,9}([^>]{1,300})>")
_STARTS = ("startSeconds", "start_seconds", "start", "from")
_ENDS = ("endSeconds", "end_seconds", "end", "to")
SHORTEST_S = 0.05


@dataclass(frozen=True, slots=True)
class Cue:
    """A line and when it is read, in seconds."""

    start: float
    end: float
    text: str

    def as_meta(self) -> dict[str, Any]:
        """As results remember cues."""
        return {"start": round(self.start, 3), "end": round(self.end, 3), "text": self.text}


def read_list(items: Iterable[Any]) -> tuple[list[Cue], int]:
    """Cues of a list of objects; also how many of them could not be read."""
    cues, bad = [], 0
    for item in items:
        cue = _read(item)
        if cue is None:
            bad += 1
        else:
            cues.append(cue)
    return cues, bad


def read_text(text: str) -> tuple[list[Cue], int]:
    """Cues of an SRT or WebVTT file's text; also how many timings could not be read.

    Forgives byte order marks, any line ends, missing numbers and blank lines, full stops for
    commas, tags and settings: what players forgive.
    """
    lines = re.sub(r"\r\n?|\u2028", "\n", text.lstrip("\ufeff\u200b")).split("\n")
    found: list[tuple[float, float, list[str]]] = []
    bad = 0
    current: list[str] | None = None
    for index, line in enumerate(lines):
        if "-->" in line or ("->" in line and _TIMING.fullmatch(line)):
            timing = _TIMING.fullmatch(line)
            if current and current[-1].strip().isdigit() and not _blank_before(lines, index):
                current.pop()
            if timing is None:
                bad += 1
                current = []
                continue
            current = []
            found.append((_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:8]), current))
        elif not line.strip():
            # A blank line ends a cue; what follows is a number, a name or a note.
            current = None if current else current
        elif current is not None:
            current.append(line)
    cues = [Cue(start, end, words) for start, end, body in found if (words := _plain(body))]
    return cues, bad


def in_order(cues: Iterable[Cue], duration_s: float) -> tuple[list[Cue], list[str]]:
    """The cues as a film of that length can show them, one at a time, and warnings.

    Ends before the film's end; a cue that the next one overlaps is shown together with it for the
    time both are read.
    """
    ordered = sorted(cues, key=lambda cue: (cue.start, cue.end))
    warnings = []
    backwards = sum(cue.end <= cue.start for cue in ordered)
    late = sum(cue.start >= duration_s for cue in ordered if cue.end > cue.start)
    cut = sum(cue.start < duration_s < cue.end - 0.05 for cue in ordered)
    if backwards:
        warnings.append(f"{_lines(backwards)} skipped: the end must be after the start.")
    if late:
        warnings.append(f"{_lines(late)} skipped: the video ends at {duration_s:.3g} s.")
    if cut:
        warnings.append(f"{_lines(cut)} shortened to the end of the video at {duration_s:.3g} s.")
    kept = [
        replace(cue, end=min(cue.end, duration_s))
        for cue in ordered
        if cue.end > cue.start and cue.start < duration_s
    ]
    shown, overlaps = _one_at_a_time(kept)
    if overlaps:
        warnings.append(f"Lines overlap {overlaps} times and are shown together.")
    return shown, warnings


def as_srt(cues: Sequence[Cue]) -> str:
    """The cues as an SRT file's text."""
    parts = [
        f"{number}\n{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(parts)


def of_meta(meta: Mapping[str, Any], duration_s: float) -> list[Cue]:
    """What is spoken in a file, as far as anyone who made it wrote it down."""
    cues, _ = read_list(meta.get("cues") or ())
    if cues:
        return cues
    text = str(meta.get("text") or "").strip()
    return [Cue(0.0, duration_s, text)] if text else []


def spoken(medium: Mapping[str, Any]) -> dict[str, Any]:
    """What a result that keeps a file's sound and clock remembers of what is spoken in it."""
    meta = medium.get("meta") or {}
    return {name: meta[name] for name in ("text", "cues") if meta.get(name)}


def moved(cues: Iterable[Cue], by: float, start: float, end: float) -> list[Cue]:
    """The cues later by so many seconds, those parts of them that lie from start to end."""
    shifted = (replace(cue, start=cue.start + by, end=cue.end + by) for cue in cues)
    inside = (replace(cue, start=max(cue.start, start), end=min(cue.end, end)) for cue in shifted)
    return [cue for cue in inside if cue.end - cue.start >= SHORTEST_S]


def _read(item: Any) -> Cue | None:
    if not isinstance(item, Mapping):
        return None
    start = next((item[name] for name in _STARTS if item.get(name) is not None), None)
    end = next((item[name] for name in _ENDS if item.get(name) is not None), None)
    words = _plain(str(item.get("text") or "").split("\n"))
    try:
        cue = Cue(float(start), float(end), words)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return cue if words and cue.start >= 0 else None


def _one_at_a_time(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """Cues that never overlap: where two do, one that holds both lines, the earlier one first."""
    edges = sorted({edge for cue in cues for edge in (cue.start, cue.end)})
    shown: list[Cue] = []
    overlaps = 0
    active: list[Cue] = []
    waiting = list(cues)
    for start, end in pairwise(edges):
        active = [cue for cue in active if cue.end > start]
        while waiting and waiting[0].start <= start:
            active.append(waiting.pop(0))
        if not active:
            continue
        if len(active) > 1:
            overlaps += 1
        text = "\n".join(dict.fromkeys(cue.text for cue in active))
        if shown and shown[-1].text == text and shown[-1].end == start:
            shown[-1] = replace(shown[-1], end=end)
        elif end - start >= SHORTEST_S:
            shown.append(Cue(start, end, text))
    return shown, overlaps


def _plain(lines: Iterable[str]) -> str:
    """Text without tags; who speaks, where WebVTT names them, before the line."""
    joined = "\n".join(line.strip() for line in lines)
    joined = _SPOKEN_BY.sub(r"\1: ", joined)
    plain = html.unescape(_TAG.sub("", joined)).replace("\\N", "\n").replace("\u00a0", " ")
    return "\n".join(line.strip() for line in plain.split("\n") if line.strip())


def _blank_before(lines: Sequence[str], index: int) -> bool:
    """Whether the line two before a timing is blank, so that the one before is its number."""
    return index < 2 or not lines[index - 2].strip()


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    milli = int((fraction or "0").ljust(3, "0"))
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + milli / 1000


def _clock(seconds: float) -> str:
    milli = round(seconds * 1000)
    return (
        f"{milli // 3_600_000:02}:{milli // 60_000 % 60:02}:{milli // 1000 % 60:02}"
        f",{milli % 1000:03}"
    )


def _lines(count: int) -> str:
    return "1 line was" if count == 1 else f"{count} lines were"
