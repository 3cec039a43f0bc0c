"""Changes of the film: its shots and their order, what joins them, titles and a logo over it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Final

from compose.changes.adding import clips, film_join, new_stage, put_in, with_name
from compose.changes.apply_sounds import add_over, film_of, take_out
from compose.changes.change import Change, Refused, brief, figure
from compose.changes.film import JOIN, Film, Shot, say_values, set_value, stages_of, titles
from compose.changes.prompting import prompt_name, prompts_of, with_more
from compose.changes.words import color_name, color_of
from compose.changes.working_template import ONE, StageView, WorkingTemplate, input_title
from compose.template_plan.film_shots import BLACK
from compose.template_plan.sizes import size_of
from compose.template_plan.template_text import capital, clean, literal
from compose.template_plan.timing import TRANSITION_S, split
from templates_app.graph.bindings import Ref
from templates_app.graph.rewriting import rewritten
from tools.declaration.schema import parameter_schemas

OVERLAY: Final = "overlay_video"
_CARD_S: Final = 3.0
_NO_TITLE: Final = "Say what the title says, such as “add a title ‘Summer’ at the start”."


def shot(work: WorkingTemplate, change: Change) -> None:
    """Add a shot that shows `value`. field: before or after `target`, at the start, or the end."""
    if not change.value:
        raise Refused("Say what the new shot shows, such as “add a shot of a harbor at dawn”.")
    film = Film(work)
    if film.shots and film.shots[-1].is_several and _add_to_list(work, film, change.value):
        return
    like, position = _position(work, film, change)
    view = _new_shot(work, like, literal(clean(capital(change.value))), position)
    join = Film(work).join
    to = f" to {join.title}" if join is not None else ""
    work.say(f"Added {view.title}{to}: “{brief(change.value)}”.")


def _position(work: WorkingTemplate, film: Film, change: Change) -> tuple[Shot | None, int]:
    """Return the shot that a new one is like, and its place among the clips, from 0."""
    shots, ids = film.shots, [view.id for view in stages_of(work, change)]
    places = [at for at, one in enumerate(shots) if one.stage.id in ids]
    at = len(shots)
    if change.field == "start":
        at = 0
    elif places and change.field == "before":
        at = places[0]
    elif places and change.field != "end":
        at = places[-1] + 1
    near = sorted(shots, key=lambda one: abs(shots.index(one) - max(at - 1, 0)))
    likely = [one for one in near if one.stage.tool_name != OVERLAY] or near
    return next(iter(likely), None), at


def _add_to_list(work: WorkingTemplate, film: Film, text: str) -> bool:
    """Shots that are made from a list of prompts: the list gets one more."""
    for view in reversed(film.behind(film.shots[-1].stage)):
        entry = work.bound_input(view.raw.get("overBinding")) if view.is_batch else None
        if entry is not None and isinstance(entry.get("default"), str | list):
            change_list(work, entry, [text])
            return True
    return False


def change_list(
    work: WorkingTemplate, entry: dict[str, Any], new: list[str], place: int | None = None
) -> None:
    """Add elements to a list input, or take the one at a place out, from 1; -1 is the last."""
    default, owner = entry["default"], input_title(entry)
    bounds = entry.get("multiple")
    bounds = bounds if isinstance(bounds, dict) else {}
    lines = default.splitlines() if isinstance(default, str) else list(default)
    if place is not None:
        if place > len(lines):
            raise Refused(f"{owner} has {len(lines)}.")
        low = bounds.get("min", 1)
        if len(lines) - 1 < max(low if isinstance(low, int) else 1, 1):
            raise Refused(f"{owner} needs at least {low}.")
        line = lines.pop(place - 1 if place > 0 else place)
        work.say(f"{owner}: removed “{brief(str(line), 60)}”.")
    else:
        high = bounds.get("max")
        if isinstance(high, int) and len(lines) + len(new) > high:
            raise Refused(f"{owner} takes at most {high}.")
        lines += [capital(one) for one in new]
        work.say(f"{owner}: added {' and '.join(f'“{brief(one)}”' for one in new)}.")
    entry["default"] = "\n".join(lines) if isinstance(default, str) else lines


def _new_shot(work: WorkingTemplate, like: Shot | None, text: str, position: int) -> StageView:
    """Return a shot like another one: the same tools, sizes, lengths and models."""
    film = Film(work)
    if like is None or film.kind(like.stage) == "image":
        is_made = like is not None and like.stage.tool_name == "generate_image"
        args = _settings(like.stage, "prompt") if like is not None and is_made else {}
        raw = new_stage(work, "image", "Image", "generate_image", {"prompt": text, **args})
        at = work.position(like.stage.id) + 1 if like is not None else len(work.stages)
        return put_in(work, raw, at)
    join = film_join(work)
    if join is None:
        raise Refused("There is no film to add a shot to.")
    additions = _similar(work, film, like.stage, text, len(film.shots) + 1)
    for raw in additions:
        put_in(work, raw, work.position(join.id))
    clips(join).insert(position, ONE.format(additions[-1]["id"]))
    return StageView(additions[-1], work.tools)


def _similar(
    work: WorkingTemplate, film: Film, clip: StageView, text: str, number: int
) -> list[dict[str, Any]]:
    has_image = any(film.kind(view) == "image" for view in work.sources(clip))
    label = f"Shot {number}"
    if clip.tool_name == "generate_video" and not has_image:
        args = {"prompt": text, **_settings(clip, "prompt")}
        return [new_stage(work, f"shot_{number}", label, "generate_video", args)]
    stills = [view for view in reversed(film.behind(clip)) if view.tool_name == "generate_image"]
    stills += work.with_tool("generate_image")
    looks = _settings(stills[0], "prompt", "numberOfVariations") if stills else size_of("")
    image_args = {"prompt": text, **looks}
    image = new_stage(work, f"image_{number}", f"Image {number}", "generate_image", image_args)
    motion: dict[str, Any] = {"prompt": "Slow cinematic push-in", "duration": 4}
    if clip.tool_name == "animate_photo":
        motion |= _settings(clip, "numberOfVariations", "prompts", "frameRole")
    elif (seconds := work.number(clip, "duration")) is not None:
        motion["duration"] = seconds
    motion["reference_image_url"] = ONE.format(image["id"])
    return [image, new_stage(work, f"shot_{number}", label, "animate_photo", motion)]


def _settings(view: StageView, *left_out: str) -> dict[str, Any]:
    """Return a stage's settings without its media, its seed and what is named."""
    omissions = {"seed", *left_out, prompt_name(view) if "prompt" in left_out else ""}
    keys = {view.spelling(name) for name in omissions}
    return {
        key: copy.deepcopy(value)
        for key, value in view.args.items()
        if view.tool is not None and key not in keys and view.tool.port_of(key) is None
        if value != "$item" and not str(value).startswith("$artifacts.")
    }


