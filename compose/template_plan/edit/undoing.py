""" "don't animate it", "skip the upscaling", "don't ask me": steps that are left out."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.removal import NothingLeft, remove
from compose.template_plan.edit.request import Request, rule, titles

_NOT: Final = (
    r"(?:don['’]?t|do\s+not|no|without|skip|leave\s+out|remove|drop|stop|never|nicht|ohne|sans|sin)\s+"
    r"(?:the\s+|any\s+|it\s+)?"
)
# What people call the work of a tool → the tools.
_WORK: Final = (
    (r"animat(?:e|ing|ion)s?", ("animate_photo", "orbit_video")),
    (r"upscal(?:e|ing)|enlarg(?:e|ing|ement)", ("upscale_image", "upscale_video")),
    (r"sharpen(?:ing)?|refin(?:e|ing|ement)", ("refine_result",)),
    (r"restor(?:e|ing|ation)", ("restore_photo",)),
    (r"styl(?:e|ing|ization)|restyl(?:e|ing)", ("apply_style", "video_to_video")),
    (r"cut-?\s?outs?|background\s+removal", ("remove_background",)),
    (r"overlays?", ("overlay_video",)),
    (r"analy[sz](?:e|ing|is)|checks?", ("analyze_video", "analyze_image", "extract_metadata")),
    (r"ext(?:end|ending|ension)", ("extend_video",)),
)
_WORDS: Final = "|".join(words for words, _ in _WORK)


def _leave_out(request: Request) -> bool:
    said = request.words("work")
    tools = next(names for words, names in _WORK if re.fullmatch(words, said, re.IGNORECASE))
    views = request.work.with_tool(*tools)
    wanted = [view for view in views if view in request.named] or views
    if not wanted:
        request.warn(f"No stage here does that: “{said}”.")
        return True
    try:
        gone = remove(request.work, wanted, is_last_step=True)
    except NothingLeft:
        raise NotPossible(f"{titles(wanted)} stays: without it nothing would be left.") from None
    request.say(f"Removed {titles(gone)}.")
    return True


def _no_stop(request: Request) -> bool:
    scope = request.mention.stages if request.mention is not None else request.work.stages
    views = [view for view in scope if view.raw.get("checkpointRequired") is True]
    if not views:
        request.warn("There is no checkpoint to remove.")
        return True
    for view in views:
        view.raw["checkpointRequired"] = False
    request.say(f"{titles(views)}: no checkpoint.")
    return True


RULES = (
    rule(
        rf"\b{_NOT}(?:ask(?:ing)?(?:\s+me)?|stop(?:ping)?|paus(?:e|ing)|wait(?:ing)?|checkpoints?|approvals?)\b"
        r"(?:\s+(?:me\s+)?(?:to\s+(?:approve|check|review)|for\s+(?:my\s+)?approval|anymore|again))?",
        _no_stop,
    ),
    rule(
        rf"\b{_NOT}(?P<work>{_WORDS})\b(?:\s+(?:step|stage|part|it))?(?:\W+just\b.*)?", _leave_out
    ),
)
