""" "repeat for a list of cities": one image and its clip become one for each item."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import joined, prompt_name, shortened
from compose.template_plan.edit.request import Request, rule
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import ORDINAL, capital, listed, ordinal_of, slug
from compose.template_plan.edit.working_template import WorkingTemplate

_MOST_ITEMS: Final = 24
_CALL_FIELDS: Final = ("tool", "args")


def _repeat(request: Request) -> bool:
    noun, said = request.words("noun"), request.full(request.matched["items"] or "")
    if re.match(r"\s*(?:,|and\b|und\b|et\b|y\b|&)", said):
        # "for Paris, Rome and Tokyo": the first word is an item.
        noun, said = "", f"{noun}{said}"
    items = _items(said)
    work = request.work
    first = _first(request)
    prompt = first.get(prompt_name(first))
    bound = work.bound_input(prompt)
    text = str(bound.get("default") or "") if bound is not None else str(prompt or "")
    chain = _chain(request, first)
    if bound is None and text.startswith("$"):
        raise NotPossible(f"The prompt of {first.title} comes from another stage.")
    names = items or [f"{noun or 'item'} {number}" for number in (1, 2)]
    name = work.add_input(
        slug(noun, "items"),
        type="text",
        required=True,
        multiple={"min": 1, "max": max(_MOST_ITEMS, len(items))},
        description=f"{capital(noun or 'items')}: one prompt each",
        default=[joined(text, one) for one in names] if text else names,
    )
    element = slug(re.sub(r"ies$", "y", noun).removesuffix("s"), "item")
    _to_batch(work, first, f"$inputs.{name}", element, prompt_name(first), "$item")
    before = first
    for view in chain:
        port = view.main_port
        key = view.port_key(port.name) if port is not None else None
        if key is not None:
            _to_batch(
                work,
                view,
                f"$artifacts.{work.artifact_of(before)}.items",
                before.id,
                key,
                "$item.url",
            )
            _use_all(request, view)
            before = view
    if not chain:
        _use_all(request, first)
    if bound is not None and str(bound["name"]) not in work.used_inputs():
        work.delete_inputs({str(bound["name"])})
    every = listed([view.title for view in (first, *chain)])
    request.say(f"{every}: once for each of {work.input_title(name)}.")
    return True


def _items(text: str) -> list[str]:
    text = text.strip(" .:“”\"'")
    parts = re.split(r"\s*(?:,|;|\band\b|\bund\b|\bet\b|\by\b|&)\s*", text)
    found = [part.strip(" “”\"'") for part in parts if part.strip(" “”\"'")]
    return found[:_MOST_ITEMS] if len(found) > 1 else []


def _first(request: Request) -> StageView:
    """The image that is made for each item."""
    film = request.film
    wanted = [
        view
        for view in request.scope
        if view.tool_name in ("generate_image", "generate_video") and not view.is_batch
    ]
    if request.named:
        ids = {one.id for view in request.named for one in film.behind(view)}
        wanted = [view for view in wanted if view.id in ids] or wanted
    if not wanted:
        raise NotPossible("There is no single image here that could be made for each item.")
    return wanted[0]


def _chain(request: Request, first: StageView) -> list[StageView]:
    """The clips that are made of it, one after another, up to the film."""
    found, at = list[StageView](), first
    while True:
        users = [
            user
            for user in request.work.users(at)
            if user.tool_name
            in (
                "animate_photo",
                "apply_style",
                "upscale_image",
                "edit_image",
                "remove_background",
                "refine_result",
                "generate_video",
            )
            and not user.is_batch
        ]
        if len(users) != 1 or len(request.work.sources(users[0])) != 1:
            return found
        found.append(users[0])
        at = users[0]


def _to_batch(
    work: WorkingTemplate, view: StageView, over: str, item: str, argument: str, value: str
) -> None:
    # Repeated stages must name their result.
    work.artifact_of(view)
    raw = view.raw
    call: dict[str, Any] = {key: raw.pop(key) for key in _CALL_FIELDS if key in raw}
    key = view.spelled(argument) or argument
    call.setdefault("args", {})[argument if argument in call["args"] else key] = value
    raw["type"] = "batch"
    raw["itemName"] = item if item.isidentifier() else "item"
    raw["overBinding"] = over
    raw["concurrency"] = 2
    raw["itemStage"] = call


def _use_all(request: Request, view: StageView) -> None:
    """Lists that took the one result take all of them; others keep the first."""
    work = request.work
    name = work.artifact_of(view)
    for user in work.users(view):
        for key, value in user.args.items():
            port = user.tool.port_of(key) if user.tool is not None else None
            if port is None or not port.many:
                continue
            one, every = f"$artifacts.{name}.items[0]", f"$artifacts.{name}.items[*]"
            if isinstance(value, list):
                user.args[key] = [
                    text.replace(one, every) if isinstance(text, str) else text for text in value
                ]
            elif isinstance(value, str) and port.is_list(key):
                user.args[key] = value.replace(one, every)


def _add_items(request: Request) -> bool:
    """ "add Venice to the places", where the places are a list."""
    declared = _list_input(request, request.words("name"))
    if declared is None:
        return False
    said = request.full(request.matched["items"])
    items = _items(said) or [request.words("items")]
    default = declared["default"]
    owner = request.work.input_title(str(declared["name"]))
    bounds = declared.get("multiple")
    high = bounds.get("max") if isinstance(bounds, dict) else None
    lines = default.splitlines() if isinstance(default, str) else list(default)
    if isinstance(high, int) and len(lines) + len(items) > high:
        raise NotPossible(f"{owner} takes at most {high}.")
    lines += [capital(one) for one in items]
    declared["default"] = "\n".join(lines) if isinstance(default, str) else lines
    request.say(f"{owner}: added {listed([f'“{shortened(one, 60)}”' for one in items])}.")
    return True


def _drop_item(request: Request) -> bool:
    """ "remove the second place"."""
    declared = _list_input(request, request.words("name"))
    if declared is None:
        return False
    default = declared["default"]
    owner = request.work.input_title(str(declared["name"]))
    bounds = declared.get("multiple")
    low = bounds.get("min") if isinstance(bounds, dict) else 1
    lines = default.splitlines() if isinstance(default, str) else list(default)
    place = ordinal_of(request.matched["place"]) or len(lines)
    if place > len(lines):
        raise NotPossible(f"{owner} has {len(lines)}.")
    if len(lines) - 1 < max(low if isinstance(low, int) else 1, 1):
        raise NotPossible(f"{owner} needs at least {low}.")
    gone = lines.pop(place - 1)
    declared["default"] = "\n".join(lines) if isinstance(default, str) else lines
    request.say(f"{owner}: removed “{shortened(str(gone), 60)}”.")
    return True


def _list_input(request: Request, said: str) -> dict[str, Any] | None:
    """An input that is a list with a default, by its name in singular or plural."""
    over = {view.raw.get("overBinding") for view in request.work.stages if view.is_batch}
    said = said.lower().removesuffix("s")
    for one in request.work.inputs:
        names = (str(one.get("name")), request.work.input_title(str(one.get("name"))))
        is_list = isinstance(one.get("default"), list) or (
            f"$inputs.{one.get('name')}" in over and isinstance(one.get("default"), str)
        )
        if is_list and said and any(said == name.lower().removesuffix("s") for name in names):
            return one
    return None


RULES = (
    rule(
        r"\b(?:add|include|insert|put)\s+(?P<items>.+?)\s+(?:to|in|into|in\s+with)\s+(?:the\s+|my\s+)?(?:list\s+of\s+)?(?P<name>\w+)(?:\s+list)?\W*$",
        _add_items,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:remove|drop|delete|skip|leave\s+out)\s+(?:the\s+)?(?P<place>{ORDINAL}|last)\s+(?P<name>\w+)\W*$",
        _drop_item,
        is_scoped=False,
    ),
    rule(
        r"\b(?:repeat|do|make|run|wiederhole|répète|repite)\s+(?:it|this|that|everything|the\s+\w+|das|es)?\s*(?:for|für|pour|para)\s+(?:(?:a|each|every|all|the|several|many|multiple|these|eine|jede[nrs]?|une|chaque|cada|una)\s+){0,6}"
        r"(?:(?:list|liste|lista|row|set)\s+(?:of|von|de)\s+)?(?:of\s+)?(?P<noun>[^\W\d]+)?(?:\s*(?::|such\s+as|like|-)\s*)?(?P<items>.*)",
        _repeat,
        is_scoped=False,
    ),
    rule(
        r"\b(?:one\s+(?:for\s+)?each|for\s+each(?:\s+of)?|for\s+every|for\s+a\s+list\s+of)\s+(?:these\s+|the\s+)?(?P<noun>[^\W\d]+)(?:\s*(?::|-)\s*)?(?P<items>.*)",
        _repeat,
        is_scoped=False,
    ),
)
