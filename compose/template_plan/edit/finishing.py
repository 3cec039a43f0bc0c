"""Subtitles, more pixels, no background: what is done to a finished film or image."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.adding import fixed, put_after, put_in
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.overlays import ADD, DROP, last_video, put_on
from compose.template_plan.edit.request import QUOTE, Request, rule
from compose.template_plan.edit.sounds import take_out
from compose.template_plan.words import literal

_LONGEST_LINE_S: Final = 60.0
_STYLE: Final = {"position": "bottom", "fontSizePct": 6}
_SUBTITLES: Final = r"(?:subtitles?|captions?|untertitel|sous-titres?|subtítulos?)"


def _subtitles(request: Request) -> bool:
    known = request.work.with_tool("add_subtitles")
    if known:
        request.warn(f"There are subtitles already: {known[0].title}.")
        return True
    film = last_video(request)
    voice = request.work.with_tool("generate_speech")
    text = request.quoted()
    args: dict[str, Any] = {"reference_video_url": request.work.reference(film)}
    if text:
        seconds = request.film.seconds or _LONGEST_LINE_S
        args["cues"] = [{"startSeconds": 0, "endSeconds": round(seconds, 1), "text": literal(text)}]
    elif voice:
        args["cues"] = f"$artifacts.{request.work.artifact_of(voice[-1])}.cues"
    elif any(one.get("type") == "video" for one in request.work.inputs):
        args["auto_transcribe"] = True
    else:
        name = request.work.add_input(
            "subtitles",
            type="text",
            required=True,
            description="Subtitle",
            jsonSchema={"maxLength": 500},
        )
        seconds = request.film.seconds or _LONGEST_LINE_S
        line = {"startSeconds": 0, "endSeconds": round(seconds, 1), "text": f"$inputs.{name}"}
        args["cues"] = [line]
    args["style"] = dict(_STYLE)
    raw = fixed(request.work, "subtitled", "With subtitles", "add_subtitles", args)
    put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _no_subtitles(request: Request) -> bool:
    return take_out(request, request.work.with_tool("add_subtitles"), "subtitles")


def _upscale(request: Request) -> bool:
    text = request.matched[0]
    film = request.film
    named = [view for view in request.named if film.kind(view) in ("image", "video")]
    targets = named or [view for view in (film.result,) if view is not None]
    if not targets:
        raise NotPossible("There is no image or video to upscale.")
    for view in targets:
        if film.kind(view) == "video":
            pixels = 1440 if re.search(r"4\s*k|2\s*k|1440|2160", text, re.I) else 1080
            args: dict[str, Any] = {
                "reference_video_url": request.work.reference(view),
                "targetResolution": pixels,
            }
            raw = fixed(request.work, "upscaled", "Upscaled", "upscale_video", args)
        else:
            scale = 4 if re.search(r"4\s*[xk×]|four", text, re.IGNORECASE) else 2
            args = {"source_image_url": request.work.reference(view), "scale": scale}
            raw = fixed(request.work, "upscaled", "Upscaled", "upscale_image", args)
        put_after(request.work, view, raw)
        request.say(f"Added {raw['label']}, connected to {view.title}.")
    return True


def _background(request: Request) -> bool:
    """Cut images out: those that are named, else what people bring, else the first image."""
    work, film = request.work, request.film
    named = [view for view in request.named if film.kind(view) == "image"]
    brought = [one for one in work.inputs if one.get("type") == "image" and not one.get("multiple")]
    if not named and brought:
        return _cut_out(request, str(brought[0]["name"]))
    images = named or film.making("image")[:1]
    if not images:
        raise NotPossible("There is no image to remove the background of.")
    for view in images:
        args = {"source_image_url": work.reference(view)}
        raw = fixed(work, "cutout", "Cut-out", "remove_background", args)
        put_after(work, view, raw)
        request.say(f"Added {raw['label']}, connected to {view.title}.")
    return True


def _cut_out(request: Request, name: str) -> bool:
    work = request.work
    users = [
        (view, key)
        for view in work.stages
        for key, value in view.args.items()
        if value == f"$inputs.{name}" and view.tool and view.tool.port_of(key)
    ]
    if any(view.tool_name == "remove_background" for view, _ in users) or not users:
        request.warn("The background is removed already.")
        return True
    raw = fixed(
        work, "cutout", "Cut-out", "remove_background", {"source_image_url": f"$inputs.{name}"}
    )
    view = put_in(work, raw, min(work.position(user.id) for user, _ in users))
    for user, key in users:
        user.args[key] = work.reference(view)
    request.say(f"Added {raw['label']}, connected to {work.input_title(name)}.")
    return True


RULES = (
    rule(rf"\b{DROP}\s+(?:the\s+|any\s+|die\s+|les\s+|los\s+)?{_SUBTITLES}\b", _no_subtitles),
    rule(
        rf"(?:\b{ADD}\s+)?(?:[\w']+\s+as\s+)?(?:\b(?:the|some|des|les|los|unos|deutsche|englische|english|german|french|spanish|burned-in)\s+){{0,6}}\b{_SUBTITLES}\b"
        rf"(?:\s*(?:saying|that\s+say|with\s+the\s+text|:)?\s*{QUOTE})?(?:\s+hinzu)?",
        _subtitles,
    ),
    rule(
        r"\b(?:upscale[ds]?|enlarge|increase\s+the\s+resolution(?:\s+of)?|higher\s+resolution|(?:in\s+|to\s+)?(?:4k|full\s*hd|1080p|1440p|2k)|"
        r"hochskalieren|vergrößere?)\b(?:\s+(?:the\s+)?(?:result|film|video|final\s+video|final\s+image|it|output|to|in))*"
        r"(?:\s+(?:4k|full\s*hd|1080p?|1440p?|2k|2x|4x|two\s+times|four\s+times))?",
        _upscale,
    ),
    rule(
        r"\b(?:remove|cut\s+out|delete|drop|without(?:\s+the)?|transparent|entferne|supprime|quita|elimina)\s+"
        r"(?:the\s+|its\s+|den\s+|l'|le\s+|el\s+)?(?:background|hintergrund|arrière-plan|fondo)\b"
        r"(?:\s+(?:of|from)\s+(?:the|my)\s+(?:photo|picture|image|product|product\s+photo))?",
        _background,
    ),
)
