"""Every tool as the editor shows it: titles in people's words, forms, sockets, icons. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import orjson

from tools.declaration.ports import COST_UNITS, Port, Tool, ToolTable
from tools.declaration.schema import Schema, parameter_schemas
from tools.offering import Offering, Offers, as_facts
from tools.palette_schemas import PaletteTool, ToolParameter, ToolPort

# In the order of the palette. Groups that are not here follow, as they are called.
GROUPS: Final[Mapping[str, str]] = {
    "Image": "Image",
    "Video": "Video",
    "Audio": "Audio",
    "Edit": "Edit",
    "Analyze": "Analyze",
    "Conversation": "Ask people",
    "Assets": "Organize",
}

_ICON_OF_KIND: Final[Mapping[str | None, str]] = {
    "image": "image",
    "video": "video",
    "audio": "music",
    "model": "box",
    None: "circle-dashed",
}

# Titles where the words of the argument's name would not do.
_TITLES: Final[Mapping[str, str]] = {
    "audioStart": "Start at",
    "auto_transcribe": "Transcribe speech",
    "bpm": "Tempo",
    "composerMode": "Plan first",
    "controlMode": "Keep",
    "detailPreference": "Detail priority",
    "duration": "Length",
    "expandPrompt": "Improve prompt",
    "generateAudio": "Sound",
    "gptImageBackground": "GPT background",
    "gptImageOutputCompression": "GPT compression",
    "gptImageQuality": "GPT quality",
    "keepOriginalAudio": "Keep original sound",
    "keepSourceAudio": "Keep clip sound",
    "keyscale": "Key",
    "loraStrength": "Camera change",
    "loraStrengths": "LoRA strengths",
    "loras": "LoRAs",
    "maxInstances": "Maximum",
    "meshTargetFaces": "Triangles",
    "model_id": "Model",
    "multimask": "Multiple candidates",
    "numberOfVariations": "Variations",
    "outpaintAspectRatio": "Canvas aspect ratio",
    "outpaintPosition": "Frame position",
    "personaName": "Persona",
    "processingSpeed": "Speed",
    "ratio": "Preset aspect ratio",
    "referenceFileUrl": "Reference document",
    "referenceLinkUrl": "Reference page",
    "returnLastFrame": "Return last frame",
    "singleClip": "One shot",
    "skipPromptProcessing": "Use prompt as is",
    "srt": "SRT or VTT file",
    "starting_image_strength": "Image strength",
    "targetLongestEdge": "Long side",
    "targetResolution": "Short side",
    "timesig": "Time signature",
    "user_label": "Name",
    "videoStart": "Start at",
    "voicePersonaName": "Voice persona",
}
_UNITS_BY_ENDING: Final[tuple[tuple[str, str], ...]] = (
    ("Seconds", "s"),
    ("Pct", "%"),
    ("Percent", "%"),
    ("Degrees", "°"),
)
_UNITS: Final[Mapping[str, str]] = {
    "audioStart": "s",
    "bpm": "bpm",
    "duration": "s",
    "height": "px",
    "scale": "×",
    "targetLongestEdge": "px",
    "targetResolution": "px",
    "videoStart": "s",
    "width": "px",
}
_ABBREVIATIONS: Final = frozenset({"3d", "fps", "gpt", "id", "srt", "url"})


@lru_cache(maxsize=16)
def published(table: ToolTable, offers: Offers) -> tuple[bytes, str]:
    """`{"tools": [...]}` as JSON, and its ETag."""
    body = orjson.dumps({"tools": palette(table, offers)})
    return body, f'"{sha256(body).hexdigest()[:32]}"'


def palette(table: ToolTable, offers: Offers) -> list[PaletteTool]:
    """Every tool, by group as the palette lists them and by title within."""
    return [
        palette_tool(tool, offers(tool.name), is_provided=table.is_provided(tool.name))
        for tool in in_order(table)
    ]


def in_order(table: ToolTable) -> list[type[Tool]]:
    """Every tool, by group as the palette lists them and by title within."""
    places = {name: place for place, name in enumerate(GROUPS)}
    return sorted(
        table, key=lambda tool: (places.get(tool.group, len(places)), tool.group, tool.title)
    )


def icon_of(tool: type[Tool]) -> str:
    """The lucide name of a tool's icon."""
    return tool.icon or _ICON_OF_KIND[tool.output]


