"""Values are checked against an author's jsonSchema, but a hostile schema is not run."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings

from templates_app.graph import json_schema
from tests.support.builders.planning import any_json


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "maxLength": 3}, "abc", "abcd"),
        ({"pattern": "^#[0-9a-f]{6}$"}, "#00ff00", "green"),
        ({"minimum": 1, "maximum": 5}, 3, 9),
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, [1, 2], [1, 1]),
    ],
)
def test_checks_a_value(schema, good, bad):
    assert json_schema.check(schema, good) is None
    with pytest.raises(json_schema.Mismatch):
        json_schema.check(schema, bad)


def test_pattern_is_not_matched_on_a_very_long_text():
    with pytest.raises(json_schema.Mismatch) as refused:
        json_schema.check({"pattern": "a"}, "a" * 1_001)
    assert "longer than" in refused.value.why.params["problem"]


def test_no_schema_checks_nothing():
    assert json_schema.check(None, object()) is None
    assert json_schema.check({}, "x") is None


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.org/schema.json"},
        {"allOf": [{"$ref": "#"}]},
        {"patternProperties": {"(a+)+$": {}}},
        {"pattern": "(?=a)"},
        {"enum": list(range(1_000))},
        {"type": "banana"},
        {"minimum": "x"},
    ],
)
def test_schema_that_cannot_be_trusted_is_not_run(schema):
    assert json_schema.why_unchecked(schema)
    assert json_schema.check(schema, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")


def test_deep_schema_is_not_run():
    schema: dict[str, object] = {}
    for _ in range(100):
        schema = {"not": schema}
    assert json_schema.why_unchecked(schema).key == "schema_too_large"


def test_large_value_is_not_checked():
    large = [{"a": n} for n in range(5_000)]
    assert json_schema.check({"uniqueItems": True}, large).key == "value_too_large"


@given(any_json(15), any_json(8))
@settings(max_examples=150, deadline=None)
def test_any_schema_and_value_are_survived(schema, value):
    if not isinstance(schema, dict):
        return
    with suppress(json_schema.Mismatch):
        json_schema.check(schema, value)


def test_work_for_all_inputs_of_a_start_is_limited():
    budget = json_schema.Budget()
    schema = {"pattern": ".*.{200}x.{200}y"}
    started = time.process_time()
    reasons = set()
    for _ in range(100):
        with suppress(json_schema.Mismatch):
            why = json_schema.check(schema, "abc" * 330, budget)
            reasons.add(why and why.key)
    assert "pattern_takes_too_long" in reasons
    assert time.process_time() - started < 10


def test_large_schemas_and_values_together_are_limited():
    budget = json_schema.Budget()
    schema = {"anyOf": [{"type": "array"} for _ in range(40)]}
    reasons = [json_schema.check(schema, list(range(200)), budget) for _ in range(3)]
    assert [why and why.key for why in reasons] == [None, *["checks_take_too_long"] * 2]
