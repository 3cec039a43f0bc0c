"""The published form of a tool's arguments."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from tools.catalog import catalogue
from tools.catalog.stitch_video import StitchVideo
from tools.declaration.schema import json_schema, openapi_components


def test_schemas_are_valid_and_of_plain_json():
    for declared in catalogue():
        schema = json_schema(declared)
        Draft202012Validator.check_schema(schema)
        text = json.dumps(schema)
        for word in ("$ref", "x-reelgraph", "anyOf"):
            assert word not in text, declared.name
        assert all(part.get("description") for part in schema["properties"].values()), declared.name


def test_components_have_a_name_each_and_say_what_is_pinned():
    components = openapi_components(catalogue())
    assert len(components) == len(catalogue())
    prompt = components["GenerateImageArguments"]["properties"]["prompt"]
    assert prompt["x-pinned"] is True


def test_changing_an_answer_does_not_change_the_next():
    json_schema(StitchVideo)["properties"].clear()
    assert "transition" in json_schema(StitchVideo)["properties"]
