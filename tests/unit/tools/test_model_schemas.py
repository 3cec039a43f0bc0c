"""Rows of the tables against schemas of their models: what differs is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.provider_trials.openapi import body_of
from tools.provider_trials.schemas import Comparison, comparison, words_of
from tools.providers.makers.table import ModelRow, Offered, offered_at, read_table

RUNWAY = Path(__file__).parents[2] / "fixtures" / "schemas" / "runway"


def document(schema: dict[str, Any], **components: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "paths": {"/a/status": {"get": {}}, "/a": {"post": {"requestBody": {"content": content}}}},
        "components": {"schemas": components},
        "$defs": schema.get("$defs", {}),
    }


def row(tmp_path: Path, place: str, model: str = "") -> Offered:
    (tmp_path / "own.toml").write_text(f"""
schema = 1
read = 2026-11-01
[[model]]
name = "one"
title = "One"
by = "Us"
tools = ["generate_image"]
{model}
[[model.at]]
service = "fal"
id = "fal-ai/one"
result = {{ path = "images[].url", kind = "image" }}
price = {{ usd = 0.1 }}
{place}
""")
    table = read_table(tmp_path / "own.toml")
    found: ModelRow = table.models[0]
    return Offered(row=found, place=found.places[0], read=table.read)


PLACE = """
id_with = { references = "fal-ai/one/edit" }
seconds = [2, 20]
body.prompt = "prompt"
body.image_urls = "references"
body."config.shape" = { slot = "aspect", choices = ["1:1", "16:9"] }
body.duration = { slot = "seconds", as = "text", choices = [5, 10] }
body.length = "seconds"
body.size = { slot = "side", steps = [[1024, "1K"], [2048, "2K"]] }
"""


def test_fields_requirements_choices_and_bounds_that_differ_are_named(tmp_path: Path) -> None:
    offered = row(tmp_path, PLACE)
    config = {"properties": {"shape": {"enum": ["1:1", "4:3"]}}, "required": ["shape", "kind"]}
    same = {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "config": {"type": "object", "properties": {"shape": {"type": "string"}}},
            "duration": {"anyOf": [{"enum": ["5", "10"]}, {"type": "null"}]},
            "length": {"type": "integer", "minimum": 2, "maximum": 20},
            "size": {"allOf": [{"$ref": "#/components/schemas/Size"}], "default": "1K"},
        },
    }
    size = {"type": "string", "enum": ["1K", "2K"]}
    compared = comparison(offered, "", "fal-ai/one", document(same, Size=size))
    assert compared == Comparison("fal-ai/one", True, [], [])
    assert words_of(compared) == "fal-ai/one: its fields and ours are the same."
    other = {
        "type": "object",
        "required": ["prompt", "voice"],
        "properties": {
            "config": {"$ref": "#/components/schemas/Config"},
            "duration": {"enum": [5, 10]},
            "length": {"type": "integer", "minimum": 4, "maximum": 12},
            "size": {"enum": ["1K", "2K", "4K"]},
        },
    }
    compared = comparison(offered, "", "fal-ai/one", document(other, Config=config))
    assert compared.differences == [
        "it requires voice, which is never sent",
        "it requires config.kind, which is never sent",
        "it doesn't know prompt",
        'config.shape is sent as "16:9", and it takes "1:1", "4:3"',
        'duration is sent as "5", "10", and it takes 5, 10',
        "length is sent from 2, and it takes 4 or more",
        "length is sent up to 20, and it takes 12",
    ]
    assert compared.notes == [
        'config.shape may be "4:3", too',
        "duration may be 5, 10, too",
        'size may be "4K", too',
    ]


def test_a_model_for_calls_with_files_is_compared_by_what_these_send(tmp_path: Path) -> None:
    offered = row(tmp_path, PLACE)
    images = {"type": "array", "items": {"type": "string"}}
    edit = {"properties": {"prompt": {}, "image_urls": images}, "required": ["image_urls"]}
    assert not [
        one
        for one in comparison(offered, "references", "edit", document(edit)).differences
        if "image_urls" in one
    ]
    plain = comparison(offered, "", "one", document(edit)).differences
    assert "it requires image_urls, which is never sent" in plain


def test_what_a_function_writes_is_compared_too(tmp_path: Path) -> None:
    offered = row(tmp_path, 'function = "gemini_parts"\ntakes = ["prompt", "references"]')
    data = {"properties": {"mimeType": {}, "data": {}}, "required": ["data"]}
    part = {"oneOf": [{"properties": {"text": {}}}, {"properties": {"inlineData": data}}]}
    content = {"properties": {"parts": {"type": "array", "items": part}}}
    contents = {"type": "array", "items": content}
    compared = comparison(offered, "", "a", document({"properties": {"contents": contents}}))
    assert compared.differences == ["it doesn't know contents[].role"]


@pytest.mark.parametrize("schema", [{}, {"$ref": "#/nowhere"}, {"$ref": "#/paths"}, True, None])
def test_documents_that_say_nothing_are_no_difference_and_no_error(
    tmp_path: Path, schema: Any
) -> None:
    around = {"$ref": "#/components/schemas/Around"}
    for one in (document(schema) if isinstance(schema, dict) else schema, [], {"paths": 3}):
        compared = comparison(row(tmp_path, PLACE), "", "a", one)
        assert not [word for word in compared.differences if "requires" in word]
    assert body_of(document(around, Around=around)) is not None
    assert words_of(comparison(row(tmp_path, PLACE), "", "a", None)) == (
        "a: it publishes no schema."
    )


ROWS = [one for one in offered_at("runway") if not one.place.path_with]


@pytest.mark.parametrize("offered", ROWS, ids=lambda one: one.row.name)
def test_rows_for_runway_agree_with_the_types_of_its_client(offered: Offered) -> None:
    path = offered.place.path.rpartition("/")[2]
    schema = json.loads((RUNWAY / f"{path}.json").read_text())
    own = [
        part
        for part in (*schema.get("$defs", {}).values(), schema)
        if offered.place.id in json.dumps(part.get("properties", {}).get("model", {}))
    ]
    assert own
    compared = comparison(offered, "", offered.place.id, document({**schema, **own[0]}))
    assert compared.differences == []
