""" "slow orbit", "dissolves between shots", "cut on the beat": the camera and the cuts."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.film import Film
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import owner_of, prompt_name, rewrite, say_more, shortened
from compose.template_plan.edit.request import Request, rule, say_values, set_value
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import capital, figure, listed
from compose.template_plan.timing import TRANSITION_S, split

_PACE: Final = (
    r"(?:(?:very|slow(?:ly|er)?|fast(?:er)?|quick|gentle|gently|smooth|dramatic|cinematic|subtle|steady|"
    r"long|short|langsame[rn]?|sanfte[rn]?|lent|lente|lento)\s+){0,6}"
)
_MOVE: Final = (
    r"(?:push(?:es|ing)?[\s-]*in|pull(?:s|ing)?[\s-]*(?:out|back)|zoom(?:s|ing)?(?:[\s-]*(?:in|out))?|"
    r"orbit(?:s|ing)?(?:\s+around(?:\s+(?:the|it)\s*\w*)?)?|pan(?:s|ning)?\s+(?:to\s+the\s+)?(?:left|right|up|down)|pan(?:ning)?|"
    r"tilt(?:s|ing)?(?:\s+(?:up|down))|tracking(?:\s+shot)?|dolly(?:[\s-]*(?:in|out|zoom))?|crane(?:\s+shot)?|"
    r"rise(?:s)?|static(?:\s+(?:tripod\s+)?(?:shot|camera))?|handheld(?:\s+camera)?|drone(?:\s+(?:shot|flight))?|"
    r"fly[\s-]?(?:over|through)|whip\s+pan|kamerafahrt|travelling(?:\s+avant)?|locked[\s-]off)"
)
# The camera's part of a prompt, to be replaced by a new one.
_CAMERA: Final = re.compile(
    rf"(?:the\s+camera\s+)?\b{_PACE}{_MOVE}\b(?:\s+(?:around|to|over|through|towards?)\s+(?:the\s+)?\w+)?"
    rf"(?:\s+shot)?",
    re.IGNORECASE,
)
_TYPES: Final = (
    ("dissolve", r"(?:cross[\s-]?)?dissolves?|cross[\s-]?fades?|überblendungen?|fondus?|fundidos?"),
    ("fade", r"fades?"),
    ("wiperight", r"wipes?(?:\s+(?:to\s+the\s+)?)right"),
    ("wipeleft", r"wipes?(?:\s+(?:to\s+the\s+)?left)?"),
    ("slidedown", r"slides?\s+down"),
    ("slideup", r"slides?(?:\s+up)?"),
)
_BETWEEN: Final = (
    r"(?:\s+(?:transitions?|between\s+(?:all\s+)?(?:the\s+)?(?:shots|clips|scenes|them|images)|"
    r"from\s+shot\s+to\s+shot|zwischen\s+den\s+\w+|entre\s+l[eao]s\s+\w+))*"
)


def _camera(request: Request) -> bool:
    words = " ".join(request.words("move").split())
    views = [
        view
        for view in request.scope
        if request.film.kind(view) == "video" and prompt_name(view) and view.takes("prompt")
    ]
    if not views:
        raise NotPossible("There is no video whose camera could move.")
    names, done = list[str](), set[str]()
    for view in views:
        owner = owner_of(request, view)
        bound = request.work.bound_input(view.get("prompt"))
        key = str(bound["name"]) if bound is not None else f"{view.id}/"
        if key not in done and rewrite(request, view, lambda was: _moved(was, words)):
            names.append(owner)
        done.add(key)
    if names:
        request.say(f"{listed(list(dict.fromkeys(names)))}: {shortened(words)}.")
    else:
        request.warn("The camera moves like that already.")
    return True


def _pace(request: Request) -> bool:
    words = request.words("words") or f"{request.words('late')} camera"
    views = [
        view
        for view in request.scope
        if request.film.kind(view) == "video" and prompt_name(view) and view.takes("prompt")
    ]
    for view in views:
        say_more(request, view, words)
    return bool(views)


def _moved(prompt: str, words: str) -> str:
    found = list(_CAMERA.finditer(prompt))
    if not found:
        return f"{prompt.rstrip(' .')}. {capital(words)}" if prompt.strip() else capital(words)
    first = found[0]
    new = (
        capital(words)
        if first.start() == 0 or prompt[: first.start()].rstrip()[-1:] in ".!"
        else words
    )
    return f"{prompt[: first.start()]}{new}{prompt[first.end() :]}"


def _join(request: Request) -> StageView:
    join = request.film.join
    if join is None or not Film(request.work).shots or _clip_count(request) == 1:
        raise NotPossible("There is only one shot: nothing is joined.")
    return join


def _clip_count(request: Request) -> int:
    shots = request.film.shots
    return len(shots) if not any(shot.is_several for shot in shots) else 2


def _transition(request: Request) -> bool:
    words = request.matched["type"]
    kind = next(name for name, said in _TYPES if re.fullmatch(said, words.strip(), re.IGNORECASE))
    join = _join(request)
    was = join.get("transition")
    new = (
        {**was, "type": kind}
        if isinstance(was, dict)
        else {
            "type": kind,
            "durationSeconds": TRANSITION_S,
        }
    )
    if was == new:
        request.warn(f"{join.title} has that transition already.")
        return True
    join.set("transition", new)
    request.say(f"{join.title}: {kind.removesuffix('left').removesuffix('up')} between the shots.")
    return True


def _cuts(request: Request) -> bool:
    join = _join(request)
    if join.get("transition") is None:
        request.warn(f"{join.title} cuts from shot to shot already.")
        return True
    join.drop("transition")
    request.say(f"{join.title}: cuts between the shots.")
    return True


def _beat(request: Request) -> bool:
    """Shots of whole bars at the tempo of the music, with cuts."""
    join = _join(request)
    shots = [shot.stage for shot in request.film.shots if shot.stage.takes("duration")]
    music = request.work.with_tool("generate_music")
    lengths = [request.work.number(view, "duration") for view in shots]
    if len(shots) > 1:
        timing = split(lengths, None, on_the_beat=True)
        found: dict[str, list[str]] = {}
        for view, seconds in zip(shots, timing.shots, strict=True):
            owner = set_value(request, view, "duration", seconds)
            if owner:
                found.setdefault(f"{figure(seconds)} s", []).append(owner)
        say_values(request, found)
        for view in music:
            if timing.bpm is not None:
                set_value(request, view, "bpm", timing.bpm)
                request.say(f"{view.title}: {figure(timing.bpm)} beats a minute.")
    join.drop("transition")
    request.say(f"{join.title}: cuts on the beat.")
    if not music:
        request.warn("There is no music to cut to. You can ask to add some.")
    return True


_KINDS: Final = "|".join(words for _, words in _TYPES)
# "Cut to the music" asks for no music: tried before what is heard.
BEAT = (
    rule(
        r"\b(?:cuts?|edit(?:ed)?|switch|schnitte?|geschnitten)\s+(?:it\s+|the\s+shots\s+)?(?:on|to|in\s+time\s+with|with|im|auf)\s+(?:the\s+)?(?:beat|music|takt|rhythm)\b",
        _beat,
        is_scoped=False,
    ),
)
RULES = (
    rule(
        r"\b(?:(?:hard|straight|simple)\s+cuts?|(?:no|without|remove(?:\s+the)?|drop(?:\s+the)?)\s+(?:transitions?|fades?|dissolves?)|jump\s+cuts?|"
        rf"harte\s+schnitte|cuts\s+only){_BETWEEN}",
        _cuts,
        is_scoped=False,
    ),
    rule(
        rf"(?:\b(?:with|use|add|make|put|change|set|the|transitions?|to|into|as|a|an|smooth|soft|slow|mit|avec|con)\s*:?\s+){{0,6}}\b(?P<type>{_KINDS})\b(?!\s+(?:in|out|to\s+black|from\s+black)\b){_BETWEEN}(?:\s+instead(?:\s+of\s+.*)?)?",
        _transition,
        is_scoped=False,
    ),
    rule(
        r"\b(?P<words>(?:much\s+|a\s+bit\s+)?(?:slower|faster|calmer|steadier|smoother|quicker)\s+camera(?:\s+(?:moves?|movements?|work))?)\b"
        r"|\bcamera\s+(?P<late>(?:slower|faster|calmer|steadier|smoother|quicker))\b",
        _pace,
    ),
    rule(
        rf"(?:\b(?:use|with|make|have|let|the|a|an|set|change|add|to|by)\s+){{0,6}}(?:\bcamera(?:\s+(?:move(?:ment)?s?|work|motion))?\s*(?::|should|to|be|do|does|a|an)*\s*)?\b(?P<move>{_PACE}{_MOVE}(?:\s+(?:very\s+)?(?:slowly|gently|quickly|fast|smoothly))?)\b(?:\s+(?:shot|camera|move(?:ment)?))?(?:\s+instead)?",
        _camera,
    ),
)
