""" "add a shot of …", "remove shot 2", "swap shot 1 and 3": the shots and their order."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from compose.template_plan.edit.adding import clips, film_join, fixed, put_in
from compose.template_plan.edit.film import Shot
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import prompt_name, shortened
from compose.template_plan.edit.removal import NothingLeft, remove
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import capital
from compose.template_plan.sizes import size_of
from compose.template_plan.words import clean, literal

_SHOT: Final = r"(?:shot|scene|clip|einstellung|szene|plan|scène|toma|escena)"
_AT: Final = (
    r"(?P<at>\b(?:after|before|between|behind|nach|vor|après|avant|después\s+de|antes\s+de)\b.*?$|"
    r"\bat\s+the\s+(?:very\s+)?(?:end|start|beginning)\b|\b(?:as\s+(?:the\s+)?)?(?:first|last)\s+(?:shot|scene)\b|"
    r"\b(?:am|zum|à\s+la|au|al)\s+(?:ende|anfang|schluss|fin|début|final|principio)\b)"
)
_START: Final = re.compile(r"start|beginning|first|anfang|début|principio", re.IGNORECASE)
_BEFORE: Final = re.compile(r"\b(?:before|vor|avant|antes)\b", re.IGNORECASE)


def _add(request: Request) -> bool:
    words = request.full(request.matched["words"])
    place = re.search(_AT, words, re.IGNORECASE)
    at = place["at"] if place else ""
    if place:
        words = words[: place.start()] + words[place.end() :]
    if request.matched.groupdict().get("where"):
        at = request.matched["where"]
    text = _subject(words)
    if not text:
        raise NotPossible("Say what the new shot shows, such as “add a shot of a harbor at dawn”.")
    if _add_to_list(request, text):
        return True
    like, position = _position(request, at)
    view = _new_shot(request, like, literal(clean(capital(text))), position)
    join = request.film.join
    to = f" to {join.title}" if join is not None else ""
    request.say(f"Added {view.title}{to}: “{shortened(text)}”.")
    return True


def _subject(words: str) -> str:
    words = words.strip(" ,.:;")
    words = re.sub(
        r"^(?:of|with|showing|where|in\s+which|that\s+shows|:|von|mit|de|d'|con|with\s+the\s+prompt)\s+",
        "",
        words,
        flags=re.IGNORECASE,
    )
    return words.strip(" ,.:;“”\"'„").removesuffix(" hinzu").strip()


def _position(request: Request, at: str) -> tuple[Shot | None, int]:
    """The shot that a new one is like, and its place among the clips, from 0."""
    shots = request.mentions.shots
    if not shots:
        return None, 0
    if not at:
        named = [i for i, shot in enumerate(shots) if shot.stage.id in _ids(request)]
        return shots[named[-1] if named else -1], (named[-1] + 1 if named else len(shots))
    if re.search(r"after|before|between|behind|nach|vor|après|avant|después|antes", at, re.I):
        cards = [i for i, shot in enumerate(shots) if shot.stage.tool_name == "overlay_video"]
        if cards and re.search(r"\b(?:title|titles|card)\b", at, re.IGNORECASE):
            card = cards[0 if re.search(r"first|opening", at, re.IGNORECASE) else -1]
            like = next((s for s in shots if s.stage.tool_name != "overlay_video"), shots[card])
            return like, card + (0 if _BEFORE.search(at) else 1)
        mention, _ = request.mentions.take(at)
        if mention is None:
            raise NotPossible(f"There is no shot “{shortened(at, 60)}”.")
        ids = [view.id for view in mention.stages]
        places = [i for i, shot in enumerate(shots) if shot.stage.id in ids]
        if not places and mention.stages:
            places = [len(shots) - 1]
        if re.search(r"between", at, re.IGNORECASE) and len(places) > 1:
            return shots[min(places)], min(places) + 1
        if _BEFORE.search(at):
            is_film = not any(shot.stage.id in ids for shot in shots)
            return shots[places[0]], len(shots) if is_film else places[0]
        return shots[places[-1]], places[-1] + 1
    if _START.search(at):
        return shots[0], 0
    return shots[-1], len(shots)


def _ids(request: Request) -> set[str]:
    return {view.id for view in request.work.selection}


def _add_to_list(request: Request, text: str) -> bool:
    """Shots that are made from a list of prompts: the list gets one more."""
    shots = request.mentions.shots
    if not shots or not shots[-1].is_several:
        return False
    work = request.work
    for view in reversed(request.film.behind(shots[-1].stage)):
        declared = work.bound_input(view.raw.get("overBinding")) if view.is_batch else None
        if declared is None:
            continue
        default = declared.get("default")
        owner = work.input_title(str(declared["name"]))
        if isinstance(default, str) and default:
            declared["default"] = f"{default}\n{capital(text)}"
        elif isinstance(default, list):
            bounds = declared.get("multiple")
            high = bounds.get("max") if isinstance(bounds, dict) else None
            if isinstance(high, int) and len(default) >= high:
                raise NotPossible(f"{owner} takes at most {high}.")
            declared["default"] = [*default, capital(text)]
        else:
            return False
        request.say(f"{owner}: added “{shortened(text)}”.")
        return True
    return False


def _new_shot(request: Request, like: Shot | None, text: str, position: int) -> StageView:
    """A shot like another one: the same tools, sizes, lengths and models."""
    work, film = request.work, request.film
    if like is None or film.kind(like.stage) == "image":
        args = (
            _copied(like.stage, "prompt")
            if like and like.stage.tool_name == "generate_image"
            else {}
        )
        raw = fixed(work, "image", "Image", "generate_image", {"prompt": text, **args})
        at = work.position(like.stage.id) + 1 if like is not None else len(work.stages)
        return put_in(work, raw, at)
    join = film_join(work)
    if join is None:
        raise NotPossible("There is no film to add a shot to.")
    number = len(film.shots) + 1
    made = _made_like(request, like.stage, text, number)
    for raw in made:
        put_in(work, raw, work.position(join.id))
    reference = f"$artifacts.{made[-1]['id']}.items[0].selectedVersion.url"
    clips(join).insert(position, reference)
    return StageView(made[-1], work.tools)


def _made_like(request: Request, clip: StageView, text: str, number: int) -> list[dict[str, Any]]:
    work = request.work
    has_image = any(request.film.kind(view) == "image" for view in work.sources(clip))
    if clip.tool_name == "generate_video" and not has_image:
        given = {"prompt": text, **_copied(clip, "prompt")}
        return [fixed(work, f"shot_{number}", f"Shot {number}", "generate_video", given)]
    still = next(
        (v for v in reversed(request.film.behind(clip)) if v.tool_name == "generate_image"), None
    ) or next(iter(work.with_tool("generate_image")), None)
    args: dict[str, Any] = {**size_of("")}
    if still is not None:
        args = _copied(still, "prompt", "numberOfVariations")
    image = fixed(
        work, f"image_{number}", f"Image {number}", "generate_image", {"prompt": text, **args}
    )
    image["id"] = image["produces"][0]
    motion: dict[str, Any] = {"prompt": "Slow cinematic push-in", "duration": 4}
    if clip.tool_name == "animate_photo":
        motion |= _copied(clip, "numberOfVariations", "prompts", "frameRole")
    elif (seconds := work.number(clip, "duration")) is not None:
        motion["duration"] = seconds
    motion["reference_image_url"] = f"$artifacts.{image['id']}.items[0].selectedVersion.url"
    shot = fixed(work, f"shot_{number}", f"Shot {number}", "animate_photo", motion)
    return [image, shot]


def _copied(view: StageView, *left_out: str) -> dict[str, Any]:
    """A stage's settings without its media, its seed and what is named."""
    skipped = {"seed", *left_out, prompt_name(view) if "prompt" in left_out else ""}
    return {
        key: copy.deepcopy(value)
        for key, value in view.args.items()
        if not any(view.spelled(name) == key for name in skipped)
        and view.tool is not None
        and view.tool.port_of(key) is None
        and value != "$item"
        and not (isinstance(value, str) and value.startswith("$artifacts."))
    }


