""" "10 seconds", "twice as long", "5 seconds shorter": the length of the film or of its shots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.request import Request, rule, say_values, set_value
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import ANY_LENGTH, LENGTH, figure, seconds_of

_LONGER = r"longer|more|länger|plus\s+longs?|plus\s+longues?|más\s+larg[oa]"
_SHORTER = r"shorter|less|kürzer|plus\s+courte?s?|más\s+cort[oa]"
# The length that a stage or the film had, in seconds → the wanted one.
New: TypeAlias = Callable[[float], float]
_FACTORS: Final = {"half": 0.5, "halb": 0.5, "mitad": 0.5, "triple": 3.0, "three": 3.0, "four": 4.0}
_TIMES_WORD = (
    r"(?P<times>twice|double|half|triple|three\s+times|four\s+times|doppelt|halb|deux\s+fois|"
    r"el\s+doble|doble|la\s+mitad)(?:\s+(?:as|so|plus|de|the)?\s*(?:long|lang|longue?|larg[oa]|length|"
    r"its\s+length|short))"
)
SHORTEST_S: Final = 1.0


def _absolute(request: Request) -> bool:
    length = seconds_of(request.matched["amount"], request.matched["unit"])
    return length is not None and _lengthen(request, lambda was: length)


def _relative(request: Request) -> bool:
    amount = seconds_of(request.matched["amount"], request.matched["unit"])
    if amount is None:
        return False
    sign = 1 if request.matched["longer"] else -1
    return _lengthen(request, lambda was: was + sign * amount)


def _times(request: Request) -> bool:
    word = request.matched["times"].lower()
    factor = next((by for key, by in _FACTORS.items() if key in word), 2.0)
    return _lengthen(request, lambda was: was * factor)


def _somewhat(request: Request) -> bool:
    factor = 1.25 if request.matched["longer"] else 0.8
    return _lengthen(request, lambda was: was * factor)


def _lengthen(request: Request, new: New) -> bool:
    timed = [view for view in _with_length(request) if _is_timed(view)]
    ids = {join.id for join in [request.film.join] if join is not None}
    if timed and not ids.intersection(view.id for view in request.named):
        found: dict[str, list[str]] = {}
        for view in timed:
            was = request.work.number(view, "duration") or 5.0
            value = max((new(was)), SHORTEST_S)
            owner = set_value(request, view, "duration", round(value, 1))
            if owner:
                found.setdefault(_said(request, view), []).append(owner)
        if not found:
            request.warn("It has that length already.")
        say_values(request, found)
        return True
    return _whole(request, new)


def _with_length(request: Request) -> list[StageView]:
    """The stages that the words or the selection mean; the clips made of an image for it."""
    timed = [view for view in request.named if _is_timed(view)]
    if timed or not request.named:
        return timed
    film = request.film
    ids = {one for view in request.named for one in film.feeds.get(view.id, ())}
    return [view for view in request.work.stages if view.id in ids and _is_timed(view)]


def _is_timed(view: StageView) -> bool:
    return view.takes("duration")


def _said(request: Request, view: StageView) -> str:
    return f"{figure(request.work.number(view, 'duration') or 0)} s"


def _whole(request: Request, new: New) -> bool:
    """The whole film: its shots share the length as they did; the music goes with it."""
    film = request.film
    clips = [
        (shot, film.work.count(shot.stage) if "[*]" in shot.reference else 1)
        for shot in film.shots
        if _is_timed(shot.stage)
    ]
    music = film.work.with_tool("generate_music")
    if not clips:
        if not music:
            raise NotPossible("Nothing here has a length to set.")
        return _music_only(request, music, new)
    were = [film.work.number(shot.stage, "duration") or 5.0 for shot, _ in clips]
    counts = [max(count, 1) for _, count in clips]
    shared = film.overlap * max(sum(counts) - 1, 0)
    whole = sum(one * count for one, count in zip(were, counts, strict=True))
    wanted = max((new(max(whole - shared, 0))), SHORTEST_S)
    factor = (wanted + shared) / whole if whole else 1
    found: dict[str, list[str]] = {}
    for (shot, _), was in zip(clips, were, strict=True):
        owner = set_value(request, shot.stage, "duration", max(round(was * factor, 1), SHORTEST_S))
        if owner:
            found.setdefault(_said(request, shot.stage), []).append(owner)
    say_values(request, found)
    _follow(request, wanted)
    if not found:
        request.warn("It has that length already.")
    return True


def _follow(request: Request, wanted: float) -> None:
    found: dict[str, list[str]] = {}
    film = request.film
    for music in request.work.with_tool("generate_music"):
        if film.feeds.get(music.id):
            # Music is at least 10 s long; the film ends before it.
            owner = set_value(request, music, "duration", max(wanted, 10.0))
            if owner:
                found.setdefault(_said(request, music), []).append(owner)
    say_values(request, found)


def _music_only(request: Request, music: list[StageView], new: New) -> bool:
    found: dict[str, list[str]] = {}
    for view in music:
        was = request.work.number(view, "duration") or 60.0
        owner = set_value(request, view, "duration", round((new(was)), 1))
        if owner:
            found.setdefault(_said(request, view), []).append(owner)
    say_values(request, found)
    return True


RULES = (
    rule(rf"{ANY_LENGTH}\s*(?:(?P<longer>{_LONGER})|(?:{_SHORTER}))(?!\w)", _relative),
    rule(_TIMES_WORD, _times),
    rule(
        rf"(?:\b(?:longer|shorter|länger|kürzer)\s*(?:please|bitte)?\s*,?\s*(?:about|around|maybe|say|like)?\s*)?(?:\b(?:last|take|run|be|length|duration|dauer|durée)\s*(?:of|to|:|=|is)?\s*)?\b{LENGTH}(?:\s+(?:long|lang|each|total|in\s+total|overall))?",
        _absolute,
    ),
    rule(
        r"\b(?:(?:a\s+(?:bit|little)|slightly|somewhat|etwas|un\s+peu|un\s+poco)\s+)?(?:(?P<longer>longer|länger)|shorter|kürzer)\b",
        _somewhat,
    ),
)
