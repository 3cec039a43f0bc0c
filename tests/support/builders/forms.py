"""A template that asks for every type of input, and files for its form."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from templates_app.models import Template
from tests.support.builders.templates import make_public

NOTE = {"id": "study", "type": "fixed", "tool": "note", "args": {"text": "$inputs.story"}}
INPUTS: list[dict[str, Any]] = [
    {"name": "story", "type": "text", "required": True, "description": "Story"},
    {
        "name": "grain",
        "type": "number",
        "description": "Grain",
        "default": 3,
        "jsonSchema": {"minimum": 0, "maximum": 10, "multipleOf": 1},
    },
    {"name": "voice", "type": "boolean", "description": "Narrated", "default": True},
    {
        "name": "length",
        "type": "select",
        "description": "Length",
        "options": [{"value": "12", "label": "12 s"}, {"value": "24", "label": "24 s"}],
        "default": "24",
    },
    {"name": "keeper", "type": "image", "description": "Keeper"},
    {"name": "clip", "type": "video", "description": "Clip"},
    {"name": "music", "type": "audio", "description": "Music"},
    {
        "name": "scenes",
        "type": "text",
        "description": "Scenes",
        "multiple": {"min": 1, "max": 3},
    },
]
ALL_KINDS: dict[str, Any] = {
    "id": "all-kinds",
    "name": "All kinds",
    "description": "Every type of input there is.",
    "category": "cinematic",
    "tags": ["film", "night"],
    "inputs": INPUTS,
    "stages": [NOTE],
}


def make_all_kinds(owner: User, **fields: Any) -> Template:
    """ALL_KINDS, published by this person."""
    return make_public(owner, **{**ALL_KINDS, **fields})