def _remove(request: Request) -> bool:
    mention, rest = request.mentions.take(request.full(request.matched["what"]))
    if (
        mention is None
        and re.search(r"\b(?:it|this|these|them|that)\b", rest)
        and request.work.selection
    ):
        stages = list(request.work.selection)
    elif mention is not None:
        stages = list(mention.stages)
        more, _ = request.mentions.take(rest)
        stages += list(more.stages) if more is not None and "and" in rest else []
    else:
        return False
    shots = {shot.stage.id for shot in request.mentions.shots}
    is_whole = mention is not None and mention.is_shot
    if mention is not None and mention.is_shot and shots <= {view.id for view in stages}:
        raise NotPossible("There is only one shot. Say what it should show instead.")
    try:
        gone = remove(request.work, stages, is_whole=is_whole)
    except NothingLeft:
        raise NotPossible(f"{titles(stages)} stays: without it nothing would be left.") from None
    request.say(f"Removed {titles(gone)}.")
    return True


_DROP: Final = (
    r"(?:remove|drop|delete|cut(?:\s+out)?|get\s+rid\s+of|lose|take\s+out|leave\s+out|skip|entferne?|"
    r"lösche?|streiche?|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|quita[r]?|elimina[r]?|borra[r]?)"
)
_INSERT: Final = (
    r"(?:add|insert|append|include|put(?:\s+in)?|i\s+want|füge?|ajoute[rz]?|añad[ea]|agrega)"
)
_ONE: Final = (
    r"(?:(?:an?|another|one\s+more|a\s+second|a\s+third|a\s+further|eine?|noch\s+eine?|une?|una?)\s+)?"
    r"(?:new\s+|more\s+|neue\s+)?(?:(?:closing|final|opening|short)\s+)?"
)
_AT_THE: Final = r"(?:at\s+the\s+(?P<where>start|beginning|end)\s+)?"
_PICTURE: Final = r"(?:image|picture|photo|still|bild|imagen)"
RULES = (
    rule(rf"\b{_INSERT}\s+{_AT_THE}{_ONE}{_SHOT}\b(?P<words>.*)", _add, is_scoped=False),
    rule(
        rf"\b{_INSERT}\s+{_AT_THE}{_ONE}{_PICTURE}\s+(?P<words>(?:of|with|showing|where|von|mit|de|con)\s+.*)",
        _add,
        is_scoped=False,
    ),
    rule(rf"\b{_DROP}\s+(?P<what>.+)", _remove, is_scoped=False),
)
