"""The published form of a tool's arguments."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from tools.catalog import catalogue
from tools.catalog.generate_image import GenerateImage
from tools.catalog.stitch_video import StitchVideo
from tools.declaration.schema import json_schema, openapi_components


@pytest.mark.parametrize("declared", catalogue(), ids=lambda declared: declared.name)
def test_is_a_valid_schema_of_plain_json(declared):
    schema = json_schema(declared)
    Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "$ref" not in text
    assert "x-reelgraph" not in text
    assert "anyOf" not in text
    assert all(part.get("description") for part in schema["properties"].values())


def test_model_names_are_examples_and_closed_choices_are_enums():
    properties = json_schema(GenerateImage)["properties"]
    assert "enum" not in properties["model"]
    assert "z-image" in properties["model"]["examples"]
    assert properties["outputFormat"]["enum"] == ["png", "jpg", "jpeg", "webp"]


def test_media_appear_under_each_of_their_arguments():
    properties = json_schema(StitchVideo)["properties"]
    assert properties["videoIndices"]["items"] == {"type": "integer"}
    assert properties["reference_video_urls"]["items"] == {"type": "string", "format": "uri"}
    assert json_schema(StitchVideo)["required"] == ["videoIndices"]


def test_nested_objects_are_written_out():
    transition = json_schema(StitchVideo)["properties"]["transition"]
    assert transition["required"] == ["type"]
    assert transition["properties"]["durationSeconds"]["maximum"] == 2


def test_components_have_a_name_each_and_say_what_is_pinned():
    components = openapi_components(catalogue())
    assert len(components) == len(catalogue())
    prompt = components["GenerateImageArguments"]["properties"]["prompt"]
    assert prompt["x-pinned"] is True


def test_changing_an_answer_does_not_change_the_next():
    json_schema(StitchVideo)["properties"].clear()
    assert "transition" in json_schema(StitchVideo)["properties"]
