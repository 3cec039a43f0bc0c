""" "16:9", "make it vertical": the shape of what is made."""

from __future__ import annotations

import math
from typing import Final

from compose.template_plan.edit.adding import fixed, put_after
from compose.template_plan.edit.film import JOIN
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.request import Request, rule, say_values, set_value
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import FORMAT, format_of
from compose.template_plan.sizes import SIZES

# Widths and heights of our own drafts count as this many pixels or fewer.
_USUAL_PIXELS: Final = 1_400 * 800
_STEP: Final = 16


def _change(request: Request) -> bool:
    ratio = format_of(request.matched["format"]) or "9:16"
    scope = request.scope
    is_limited = bool(request.named)
    found: dict[str, list[str]] = {}
    done: set[str] = set()
    for view in scope:
        if view.tool_name == JOIN and not is_limited:
            continue
        follows = any(source in done for source in request.film.fed_by.get(view.id, ()))
        if follows and not is_limited and request.film.kind(view) in ("image", "video"):
            # The shape of what it works on is its shape.
            done.add(view.id)
            if _shape_of(view) is None:
                continue
        changed = _reshape(request, view, ratio)
        if changed is None:
            continue
        done.add(view.id)
        if changed[0]:
            found.setdefault(changed[1], []).append(changed[0])
    if not is_limited:
        _join(request, ratio, done, found)
    if not found:
        if done:
            request.warn(f"It is {ratio} already.")
            return True
        if _reframed(request, ratio):
            return True
        raise NotPossible("Nothing here has a format to set.")
    say_values(request, found)
    return True


def _reframed(request: Request, ratio: str) -> bool:
    """A film of clips that people bring: its frame is cut to the format at the end."""
    film = request.film.last("video")
    if film is None:
        return False
    args = {
        "reference_video_urls": [request.work.reference(film)],
        "aspectRatio": ratio,
        "fit": "cover",
    }
    raw = fixed(request.work, "framed", "New format", JOIN, args)
    put_after(request.work, film, raw, users=[])
    request.say(f"Added {raw['label']}, connected to {film.title}: {ratio}.")
    return True


def _shape_of(view: StageView) -> str | None:
    """The parameter in which a stage already says its shape."""
    return next(
        (name for name in ("width", "height", "aspectRatio", "ratio") if view.spelled(name)), None
    )


def _reshape(request: Request, view: StageView, ratio: str) -> tuple[str, str] | None:
    """Set a stage's shape. Returns what changed and how; None: it has none."""
    has_pixels = view.spelled("width") is not None
    is_bare = view.tool_name == "generate_image" and view.spelled("aspectRatio") is None
    if view.takes("width") and (has_pixels or is_bare):
        return _resize(request, view, ratio)
    if not view.takes("aspectRatio"):
        return None
    if view.spelled("ratio"):
        view.drop("ratio")
    owner = set_value(request, view, "aspectRatio", ratio)
    return owner, ratio


def _resize(request: Request, view: StageView, ratio: str) -> tuple[str, str]:
    was = request.work.number(view, "width") or 1024, request.work.number(view, "height") or 1024
    width, height = _size(ratio, *was)
    first = set_value(request, view, "width", width)
    second = set_value(request, view, "height", height)
    if view.spelled("aspectRatio"):
        view.drop("aspectRatio")
    return first or second, f"{ratio}, {width} × {height}"


def _size(ratio: str, width: float, height: float) -> tuple[int, int]:
    """About as many pixels as before; the usual sizes where the stage had a usual size."""
    if width * height <= _USUAL_PIXELS:
        return SIZES[ratio]
    across, down = map(int, ratio.split(":"))
    if {across, down} == {9, 16} and {width, height} in ({1920, 1080}, {3840, 2160}, {1280, 720}):
        long, short = max(width, height), min(width, height)
        return (int(long), int(short)) if across > down else (int(short), int(long))
    unit = math.sqrt(width * height / (across * down))
    return (round(across * unit / _STEP) * _STEP, round(down * unit / _STEP) * _STEP)


def _join(request: Request, ratio: str, done: set[str], found: dict[str, list[str]]) -> None:
    """The film's own shape: where it has one, or where its clips can't be made in another."""
    film = request.film
    join = film.join
    if join is None:
        return
    makes = all(shot.stage.id in done for shot in film.shots)
    if join.spelled("aspectRatio") is None and makes:
        return
    owner = set_value(request, join, "aspectRatio", ratio)
    if not makes and join.get("fit") is None:
        # Bars around a clip of another shape are rarely what is wanted.
        join.set("fit", "cover")
    if owner:
        found.setdefault(ratio, []).append(owner)


RULES = (
    rule(
        rf"(?:\b(?:aspect\s+ratio|format|seitenverhältnis)\s*(?:of|to|:|=|is)?\s*)?(?<!\w)(?P<format>{FORMAT}|(?<=make\s)portrait|(?<=this\s)portrait|(?<=it\s)portrait|(?<=in\s)portrait)(?!\w)(?:\s+(?:format|aspect\s+ratio|video|version))?(?:\s+(?:for|auf|für|pour|para)\s+(?:instagram|tiktok|youtube|phones?|mobile|facebook|snapchat|reels|shorts)(?:\s+(?:stories|story|reels?|shorts))?)?",
        _change,
    ),
)
