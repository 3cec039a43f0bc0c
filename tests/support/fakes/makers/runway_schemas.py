"""The JSON Schemas of Runway's create bodies, read from its own client's types.

It runs in an environment with `runwayml`, so it imports nothing of ours:
`python runway_schemas.py FOLDER` writes a file an endpoint. The types say names, choices and what
is required; lengths and ranges are in their docstrings alone and are read from there.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

ENDPOINTS = (
    "text_to_image",
    "text_to_video",
    "image_to_video",
    "video_to_video",
    "image_upscale",
    "video_upscale",
    "text_to_speech",
    "sound_effect",
    "character_performance",
)
LENGTH = re.compile(r"up to ([\d,]+) characters")
RANGE = re.compile(r"integer from (\d+) to (\d+)")


def schema_of(endpoint: str) -> dict[str, Any]:
    """Make the schema of the body of `POST /v1/{endpoint}`, with the names that are sent."""
    module = importlib.import_module(f"runwayml.types.{endpoint}_create_params")
    root = "".join(word.title() for word in endpoint.split("_")) + "CreateParams"
    schema = TypeAdapter(getattr(module, root)).json_schema()
    notes = _docstrings(module)
    for name, part in [(root, schema), *schema.get("$defs", {}).items()]:
        if "properties" in part:
            _complete(part, getattr(module, name), notes.get(name, {}))
    plain: dict[str, Any] = _without_titles(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def _complete(part: dict[str, Any], type_: type, notes: dict[str, str]) -> None:
    hints = get_type_hints(type_, include_extras=True)
    wire_names = {name: _alias(hint) or name for name, hint in hints.items()}
    for name, field in part["properties"].items():
        if (length := LENGTH.search(notes.get(name, ""))) and field.get("type") == "string":
            field["minLength"], field["maxLength"] = 1, int(length[1].replace(",", ""))
        if (span := RANGE.search(notes.get(name, ""))) and field.get("type") == "integer":
            field["minimum"], field["maximum"] = int(span[1]), int(span[2])
    part["properties"] = {wire_names[name]: field for name, field in part["properties"].items()}
    if "required" in part:
        part["required"] = [wire_names[name] for name in part["required"]]
    part["additionalProperties"] = False


def _alias(hint: Any) -> str | None:
    """Find the name that is sent, wherever `Required` and `Annotated` have put it."""
    for one in getattr(hint, "__metadata__", ()):
        if getattr(one, "alias", None):
            return str(one.alias)
    inner = get_args(hint) if "Required" in str(getattr(hint, "__origin__", "")) else ()
    return _alias(inner[0]) if inner else None


def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """Read what is written below each field of each class."""
    notes: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef):
            pairs = zip(node.body, node.body[1:], strict=False)
            notes[node.name] = {
                field.target.id: " ".join(str(note.value.value).split())
                for field, note in pairs
                if isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(note, ast.Expr)
                and isinstance(note.value, ast.Constant)
            }
    return notes


def _without_titles(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_titles(one) for one in part]
    if not isinstance(part, dict):
        return part
    fields = {
        k: v for k, v in part.items() if not (k in ("title", "description") and isinstance(v, str))
    }
    return {name: _without_titles(value) for name, value in fields.items()}


if __name__ == "__main__":
    for endpoint in ENDPOINTS:
        text = json.dumps(schema_of(endpoint), indent=1, sort_keys=True) + "\n"
        (Path(sys.argv[1]) / f"{endpoint}.json").write_text(text)
