"""Titles and a logo: what is shown over a film, or before and after it."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.adding import clips, film_join, fixed, put_after, put_in
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.request import QUOTE, Request, rule
from compose.template_plan.edit.sounds import take_out
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import ORDINAL, ordinal_of
from compose.template_plan.shots import BLACK
from compose.template_plan.words import literal

_CARD_S: Final = 3.0
ADD: Final = (
    r"(?:add|include|insert|put|show|with|give\s+it|i\s+want|overlay|display|burn\s+in|open\s+with|"
    r"end\s+(?:it\s+)?with|start\s+(?:it\s+)?with|close\s+with|füge?|mit|ajoute[rz]?|avec|añad[ea]|con)"
)
DROP: Final = (
    r"(?:no|without|remove|drop|delete|lose|get\s+rid\s+of|take\s+(?:out|off|away)|ohne|keine|"
    r"entferne|sans|supprime|enlève|sin|quita|elimina)"
)
_CORNERS: Final = (
    ("top-left", r"(?:top|upper)[\s-]*left|oben\s+links|en\s+haut\s+à\s+gauche"),
    ("top-right", r"(?:top|upper)[\s-]*right|oben\s+rechts|en\s+haut\s+à\s+droite"),
    ("bottom-left", r"(?:bottom|lower)[\s-]*left|unten\s+links|en\s+bas\s+à\s+gauche"),
    ("bottom-right", r"(?:bottom|lower)[\s-]*right|unten\s+rechts|en\s+bas\s+à\s+droite|corner"),
    ("center", r"cent(?:er|re)|middle"),
    ("top-center", r"top|oben"),
    ("bottom-center", r"bottom|unten"),
)  # fmt: skip


def last_video(request: Request) -> StageView:
    """The film. Raises NotPossible where there is none."""
    last = request.film.last("video")
    if last is None:
        raise NotPossible("There is no video to put this on.")
    return last


def put_on(request: Request, view: StageView, raw: dict[str, Any]) -> None:
    """Work on a video: the film is made of the new one then."""
    users = [u for u in request.work.users(view) if request.film.kind(u) == "video"]
    put_after(request.work, view, raw, users=users)


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
    film = last_video(request)
    if re.search(
        r"\b(?:of|on|over|to|in|into)\s+(?:the\s+)?(?:\w+\s+)?(?:shot|scene|clip)\b", text
    ):
        mention, _ = request.mentions.take(text)
        named = [v for v in mention.stages if request.film.kind(v) == "video"] if mention else []
        film = named[0] if named else film
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
    put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _corner(text: str, otherwise: str) -> str:
    return next((name for name, words in _CORNERS if re.search(words, text, re.I)), otherwise)


def _other_title(request: Request) -> bool:
    """New words for a title that is there."""
    found = [
        (view, one)
        for view in request.work.with_tool("overlay_video")
        for one in _overlays(view)
        if one.get("kind") == "text"
    ]
    new = request.words("new")
    if not found or not new:
        return False
    place = ordinal_of(request.matched["place"] or "first") or 0
    view, overlay = found[min(place, len(found)) - 1]
    declared = request.work.bound_input(overlay.get("text"))
    if declared is not None:
        declared["default"] = new
    else:
        overlay["text"] = literal(new)
    request.say(f"{view.title}: “{new}”.")
    return True


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


def _logo(request: Request) -> bool:
    film = last_video(request)
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
    put_on(request, film, raw)
    request.say(f"Added {raw['label']}, connected to {film.title}.")
    return True


def _logo_look(request: Request) -> bool:
    """Size and position of an image that is put on the film."""
    how = request.words("how")
    found = [
        (view, one)
        for view in request.work.with_tool("overlay_video")
        for one in _overlays(view)
        if one.get("kind") == "image"
    ]
    if not found:
        return False
    for view, overlay in found:
        width = overlay.get("widthPct", 15)
        if re.search(r"bigger|larger", how) and isinstance(width, (int, float)):
            overlay["widthPct"] = min(round(width * 1.5), 100)
        elif re.search(r"smaller", how) and isinstance(width, (int, float)):
            overlay["widthPct"] = max(round(width / 1.5), 1)
        else:
            overlay["position"] = _corner(how, "bottom-right")
        request.say(f"{view.title}: {overlay['position']}, {overlay.get('widthPct', 15)} % wide.")
    return True


def _no_logo(request: Request) -> bool:
    found = [
        view
        for view in request.work.with_tool("overlay_video")
        if any(one.get("kind") == "image" for one in _overlays(view))
    ]
    return take_out(request, found, "logo")


def _overlays(view: StageView) -> list[dict[str, Any]]:
    found = view.get("overlays")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


# Tried before a template is renamed: "change the title to …".
TITLE_WORDS = (
    rule(
        rf"\b(?:change|set|make|let)\s+(?:the\s+)?(?:(?P<place>{ORDINAL}|last)\s+)?(?:title(?:\s+card)?|text|caption)"
        r"(?:\s+text)?\s+(?:to|say|read|says|into|be|:)\s*(?P<new>.+)",
        _other_title,
        is_scoped=False,
    ),
)
RULES = (
    rule(
        rf"\b{DROP}\s+(?:the\s+|any\s+)?(?:\w+\s+)?(?:title(?:\s+cards?)?|titles|text\s+overlay)\b",
        _no_title,
        is_scoped=False,
    ),
    rule(rf"\b{DROP}\s+(?:the\s+|my\s+|any\s+)?(?:logo|watermark)\b", _no_logo, is_scoped=False),
    rule(
        rf"\b{ADD}\s+(?:am\s+(?:ende|anfang)\s+|à\s+la\s+fin\s+|al\s+final\s+)?(?:an?\s+|the\s+|another\s+|my\s+|eine?n?\s+|une?\s+|una?\s+)?(?:\w+\s+)?(?:titelkarte|texttafel|carton|tarjeta|titre|título|title|title\s*card|text\s+overlay|end\s*card|card|slate|text|titel)\b.*",
        _title,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:add|put|show|write|display|schreibe?)\s+{QUOTE}.*",
        _title,
        is_scoped=False,
    ),
    rule(
        r"\b(?:make|move|put|place|set)\s+(?:the\s+|my\s+)?(?:logo|watermark)\s+(?P<how>.*\b(?:bigger|larger|smaller|left|right|top|bottom|cent(?:er|re)|middle|corner)\b.*)",
        _logo_look,
        is_scoped=False,
    ),
    rule(
        rf"\b{ADD}\s+(?:an?\s+|the\s+|my\s+|our\s+|a\s+|mein\s+|unser\s+|mon\s+|mi\s+)?(?:[\w'’]+\s+){{0,3}}(?:logo|watermark)\b.*",
        _logo,
        is_scoped=False,
    ),
)
