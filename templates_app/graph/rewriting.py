"""Changing references inside a JSON value, and inside a stage. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from templates_app.graph.bindings import DEPTH_LIMIT, Broken, Every, Ref, Segment, read_text
from templates_app.graph.expressions import parse, with_refs
from templates_app.graph.spec import Condition, Stage

# What takes a reference out of its list or its argument.
GONE: Final = object()
Change: TypeAlias = Callable[[Ref | Broken], Any]
TextOf: TypeAlias = Callable[[Ref], str]
NameOf: TypeAlias = Callable[[str], str]
# A reference → its text, or a list of texts in its place.
Parts: TypeAlias = Callable[[Ref], Any]


def rewritten(value: Any, change: Change, depth: int = 0) -> Any:
    """A value with its references changed; the same object when none was.

    GONE takes one out, and a list or object that held nothing else with it.
    """
    if isinstance(value, str):
        reading = read_text(value)
        if isinstance(reading, str):
            return value
        replacement = change(reading)
        return value if replacement == value else replacement
    if depth >= DEPTH_LIMIT or not isinstance(value, (dict, list)):
        return value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(key, part, rewritten(part, change, depth + 1)) for key, part in items]
    if all(part is new for _, part, new in parts):
        return value
    remaining = [(key, new) for key, _, new in parts if new is not GONE]
    if not remaining:
        return GONE
    return dict(remaining) if isinstance(value, dict) else [new for _, new in remaining]


def path_text(path: Sequence[Segment]) -> str:
    """Return a path as a reference writes it, with its first dot or bracket."""
    texts = []
    for part in path:
        if isinstance(part, str):
            texts.append(f".{part}")
        else:
            texts.append("[*]" if isinstance(part, Every) else f"[{part}]")
    return "".join(texts)


def with_references(
    stage: Stage, text: TextOf, name: NameOf, substitute: Parts | None = None
) -> Stage:
    """Return a stage with its references changed, wherever one may be, those of stages in it, too.

    text: of a reference. name: of an artifact. substitute: what stands for it in arguments.
    """
    change = substitute or text
    update: dict[str, Any] = {
        "args": _with_parts(stage.args, change),
        "requires": tuple(dict.fromkeys(map(name, stage.requires))),
        "optional": tuple(dict.fromkeys(map(name, stage.optional))),
        "condition": _condition(stage.condition, text, name),
        "over": _one(stage.over, text),
        "user_message": _one(stage.user_message, text),
        "sub_stages": tuple(
            with_references(one, text, name, substitute) for one in stage.sub_stages
        ),
    }
    if stage.item is not None:
        update["item"] = stage.item.model_copy(
            update={"args": _with_parts(stage.item.args, change)}
        )
    if stage.select is not None:
        source = _one(stage.select.source, text)
        update["select"] = stage.select.model_copy(update={"source": source})
    return stage.model_copy(update=update)


def _one(value: str, text: TextOf) -> str:
    reading = read_text(value)
    return str(text(reading)) if isinstance(reading, Ref) else value


def _with_parts(value: Any, change: Parts) -> Any:
    """Return a JSON value with its references changed; a list in a list becomes part of it."""
    if isinstance(value, str):
        reading = read_text(value)
        return change(reading) if isinstance(reading, Ref) else value
    if isinstance(value, list):
        parts: list[Any] = []
        for part in value:
            new = _with_parts(part, change)
            if isinstance(part, str) and isinstance(new, list):
                parts.extend(new)
            else:
                parts.append(new)
        return parts
    if isinstance(value, Mapping):
        return {key: _with_parts(part, change) for key, part in value.items()}
    return value


def _condition(condition: Condition | None, text: TextOf, name: NameOf) -> Condition | None:
    if condition is None:
        return None
    if condition.type == "if_artifact_exists":
        new_name = name(condition.artifact_name)
        return condition.model_copy(update={"artifact_name": new_name})
    if condition.type == "expr" and not isinstance(parse(condition.expression), Broken):
        expression = with_refs(condition.expression, text)
        return condition.model_copy(update={"expression": expression})
    return condition
