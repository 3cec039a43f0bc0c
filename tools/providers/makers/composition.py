"""Videos that no model makes in one request: several of its results, put together by the studio.

Such a call is a list of requests as any other, but some of their files are excerpts of the call's
own files or of an earlier result. Prices and sizes are known of these before they exist.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias

from tools.providers.makers import slots
from tools.providers.makers.slots import F, Slots, ignored_of
from tools.providers.makers.table import Offered, Place

# Part of what results are reused by: a new one makes all of them again.
VERSION = 1
# A part of an orbit, and a shot of a dance that is cut, where the model makes such.
PART_S = 5.0
# A stretch or a film whose length isn't known yet is priced as one of so many seconds.
UNKNOWN_S = 60.0
# The studio plays what is put in at most this much faster.
FASTEST = 2.0
FRONT = "front view"
USUAL_ANGLES = ("right side view", "back view", "left side view")
GOES_ON = "The motion and the scene go on naturally."
SHORTEST_DANCE_S, LONGEST_DANCE_S = 8.0, 30.0
# Models make whole seconds, so a film is hardly as long as asked for to the tenth.
NEAR_S = 1.0

# By tool, the port without whose file there is nothing to begin with, and its noun.
NEEDS: Mapping[str, tuple[str, str]] = {
    "orbit_video": ("image", "an image"),
    "extend_video": ("video", "a video"),
    "replace_video_segment": ("video", "a video"),
}

Files: TypeAlias = Mapping[str, Sequence[F]]


@dataclass(frozen=True, slots=True)
class Excerpt(Generic[F]):
    """A frame or a stretch of a video.

    source: the file; a number: the result of the request with it; None: a file that isn't there
    yet. start_s, end_s: in seconds; without an end it's the frame shown at the start, without both
    the last frame. width, height: in pixels, as far as they are known.
    """

    source: F | int | None
    start_s: float | None = None
    end_s: float | None = None
    width: int | None = None
    height: int | None = None

    @property
    def duration_s(self) -> float | None:
        """Seconds of a stretch; None for a frame."""
        return None if self.end_s is None else self.end_s - (self.start_s or 0.0)

    @property
    def kind(self) -> Literal["image", "video"]:
        return "image" if self.end_s is None else "video"

    @property
    def after(self) -> int | None:
        """The number of the request whose result it is of; None: of no result."""
        return self.source if isinstance(self.source, int) else None

    @property
    def is_last_frame(self) -> bool:
        return self.start_s is None and self.end_s is None

    def __hash__(self) -> int:
        # A file isn't hashable for its metadata.
        source = getattr(self.source, "sha256", self.source)
        return hash((source, self.start_s, self.end_s))


@dataclass(frozen=True, slots=True)
class _Part(Generic[F]):
    """One request. files: by port of its tool. seconds: None where its file has them."""

    prompt: str
    files: Mapping[str, F | Excerpt[F]]
    seconds: float | None
    sound: bool
    tool: str = "animate_photo"


@dataclass(frozen=True, slots=True)
class _Plan(Generic[F]):
    parts: tuple[_Part[F], ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Dance:
    """bpm, key, music: for the composer. beats: of the whole choreography. moves, place: words."""

    bpm: float
    key: str
    beats: int
    music: str
    moves: str
    place: str


def requests_of(
    offer: Offered, tool: str, params: Mapping[str, Any], media: Files[F], seed: int | None = None
) -> list[Slots[Any]]:
    """Return the requests that a call takes by a model, in the order of its results.

    As `slots.requests_of`, of tools that are put together, too. [] where nothing is to be made.
    """
    place = offer.place
    if tool in offer.own_tools:
        return slots.requests_of(tool, params, media, place.slots, seed)
    model = _Model(place, offer.row.title, "animate_photo" in offer.own_tools)
    plan: _Plan[Any] = _PLANS[tool](params, media, model)
    port, noun = NEEDS.get(tool, ("", ""))
    problem = f"it needs {noun}." if port and not media.get(port) else plan.problem
    calls = [
        one
        for n, part in enumerate(plan.parts)
        for one in _requests(part, place, None if seed is None else seed + n)
    ]
    if calls:
        first = replace(calls[0], ignored=ignored_of(tool, params, place.slots))
        calls[0] = replace(first, warnings=plan.warnings, problem=problem)
    return calls


def continuations(calls: Sequence[Slots[Any]]) -> frozenset[int]:
    """Return the numbers of requests whose results begin with the last frame of what is before them
    in the film: the result of the request before, or the video that is extended."""
    starts = [
        (n, one)
        for n, call in enumerate(calls)
        for one in call.media.get("start", ())
        if isinstance(one, Excerpt) and one.is_last_frame
    ]
    return frozenset(n for n, one in starts if one.after == (n - 1 if n else None))


def _requests(part: _Part[Any], place: Place, seed: int | None) -> Iterator[Slots[Any]]:
    params = {"prompt": part.prompt, "duration": part.seconds, "generateAudio": part.sound}
    files = {port: (file,) for port, file in part.files.items()}
    for one in slots.requests_of(part.tool, params, files, place.slots, seed):
        # What a model ignores of the tool that people call is said of all parts at once.
        yield replace(one, ignored=())


@dataclass(frozen=True, slots=True)
class _Model:
    """A model's facts for the plans. animates: whether it makes a video of a frame."""

    place: Place
    title: str
    animates: bool

    @property
    def shortest_s(self) -> float:
        return self.place.seconds[0] if self.place.seconds else 0.0

    @property
    def takes_end(self) -> bool:
        return "end" in self.place.slots

    def lengths(self, total_s: float, most_s: float = math.inf) -> list[float]:
        """Return lengths that it makes, together at least so long, each at most `most_s` where it
        makes such short ones."""
        longest = self.place.seconds[1] if self.place.seconds else math.inf
        longest = max(self.shortest_s, min(longest, most_s))
        count = max(1, math.ceil(total_s / longest - 1e-6))
        lengths: list[float] = []
        for parts_left in range(count, 0, -1):
            lengths.append(self._length_for((total_s - sum(lengths)) / parts_left))
        return lengths

    def _length_for(self, seconds: float) -> float:
        """Return the length that is made where so many seconds are wanted."""
        values = (value for _, value in self.place.values() if value.slot == "seconds")
        choices = sorted(float(one) for value in values for one in value.choices)
        if choices:
            return next((one for one in choices if one >= seconds - 1e-6), choices[-1])
        low, high = self.place.seconds or (0.0, math.inf)
        return min(max(float(math.ceil(seconds - 1e-6)), low), high)

    def length_warnings(self, lengths: Sequence[float], asked_s: float) -> tuple[str, ...]:
        total = sum(lengths)
        if abs(total - asked_s) < NEAR_S:
            return ()
        return (f"{self.title} made {total:g} s instead of {asked_s:g} s.",)


