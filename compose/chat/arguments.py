"""A tool's arguments, read from a person's words by rules. Pure but for the table of tools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose.brief.read import read_brief
from compose.chat import tool_sets
from compose.chat.intent import existing_template, written_arguments
from compose.chat.request import FunctionIn
from compose.chat.schema_values import arguments_for
from tools import registry
from tools.declaration.ports import spellings
from tools.declaration.schema import json_schema, parameter_schemas

_PICTURE = (
    r"pictures?|images?|photos?|illustrations?|drawings?|paintings?|videos?|clips?|films?|movies?"
    r"|songs?|bild(?:er)?|fotos?|zeichnung|videos?|lied|dessin|vid[eé]o|imagen|imagem|immagine|foto"
    r"|v[ií]deo|canci[oó]n|canzone|chanson"
)
# "Please make me a short picture of …": what a prompt is better without.
_LEAD = re.compile(
    r"^\s*(?:(?:please|hey|hi|bitte|por favor|per favore|s'il te pla[iî]t)[\s,]+)*"
    r"(?:(?:can|could|would) you\s+(?:please\s+)?)?"
    r"(?:make|create|generate|draw|paint|render|produce|give|show|mach|mache|erstelle?|zeichne"
    r"|male?|generiere|fais|cr[eé]e|g[eé]n[eè]re|dessine|haz|crea|genera|dibuja|fai|disegna|fa[cç]a"
    r"|crie|gere|desenhe)"
    r"(?:[\s-]+(?:me|us|mir|uns|moi|mi|bitte))?"
    r"(?:\s+\S+){0,3}?\s+"
    rf"(?:{_PICTURE})\s+(?:of|showing|about|from|von|mit|[uü]ber|de|d'|avec|con|di|sobre|su)\s+",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"\b(\d{{1,2}}|two|three|four|five|six)\s+(?:\w+\s+){{0,2}}?(?:{_PICTURE})\b", re.I
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»]{2,})[\"”“»]")
_SCRIPTS = (
    (re.compile(r"storyboard|\bplan|\bshots?\b|\bscenes?\b", re.I), "storyboard"),
    (re.compile(r"trailer|teaser", re.I), "trailer"),
    (
        re.compile(r"screenplay|drehbuch|sc[eé]nario|guion|sceneggiatura|roteiro", re.I),
        "screenplay",
    ),
    (re.compile(r"\bads?\b|advert|commercial|werbung", re.I), "ad_script"),
)
LONGEST_NAME = 60
# Parameters that are the person's words, in the order of preference.
_WORDS = ("prompt", "brief", "description")


def arguments_of(tool: str, text: str, whole_text: str) -> dict[str, Any]:
    """Arguments of a tool of this server. tool: its canonical name.

    text: what was said last. whole_text: the same uncut, where a template may be within.
    """
    found = arguments_for(tool_sets.schema_of(tool), text)
    takes = _parameters(tool)
    written = written_arguments(whole_text, _spelled(tool))
    if written and "stages" not in written:
        return {**found, **written}
    if tool in tool_sets.PLANNERS:
        return _draft_arguments(tool, text, whole_text)
    name = next((one for one in _WORDS if one in takes), "prompt")
    spoken = _QUOTED.search(text) if tool == "generate_speech" else None
    found[name] = spoken[1] if spoken else subject_of(text)
    if tool == "compose_script":
        found["script_type"] = _script_type(text)
    if tool == "enhance_prompt":
        found |= {"prompt": _after_colon(text), "target_output": _target(text)}
        found["destination_model"] = ""
    return found | _measures(tool, text)


def arguments_of_own(function: FunctionIn, text: str) -> dict[str, Any]:
    """Arguments of a function of the caller's own: those written in the words, or made of them."""
    schema = function.parameters or {}
    names = schema.get("properties")
    written = written_arguments(text, names) if isinstance(names, Mapping) else {}
    return {**arguments_for(schema, text), **written}


def _spelled(tool: str) -> frozenset[str]:
    """Every spelling of every argument of a tool."""
    declared = registry.table().get(tool)
    if declared is None:
        return frozenset()
    names = json_schema(declared)["properties"]
    return frozenset(one for name in names for one in spellings(name))


def subject_of(text: str) -> str:
    """The words without their "please make a picture of"."""
    found = _LEAD.match(text)
    return text[found.end() :].strip() or text if found else text


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
    found: dict[str, Any] = {}
    for name in ("duration", "duration_seconds"):
        if brief.seconds and name in schemas:
            schema = schemas[name]
            most, least = schema.get("maximum", brief.seconds), schema.get("minimum", 1)
            found[name] = max(min(brief.seconds, most), least)
    for name in ("aspectRatio", "aspect_ratio", "ratio"):
        if (
            brief.aspect
            and name in schemas
            and brief.aspect in schemas[name].get("enum", (brief.aspect,))
        ):
            found[name] = brief.aspect
            break
    counted = _COUNT.search(text)
    if counted and "numberOfVariations" in schemas:
        number = _NUMBERS.get(counted[1].lower()) or int(counted[1])
        if 2 <= number <= 16:
            found["numberOfVariations"] = number
    return found


def _parameters(tool: str) -> dict[str, Any]:
    declared = registry.table().get(tool)
    return dict(parameter_schemas(declared)) if declared is not None else {}


def _after_colon(text: str) -> str:
    """ "Improve this prompt: a cat" → "a cat"."""
    head, colon, rest = text.partition(":")
    return rest.strip() if colon and "prompt" in head.lower() and rest.strip() else text


def _script_type(text: str) -> str:
    said = next((name for words, name in _SCRIPTS if words.search(text)), "")
    return said or "video_prompt"


def _target(text: str) -> str:
    return "video_prompt" if "video" in text.lower() else "image_prompt"
