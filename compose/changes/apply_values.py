"""Changes of the shape, length, model and number of what is made."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from compose.changes.adding import SHORTEST_MUSIC_S, new_stage, put_after
from compose.changes.change import Change, Refused, figure, listing
from compose.changes.film import JOIN, Film, say_values, scope, set_value, stages_of, titles
from compose.changes.working_template import StageView, WorkingTemplate
from compose.template_plan.sizes import SIZES
from tools.declaration.schema import model_argument, model_names

# Widths and heights of our own drafts count as this many pixels or fewer.
_USUAL_PIXELS: Final = 1_400 * 800
_STEP: Final = 16
SHORTEST_S: Final = 1.0
MOST_VARIATIONS: Final = 16
_MOST_NAMED: Final = 6


def shape(work: WorkingTemplate, change: Change) -> None:
    """Give what is made a format, such as 9:16; a film of people's own clips is cut to it."""
    ratio, film = change.value, Film(work)
    if ratio not in SIZES:
        raise Refused(f"A format is one of: {', '.join(SIZES)}.")
    owners: dict[str, list[str]] = {}
    shape_ids: set[str] = set()
    for view in scope(work, change):
        if view.tool_name == JOIN and not change.target:
            continue
        follows = shape_ids.intersection(film.fed_by.get(view.id, ()))
        if follows and not change.target and film.kind(view) in ("image", "video"):
            # The shape of what it works on is its shape.
            shape_ids.add(view.id)
            if not any(map(view.spelling, ("width", "height", "aspectRatio", "ratio"))):
                continue
        new = _shape_stage(work, view, ratio)
        if new is not None:
            shape_ids.add(view.id)
            owners.setdefault(new[1], []).extend(filter(None, new[:1]))
    if not change.target:
        _shape_film(work, film, ratio, shape_ids, owners)
    owners = {value: names for value, names in owners.items() if names}
    say_values(work, owners)
    if not owners and shape_ids:
        work.warn(f"It is {ratio} already.")
    elif not owners:
        _reframe(work, film, change)


def _reframe(work: WorkingTemplate, film: Film, change: Change) -> None:
    """Cut the frame of a film of clips that people bring, at the end, or where it is cut now."""
    last, ratio = film.last("video"), change.value
    if last is None or (change.target and last.id not in change.target):
        views = stages_of(work, change)
        raise Refused(f"There is no format to set{f' for {titles(views)}' if views else ''}.")
    joins = [view for view in film.back(last) if view.tool_name == JOIN]
    frame = next((view for view in joins if view.spelling("aspectRatio")), None)
    if frame is None:
        size = {"aspectRatio": ratio, "fit": "cover"}
        args = {"reference_video_urls": [work.reference(last)], **size}
        raw = new_stage(work, "framed", "New format", JOIN, args)
        put_after(work, last, raw, users=[])
        work.say(f"Added {raw['label']}, connected to {last.title}: {ratio}.")
    else:
        owner = set_value(work, frame, "aspectRatio", ratio)
        work.report(bool(owner), f"{owner}: {ratio}.", f"It is {ratio} already.")


def _shape_stage(work: WorkingTemplate, view: StageView, ratio: str) -> tuple[str, str] | None:
    """Set a stage's shape. Returns what changed, "" for nothing, and how; None: it has none."""
    is_bare = view.tool_name == "generate_image" and view.spelling("aspectRatio") is None
    if view.takes("width") and (view.spelling("width") is not None or is_bare):
        before = work.number(view, "width") or 1024, work.number(view, "height") or 1024
        width, height = _size(ratio, *before)
        owners = [set_value(work, view, "width", width), set_value(work, view, "height", height)]
        view.drop("aspectRatio")
        return owners[0] or owners[1], f"{ratio}, {width} × {height}"
    if not view.takes("aspectRatio"):
        return None
    if view.spelling("ratio"):
        view.drop("ratio")
    return set_value(work, view, "aspectRatio", ratio), ratio


def _size(ratio: str, width: float, height: float) -> tuple[int, int]:
    """About as many pixels as before; the usual sizes where the stage had a usual size."""
    if width * height <= _USUAL_PIXELS:
        return SIZES[ratio]
    across, down = map(int, ratio.split(":"))
    if {across, down} == {9, 16} and {width, height} in ({1920, 1080}, {3840, 2160}, {1280, 720}):
        long, short = int(max(width, height)), int(min(width, height))
        return (long, short) if across > down else (short, long)
    unit = math.sqrt(width * height / (across * down))
    return (round(across * unit / _STEP) * _STEP, round(down * unit / _STEP) * _STEP)


def _shape_film(
    work: WorkingTemplate,
    film: Film,
    ratio: str,
    shape_ids: set[str],
    owners: dict[str, list[str]],
) -> None:
    """Shape the join: where it has a shape, or where its clips can't be made in another."""
    join = film.join
    makes = all(shot.stage.id in shape_ids for shot in film.shots)
    if join is None or (join.spelling("aspectRatio") is None and makes):
        return
    owner = set_value(work, join, "aspectRatio", ratio)
    if not makes and join.get("fit") is None:
        # Bars around a clip of another shape are rarely what is wanted.
        join.set("fit", "cover")
    if owner:
        owners.setdefault(ratio, []).append(owner)


