""" "cheaper", "at most 20 credits": fewer variations, then fewer shots."""

from __future__ import annotations

from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import shortened
from compose.template_plan.edit.removal import NothingLeft, remove
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import NUMBER, figure, number_of
from compose.template_plan.edit.working_template import WorkingTemplate
from tools.declaration.arguments import fill_defaults, read_arguments


def units_of(work: WorkingTemplate) -> float:
    """About what a run takes, in credits, by what the tools declare."""
    return sum(_units(work, view) for view in work.stages)


def _units(work: WorkingTemplate, view: StageView) -> float:
    if view.tool is None:
        return 0.0
    plain = {
        key: value
        for key, value in view.args.items()
        if not (isinstance(value, str) and value.startswith("$"))
    }
    params = fill_defaults(view.tool, read_arguments(view.tool, plain).params)
    one = view.tool.units(params)
    made = work.number(view, view.tool.count) if view.tool.count else 1
    return one * max(work.count(view), 1) / max(made or 1, 1)


def _cheaper(request: Request) -> bool:
    if _fewer_variations(request) or _without_upscaling(request):
        return True
    raise NotPossible("Nothing makes it cheaper except fewer shots. You can ask to remove some.")


def _budget(request: Request) -> bool:
    most = number_of(request.matched["amount"])
    if most is None:
        return False
    if units_of(request.work) <= most:
        request.warn(f"A run is about {figure(units_of(request.work))} credits already.")
        return True
    _fewer_variations(request)
    if units_of(request.work) > most:
        _without_upscaling(request)
    while units_of(request.work) > most:
        shots = request.film.shots
        if shots and shots[-1].is_several and _shorter_list(request):
            continue
        if len(shots) < 2:
            break
        try:
            gone = remove(request.work, [shots[-1].stage])
        except NothingLeft:
            break
        request.say(f"Removed {titles(gone)}.")
    left = units_of(request.work)
    if left > most:
        request.warn(f"A run is still about {figure(left)} credits.")
    return True


def _shorter_list(request: Request) -> bool:
    """One element less in the list that the shots are made from."""
    for view in request.work.stages:
        declared = request.work.bound_input(view.raw.get("overBinding")) if view.is_batch else None
        default = declared.get("default") if declared is not None else None
        if declared is None or not isinstance(default, list):
            continue
        bounds = declared.get("multiple")
        low = bounds.get("min") if isinstance(bounds, dict) else 1
        if len(default) > max(low if isinstance(low, int) else 1, 1):
            declared["default"] = default[:-1]
            gone = shortened(str(default[-1]), 60)
            owner = request.work.input_title(str(declared["name"]))
            request.say(f"{owner}: removed “{gone}”.")
            return True
    return False


def _fewer_variations(request: Request) -> bool:
    """As many results as are used: one, or as many as a person chooses."""
    found = []
    work = request.work
    for view in work.stages:
        if view.tool is None or not view.tool.count or work.bound_input(view.get(view.tool.count)):
            continue
        made = work.number(view, view.tool.count) or 1
        users = work.users(view)
        chosen = [user.select.get("max") for user in users if user.select]
        least = max([int(one) + 1 for one in chosen if isinstance(one, int)], default=1)
        takes_all = any(
            "[*]" in repr(user.raw) or user.is_batch for user in users if not user.select
        )
        if made > least and not takes_all:
            view.set(view.tool.count, least)
            found.append(view)
    if found:
        request.say(f"{titles(found)}: fewer variations.")
    return bool(found)


def _without_upscaling(request: Request) -> bool:
    found = request.work.with_tool("upscale_video", "upscale_image", "refine_result")
    if not found:
        return False
    try:
        gone = remove(request.work, found)
    except NothingLeft:
        return False
    request.say(f"Removed {titles(gone)}.")
    return True


RULES = (
    rule(
        rf"\b(?:at\s+most|max(?:imum|\.)?(?:\s+of)?|no\s+more\s+than|under|below|up\s+to|within|less\s+than|höchstens|maximal|au\s+plus|como\s+máximo|for)\s+(?P<amount>{NUMBER})\s+(?:credits?|units?|kredite?|crédits?|créditos?)\b",
        _budget,
        is_scoped=False,
    ),
    rule(
        r"\b(?:cheaper|less\s+expensive|save\s+(?:credits|money)|cut\s+(?:the\s+)?costs?|billiger|günstiger|moins\s+cher|más\s+barato)\b",
        _cheaper,
        is_scoped=False,
    ),
)
