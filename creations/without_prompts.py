"""A template without what its author wrote for it to make, to be run with one's own text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from templates_app.graph.bindings import read_text
from templates_app.graph.spec import MAX_INPUTS

# Arguments that hold what is to be made, also where that is a single word.
_PROMPTS: Final = ("prompt", "text", "lyrics", "question", "description")
_SPACE: Final = re.compile(r"\s")
_NAME_LENGTH: Final = 64


def without_prompts(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without texts, files and notes. An argument that was a prompt becomes an input.

    Settings stay: sizes, lengths, models, choices. The spec is not changed.
    """
    inputs = [_asked(one) for one in spec.get("inputs") or () if isinstance(one, dict)]
    names = {one.get("name") for one in inputs}
    stages = []
    for stage in spec.get("stages") or ():
        bare, wanted = _bare(stage)
        for argument, place in wanted:
            name = _free_name(str(stage.get("id", "stage")), argument, names)
            if len(inputs) < MAX_INPUTS:
                names.add(name)
                about = f"{stage.get('label') or stage.get('id')}: {argument}"
                inputs.append(
                    {"name": name, "type": "text", "required": True, "description": about}
                )
                place[argument] = f"$inputs.{name}"
        stages.append(bare)
    kept = {key: value for key, value in spec.items() if key not in ("brief", "extra")}
    graph = spec.get("graph")
    if isinstance(graph, dict):
        kept["graph"] = {key: value for key, value in graph.items() if key != "notes"}
    return {**kept, "inputs": inputs, "stages": stages}


def _asked(declared: Mapping[str, Any]) -> dict[str, Any]:
    """An input without its author's values, where those are texts or files."""
    if declared.get("type") not in ("text", "image", "video", "audio"):
        return dict(declared)
    kept = {key: value for key, value in declared.items() if key not in ("default", "internal")}
    schema = kept.get("jsonSchema")
    if isinstance(schema, dict):
        kept["jsonSchema"] = {key: value for key, value in schema.items() if key != "examples"}
    return kept


def _bare(stage: Any) -> tuple[Any, list[tuple[str, dict[str, Any]]]]:
    """A stage without texts; the arguments that were prompts, each with what holds it."""
    if not isinstance(stage, dict):
        return stage, []
    bare = {key: value for key, value in stage.items() if key != "systemPrompt"}
    wanted: list[tuple[str, dict[str, Any]]] = []
    if isinstance(stage.get("args"), dict):
        bare["args"] = {name: one for name, one in stage["args"].items() if not _is_text(name, one)}
        said = [name for name, one in stage["args"].items() if isinstance(one, str)]
        wanted = [(name, bare["args"]) for name in said if name not in bare["args"]]
    item = stage.get("itemStage")
    if item is not None:
        bare["itemStage"], of_item = _bare(item)
        wanted += of_item
    if isinstance(stage.get("subStages"), list):
        pairs = [_bare(one) for one in stage["subStages"]]
        bare["subStages"] = [one for one, _ in pairs]
        wanted += [place for _, of_sub in pairs for place in of_sub]
    return bare, wanted


def _is_text(name: str, value: Any) -> bool:
    """Whether an argument holds words that its author wrote."""
    if isinstance(value, dict):
        return any(_is_text(key, one) for key, one in value.items())
    if isinstance(value, list):
        return any(_is_text(name, one) for one in value)
    if not isinstance(value, str) or not value or not isinstance(read_text(value), str):
        return False
    return name.lower().endswith(_PROMPTS) or bool(_SPACE.search(value))


def _free_name(stage: str, argument: str, taken: set[Any]) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{stage}_{argument}").strip("_-")
    stem = f"the_{stem}" if not stem or not stem[0].isalpha() else stem
    names = (f"{stem[: _NAME_LENGTH - 4]}{tail}" for tail in ("", *(f"_{n}" for n in range(2, 99))))
    return next(name for name in names if name not in taken)
