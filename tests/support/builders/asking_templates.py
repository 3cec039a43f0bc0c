"""Templates whose runs ask a person: to choose, to say something, to check."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from templates_app.models import Template
from tests.support.builders.templates import make_template


def stage(name: str, tool: str = "note", **more: Any) -> dict[str, Any]:
    """A stage that makes a tiny picture at once."""
    known = {"id": name, "type": "fixed", "tool": tool, "produces": [name]}
    return {**known, "args": {"text": name}, **more}


LOOKS = stage("looks", args={"text": "$inputs.brief", "copies": 3})
PICK = {
    "id": "pick",
    "label": "Pick a look",
    "type": "interactive",
    "produces": ["pick"],
    "select": {"from": "$artifacts.looks", "min": 1, "max": 1},
    "userMessage": "Which look goes into the film?",
}
TALK = {
    "id": "talk",
    "type": "interactive",
    "produces": ["talk"],
    "systemPrompt": "Be brief",
    "userMessage": "What is it about?",
}
BRIEF = {"name": "brief", "type": "text", "required": True, "description": "What to show"}


def choosing(owner: User, **fields: Any) -> Template:
    """Three looks, one of which goes into a film."""
    film = stage("film", args={"source_image_url": "$artifacts.pick"})
    return made_of(owner, LOOKS, PICK, film, inputs=[BRIEF], name="Choose a look", **fields)


def made_of(owner: User, *stages: dict[str, Any], **fields: Any) -> Template:
    return make_template(owner, **{"inputs": [], "stages": list(stages), **fields})