# -- each tool ------------------------------------------------------------------------------------


def _orbit(params: Mapping[str, Any], media: Files[F], model: _Model) -> _Plan[F]:
    image = _first(media, "image")
    stops = (FRONT, *(params.get("angles") or USUAL_ANGLES), FRONT)
    ways = list(pairwise(stops))
    lines = _lines(params, len(ways))
    parts = []
    for n, (begin, end) in enumerate(ways):
        files: dict[str, Any] = {"image": image if n == 0 else _last_frame(n - 1, image)}
        if model.takes_end and n == len(ways) - 1:
            files["end"] = image
        prompt = _sentences(
            str(params.get("prompt") or ""),
            f"The camera circles the subject at even speed, from the {begin} to the {end}:"
            f" {params.get('elevation') or 'eye-level shot'},"
            f" {params.get('distance') or 'medium shot'}. The subject and its surroundings stay as"
            " they are. One continuous shot",
            f'The subject says: "{lines[n]}"' if lines[n] else "",
        )
        parts.append(_Part(prompt, files, model.lengths(PART_S, PART_S)[0], any(lines)))
    return _Plan(tuple(parts))


def _lines(params: Mapping[str, Any], count: int) -> list[str]:
    """Return what is said in each part; what is for a later one is said in the last."""
    lines = [(n, str(line)) for n, line in enumerate(params.get("dialogues") or ())]
    lines.append((int(params.get("dialogueSegment") or 0), str(params.get("dialogue") or "")))
    return [
        " ".join(line.strip() for at, line in lines if min(at, count - 1) == n and line.strip())
        for n in range(count)
    ]


def _dance(params: Mapping[str, Any], media: Files[F], model: _Model) -> _Plan[F]:
    # Quotes are asked for before it is chosen.
    dance = dances().get(str(params.get("dance"))) or next(iter(dances().values()))
    whole = min(max(dance.beats * 60 / dance.bpm, SHORTEST_DANCE_S), LONGEST_DANCE_S)
    total, is_single = float(params.get("duration") or whole), bool(params.get("singleClip"))
    lengths = model.lengths(total, math.inf if is_single else PART_S)
    has_image = bool(media.get("image"))
    image = _first(media, "image")
    parts: list[_Part[Any]] = []
    for n, seconds in enumerate(lengths):
        files: dict[str, Any] = {"image": image}
        if n and (is_single or not has_image):
            files["image"] = _last_frame(n - 1 if is_single else 0, image)
        is_described = n == 0 and not has_image
        who = str(params.get("imagePrompt") or "") or "A dancer" if is_described else ""
        prompt = _sentences(
            who,
            f"{'They dance' if is_described else 'The person in the image dances'}: {dance.moves},"
            f" in time with {dance.bpm:g} bpm of {dance.music}",
            f"In {dance.place}" if is_described else "Face, clothes and place stay as they are",
            "" if is_single else shots()[n % len(shots())],
        )
        tool = "generate_video" if is_described else "animate_photo"
        parts.append(_Part(prompt, {} if is_described else files, seconds, sound=False, tool=tool))
    return _Plan(tuple(parts), model.length_warnings(lengths, total))


