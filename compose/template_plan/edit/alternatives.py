"""One image stage that makes the images of several shots: each shot has its own words in braces."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from compose.template_plan.edit.prompting import owner_of, prompt_name, rewrite, shortened
from compose.template_plan.edit.request import Request
from compose.template_plan.edit.stage_view import StageView
from templates_app.graph.bindings import find_refs

_BRACES: Final = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_ITEM: Final = re.compile(r"\$artifacts\.([\w-]+)\.items\[(\d+)\]")


def alternative(request: Request, change: Callable[[str], str]) -> bool:
    """Change the words in `{wide view|close-up}` that make the image of each shot that is named.

    Returns whether there were such words; a shot with an image stage of its own has none.
    """
    if request.mention is None or not request.mention.is_shot:
        return False
    found = [(view, place) for view in request.mention.stages for place in [_place(request, view)]]
    done = False
    for view, place in found:
        if place is None:
            continue
        source, index = place
        if rewrite(request, source, partial(_changed, index=index, change=change)):
            request.say(f"{view.title}, in {owner_of(request, source)}: {_said(request, place)}.")
            done = True
    return done


def _place(request: Request, view: StageView) -> tuple[StageView, int] | None:
    """The stage that makes the image of a shot together with others, and which one it is."""
    for read in find_refs(view.args):
        item = _ITEM.match(read.text)
        source = request.work.source(read.text, request.work.position(view.id)) if item else None
        if item is None or source is None or not prompt_name(source):
            continue
        words = _BRACES.search(_text(request, source))
        if words is not None and int(item[2]) < len(words[1].split("|")):
            return source, int(item[2])
    return None


def _text(request: Request, view: StageView) -> str:
    return str(request.work.value(view, prompt_name(view)) or "")


def _changed(prompt: str, *, index: int, change: Callable[[str], str]) -> str:
    found = _BRACES.search(prompt)
    if found is None:
        return prompt
    parts = found[1].split("|")
    parts[index] = re.sub(r"[{}|]+", " ", change(parts[index]))
    return f"{prompt[: found.start()]}{{{'|'.join(parts)}}}{prompt[found.end() :]}"


def _said(request: Request, place: tuple[StageView, int]) -> str:
    words = _BRACES.search(_text(request, place[0]))
    return f"“{shortened(words[1].split('|')[place[1]])}”" if words is not None else ""
