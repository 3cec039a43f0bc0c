"""A template declares what it is used for; else its last result is that."""

from __future__ import annotations

from typing import Any

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from templates_app.graph.plan_subset import needed_for
from templates_app.graph.rules.validation import validate
from templates_app.graph.types import EVERY, Pick, Plan
from tests.support.builders.planning import LIMITS, TOOLS, codes, fixed, template


def plan_of(*stages: dict[str, Any], **fields: Any) -> Plan:
    result = compile_template(template(*stages, **fields), {}, (), TOOLS, LIMITS)
    assert result.plan is not None, result.errors
    return result.plan


STILL = fixed("still", args={"prompt": "x"}, produces=["still"])
CLIP = fixed("clip", "generate_video", args={"prompt": "y"}, produces=["clip"])


def outputs_of(plan: Plan) -> list[tuple[str, str]]:
    return [(output.name, output.source) for output in plan.outputs]


def test_declared_outputs_are_in_the_order_of_their_positions():
    outputs = {
        "poster": {"from": "$artifacts.still[0]", "position": 1, "label": "Poster"},
        "film": {"from": "$artifacts.clip", "position": 0},
    }
    plan = plan_of(STILL, CLIP, outputs=outputs)
    assert outputs_of(plan) == [("film", "clip"), ("poster", "still")]
    assert [output.pick for output in plan.outputs] == [EVERY, Pick(index=0)]
    assert plan.outputs[1].label == "Poster"
    assert plan_from_json(plan_to_json(plan)) == plan


def test_an_output_is_what_the_last_stage_of_that_name_makes():
    again = fixed(
        "again", "edit_image", args={"prompt": "z", "sourceImageIndex": 0}, produces=["still"]
    )
    plan = plan_of(STILL, again, outputs={"picture": {"from": "$artifacts.still"}})
    assert outputs_of(plan) == [("picture", "again")]


def test_an_output_that_is_bypassed_is_what_passes_through_it():
    source = {"prompt": "z", "sourceImageIndex": "$artifacts.still"}
    again = fixed("again", "edit_image", args=source, produces=["again"], bypass=True)
    plan = plan_of(STILL, again, outputs={"picture": {"from": "$artifacts.again"}})
    assert outputs_of(plan) == [("picture", "still")]


def test_without_outputs_the_last_result_that_no_stage_reads_is_one():
    assert outputs_of(plan_of(STILL, CLIP)) == [("result", "clip")]
    reader = fixed(
        "read", "analyze_image", args={"prompt": "?", "sourceImageIndex": "$artifacts.still"}
    )
    assert outputs_of(plan_of(CLIP, STILL, reader)) == [("result", "clip")]


def test_where_nothing_makes_media_the_last_stage_is_the_output():
    ask = {"id": "ask", "type": "interactive", "userMessage": "Which?"}
    assert outputs_of(plan_of(ask)) == [("result", "ask")]


def test_a_result_inside_a_group_may_be_an_output():
    shot = {"id": "shot", "type": "fixed", "subStages": [STILL], "produces": ["picture"]}
    plan = plan_of(shot, outputs={"picture": {"from": "$artifacts.picture"}})
    assert outputs_of(plan) == [("picture", "still")]


def test_a_run_to_a_stage_has_the_outputs_that_it_makes():
    outputs = {"a": {"from": "$artifacts.still"}, "b": {"from": "$artifacts.clip"}}
    assert outputs_of(needed_for(plan_of(STILL, CLIP, outputs=outputs), "still")) == [
        ("a", "still")
    ]


@pytest.mark.parametrize(
    ("outputs", "path"),
    [
        ("x", "outputs"),
        ({"film": "x"}, "outputs/film"),
        ({"film": {}}, "outputs/film"),
        ({"film": {"from": "clip"}}, "outputs/film"),
        ({"film": {"from": "$inputs.clip"}}, "outputs/film"),
        ({"film": {"from": "$artifacts.clip.mood"}}, "outputs/film"),
        ({"film": {"from": "$artifacts.gone"}}, "outputs/film"),
        ({"film": {"from": "$artifacts.clip", "position": -1}}, "outputs/film"),
        ({"film": {"from": "$artifacts.clip", "label": 5}}, "outputs/film"),
        ({"2nd": {"from": "$artifacts.clip"}}, "outputs/2nd"),
        ({"items": {"from": "$artifacts.clip"}}, "outputs/items"),
    ],
)
def test_an_output_that_cant_be_is_refused(outputs, path):
    spec = template(CLIP, outputs=outputs)
    (found,) = validate(spec, TOOLS)
    assert (found.code, found.severity, found.at.path) == ("invalid_field", "error", path)
    result = compile_template(spec, {}, (), TOOLS, LIMITS)
    assert codes(result.errors) == ["invalid_field"]


def test_more_outputs_than_allowed_are_refused():
    many = {f"o{n}": {"from": "$artifacts.clip"} for n in range(17)}
    assert codes(validate(template(CLIP, outputs=many), TOOLS)) == ["too_many"]
