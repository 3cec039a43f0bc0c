"""What a start may send for each type of input."""

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.rules.issue_texts import for_api
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    TOOLS,
    VIDEO,
    codes,
    fixed,
    medium,
    steps_of,
    template,
)


def compiled(declared, value, media=()):
    declared = {"name": "x", **declared}
    stage = fixed("a", args={"extra": "$inputs.x"})
    return compile_template(template(stage, inputs=[declared]), {"x": value}, media, TOOLS, LIMITS)


@pytest.mark.parametrize(
    ("declared", "value", "read"),
    [
        ({"type": "text"}, "", ""),
        ({"type": "text", "multiple": {"min": 1}}, ["a", "b"], ["a", "b"]),
        ({"type": "text", "multiple": {"min": 1}}, "a", ["a"]),
        ({"type": "text", "multiple": True}, [], []),
        ({"type": "number"}, 5, 5),
        ({"type": "number"}, " 5 ", 5),
        ({"type": "number"}, "-1.5e2", -150),
        ({"type": "boolean"}, True, True),
        ({"type": "boolean"}, " TRUE ", True),
        ({"type": "select", "options": ["a", {"value": "b", "label": "B"}]}, "b", "b"),
        ({"type": "select", "options": [1, 2]}, "2", 2),
        ({"type": "select", "options": [1, True]}, True, True),
        ({"type": "select", "options": ["a"], "multiple": {"max": 2}}, ["a", "a"], ["a", "a"]),
        ({"type": "text", "jsonSchema": {"pattern": "^[a-z]+$"}}, "cat", "cat"),
        ({"type": "image"}, IMAGE, IMAGE),
    ],
)
def test_value_that_fits_is_written_into_arguments(declared, value, read):
    if declared.get("multiple") is True:
        declared = {**declared, "required": True}
    found = steps_of(compiled(declared, value))["a"].arguments["extra"]
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"type": "text"}, 5),
        ({"type": "text"}, ["a"]),
        ({"type": "text"}, "x" * 100_001),
        ({"type": "text", "multiple": {"min": 2}}, ["a"]),
        ({"type": "text", "multiple": {"max": 2}}, ["a", "b", "c"]),
        ({"type": "text", "multiple": {"max": 2}}, ["a", 5]),
        ({"type": "text", "multiple": True}, ["a", ""]),
        ({"type": "text", "multiple": True}, ""),
        ({"type": "number"}, "five"),
        ({"type": "number"}, True),
        ({"type": "number"}, float("nan")),
        ({"type": "number"}, "1e999"),
        ({"type": "boolean"}, "maybe"),
        ({"type": "boolean"}, 1),
        ({"type": "select", "options": ["a"]}, "b"),
        ({"type": "select", "options": [1]}, True),
        ({"type": "select", "options": ["a"]}, ["a"]),
        ({"type": "text", "jsonSchema": {"maxLength": 2}}, "cat"),
        ({"type": "image"}, "cat"),
        ({"type": "image"}, ""),
        ({"type": "image"}, {"mediaReference": "no_one"}),
        ({"type": "image"}, {"url": 5}),
        ({"type": "image"}, 0),
        ({"type": "image"}, -2),
        ({"type": "image"}, True),
        ({"type": "image"}, [IMAGE]),
    ],
)
def test_value_that_does_not_fit_is_an_error(declared, value):
    result = compiled(declared, value, media=(medium(),))
    assert codes(result.errors) == ["invalid_input_value"]
    assert result.errors[0].at.path == "inputs/x"
    assert result.errors[0].params["name"] == "x"


def test_position_names_one_of_the_media_of_its_kind():
    media = (medium("video", VIDEO), medium())
    assert steps_of(compiled({"type": "image"}, -1, media))["a"].arguments["extra"] == IMAGE


def test_value_of_no_input_is_a_warning():
    spec = template(fixed("a"))
    result = compile_template(spec, {"y": 1}, (), TOOLS, LIMITS)
    assert codes(result.warnings) == ["unknown_input_value"]
    assert result.plan is not None


def test_null_counts_as_absent():
    assert codes(compiled({"type": "text", "required": True}, None).errors) == ["missing_input"]
    assert steps_of(compiled({"type": "text", "default": "cat"}, None))["a"].arguments["extra"] == (
        "cat"
    )


def test_an_empty_item_is_named_by_its_place():
    result = compiled({"type": "text", "multiple": True}, ["a", "", "b"])
    assert (
        for_api(result.errors[0])
        == 'Input "x" has an empty item, number 2. Fill it in or remove it.'
    )


@pytest.mark.parametrize(
    ("stage", "is_used"),
    [
        (fixed("a", args={"extra": "of x, not of $input.x"}), False),
        (fixed("a", args={"extra": "about $inputs.x"}), True),
        (fixed("a", condition={"type": "expr", "expression": "not $inputs.x"}), True),
        ({"id": "a", "type": "batch", "overBinding": "$inputs.x", "itemName": "x"}, True),
    ],
)
def test_a_required_input_that_nothing_uses_warns_and_never_blocks(stage, is_used):
    spec = template(stage, inputs=[{"name": "x", "type": "text", "required": True}])
    result = compile_template(spec, {}, (), TOOLS, LIMITS)
    if is_used:
        assert "missing_input" in codes(result.errors)
        assert "unused_input" not in codes(result.warnings)
        return
    assert (codes(result.errors), codes(result.warnings)) == ([], ["unused_input"])
    assert result.plan is not None
    assert result.warnings[0].at.path == "inputs/x"


STYLED = {"source_image_url": "$inputs.photo", "artist_style": "$inputs.style"}


@pytest.mark.parametrize(
    ("stages", "needed_names"),
    [
        ([fixed("alone", "apply_style", bypass=True, args=STYLED)], set()),
        # What it passes on is used; what it would have done with it isn't.
        (
            [
                fixed("styled", "apply_style", bypass=True, args=STYLED, produces=["styled"]),
                fixed("film", "animate_photo", args={"reference_image_url": "$artifacts.styled"}),
            ],
            {"photo"},
        ),
        ([fixed("styled", "apply_style", args=STYLED)], {"photo", "style"}),
    ],
)
def test_inputs_that_only_a_bypassed_stage_takes_never_block(stages, needed_names):
    inputs = [
        {"name": "photo", "type": "image", "required": True},
        {"name": "style", "type": "text", "required": True},
    ]
    result = compile_template(template(*stages, inputs=inputs), {}, (), TOOLS, LIMITS)
    missing_names = {one.params["name"] for one in result.errors if one.code == "missing_input"}
    assert missing_names == needed_names


def test_internal_input_uses_its_default():
    result = compiled({"type": "text", "internal": True, "default": "cat"}, "dog")
    assert steps_of(result)["a"].arguments["extra"] == "cat"
    assert codes(result.warnings) == ["unknown_input_value"]


def test_internal_input_without_default_may_be_sent():
    result = compiled({"type": "text", "internal": True}, "dog")
    assert steps_of(result)["a"].arguments["extra"] == "dog"


@pytest.mark.parametrize("inputs", [[], "x", 5])
def test_inputs_must_be_an_object(inputs):
    result = compile_template(template(fixed("a")), inputs, (), TOOLS, LIMITS)
    assert codes(result.errors) == ["invalid_field"]


def test_schema_that_is_not_run_lets_the_value_pass_with_a_warning():
    result = compiled({"type": "text", "jsonSchema": {"$ref": "https://x.example"}}, "cat")
    assert result.plan is not None
    assert codes(result.warnings) == ["json_schema_not_checked"]
