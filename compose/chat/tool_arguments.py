"""A tool's arguments, of the JSON in a person's words or of the words as they are. Pure but for
the table of tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose.chat import tool_sets
from compose.chat.intent import existing_template, written_arguments
from compose.chat.request import ChatIn, FunctionIn
from compose.chat.schema_values import arguments_for
from compose.drafting import template_name
from compose.plain_settings import read_plain
from tools import registry
from tools.declaration.ports import spellings
from tools.declaration.schema import json_schema, parameter_schemas

# Parameters that are the person's words, in the order of preference.
_WORDS = ("prompt", "brief", "description")
_SECONDS, _SHAPES = ("duration", "duration_seconds"), ("aspectRatio", "aspect_ratio", "ratio")


def arguments_of(request: ChatIn, name: str, tool: str) -> dict[str, Any]:
    """Arguments of a function, of what was said last. tool: the canonical name of a tool of this
    server; "" for a function of the caller's own, of this name."""
    text = request.last_user_text()
    if not tool:
        return _arguments_of_own(request.own_tools()[name], text)
    # A template may be within.
    whole_text = request.whole_user_text()
    tool_type = registry.table().get(tool)
    schema = json_schema(tool_type) if tool_type is not None else {"properties": {}}
    schemas = parameter_schemas(tool_type) if tool_type is not None else {}
    values = arguments_for(schema, text)
    names = {one for parameter in schema["properties"] for one in spellings(parameter)}
    own_values = written_arguments(whole_text, names)
    if own_values and "stages" not in own_values:
        return {**values, **own_values}
    if tool in tool_sets.PLANNERS:
        return _draft_arguments(tool, text, whole_text)
    reading = read_plain(text)
    plan, fields = reading.plan, reading.from_words
    name = next((one for one in _WORDS if one in schemas), "prompt")
    # A voice would read the request out, too.
    is_quoted = tool == "generate_speech" and "sound.spoken" in fields
    values[name] = plan.sound.spoken if is_quoted else text
    if tool == "enhance_prompt":
        values["destination_model"] = ""
    if plan.seconds and "seconds" in fields:
        values |= _seconds(schemas, plan.seconds)
    if "aspect" in fields:
        values |= _shape(schemas, plan.aspect)
    return values


def _arguments_of_own(function: FunctionIn, text: str) -> dict[str, Any]:
    """Arguments of a function of the caller's own: those written in the words, or made of them."""
    schema = function.parameters or {}
    names = schema.get("properties")
    own_values = written_arguments(text, names) if isinstance(names, Mapping) else {}
    return {**arguments_for(schema, text), **own_values}


def _draft_arguments(tool: str, text: str, whole_text: str) -> dict[str, Any]:
    """Everything else the draft reads in the brief itself."""
    template = existing_template(whole_text) if tool == "compose_workflow_template" else None
    if template is not None:
        start = whole_text.find("{")
        words = (whole_text[:start] + whole_text[whole_text.rfind("}") + 1 :]).strip()
        brief = words.rstrip(": \n`")[: len(text)] or "Check this template"
        name = str(template.get("name") or "Untitled")
        return {"brief": brief, "name": name, "existing_template": template}
    if tool == "compose_workflow":
        return {"brief": text}
    return {"brief": text, "name": template_name(text)}


def _seconds(schemas: Mapping[str, Any], seconds: float) -> dict[str, float]:
    """Return a written length, as far as the tool takes it."""
    names = [name for name in _SECONDS if name in schemas]
    return {
        name: max(
            min(seconds, schemas[name].get("maximum", seconds)), schemas[name].get("minimum", 1)
        )
        for name in names
    }


def _shape(schemas: Mapping[str, Any], aspect: str) -> dict[str, str]:
    name = next((name for name in _SHAPES if name in schemas), "")
    is_taken = bool(name) and aspect in schemas[name].get("enum", (aspect,))
    return {name: aspect} if is_taken else {}