def title_of(argument: str, schema: Schema | None = None) -> str:
    """`numberOfVariations` → `Variations`, `startSeconds` → `Start`, `negativePrompt` → words.

    schema: of a parameter that may have a title of its own.
    """
    if title := (schema or {}).get("x-reelgraph", {}).get("title"):
        return str(title)
    if argument in _TITLES:
        return _TITLES[argument]
    stem = argument
    for ending, _unit in _UNITS_BY_ENDING:
        stem = stem.removesuffix(ending) or stem
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+", " ", stem).strip().lower().split()
    title_words = [word.upper() if word in _ABBREVIATIONS else word for word in words]
    text = " ".join(title_words)
    return text[:1].upper() + text[1:]


def unit_of(argument: str) -> str:
    """Return the unit of a number: `s`, `px`, `%`; empty for most."""
    if argument in _UNITS:
        return _UNITS[argument]
    return next((unit for ending, unit in _UNITS_BY_ENDING if argument.endswith(ending)), "")


def palette_tool(
    tool: type[Tool], offers: Sequence[Offering] = (), *, is_provided: bool = True
) -> PaletteTool:
    """One tool, by who offers it."""
    return {
        "name": tool.name,
        "title": tool.title,
        "group": GROUPS.get(tool.group, tool.group),
        "help": " ".join(tool.description().split()),
        "icon": icon_of(tool),
        "output": tool.output,
        "isSeeded": tool.seeded,
        "isProvided": is_provided,
        "unusable": tool.unusable,
        "provider": offers[0].name if offers else "",
        "providers": [
            {
                "name": one.name,
                "title": one.title,
                "models": [*one.models],
                "makes": [
                    {"name": model.name, "also": [*model.also], **as_facts(model)}
                    for model in one.makes
                ],
                "units": one.units,
                "isDraft": one.is_draft,
            }
            for one in offers
        ],
        "units": COST_UNITS[tool.cost_class],
        "count": tool.count,
        "ports": [_port(port) for port in tool.ports()],
        "parameters": [
            _parameter(name, schema) for name, schema in parameter_schemas(tool).items()
        ],
    }


def _port(port: Port) -> ToolPort:
    # Addresses say what they mean wherever a stage is; positions change when one is added.
    argument = port.url or port.arguments[0]
    return {
        "name": port.name,
        "title": port.title,
        "help": port.help,
        "kind": port.kind,
        "argument": argument,
        "spellings": list(port.arguments),
        "isList": port.is_list(argument),
        "isRequired": port.required,
        "implied": port.implied,
        "when": {"parameter": port.when[0], "values": [*port.when[1]]} if port.when else None,
        "maxItems": port.max_items,
    }


def _parameter(name: str, schema: Schema) -> ToolParameter:
    hints = schema.get("x-reelgraph", {})
    return {
        "name": name,
        "title": title_of(name, schema),
        "help": schema.get("description", ""),
        "schema": _form_schema(schema),
        "spellings": [name, *hints.get("aliases", ())],
        "default": schema.get("default"),
        "isRequired": bool(hints.get("required")),
        "isPinned": bool(hints.get("primary")),
        "isLoose": bool(hints.get("open_enum")),
        "unit": unit_of(name),
    }


def _form_schema(schema: Mapping[str, Any]) -> Schema:
    """A schema for a form: our hints as `examples`, `x-loose` and `x-words`; parts get `title` and
    unit."""
    hints = schema.get("x-reelgraph", {})
    form_schema = {key: value for key, value in schema.items() if key != "x-reelgraph"}
    if hints.get("known"):
        form_schema["examples"] = list(hints["known"])
    if hints.get("open_enum"):
        form_schema["x-loose"] = True
    if hints.get("words"):
        form_schema["x-words"] = dict(hints["words"])
    if "items" in form_schema:
        form_schema["items"] = _form_schema(form_schema["items"])
    if "properties" in form_schema:
        form_schema["properties"] = {
            name: {**_form_schema(part), "title": title_of(name), "x-unit": unit_of(name)}
            for name, part in form_schema["properties"].items()
        }
    return form_schema
