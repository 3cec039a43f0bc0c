"""Which tools of this server a chat may call, and who does each one's work."""

from __future__ import annotations

from typing import Any

from compose.chat.request import ChatIn
from tools import registry
from tools.declaration.ports import MEDIA_KINDS
from tools.declaration.schema import json_schema

WRITERS = ("enhance_prompt", "compose_script", "compose_lyrics", "compose_instrumental")
PLANNERS = ("compose_workflow", "compose_workflow_template")
_OFF = (False, "none")


def offered(request: ChatIn) -> tuple[str, ...]:
    """Canonical names of the tools that `sogni_tools` offers.

    The default and its other spellings: tools that make media, and those that write. creative-agent
    adds the planners and the tools for assets and for asking.
    """
    if request.sogni_tools in _OFF:
        return ()
    table = registry.table(person=request.person)
    provided = [tool for tool in table if table.is_provided(tool.name)]
    if request.sogni_tools == "creative-agent":
        names = [tool.name for tool in provided]
        return tuple(dict.fromkeys((*names, *WRITERS, *PLANNERS)))
    media = [tool.name for tool in provided if tool.output is not None]
    return tuple(dict.fromkeys((*media, *WRITERS)))


def hosted_name(request: ChatIn, name: str) -> str:
    """The canonical name of a tool of this server that a call means; "" for another.

    A forced planner need not be offered: `compose_workflow_template` is asked for so by name.
    """
    if request.sogni_tools in _OFF:
        return ""
    canonical = registry.table().canonical(name)
    return canonical if canonical in (*offered(request), *PLANNERS) else ""


def makes_media(name: str) -> bool:
    """Whether a tool's work is a run; others answer at once."""
    found = registry.table().get(name)
    return found is not None and found.output in MEDIA_KINDS


def title_of(name: str) -> str:
    return registry.title_of(name)


def schema_of(name: str) -> dict[str, Any]:
    """JSON schema of a tool's arguments, as function calling takes it."""
    found = registry.table().get(name)
    if found is None:
        return {"type": "object", "properties": {}, "required": []}
    return json_schema(found)