def move(work: WorkingTemplate, change: Change) -> None:
    """Move a shot. field: start, end, or before, after or swap with a second one of target."""
    views, film = stages_of(work, change), Film(work)
    if film.join is None or len(film.shots) < 2:
        raise Refused("There is only one shot: nothing can change places.")
    if any(one.is_several for one in film.shots):
        raise Refused("The shots come from one list. Change its order there.")
    ids, join = [one.stage.id for one in film.shots], film_join(work) or film.join
    if not views or not all(view.id in ids for view in views):
        raise Refused(f"{titles(views) or 'That'} isn't a shot of the film.")
    order, at, is_pair = clips(join), ids.index(views[0].id), len(views) == 2
    if change.field in ("before", "after", "swap") and not is_pair:
        raise Refused("Say which shot it should go to.")
    if change.field == "swap":
        other = ids.index(views[1].id)
        order[at], order[other] = order[other], order[at]
        work.say(f"{join.title}: {views[0].title} and {views[1].title} changed places.")
        return
    text = order.pop(at)
    ids.pop(at)
    place = 0 if change.field == "start" else len(order)
    if change.field in ("before", "after"):
        place = ids.index(views[1].id) + (change.field == "after")
    order.insert(place, text)
    summary = f"{join.title}: {views[0].title} is now number {place + 1}."
    work.report(place != at, summary, f"{views[0].title} is there already.")


def duplicate(work: WorkingTemplate, change: Change) -> None:
    """Make shots a second time, behind themselves. value: words for the copies' prompts."""
    for view in stages_of(work, change):
        twin = _copy(work, view, change.value)
        more = f", with “{brief(change.value)}”" if change.value else ""
        work.say(f"Added {twin.title}, a copy of {view.title}{more}.")


