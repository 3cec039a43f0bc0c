"""One batch that makes the images of several shots: each shot has its own text in a list input."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from compose.template_plan.edit.prompting import prompt_name, shortened
from compose.template_plan.edit.request import Request
from compose.template_plan.edit.stage_view import StageView
from templates_app.graph.bindings import find_refs

_ITEM: Final = re.compile(r"\$artifacts\.([\w-]+)\.items\[(\d+)\]")


def listed_text(request: Request, change: Callable[[str], str]) -> bool:
    """Change the text of a list input that makes the image of each shot that is named.

    Returns whether there was such a text; a shot with an image stage of its own has none.
    """
    if request.mention is None or not request.mention.is_shot:
        return False
    done = False
    for view in request.mention.stages:
        found = _text_of(request, view)
        if found is None:
            continue
        declared, index = found
        texts = declared["default"]
        new = change(texts[index])
        if new and new != texts[index]:
            texts[index] = new
            title = request.work.input_title(str(declared["name"]))
            request.say(f"{view.title}, in {title}: “{shortened(new)}”.")
            done = True
    return done


def _text_of(request: Request, view: StageView) -> tuple[dict[str, Any], int] | None:
    """The list input whose text makes the image of a shot, and the text's number in it."""
    for read in find_refs(view.args):
        item = _ITEM.match(read.text)
        source = request.work.source(read.text, request.work.position(view.id)) if item else None
        if item is None or source is None or not source.is_batch:
            continue
        if source.get(prompt_name(source)) != "$item":
            continue
        declared = request.work.bound_input(source.raw.get("overBinding"))
        texts = declared.get("default") if declared is not None else None
        if declared is None or not isinstance(texts, list) or int(item[2]) >= len(texts):
            continue
        if isinstance(texts[int(item[2])], str):
            return declared, int(item[2])
    return None