def length(work: WorkingTemplate, change: Change) -> None:
    """Set the length of stages or of the film: seconds, or "+2", "-2" and "x2" of what it is."""
    match = re.fullmatch(r"([+x-]?)\s*(\d{1,6}(?:\.\d{1,6})?)(?:\s*s(?:econds?)?)?", change.value)
    if match is None:
        raise Refused("A length is seconds, such as 8, +2, -2 or x2.")
    sign, amount = match[1], float(match[2])

    def new(before: float) -> float:
        to = {"": amount, "+": before + amount, "-": before - amount, "x": before * amount}[sign]
        return max(to, SHORTEST_S)

    film, views = Film(work), stages_of(work, change)
    with_length = [view for view in views if view.takes("duration")]
    if views and not with_length:
        # The clips that are made of an image.
        ids = {one for view in views for one in film.feeds.get(view.id, ())}
        with_length = [view for view in work.stages if view.id in ids and view.takes("duration")]
    is_film = film.join is not None and film.join.id in change.target
    if not with_length or is_film:
        _share(work, film, new)
    else:
        _set_lengths(work, {v.id: new(work.number(v, "duration") or 5.0) for v in with_length})


def _set_lengths(work: WorkingTemplate, seconds: dict[str, float]) -> bool:
    owners: dict[str, list[str]] = {}
    for view in work.stages:
        if view.id not in seconds:
            continue
        if owner := set_value(work, view, "duration", round(seconds[view.id], 1)):
            figures = f"{figure(work.number(view, 'duration') or 0)} s"
            owners.setdefault(figures, []).append(owner)
    say_values(work, owners)
    if not owners:
        work.warn("It has that length already.")
    return bool(owners)


def _share(work: WorkingTemplate, film: Film, new: Callable[[float], float]) -> None:
    """Set the whole film's length: its shots share it as they did; the music goes with it."""
    clips = [shot for shot in film.shots if shot.stage.takes("duration")]
    music = work.with_tool("generate_music")
    if not clips:
        if not music:
            raise Refused("Nothing here has a length to set.")
        _set_lengths(work, {view.id: new(work.number(view, "duration") or 60.0) for view in music})
        return
    lengths_before = [work.number(shot.stage, "duration") or 5.0 for shot in clips]
    counts = [max(work.count(s.stage), 1) if "[*]" in s.reference else 1 for s in clips]
    overlap = film.overlap * max(sum(counts) - 1, 0)
    whole = sum(one * count for one, count in zip(lengths_before, counts, strict=True))
    total = new(max(whole - overlap, 0))
    factor = (total + overlap) / whole if whole else 1
    lengths = {
        shot.stage.id: max(before * factor, SHORTEST_S)
        for shot, before in zip(clips, lengths_before, strict=True)
    }
    if _set_lengths(work, lengths):
        feeding_music = [view for view in music if film.feeds.get(view.id)]
        # Music is at least 10 s long; the film ends before it.
        to = round(max(total, SHORTEST_MUSIC_S), 1)
        if late := {v.id: to for v in feeding_music if work.number(v, "duration") != to}:
            _set_lengths(work, late)


def model(work: WorkingTemplate, change: Change) -> None:
    """Have stages use a model. field: the kind of media, such as image."""
    film = Film(work)
    views = [v for v in scope(work, change) if v.tool is not None and model_names(v.tool)]
    if change.field and not change.target:
        views = [view for view in views if film.kind(view) == change.field]
    if not views:
        raise Refused("No stage here lets you choose a model.")
    able = [(v, v.tool) for v in views if v.tool and change.value in model_names(v.tool)]
    if not able:
        raise Refused(f"That model isn't known here. {_model_list(views)}")
    names = [set_value(work, view, model_argument(tool), change.value) for view, tool in able]
    owners, model_name = list(filter(None, names)), change.value
    summary = f"{listing(owners)}: model {model_name}."
    work.report(bool(owners), summary, f"The model is {model_name} already.")


def _model_list(views: list[StageView]) -> str:
    lines = {}
    for view in views:
        if view.tool is not None:
            names = list(model_names(view.tool))
            more = " and others" if len(names) > _MOST_NAMED else ""
            line = ", ".join(names[:_MOST_NAMED]) if more else listing(names)
            lines[view.tool.name] = f"{view.tool.title}: {line}{more}."
    return " ".join(list(lines.values())[:4])


def variations(work: WorkingTemplate, change: Change) -> None:
    """Have stages make several results."""
    if not re.fullmatch(r"\d{1,4}", change.value.strip()):
        raise Refused("A number of variations is one from 1 to 16.")
    count = min(max(int(change.value), 1), MOST_VARIATIONS)
    film, views = Film(work), [view for view in scope(work, change) if view.count_name]
    views = [v for v in views if film.kind(v) == "image"] or [v for v in views if film.kind(v)]
    if not views:
        raise Refused("No stage here makes variations.")
    for view in views:
        if work.bound_input(view.get(view.count_name)) is None:
            view.set(view.count_name, count)
    work.say(f"{titles(views)}: {count} variation{'s' if count > 1 else ''}.")
