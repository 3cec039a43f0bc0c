"""A tool's arguments, read from a person's words by rules. Pure but for the table of tools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose.brief.read import read_brief
from compose.chat import tool_sets
from compose.chat.intent import existing_template, listed, phrases, plain, written_arguments
from compose.chat.request import FunctionIn
from compose.chat.schema_values import arguments_for
from core.language.numbers import LANGUAGES
from core.language.phrases import Words
from tools import registry
from tools.declaration.ports import spellings
from tools.declaration.schema import json_schema, parameter_schemas

# "Please make me a short picture of …": what a prompt is better without.
_LEAD = re.compile(
    rf"^\s*(?:{listed('polite')}[\s,]+)*(?:{listed('wishes')}\s+(?:{listed('polite')}\s+)?)?"
    rf"{listed('drawn')}(?:[\s-]+{listed('receivers')})?(?:\s+\S+){{0,3}}?\s+"
    rf"{listed('pictures')}\s+{listed('links')}(?:\s+|(?<='))",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"\b(\d{{1,2}}|{listed('counts')})\s+(?:\w+\s+){{0,2}}?{listed('pictures')}\b", re.IGNORECASE
)
_SCRIPTS = {name: phrases(name) for name in ("storyboard", "trailer", "screenplay", "ad_script")}
_QUOTES = re.compile(r"[\"“„«]([^\"“”„«»]{2,})[\"”“»]")
LONGEST_NAME = 60
# Parameters that are the person's words, in the order of preference.
_WORDS = ("prompt", "brief", "description")


def arguments_of(tool: str, text: str, whole_text: str) -> dict[str, Any]:
    """Arguments of a tool of this server. tool: its canonical name.

    text: what was said last. whole_text: the same uncut, where a template may be within.
    """
    values = arguments_for(tool_sets.schema_of(tool), text)
    takes = _parameters(tool)
    own_values = written_arguments(whole_text, _spellings_of(tool))
    if own_values and "stages" not in own_values:
        return {**values, **own_values}
    if tool in tool_sets.PLANNERS:
        return _draft_arguments(tool, text, whole_text)
    name = next((one for one in _WORDS if one in takes), "prompt")
    quote = _QUOTES.search(text) if tool == "generate_speech" else None
    values[name] = quote[1] if quote else subject_of(text)
    if tool == "compose_script":
        values["script_type"] = _script_type(text)
    if tool == "enhance_prompt":
        values |= {"prompt": _after_colon(text), "target_output": _target(text)}
        values["destination_model"] = ""
    return values | _measures(tool, text)


def arguments_of_own(function: FunctionIn, text: str) -> dict[str, Any]:
    """Arguments of a function of the caller's own: those written in the words, or made of them."""
    schema = function.parameters or {}
    names = schema.get("properties")
    own_values = written_arguments(text, names) if isinstance(names, Mapping) else {}
    return {**arguments_for(schema, text), **own_values}


def _spellings_of(tool: str) -> frozenset[str]:
    """Every spelling of every argument of a tool."""
    tool_type = registry.table().get(tool)
    if tool_type is None:
        return frozenset()
    names = json_schema(tool_type)["properties"]
    return frozenset(one for name in names for one in spellings(name))


def subject_of(text: str) -> str:
    """Return the words without their "please make a picture of"."""
    lead = _LEAD.match(text)
    return text[lead.end() :].strip() or text if lead else text


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
    return {"brief": text, "name": _name(text)}


def _name(text: str) -> str:
    topic = (read_brief(text).topic or text).strip().splitlines()
    return (topic[0] if topic else "")[:LONGEST_NAME].strip() or "Untitled"


def _measures(tool: str, text: str) -> dict[str, Any]:
    """Length, format and number, where the words say them and the tool takes them."""
    schemas = _parameters(tool)
    brief = read_brief(text)
    values: dict[str, Any] = {}
    for name in ("duration", "duration_seconds"):
        if brief.seconds and name in schemas:
            schema = schemas[name]
            most, least = schema.get("maximum", brief.seconds), schema.get("minimum", 1)
            values[name] = max(min(brief.seconds, most), least)
    for name in ("aspectRatio", "aspect_ratio", "ratio"):
        if (
            brief.aspect
            and name in schemas
            and brief.aspect in schemas[name].get("enum", (brief.aspect,))
        ):
            values[name] = brief.aspect
            break
    if "numberOfVariations" in schemas and (count := _count(text)):
        values["numberOfVariations"] = count
    return values


def _count(text: str) -> int:
    """Return how many pictures the words ask for, as in "three small pictures"; 0 for one."""
    match = _COUNT.search(plain(text))
    counts = (Words(match[1], language).number(0) for language in LANGUAGES if match)
    return next((int(count) for count in counts if count and 2 <= count <= 16), 0)


def _parameters(tool: str) -> dict[str, Any]:
    tool_type = registry.table().get(tool)
    return dict(parameter_schemas(tool_type)) if tool_type is not None else {}


def _after_colon(text: str) -> str:
    """ "Improve this prompt: a cat" → "a cat"."""
    head, colon, rest = text.partition(":")
    return rest.strip() if colon and "prompt" in head.lower() and rest.strip() else text


def _script_type(text: str) -> str:
    words = plain(text)
    return next((name for name, kind in _SCRIPTS.items() if kind.search(words)), "video_prompt")


def _target(text: str) -> str:
    return "video_prompt" if "video" in text.lower() else "image_prompt"
