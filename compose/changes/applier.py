"""Doing a change of a template, and saying what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from compose.changes import apply_film, apply_people, apply_prompts, apply_sounds, apply_values
from compose.changes.adding import new_stage, put_after, put_in
from compose.changes.change import Change, Refused, brief
from compose.changes.film import Film, stages_of, titles
from compose.changes.removal import NothingLeft, remove
from compose.changes.stage_view import SAME_KIND, StageView
from compose.changes.working_template import WorkingTemplate, input_title
from tools.declaration.schema import parameter_schemas


def apply(work: WorkingTemplate, change: Change) -> None:
    """Do one change, and say so in the template's `changes` or `warnings`. Raises Refused."""
    _ACTS[change.type](work, change)


def _set(work: WorkingTemplate, change: Change) -> None:
    """Set an argument."""
    view = _one(work, change)
    schemas = parameter_schemas(view.tool) if view.tool is not None else {}
    if change.field not in schemas:
        raise Refused(f"{view.id} has no argument {change.field!r}. It has {list(schemas)}.")
    current = view.get(change.field)
    if work.bound_input(current) is not None:
        raise Refused(f"{view.id}.{change.field} is the input {current}: change that.")
    value = _value(change, f"{view.id}.{change.field}", schemas[change.field])
    view.set(change.field, value)
    work.say(f"{view.title}: {change.field} is {_display(value)}.")


def _input(work: WorkingTemplate, change: Change) -> None:
    """Set an input's default."""
    name = "".join(change.target)
    entry = work.input(name)
    if entry is None:
        names = [one.get("name") for one in work.inputs]
        raise Refused(f"There is no input {name!r}. There are {names}.")
    kinds = {"text": "string", "number": "number", "boolean": "boolean", "select": "string"}
    kind = kinds.get(str(entry.get("type")))
    if kind is None:
        raise Refused(f"{name} is a file that the person brings.")
    options = entry.get("options")
    schema: dict[str, Any] = {"type": kind}
    if isinstance(options, list):
        schema["enum"] = [one.get("value") if isinstance(one, dict) else one for one in options]
    entry["default"] = _value(change, name, schema)
    work.say(f"{input_title(entry)}: {_display(entry['default'])}.")


def _remove(work: WorkingTemplate, change: Change) -> None:
    """Remove stages, with what only they needed."""
    views = stages_of(work, change)
    shots = {shot.stage.id for shot in Film(work).shots}
    is_whole = all(view.id in shots for view in views)
    if is_whole and shots <= {view.id for view in views}:
        raise Refused("There is only one shot. Say what it should show instead.")
    try:
        removals = remove(work, views, is_whole=is_whole)
    except NothingLeft:
        raise Refused(f"{titles(views)} stays: without it nothing would be left.") from None
    work.say(f"Removed {titles(removals)}.")


def _insert(work: WorkingTemplate, change: Change) -> None:
    """Put a tool that works on what a stage makes behind it. value: its prompt or its size."""
    tool = work.tools.get(change.field) if change.field in SAME_KIND else None
    if tool is None:
        raise Refused(f"{change.field!r} can't be inserted. There are {sorted(SAME_KIND)}.")
    port, film, views = tool.ports()[0], Film(work), stages_of(work, change)
    if not views and change.field == "remove_background" and _cut_out(work):
        return
    if not views:
        views = film.making(port.kind)[:1] if port.kind == "image" else []
        views = [v for v in (film.last("video"),) if v] if port.kind == "video" else views
    if not views:
        raise Refused(f"There is no {port.kind} to work on.")
    for view in views:
        if film.kind(view) != port.kind:
            raise Refused(f"{tool.title} takes a {port.kind}, which {view.title} doesn't make.")
        args: dict[str, Any] = {port.url: work.reference(view)}
        schemas = parameter_schemas(tool)
        for name in ("prompt", "targetResolution", "scale"):
            if change.value and name in schemas and (name == "prompt" or change.value.isdigit()):
                args[name] = _value(change, name, schemas[name])
                break
        raw = new_stage(work, tool.name.replace("_", "-"), tool.title, tool.name, args)
        put_after(work, view, raw)
        work.say(f"Added {raw['label']}, connected to {view.title}.")