def _copy(work: WorkingTemplate, view: StageView, words: str) -> StageView:
    film = Film(work)
    join = film.join
    at = next((n for n, one in enumerate(film.shots) if one.stage.id == view.id), None)
    if join is None or at is None or film.shots[at].is_several:
        raise Refused(f"{view.title} isn't a shot of its own.")
    join = film_join(work) or join
    names: dict[str, str] = {}
    additions: list[dict[str, Any]] = []
    for one in film.behind(view):
        raw, number = copy.deepcopy(one.raw), 2
        while (name := work.fresh_id(f"{one.id}_{number}")) in names.values():
            number += 1
        names.update(dict.fromkeys(raw.get("produces") or [], name))
        raw.update(id=name, label=work.fresh_label(one.title), produces=[name])
        additions.append(raw)

    def new_name(binding: Any) -> Any:
        is_artifact = isinstance(binding, Ref) and binding.root == "artifacts"
        return with_name(binding, names.get(binding.name, "") if is_artifact else "")

    for raw in additions:
        for key in raw.keys() - {"id", "label", "produces"}:
            raw[key] = rewritten(raw[key], new_name)
        put_in(work, raw, work.position(join.id))
    views = [StageView(raw, work.tools) for raw in additions]
    images = [one for one in views if Film(work).kind(one) == "image"] or views[-1:]
    if words and (name := prompt_name(images[0])):
        # The copy differs from its original, which keeps the input.
        text = next((one.text for one in prompts_of(work, images[:1])), "")
        images[0].set(name, literal(with_more(text, words)))
    clips(join).insert(at + 1, work.reference(views[-1]))
    return views[-1]


def transition(work: WorkingTemplate, change: Change) -> None:
    """Set what is between the shots: a transition of the tool, "cut", or cuts on the "beat"."""
    film = Film(work)
    join, count = film.join, len(film.shots) + any(one.is_several for one in film.shots)
    if join is None or count < 2:
        raise Refused("There is only one shot: nothing is joined.")
    if change.value == "beat":
        _on_the_beat(work, film)
    before, kind = join.get("transition"), change.value
    if kind in ("cut", "beat"):
        if before is None and kind == "cut":
            work.warn(f"{join.title} cuts from shot to shot already.")
            return
        join.drop("transition")
        summary = "cuts on the beat" if kind == "beat" else "cuts between the shots"
        work.say(f"{join.title}: {summary}.")
        return
    kinds = _choices(work, JOIN, "transition", "properties", "type", "enum")
    if kind not in kinds:
        raise Refused(f"A transition is one of: cut, beat, {', '.join(kinds)}.")
    current = before if isinstance(before, dict) else {"durationSeconds": TRANSITION_S}
    new = {**current, "type": kind}
    join.set("transition", new)
    name = kind.removesuffix("left").removesuffix("up")
    summary = f"{join.title}: {name} between the shots."
    work.report(before != new, summary, f"{join.title} has that transition already.")


def _on_the_beat(work: WorkingTemplate, film: Film) -> None:
    """Give the shots whole bars at the tempo of the music."""
    shots = [one.stage for one in film.shots if one.stage.takes("duration")]
    music = work.with_tool("generate_music")
    if len(shots) > 1:
        timing = split([work.number(v, "duration") for v in shots], None, on_the_beat=True)
        owners: dict[str, list[str]] = {}
        for view, seconds in zip(shots, timing.shots, strict=True):
            if owner := set_value(work, view, "duration", seconds):
                owners.setdefault(f"{figure(seconds)} s", []).append(owner)
        say_values(work, owners)
        for view in music if timing.bpm is not None else ():
            set_value(work, view, "bpm", timing.bpm or 0)
            work.say(f"{view.title}: {figure(timing.bpm or 0)} beats a minute.")
    if not music:
        work.warn("There is no music to cut to. You can ask to add some.")


def title(work: WorkingTemplate, change: Change) -> None:
    """Show words over the film or on a card. field: end, card, a corner and a color, as words.

    Without words, and with "change", it is for the titles that are there; "none" removes them.
    """
    here = [view for view in work.with_tool(OVERLAY) if _overlays(view, "text")]
    words = change.field.split()
    corner = _corner(work, words)
    color = next(filter(None, map(color_of, words)), "")
    if change.value == "none":
        shots = {one.stage.id for one in Film(work).shots}
        cards = [view for view in here if view.id in shots]
        take_out(work, cards or here, "title", is_whole=bool(cards))
    elif here and ("change" in words or not change.value):
        views = [view for view in here if view.id in change.target] or here
        _change_title(work, views, change, corner, color)
    elif not change.value:
        raise Refused(_NO_TITLE)
    elif "card" in words:
        _card(work, change.value, color, is_end="end" in words)
    else:
        overlay = _text(change.value, corner or "center", color, 8)
        overlay["startSeconds"] = -3.0 if "end" in words else 0.5
        if "end" not in words:
            overlay["endSeconds"] = 3.5
        view, stage = film_of(work, change), ("titled", "With title", OVERLAY)
        shade = f" in {color_name(color)}" if color else ""
        how = f" “{brief(change.value)}”{shade}"
        add_over(work, view, stage, {"overlays": [overlay]}, how)