def _extension(params: Mapping[str, Any], media: Files[F], model: _Model) -> _Plan[F]:
    video, total = _first(media, "video"), float(params.get("duration") or PART_S)
    lengths = model.lengths(total)
    prompt = str(params.get("prompt") or "") or GOES_ON
    parts: tuple[_Part[Any], ...] = tuple(
        _Part(prompt, {"image": _last_frame(n - 1 if n else video, video)}, seconds, sound=True)
        for n, seconds in enumerate(lengths)
    )
    return _Plan(parts, model.length_warnings(lengths, total))


def _replacement(params: Mapping[str, Any], media: Files[F], model: _Model) -> _Plan[F]:
    if media.get("replacement"):
        return _Plan()
    video: Any = _first(media, "video")
    start, end, problem = _stretch(params, getattr(video, "duration_s", None))
    total = UNKNOWN_S if start is None or end is None else end - start
    if not problem and FASTEST * total < model.shortest_s:
        problem = (
            f"it makes at least {model.shortest_s:g} s, and {total:g} s would be replaced. Choose"
            " a longer part, or another model."
        )
    prompt = str(params.get("prompt") or "") or GOES_ON
    sound = not params.get("keepOriginalAudio")
    parts: list[_Part[Any]] = []
    lengths = model.lengths(max(total, 0.1))
    times = [(start or 0.0) + share * total / len(lengths) for share in range(len(lengths) + 1)]
    for n, (begin, finish) in enumerate(pairwise(times)):
        if model.animates and model.takes_end:
            first = _frame(video, begin) if n == 0 else _last_frame(n - 1, video)
            files = {"image": first}
            if n == len(lengths) - 1:
                files["end"] = _frame(video, finish)
            part_s = None if start is None else lengths[n]
            parts.append(_Part(prompt, files, part_s, sound))
        else:
            cut = None if start is None else Excerpt(video, begin, finish, *_size(video))
            parts.append(_Part(prompt, {"video": cut}, None, sound, "video_to_video"))
    return _Plan(tuple(parts), problem=problem)


def _stretch(
    params: Mapping[str, Any], length_s: float | None
) -> tuple[float | None, float | None, str]:
    """Return where a stretch begins and ends, None where it isn't known, and what is wrong."""
    times: list[float | None] = []
    for name in ("startSeconds", "endSeconds"):
        if params.get(name) is None:
            return None, None, ""
        offset_s = float(params[name])
        if offset_s < 0 and length_s is None:
            return None, None, ""
        time = offset_s + (length_s or 0.0) if offset_s < 0 else offset_s
        if time < 0 or (length_s is not None and time > length_s + 0.1):
            return 0.0, 1.0, f"{name} is {offset_s:g} s, but the video is {length_s:.4g} s long."
        times.append(time)
    start, end = times
    if start is not None and end is not None and end <= start:
        return 0.0, 1.0, f"endSeconds ({end:g} s) must be after startSeconds ({start:g} s)."
    return start, end, ""


_PLANS: Mapping[str, Any] = {
    "orbit_video": _orbit,
    "dance_montage": _dance,
    "extend_video": _extension,
    "replace_video_segment": _replacement,
}


def _first(media: Files[F], port: str) -> F | None:
    return next(iter(media.get(port, ())), None)


def _size(file: Any) -> tuple[int | None, int | None]:
    return getattr(file, "width", None), getattr(file, "height", None)


def _last_frame(source: Any, like: Any) -> Excerpt[Any]:
    """like: a file of its size."""
    width, height = _size(like)
    return Excerpt(source, width=width, height=height)


def _frame(video: Any, second: float) -> Excerpt[Any]:
    width, height = _size(video)
    return Excerpt(video, second, width=width, height=height)


def _sentences(*texts: str) -> str:
    """Join texts, each with a full stop."""
    parts = (text.strip() for text in texts)
    return " ".join(f"{text}." if text[-1] not in '.!?"' else text for text in parts if text)


@cache
def _dance_table() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "dances.toml").read_text())


def shots() -> Sequence[str]:
    """Return how the shots of a dance are filmed, in turns."""
    return tuple(_dance_table()["shots"])


def dances() -> Mapping[str, Dance]:
    """Return each dance by its name."""
    rows = ((name, row) for name, row in _dance_table().items() if name != "shots")
    return {name: Dance(**row) for name, row in rows}
