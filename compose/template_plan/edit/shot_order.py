""" "swap shot 1 and 3", "move shot 3 to the start", "duplicate shot 2 with a dog"."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from compose.template_plan.edit.adding import clips, film_join, fixed, put_in
from compose.template_plan.edit.film import Film
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import joined, prompt_name, rewrite, shortened
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from templates_app.graph.bindings import Ref
from templates_app.graph.rewriting import rewritten

_SHOTS: Final = (
    r"(?:shots?|scenes?|clips?|einstellungen|szenen?|plans?|scènes?|tomas?|escenas?|videos?|first|last|"
    r"second|intro|opening|the)"
)


def _order(request: Request) -> tuple[StageView, list[Any], list[str]]:
    """The join, its list of clips, and the id of the stage behind each. Raises NotPossible."""
    join = request.film.join
    shots = request.film.shots
    if join is None or len(shots) < 2:
        raise NotPossible("There is only one shot: nothing can change places.")
    if any(shot.is_several for shot in shots):
        raise NotPossible("The shots come from one list. Change its order there.")
    film_join(request.work)
    return join, clips(join), [shot.stage.id for shot in shots]


def _swap(request: Request) -> bool:
    mention, _ = request.mentions.take(request.full(request.matched["what"]))
    if mention is None:
        return False
    views, rest = list(mention.stages), request.full(request.matched["what"])
    if len(views) == 1:
        # "swap the first shot and the ending": two ways to name one shot each.
        _, rest = request.mentions.take(rest)
        other, _ = request.mentions.take(rest)
        views += list(other.stages) if other is not None else []
    if len(views) != 2:
        return False
    join, found, ids = _order(request)
    if not all(view.id in ids for view in views):
        raise NotPossible(
            f"{titles(views)} can't change places: they aren't both shots of the film."
        )
    one, two = ids.index(views[0].id), ids.index(views[1].id)
    found[one], found[two] = found[two], found[one]
    request.say(f"{join.title}: {views[0].title} and {views[1].title} changed places.")
    return True


def _move(request: Request) -> bool:
    mention, _ = request.mentions.take(request.full(request.matched["what"]))
    if mention is None:
        return False
    join, found, ids = _order(request)
    view = mention.stages[0]
    if view.id not in ids:
        raise NotPossible(f"{view.title} isn't a shot of the film.")
    where = request.full(request.matched["where"])
    at = ids.index(view.id)
    text = found.pop(at)
    ids.pop(at)
    if re.search(r"\b(?:start|beginning|front|first|top|anfang|début|principio)\b", where, re.I):
        place = 0
    elif re.search(r"\b(?:end|last|back|ende|schluss|fin|final)\b", where, re.I) and not re.search(
        r"before|after", where, re.IGNORECASE
    ):
        place = len(found)
    else:
        other, _ = request.mentions.take(where)
        if other is None or other.stages[0].id not in ids:
            found.insert(at, text)
            return False
        is_before = re.search(r"\b(?:before|vor|avant|antes)\b", where, re.IGNORECASE)
        place = ids.index(other.stages[0].id) + (0 if is_before else 1)
    found.insert(place, text)
    if place == at:
        request.warn(f"{view.title} is there already.")
        return True
    request.say(f"{join.title}: {view.title} is now number {place + 1}.")
    return True


def _reverse(request: Request) -> bool:
    join, found, _ = _order(request)
    found.reverse()
    request.say(f"{join.title}: the shots are in reverse order.")
    return True


def _duplicate(request: Request) -> bool:
    what = request.full(request.matched["what"])
    mention, rest = request.mentions.take(what)
    views = list(mention.stages) if mention is not None else list(request.work.selection)
    if not views:
        return False
    words = re.sub(
        r"^\W*(?:but\s+)?(?:with|showing|of|mit|avec|con|in|at)\b", lambda m: m[0], rest
    ).strip(" ,.")
    for view in views:
        copied = _copied(request, view, words)
        request.say(
            f"Added {copied.title}, a copy of {view.title}"
            + (f": “{shortened(words)}”." if words else ".")
        )
    return True


def _copied(request: Request, view: StageView, words: str) -> StageView:
    """A shot once more, with what only it needs; words are added to its image's prompt."""
    work, film = request.work, Film(request.work)
    shots = film.shots
    at = next((i for i, shot in enumerate(shots) if shot.stage.id == view.id), None)
    is_clip = at is not None and film.kind(view) == "video"
    join = film_join(work) if is_clip else None
    chain = film.behind(view) if is_clip else [view]
    names: dict[str, str] = {}
    made: list[dict[str, Any]] = []
    for one in chain:
        raw = copy.deepcopy(one.raw)
        fresh = fixed(work, one.id, one.title, one.tool_name, {})
        while fresh["id"] in names.values():
            fresh = fixed(work, f"{fresh['id']}_copy", one.title, one.tool_name, {})
        for old in raw.get("produces") or []:
            names[old] = fresh["id"]
        raw.update(id=fresh["id"], label=fresh["label"], produces=fresh["produces"])
        made.append(raw)
    place = work.position(join.id) if join is not None else work.position(view.id) + 1
    last = None

    def renamed(read: Any) -> Any:
        if isinstance(read, Ref) and read.root == "artifacts" and read.name in names:
            return read.text.replace(f"$artifacts.{read.name}", f"$artifacts.{names[read.name]}", 1)
        return read.text

    for raw in made:
        for key in [key for key in raw if key not in ("id", "label", "produces")]:
            raw[key] = rewritten(raw[key], renamed)
        last = put_in(work, raw, place)
        place += 1
    if words:
        _reworded(request, [StageView(raw, work.tools) for raw in made], words)
    if join is not None and at is not None and last is not None:
        clips(join).insert(at + 1, work.reference(last))
    return StageView(made[-1], work.tools)


def _reworded(request: Request, made: list[StageView], words: str) -> None:
    film = Film(request.work)
    seen = [view for view in made if prompt_name(view)]
    images = [view for view in seen if film.kind(view) == "image"] or seen[-1:]
    for view in images[:1]:
        name = prompt_name(view)
        bound = request.work.bound_input(view.get(name))
        if bound is not None:
            # The copy differs from its original, which keeps the input.
            view.set(name, joined(str(bound.get("default") or ""), words))
        else:
            rewrite(request, view, lambda was: joined(was, words))


RULES = (
    rule(
        r"\b(?:swap|switch|exchange|tausche|vertausche|échange|inverse|intercambia)\s+(?P<what>.*\b(?:and|with|und|mit|et|avec|y|con|&)\b.*)",
        _swap,
        is_scoped=False,
    ),
    rule(
        r"\b(?:move|put|place|shift|bring|verschiebe|setze|déplace|mueve)\s+(?P<what>.+?)\s+(?P<where>(?:to\s+the|at\s+the|before|after|behind|an\s+den|an\s+das|vor|nach|au|à\s+la|al)\s+.+|first|last)$",
        _move,
        is_scoped=False,
    ),
    rule(
        r"\b(?:reverse|flip|invert)\s+(?:the\s+)?(?:order|shots|scenes|clips)(?:\s+of\s+(?:the\s+)?(?:shots|scenes|clips))?\b|\bin\s+reverse\s+order\b",
        _reverse,
        is_scoped=False,
    ),
    rule(
        r"\b(?:duplicate|copy|clone|repeat|dupliziere|kopiere|duplique|copie|duplica|copia)\s+(?P<what>.*\b"
        + _SHOTS
        + r"\b.*|it|this|these|them)$",
        _duplicate,
        is_scoped=False,
    ),
)