def _corner(work: WorkingTemplate, words: Sequence[str]) -> str:
    """Return the first of some words that is a position of what is put over a video."""
    positions = _choices(work, OVERLAY, "overlays", "items", "properties", "position", "enum")
    return next((word for word in words if word in positions), "")


def _choices(work: WorkingTemplate, tool_name: str, *path: str) -> Sequence[str]:
    """Return the values that a tool takes for a field. path: of them in the tool's schema."""
    tool = work.tools.get(tool_name)
    value: Any = parameter_schemas(tool) if tool is not None else {}
    for name in path:
        value = value.get(name) or {}
    return tuple(value)


def _text(words: str, position: str, color: str, size: float) -> dict[str, Any]:
    look = {"position": position, "fontSizePct": size, "fontWeight": "bold"}
    return {"kind": "text", "text": literal(words), **look, **({"color": color} if color else {})}


def _change_title(
    work: WorkingTemplate, views: list[StageView], change: Change, corner: str, color: str
) -> None:
    if not (change.value or corner or color):
        raise Refused(_NO_TITLE)
    overlays = [(view, one) for view in views for one in _overlays(view, "text")]
    for view, overlay in overlays[:1]:
        entry = work.bound_input(overlay.get("text"))
        if change.value and entry is not None:
            entry["default"] = change.value
        elif change.value:
            overlay["text"] = literal(change.value)
        looks = {"position": corner, "color": color}
        overlay.update({name: value for name, value in looks.items() if value})
        summary = [f"“{change.value}”" if change.value else "", corner, color_name(color)]
        work.say(f"{view.title}: {', '.join(part for part in summary if part)}.")


def _card(work: WorkingTemplate, words: str, color: str, *, is_end: bool) -> None:
    """Add a title on black, as a shot of its own."""
    film, join = Film(work), film_join(work)
    if join is None:
        raise Refused("There is no film to add a title card to.")
    makers = [*film.making("image"), *film.making("video")]
    like = next((view for view in makers if view.get("width") is not None), None)
    sizes = {name: like.get(name) for name in ("width", "height")} if like is not None else {}
    additions = {"prompt": BLACK, "duration": _CARD_S, **sizes, "generateAudio": False}
    black = new_stage(work, "black", "Black", "generate_video", additions)
    put_in(work, black, work.position(join.id))
    overlays = [_text(words, "center", color, 10)]
    args = {"reference_video_url": ONE.format(black["id"]), "overlays": overlays}
    card = new_stage(work, "title_card", "Title card", OVERLAY, args)
    view = put_in(work, card, work.position(join.id))
    order = clips(join)
    order.insert(len(order) if is_end else 0, work.reference(view))
    where = "end" if is_end else "start"
    work.say(f"Added {view.title} “{words}” at the {where} of {join.title}.")


def logo(work: WorkingTemplate, change: Change) -> None:
    """Put a logo over the film: field names a corner, and start or end; "none" removes it."""
    words = change.field.split()
    if change.value == "none":
        views = [view for view in work.with_tool(OVERLAY) if _overlays(view, "image")]
        take_out(work, views, "logo")
        return
    view = film_of(work, change)
    images = [str(one["name"]) for one in work.inputs if one.get("type") == "image"]
    names = [name for name in images if "logo" in name.lower()]
    entry = {"type": "image", "required": True, "description": "Your logo"}
    name = names[0] if names else work.add_input("logo", **entry)
    corner = _corner(work, words) or "bottom-right"
    overlay: dict[str, Any] = {"kind": "image", "position": corner, "widthPct": 15}
    moment = next((word for word in words if word in ("start", "end")), "")
    if moment:
        overlay |= {"startSeconds": -_CARD_S} if moment == "end" else {"endSeconds": _CARD_S}
    args = {"overlay_image_urls": [f"$inputs.{name}"], "overlays": [overlay]}
    where = f" at the {moment}" if moment else ""
    add_over(work, view, ("with_logo", "With logo", OVERLAY), args, where)


def _overlays(view: StageView, kind: str) -> list[dict[str, Any]]:
    rows = view.get("overlays")
    rows = rows if isinstance(rows, list) else []
    return [one for one in rows if isinstance(one, dict) and one.get("kind") == kind]
