"""The catalog against `contract/hosted_tools.json`: names, types, enums, ranges, defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.catalog import catalogue
from tools.declaration.ports import Tool
from tools.declaration.schema import json_schema, parameter_schemas

PUBLISHED: dict[str, dict[str, Any]] = {
    entry["function"]["name"]: entry["function"]["parameters"]
    for entry in json.loads(
        (Path(__file__).parents[3] / "contract" / "hosted_tools.json").read_text()
    )["tools"]
}
CATALOGUE: dict[str, type[Tool]] = {tool.name: tool for tool in catalogue()}

# Durable, but no schema of theirs is published.
UNPUBLISHED = {
    "analyze_image",
    "analyze_video",
    "extract_metadata",
    "ask_clarifying_question",
    "finalize_response",
    "create_asset_manifest",
    "inspect_asset",
    "label_asset",
    "map_assets_for_model",
    "validate_asset_references",
}

# Published, but no steps: tools/execute and chat call them.
COMPOSITION = {
    "enhance_prompt",
    "compose_lyrics",
    "compose_instrumental",
    "compose_script",
    "compose_workflow",
    "compose_workflow_template",
}

# Step tools of the public contract.
DURABLE = (PUBLISHED.keys() | UNPUBLISHED) - COMPOSITION

# Published as "number" where a fraction makes no sense: we take whole numbers, also as 5.0 or "5".
WHOLE = {
    "numberOfVariations",
    "width",
    "height",
    "targetResolution",
    "targetLongestEdge",
    "dialogueSegment",
    "timesig",
}

# Whole only here: other tools' argument of this name takes fractions.
FRACTIONLESS = {("upscale_image", "scale"), ("upscale_video", "targetResolution")}

# Where we take more than is published: -1 asks for a fresh seed in every seeded tool.
WIDER = {("generate_speech", "seed", "minimum")}

SHARED = sorted(set(PUBLISHED) & set(CATALOGUE))


def test_catalogue_declares_every_durable_tool_and_no_other():
    assert {name for name, tool in CATALOGUE.items() if tool.durable} == DURABLE


def test_catalogue_declares_every_composition_tool_as_no_step():
    assert {name for name, tool in CATALOGUE.items() if not tool.durable} == COMPOSITION


def test_what_is_published_is_known():
    assert not UNPUBLISHED & PUBLISHED.keys()
    assert PUBLISHED.keys() >= COMPOSITION


@pytest.mark.parametrize("name", SHARED)
def test_declares_every_published_argument(name):
    ours = json_schema(CATALOGUE[name])["properties"]
    missing = set(PUBLISHED[name]["properties"]) - set(ours)
    assert not missing, f"{name} lacks {sorted(missing)}: add them in tools/catalog/{name}.py"


@pytest.mark.parametrize("name", SHARED)
def test_requires_what_is_published_as_required(name):
    assert set(json_schema(CATALOGUE[name])["required"]) == set(PUBLISHED[name].get("required", ()))


@pytest.mark.parametrize("name", SHARED)
def test_types_enums_ranges_and_defaults_agree(name):
    tool = CATALOGUE[name]
    ours = json_schema(tool)["properties"]
    loose = {
        argument
        for argument, schema in parameter_schemas(tool).items()
        if schema["x-reelgraph"].get("open_enum")
    }
    positions = {a for port in tool.ports() for a in port.arguments if port.is_index(a)}
    differences = [
        f"{name}: {difference}"
        for argument, published in PUBLISHED[name]["properties"].items()
        for theirs in [
            {key: fact for key, fact in published.items() if (name, argument, key) not in WIDER}
        ]
        for difference in differing(
            argument,
            theirs,
            ours[argument],
            loose=argument in loose,
            whole=argument in WHOLE or argument in positions or (name, argument) in FRACTIONLESS,
        )
    ]
    assert not differences, "\n".join(differences)


def differing(
    path: str, theirs: dict[str, Any], ours: dict[str, Any], *, loose: bool, whole: bool
) -> Iterator[str]:
    their_type = theirs.get("type")
    if isinstance(their_type, list):  # ["string", "null"]: null means absent everywhere here
        their_type = next(kind for kind in their_type if kind != "null")
    allowed = {their_type, "integer"} if whole and their_type == "number" else {their_type}
    if ours.get("type") not in allowed:
        yield f"{path} is {ours.get('type')}, published {their_type}"
    if "enum" in theirs:
        values = ours.get("examples" if loose else "enum", [])
        if list(values) != theirs["enum"]:
            yield f"{path} knows {values}, published {theirs['enum']}"
    for bound in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
        if bound in theirs and ours.get(bound) != theirs[bound]:
            yield f"{path} has {bound} {ours.get(bound)}, published {theirs[bound]}"
    if "default" in theirs and ours.get("default") != theirs["default"]:
        yield f"{path} defaults to {ours.get('default')}, published {theirs['default']}"
    if "properties" in theirs:
        if set(theirs.get("required", ())) != set(ours.get("required", ())):
            yield f"{path} requires {ours.get('required')}, published {theirs.get('required')}"
        for name, part in theirs["properties"].items():
            mine = ours.get("properties", {}).get(name)
            if mine is None:
                yield f"{path}.{name} is missing"
            else:
                nested_whole = name.endswith(("Index", "Indices"))
                yield from differing(f"{path}.{name}", part, mine, loose=False, whole=nested_whole)
    if "items" in theirs:
        items = ours.get("items", {})
        yield from differing(f"{path}[]", theirs["items"], items, loose=loose, whole=whole)
