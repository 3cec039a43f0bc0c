"""Arguments of a caller's own function, made of a person's words."""

from __future__ import annotations

from typing import Any

import pytest

from compose.chat.schema_values import arguments_for

TREE = {"$ref": "#/$defs/tree"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "Paint 7 blue boats"),
        ({"type": "string", "maxLength": 5}, "Paint"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"enum": ["red", "blue"]}, "blue"),
        ({"const": 3}, 3),
        ({"default": "calm", "type": "string"}, "calm"),
        ({"type": "integer"}, 7),
        ({"type": "number", "minimum": 10}, 10),
        ({"type": "number", "maximum": -2}, -2),
        ({"type": "boolean"}, False),
        ({"type": ["null", "array"], "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 7),
        ({"$ref": "#/$defs/color"}, "blue"),
        (
            {"type": "object", "required": ["size"], "properties": {"size": {"const": 1}}},
            {"size": 1},
        ),
    ],
)
def test_what_a_schema_requires_is_filled(schema: Any, value: Any) -> None:
    whole = {
        "required": ["one"],
        "properties": {"one": schema, "optional": {"type": "string"}},
        "$defs": {"color": {"enum": ["green", "blue"]}},
    }
    assert arguments_for(whole, "Paint 7 blue boats") == {"one": value}


def test_only_the_first_text_is_what_was_said() -> None:
    texts = {"required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {}}}
    assert arguments_for(texts, "a boat") == {"a": "a boat", "b": ""}


def test_schema_that_refers_to_itself_has_an_end() -> None:
    tree = {"type": "object", "required": ["next"], "properties": {"next": TREE}}
    assert "next" in arguments_for({**tree, "$defs": {"tree": tree}}, "a boat")