def _cut_out(work: WorkingTemplate) -> bool:
    """Cut out the first image that people bring. Returns whether there is one."""
    images = [one for one in work.inputs if one.get("type") == "image" and not one.get("multiple")]
    if not images:
        return False
    reference = f"$inputs.{images[0]['name']}"
    users = [
        (view, key)
        for view in work.stages
        for key, value in view.args.items()
        if value == reference and view.tool and view.tool.port_of(key)
    ]
    if any(view.tool_name == "remove_background" for view, _ in users) or not users:
        work.warn("The background is removed already.")
        return True
    args = {"source_image_url": reference}
    raw = new_stage(work, "cutout", "Cut-out", "remove_background", args)
    view = put_in(work, raw, min(work.position(user.id) for user, _ in users))
    for user, key in users:
        user.args[key] = work.reference(view)
    work.say(f"Added {view.title}, connected to {input_title(images[0])}.")
    return True


def _label(work: WorkingTemplate, change: Change) -> None:
    view = _one(work, change)
    before, view.raw["label"] = view.title, change.value[:200] or view.title
    work.say(f"“{before}” is now called “{view.title}”.")


def _name(work: WorkingTemplate, change: Change) -> None:
    """Name the template."""
    if not change.value or change.value == work.body.get("name"):
        work.warn(f"It is called “{work.body.get('name', 'Untitled')}” already.")
        return
    work.body["name"] = change.value[:200]
    work.say(f"The template is now called “{change.value[:200]}”.")


def _one(work: WorkingTemplate, change: Change) -> StageView:
    views = stages_of(work, change)
    if not views:
        raise Refused("Name the stage by its id.")
    return views[0]


def _value(change: Change, name: str, schema: Mapping[str, Any]) -> Any:
    """Return the value as a type has it; it is given as text."""
    value = _parse(change.value, schema.get("type"))
    if value is None:
        raise Refused(f"{name} is no {schema.get('type')}, or can't be changed.")
    if "enum" in schema and value not in schema["enum"]:
        raise Refused(f"{name} is one of {schema['enum']}.")
    least, most = schema.get("minimum"), schema.get("maximum")
    if (least is not None and value < least) or (most is not None and value > most):
        raise Refused(f"{name} is from {least} to {most}.")
    return value


def _parse(text: str, kind: Any) -> Any:
    if kind == "string":
        return text or None
    if kind == "boolean":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower())
    try:
        number = float(text) if kind in ("number", "integer") else None
    except ValueError:
        return None
    if number is None or not abs(number) < 1e9:
        return None
    return int(number) if number.is_integer() else number if kind == "number" else None


def _display(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"“{brief(value)}”" if isinstance(value, str) else f"{value:g}"


_ACTS: Final[Mapping[str, Callable[[WorkingTemplate, Change], None]]] = {
    "set": _set,
    "input": _input,
    "remove": _remove,
    "insert_after": _insert,
    "label": _label,
    "name": _name,
    "shot": apply_film.shot,
    "move": apply_film.move,
    "duplicate": apply_film.duplicate,
    "transition": apply_film.transition,
    "title": apply_film.title,
    "logo": apply_film.logo,
    "show": apply_prompts.show,
    "look": apply_prompts.look,
    "without": apply_prompts.without,
    "replace_words": apply_prompts.replace_words,
    "camera": apply_prompts.camera,
    "format": apply_values.shape,
    "length": apply_values.length,
    "model": apply_values.model,
    "variations": apply_values.variations,
    "sound": apply_sounds.sound,
    "subtitles": apply_sounds.subtitles,
    "choice": apply_people.choice,
    "checkpoint": apply_people.checkpoint,
    "ask": apply_people.ask,
    "list": apply_people.elements,
}
