"""Subtitles, titles, a logo, more pixels: what is put on a finished film or image."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.adding import clips, film_join, fixed, put_after, put_in
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.request import QUOTE, Request, rule
from compose.template_plan.edit.sounds import take_out
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.shots import BLACK
from compose.template_plan.words import literal

_CARD_S: Final = 3.0
_LONGEST_LINE_S: Final = 60.0
_STYLE: Final = {"position": "bottom", "fontSizePct": 6}
_ADD: Final = (
    r"(?:add|include|insert|put|show|with|give\s+it|i\s+want|overlay|display|burn\s+in|open\s+with|"
    r"end\s+(?:it\s+)?with|start\s+(?:it\s+)?with|close\s+with|füge?|mit|ajoute[rz]?|avec|añad[ea]|con)"
)
_DROP: Final = (
    r"(?:no|without|remove|drop|delete|lose|get\s+rid\s+of|take\s+(?:out|off|away)|ohne|keine|"
    r"entferne|sans|supprime|enlève|sin|quita|elimina)"
)
_SUBTITLES: Final = r"(?:subtitles?|captions?|untertitel|sous-titres?|subtítulos?)"
_CORNERS: Final = (
    ("top-left", r"(?:top|upper)[\s-]*left|oben\s+links|en\s+haut\s+à\s+gauche"),
    ("top-right", r"(?:top|upper)[\s-]*right|oben\s+rechts|en\s+haut\s+à\s+droite"),
    ("bottom-left", r"(?:bottom|lower)[\s-]*left|unten\s+links|en\s+bas\s+à\s+gauche"),
    ("bottom-right", r"(?:bottom|lower)[\s-]*right|unten\s+rechts|en\s+bas\s+à\s+droite|corner"),
    ("center", r"cent(?:er|re)|middle"),
    ("top-center", r"top|oben"),
    ("bottom-center", r"bottom|unten"),
)  # fmt: skip


def _last_video(request: Request) -> StageView:
    last = request.film.last("video")
    if last is None:
        raise NotPossible("There is no video to put this on.")
    return last


def _put_on(request: Request, view: StageView, raw: dict[str, Any]) -> None:
    """Work on a result: what the film is made of keeps using it as it is."""
    users = [u for u in request.work.users(view) if request.film.kind(u) == "video"]
    put_after(request.work, view, raw, users=users)


def _subtitles(request: Request) -> bool:
    known = request.work.with_tool("add_subtitles")
    if known:
        request.warn(f"There are subtitles already: {known[0].title}.")
        return True
    film = _last_video(request)
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
    _put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _no_subtitles(request: Request) -> bool:
    return take_out(request, request.work.with_tool("add_subtitles"), "subtitles")


def _title(request: Request) -> bool:
    words = request.quoted() or _bare_title(request)
    if not words:
        raise NotPossible("Say what the title is, such as “add a title ‘Summer’ at the start”.")
    text = f"{request.matched[0]} {request.text}"
    is_end = re.search(
        r"\b(?:end|ending|close|closing|outro|last|ende|schluss|fin|final)\b", text, re.IGNORECASE
    )
    if re.search(
        r"card\b|\b(?:screen|slate|titelkarte|texttafel|carton|tarjeta)\b", text, re.IGNORECASE
    ):
        return _card(request, words, is_end=bool(is_end))
    film = _last_video(request)
    overlay = {
        "kind": "text",
        "text": literal(words),
        "position": _corner(text, "center"),
        "startSeconds": -3.0 if is_end else 0.5,
        "fontSizePct": 8,
        "fontWeight": "bold",
    }
    if not is_end:
        overlay["endSeconds"] = 3.5
    return _overlaid(request, film, "titled", "With title", overlay)


def _bare_title(request: Request) -> str:
    found = re.search(
        r"\b(?:title|text|card|caption)\b[\s:]*(?:saying|that\s+says|says|reading|with(?:\s+the\s+text)?|of|:)?\s+(?P<words>.+)",
        f"{request.matched[0]} {request.text}",
        re.IGNORECASE,
    )
    words = found["words"] if found else ""
    words = re.split(
        r"\s+(?:at|in|on|to)\s+the\s+(?:very\s+)?(?:start|beginning|end|top|bottom|cent(?:er|re)|middle|film|video)",
        words,
    )[0]
    words = request.full(words).strip(" .,:“”\"'")
    return "" if re.fullmatch(r"(?:at|in|on|to|for)\b.*|", words) else words


def _card(request: Request, words: str, *, is_end: bool) -> bool:
    """A title on black, as a shot of its own."""
    work, film = request.work, request.film
    join = film_join(work)
    if join is None:
        raise NotPossible("There is no film to add a title card to.")
    like = next(
        (
            view
            for view in film.making("image") + film.making("video")
            if view.get("width") is not None
        ),
        None,
    )
    sizes = {name: like.get(name) for name in ("width", "height")} if like is not None else {}
    black = fixed(
        work,
        "black",
        "Black",
        "generate_video",
        {"prompt": BLACK, "duration": _CARD_S, **sizes, "generateAudio": False},
    )
    put_in(work, black, work.position(join.id))
    overlay = {
        "kind": "text",
        "text": literal(words),
        "position": "center",
        "fontSizePct": 10,
        "fontWeight": "bold",
    }
    card = fixed(
        work,
        "title_card",
        "Title card",
        "overlay_video",
        {
            "reference_video_url": f"$artifacts.{black['id']}.items[0].selectedVersion.url",
            "overlays": [overlay],
        },
    )
    view = put_in(work, card, work.position(join.id))
    found = clips(join)
    found.insert(len(found) if is_end else 0, work.reference(view))
    where = "end" if is_end else "start"
    request.say(f"Added {card['label']} “{words}” at the {where} of {join.title}.")
    return True


def _overlaid(
    request: Request, film: StageView, wanted: str, label: str, overlay: dict[str, Any]
) -> bool:
    args = {"reference_video_url": request.work.reference(film), "overlays": [overlay]}
    raw = fixed(request.work, wanted, label, "overlay_video", args)
    _put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _corner(text: str, otherwise: str) -> str:
    return next((name for name, words in _CORNERS if re.search(words, text, re.I)), otherwise)


def _logo(request: Request) -> bool:
    film = _last_video(request)
    known = [
        str(one["name"])
        for one in request.work.inputs
        if one.get("type") == "image" and "logo" in str(one.get("name")).lower()
    ]
    name = (
        known[0]
        if known
        else request.work.add_input("logo", type="image", required=True, description="Your logo")
    )
    text = f"{request.matched[0]} {request.text}"
    args = {
        "reference_video_url": request.work.reference(film),
        "overlay_image_urls": [f"$inputs.{name}"],
        "overlays": [{"kind": "image", "position": _corner(text, "bottom-right"), "widthPct": 15}],
    }
    raw = fixed(request.work, "with_logo", "With logo", "overlay_video", args)
    _put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _no_logo(request: Request) -> bool:
    found = [
        view
        for view in request.work.with_tool("overlay_video")
        if any(one.get("kind") == "image" for one in _overlays(view))
    ]
    return take_out(request, found, "logo")


def _no_title(request: Request) -> bool:
    found = [
        view
        for view in request.work.with_tool("overlay_video")
        if any(one.get("kind") == "text" for one in _overlays(view))
    ]
    joined = {shot.stage.id for shot in request.mentions.shots}
    shown = [view for view in found if view.id in joined] or found
    return take_out(
        request, shown, "title", is_whole=bool(joined.intersection(v.id for v in shown))
    )


def _overlays(view: StageView) -> list[dict[str, Any]]:
    found = view.get("overlays")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


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
    rule(rf"\b{_DROP}\s+(?:the\s+|any\s+|die\s+|les\s+|los\s+)?{_SUBTITLES}\b", _no_subtitles),
    rule(
        rf"(?:\b{_ADD}\s+)?(?:[\w']+\s+as\s+)?(?:\b(?:the|some|english|german|french|spanish|burned-in)\s+){{0,6}}\b{_SUBTITLES}\b"
        rf"(?:\s*(?:saying|that\s+say|with\s+the\s+text|:)?\s*{QUOTE})?(?:\s+hinzu)?",
        _subtitles,
    ),
    rule(
        rf"\b{_DROP}\s+(?:the\s+|any\s+)?(?:\w+\s+)?(?:title(?:\s+cards?)?|titles|text\s+overlay)\b",
        _no_title,
        is_scoped=False,
    ),
    rule(rf"\b{_DROP}\s+(?:the\s+|my\s+|any\s+)?(?:logo|watermark)\b", _no_logo, is_scoped=False),
    rule(
        rf"\b{_ADD}\s+(?:am\s+(?:ende|anfang)\s+|à\s+la\s+fin\s+|al\s+final\s+)?(?:an?\s+|the\s+|another\s+|my\s+|eine?n?\s+|une?\s+|una?\s+)?(?:\w+\s+)?(?:titelkarte|texttafel|carton|tarjeta|titre|título|title|title\s*card|text\s+overlay|end\s*card|card|slate|text|titel)\b.*",
        _title,
        is_scoped=False,
    ),
    rule(
        rf"\b{_ADD}\s+(?:an?\s+|the\s+|my\s+|our\s+|a\s+|mein\s+|unser\s+|mon\s+|mi\s+)?(?:[\w'’]+\s+){{0,3}}(?:logo|watermark)\b.*",
        _logo,
        is_scoped=False,
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
