"""A batch over a template is planned once: each element does what the template alone would do."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from templates_app.graph.evaluate import fill, item_scope
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from templates_app.graph.plan_subset import has_step, needed_for
from templates_app.graph.repeated_steps import steps_of_element
from templates_app.graph.types import INPUT_MEDIA, Plan, PlanStep, StepKey
from templates_app.graph.unpacking import expand
from templates_app.graph.wiring import read_wiring
from tests.support.builders.planning import IMAGE, TOOLS, batch, fixed, template
from tests.support.examples import examples
from tests.unit.templates_app.graph.test_templates_inside import (
    ONE,
    Body,
    compiled,
    edited,
    newest,
    picture,
    random_templates,
    shot,
    table,
    taken,
    use,
)
from tools.declaration.ports import ToolTable

LINES = {"name": "lines", "type": "text", "multiple": True, "default": ["a", "b"]}
PHOTOS = {"name": "photos", "type": "image", "multiple": True, "default": [IMAGE, IMAGE]}
LOOK = {"name": "look", "type": "image"}


@dataclass(frozen=True, slots=True)
class Element:
    """The part of a run that is an element of a batch."""

    item: Mapping[str, Any]
    run: Mapping[str, Any]

    def result_of(self, source: StepKey, output: str = "") -> None:
        return None


def each(id: str, name: str = "shot", over: str = "$inputs.lines", **args: Any) -> Body:
    item = {"type": "fixed", "tool": f"template:{name}@0.0.1", "args": args}
    return {
        "id": id,
        "type": "batch",
        "overBinding": over,
        "itemName": "line",
        "itemStage": item,
        "produces": [id],
    }


def planned(tools: ToolTable, *stages: Body, **fields: Any) -> Plan:
    result = compiled(tools, *stages, **fields)
    assert result.plan is not None, result.errors
    assert plan_from_json(plan_to_json(result.plan)) == result.plan
    return result.plan


def element(step: PlanStep, value: Any, place: int = 0) -> dict[str, PlanStep]:
    """The steps of one element by key, its group first."""
    assert step.batch is not None
    scope = Element(item_scope(value, place, step.batch.item_name), {})
    steps, _ = steps_of_element(step.batch, step.key, scope, StepKey)
    return {one.key: one for one in steps}


def test_a_batch_holds_what_is_done_for_each():
    outside = (each("shots", subject="$item.value"), edited("end", "$artifacts.shots[1]"))
    plan = planned(table(shot=ONE), *outside, inputs=[LINES])
    assert [(one.key, one.kind, one.sequence) for one in plan.steps] == [
        ("shots", "expand", 0),
        ("end", "tool", 3),
    ]
    assert plan.format == 3
    assert taken(plan.steps[1]) == ["shots"]
    steps = element(plan.steps[0], "fox", 1)
    assert [*steps] == ["shots_1", "shots_1.still", "shots_1.better"]
    assert steps["shots_1"].member_of == "shots"
    assert steps["shots_1"].group.result == "shots_1.better"
    assert steps["shots_1.still"].late[0].value == "fox"
    assert taken(steps["shots_1.better"]) == ["shots_1.still"]


def test_elements_of_files_are_the_first_media_input():
    inner = shot(newest("better"), inputs=[LOOK])
    plan = planned(table(shot=inner), each("shots", over="$inputs.photos"), inputs=[PHOTOS])
    step = element(plan.steps[0], "x")["shots_0.better"]
    assert [late.argument for late in step.late] == ["sourceImageIndex"]


def test_what_an_element_lacks_is_the_inputs_default():
    plan = planned(table(shot=ONE), each("shots", subject="$item.words"), inputs=[LINES])
    assert element(plan.steps[0], {"words": "fox"})["shots_0.still"].late[0].value == "fox"
    assert element(plan.steps[0], {"other": 1})["shots_0.still"].late[0].value == "a cat"


def test_a_batch_in_an_element_has_the_elements_list():
    lines = {"name": "lines", "type": "text", "multiple": True}
    inner = shot(batch("many", over="$inputs.lines"), inputs=[lines])
    plan = planned(table(shot=inner), each("shots", lines="$item.lines"), inputs=[LINES])
    inside = element(plan.steps[0], {"lines": ["x", "y"]})["shots_0.many"]
    assert inside.batch.items == ("x", "y")


def test_going_as_far_as_a_stage_leaves_scopes_where_their_stages_are():
    plan = planned(table(shot=ONE), picture("spare", "x"), use("a"))
    short = needed_for(plan, "a")
    assert [step.key for step in short.steps] == ["a", "a.still", "a.better"]
    assert short.scopes[0].first == short.steps[0].sequence
    assert short.scopes[0].end == short.steps[2].sequence


def test_going_as_far_as_a_stage_that_is_repeated_leaves_out_what_comes_after():
    act = shot(each("shots", over="$inputs.lines"), edited("last", "$artifacts.shots[0]"))
    act["inputs"] = [LINES]
    tools = table(shot=ONE, act=act)
    plan = planned(tools, picture("spare", "x"), each("acts", "act"), use("a"), inputs=[LINES])
    short = needed_for(plan, "acts.shots.still")
    assert [step.key for step in short.steps] == ["acts"]
    [shots] = short.steps[0].batch.members
    assert (shots.key, [one.key for one in shots.batch.members]) == (
        "acts.shots",
        ["acts.shots.still"],
    )
    assert plan_from_json(plan_to_json(short)) == short
    whole = needed_for(plan, "acts.shots")
    assert [one.key for one in whole.steps[0].batch.members[0].batch.members] == [
        "acts.shots.still",
        "acts.shots.better",
    ]
    assert not has_step(plan, "acts.other")
    assert [*element(short.steps[0], "fox", 1)] == ["acts_1", "acts_1.shots"]


def test_random_templates_do_for_each_element_what_they_do_alone():
    for seed in range(examples(300)):
        templates = random_templates(random.Random(seed), newest_share=0.3)
        del templates["outer"]
        name = [*templates][-1]
        tools = table(**templates)
        batch = planned(tools, each("x", name, look=IMAGE, subject="$item.value"), inputs=[LINES])
        alone = planned(tools, use("x_0", name, args={"look": IMAGE, "subject": "fox"}))
        own = {key: _work(step) for key, step in element(batch.steps[0], "fox").items()}
        assert own == {step.key: _work(step) for step in alone.steps}, seed


def _work(step: PlanStep) -> PlanStep:
    """A step as what it does: of a late value that is known by now, the value."""
    scope = Element({}, {})
    known = {one.argument: fill(one, scope) for one in step.late if not one.refs}
    late = tuple(one for one in step.late if one.refs)
    arguments = {**step.arguments, **known}
    needs = tuple(need for need in step.needs if need.source != INPUT_MEDIA)
    return replace(
        step,
        arguments=arguments,
        late=late,
        needs=needs,
        sequence=0,
        member_of=None,
        stage_id="",
        on_error="stop",
    )


# -- sub-stages of a batch -------------------------------------------------------------------------


def each_of(id: str, *stages: Body, over: str = "$inputs.lines", **fields: Any) -> Body:
    whole = {"id": id, "type": "batch", "overBinding": over, "itemName": "line"}
    return {**whole, "produces": [id], "subStages": [*stages], **fields}


def test_what_a_batch_repeats_is_its_item_first():
    item = {"type": "fixed", "tool": "generate_image", "args": {"prompt": "$item.value"}}
    batch = each_of("shots", newest("better"), itemStage=item)
    steps = element(planned(TOOLS, batch, inputs=[LINES]).steps[0], "fox")
    assert [*steps] == ["shots_0", "shots_0.main", "shots_0.better"]
    assert taken(steps["shots_0.better"]) == ["shots_0.main"]
    within = {**batch, "subStages": [], "itemStage": {**item, "subStages": batch["subStages"]}}
    assert element(planned(TOOLS, within, inputs=[LINES]).steps[0], "fox") == steps


def test_the_stage_that_makes_a_name_of_the_batch_is_its_result():
    inside = picture("shots", "$item.value"), edited("spare", "$artifacts.shots")
    plan = planned(TOOLS, each_of("all", *inside, produces=["shots"]), inputs=[LINES])
    assert element(plan.steps[0], "fox")["all_0"].group.result == "all_0.shots"
    assert plan.artifact_names == {"shots": "all"}


def test_an_element_that_is_a_file_is_found_by_the_first_stage():
    batch = each_of("shots", newest("better"), newest("last"), over="$inputs.photos")
    steps = element(planned(TOOLS, picture("first", "x"), batch, inputs=[PHOTOS]).steps[1], "x")
    assert [late.argument for late in steps["shots_0.better"].late] == ["sourceImageIndex"]
    assert taken(steps["shots_0.last"]) == ["shots_0.better"]


def test_a_batch_begins_when_what_its_stages_take_is_there():
    inside = edited(
        "better", "$artifacts.first", condition={"type": "if_success_of", "stageId": "second"}
    )
    plan = planned(
        TOOLS,
        picture("first", "x"),
        picture("second", "y"),
        each_of("shots", inside),
        inputs=[LINES],
    )
    batch = plan.steps[2]
    assert {need.source for need in batch.needs} == {"first", "second"}
    assert [step.key for step in needed_for(plan, "shots").steps] == ["first", "second", "shots"]
    assert taken(element(batch, "fox")["shots_0.better"]) == ["first"]


def test_a_batch_in_a_batch_goes_over_the_element():
    inner = each_of("many", picture("still", "$item.value"), over="$item.lines")
    batch = each_of("acts", inner, newest("end"))
    steps = element(planned(TOOLS, batch, inputs=[LINES]).steps[0], {"lines": ["x", "y"]})
    many = steps["acts_0.many"]
    assert many.batch.items == ("x", "y")
    assert [*element(many, "x", 1)] == ["acts_0.many_1", "acts_0.many_1.still"]
    assert taken(steps["acts_0.end"]) == ["acts_0.many"]


def test_a_condition_inside_reads_the_element():
    is_fox = {"type": "expr", "expression": "item.value == 'fox'"}
    batch = each_of("shots", picture("still", "x", condition=is_fox))
    steps = element(planned(TOOLS, batch, inputs=[LINES]).steps[0], "owl")
    assert '"owl"' in json.dumps(steps["shots_0.still"].condition)


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        # Of one element, no one outside can name a picture but by the batch.
        (
            [
                each_of("shots", picture("still", "x"), picture("b", "y")),
                edited("end", "$artifacts.still"),
            ],
            "unknown_artifact",
        ),
        (
            [
                each_of("shots", picture("still", "x")),
                {**picture("end", "y"), "condition": {"type": "if_success_of", "stageId": "still"}},
            ],
            "unknown_stage",
        ),
        ([each_of("shots", edited("still", "$artifacts.shots"))], "forward_artifact_reference"),
        ([picture("still", "$item.value")], "item_binding_outside_batch"),
        ([use("a", "items")], "item_binding_outside_batch"),
        ([each_of("a", each_of("b", each_of("c", picture("d", "x"))))], "invalid_field"),
        ([each_of("a", each_of("b", each("c", "shot")))], "invalid_field"),
        ([each_of("a", each("b", "batch"))], "template_too_deep"),
        (
            [
                each_of(
                    "shots",
                    fixed("clip", "image_to_video", args={"prompt": "x", "imageUrl": "$item"}),
                    over="$artifacts.first[*]",
                ),
            ],
            "unknown_artifact",
        ),
    ],
)
def test_what_cannot_be_repeated_is_refused(stages: list[Body], code: str):
    tools = table(
        shot=ONE,
        items=shot(picture("still", "$item.value")),
        batch=shot(each_of("many", picture("still", "x")), inputs=[LINES]),
    )
    result = compiled(tools, *stages, inputs=[LINES])
    assert code in {one.code for one in result.errors}


def test_a_problem_inside_a_batch_names_its_stage_as_it_was_written():
    batch = each_of(
        "shots", picture("still", "x", condition={"type": "if_success_of", "stageId": "y"})
    )
    [one] = compiled(TOOLS, batch, inputs=[LINES]).errors
    assert (one.at.stage_id, one.at.path) == ("still", "stages/shots/subStages/still")
    assert one.params["stage"] == "still"


def test_random_stages_do_in_an_element_what_they_do_as_a_template():
    for seed in range(examples(300)):
        templates = random_templates(random.Random(seed), newest_share=0.3)
        del templates["outer"]
        name = [*templates][-1]
        tools = table(**templates)
        whole = planned(tools, each("x", name, look=IMAGE, subject="$item.value"), inputs=[LINES])
        stages = json.loads(
            json.dumps(templates[name]["stages"])
            .replace("$inputs.subject", "$item.value")
            .replace("$inputs.look", IMAGE)
        )
        inside = planned(tools, each_of("x", *stages), inputs=[LINES])
        expected, own = (
            {
                key: _work(step)
                for key, step in element(plan.steps[0], "fox").items()
                if key != "x_0"
            }
            for plan in (whole, inside)
        )
        assert own == expected, seed


# -- other outputs of the elements -----------------------------------------------------------------

OUTPUTS = {
    "film": {"from": "$artifacts.better", "position": 0},
    "poster": {"from": "$artifacts.still[0]", "position": 1},
}

# A batch in a template, and a template that makes words, too.
ACT = shot(
    each("shots"),
    inputs=[LINES],
    outputs={
        "film": {"from": "$artifacts.shots", "position": 0},
        "posters": {"from": "$artifacts.shots.poster", "position": 1},
    },
)
TOLD = shot(
    picture("still"),
    fixed("words", "analyze_image", args={"prompt": "x"}, produces=["words"]),
    edited("better", "$artifacts.still"),
    outputs={
        **OUTPUTS,
        "words": {"from": "$artifacts.words", "position": 2, "label": "Its words"},
    },
)


def outputs_of(group: PlanStep) -> dict[str, tuple[str, int | None, str]]:
    return {one.name: (one.source, one.index, one.output) for one in group.group.outputs}


def test_another_output_of_the_elements_is_taken_by_its_name():
    tools = table(shot={**ONE, "outputs": OUTPUTS})
    ends = edited("all", "$artifacts.shots.poster[*]"), edited("main", "$artifacts.shots.film[1]")
    plan = planned(tools, each("shots", subject="$item.value"), *ends, inputs=[LINES])
    needs = [step.needs[0] for step in plan.steps[1:]]
    assert [(need.source, need.output, need.pick.index) for need in needs] == [
        ("shots", "poster", None),
        ("shots", "", 1),
    ]
    group = element(plan.steps[0], "fox", 1)["shots_1"]
    assert outputs_of(group) == {"poster": ("shots_1.still", 0, "")}
    assert plan.artifact_names["shots"] == "shots"
    assert "shots_poster" not in plan.artifact_names


def test_a_template_gives_another_output_of_a_batch_in_it():
    tools = table(shot={**ONE, "outputs": OUTPUTS}, act=ACT)
    plan = planned(tools, use("a", "act"), edited("end", "$artifacts.a.posters[1]"))
    assert [(need.source, need.output) for need in plan.steps[-1].needs][:1] == [
        ("a.shots", "poster")
    ]
    plan = planned(tools, each("acts", "act"), inputs=[LINES])
    group = element(plan.steps[0], "x")["acts_0"]
    assert outputs_of(group) == {"posters": ("acts_0.shots", None, "poster")}
    outputs = {"posters": {"from": "$artifacts.acts.posters", "position": 0}}
    plan = planned(tools, each("acts", "act"), inputs=[LINES], outputs=outputs)
    assert [(one.source, one.output) for one in plan.outputs] == [("acts", "posters")]


def test_what_is_read_when_a_step_starts_names_the_output():
    text = picture("text", "$artifacts.shots.words[1].content")
    condition = {"type": "expr", "expression": "artifacts.shots.words[0].content == 'x'"}
    choice = {
        "id": "pick",
        "type": "interactive",
        "userMessage": "?",
        "select": {"from": "$artifacts.shots.poster", "min": 1, "max": 1},
        "produces": ["pick"],
    }
    many = each("more", "shot", over="$artifacts.shots.poster")
    plan = planned(
        table(shot=TOLD),
        each("shots"),
        {**text, "condition": condition},
        choice,
        many,
        inputs=[LINES],
    )
    _, text_step, pick, more = plan.steps
    assert [(ref.source, ref.output) for ref in text_step.late[0].refs] == [("shots", "words")]
    assert text_step.condition["expression"]["args"][0]["output"] == "words"
    assert (pick.ask["select"]["source"], pick.ask["select"]["output"]) == ("shots", "poster")
    assert (more.batch.over.source, more.batch.over.output) == ("shots", "poster")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (edited("end", "$artifacts.shots.nothing"), "binding_not_supported_yet"),
        (
            fixed("end", "stitch_video", args={"videoIndices": "$artifacts.shots.poster"}),
            "wrong_media_kind",
        ),
        (picture("end", "$artifacts.shots.poster"), "binding_not_supported_yet"),
    ],
)
def test_an_output_that_elements_do_not_have_or_of_another_kind_is_refused(end: Body, code: str):
    result = compiled(table(shot={**ONE, "outputs": OUTPUTS}), each("shots"), end, inputs=[LINES])
    assert code in {one.code for one in result.errors}


def test_outputs_of_random_templates_are_those_of_the_template_alone():
    for seed in range(examples(300)):
        dice = random.Random(seed)
        templates = random_templates(dice, newest_share=0.3)
        del templates["outer"]
        for body in templates.values():
            names = [stage["id"] for stage in body["stages"]]
            chosen = dice.sample(names, dice.randint(1, len(names)))
            body["outputs"] = {
                f"out{place}": {
                    "from": f"$artifacts.{name}{dice.choice(('', '[0]'))}",
                    "position": place,
                }
                for place, name in enumerate(chosen)
            }
        name = [*templates][-1]
        tools, outputs = table(**templates), [*templates[name]["outputs"]]
        ends = [edited(one, f"$artifacts.x.{one}[0]") for one in outputs]
        batch = planned(tools, each("x", name, look=IMAGE), *ends, inputs=[LINES])
        use_alone = use("x_0", name, args={"look": IMAGE}, produces=["x"])
        alone = {step.key: taken(step) for step in planned(tools, use_alone, *ends).steps}
        group = element(batch.steps[0], "fox")["x_0"]
        own = outputs_of(group)
        for step in batch.steps[1:]:
            [need] = [one for one in step.needs if one.target_argument]
            source = own[need.output][0] if need.output else group.group.result
            assert (need.source, [source]) == ("x", alone[step.key]), seed


def test_a_batch_goes_over_what_a_template_before_it_made():
    tools = table(shot={**ONE, "outputs": OUTPUTS}, look=shot(newest("own"), inputs=[LOOK]))
    for over in ("$artifacts.a", "$artifacts.a.poster", "$artifacts.shots.poster"):
        many = each("more", "look", over=over)
        batch = planned(tools, use("a"), each("shots"), many, inputs=[LINES]).steps[-1]
        # Its elements are pictures, so they are what the template asks for.
        assert batch.batch.members[0].late[0].refs[0].ref == "$item", over


def test_unpacked_stages_take_the_output_of_the_batch_that_stays():
    once = {**ACT, "stages": [use("shots")]}
    tools = table(shot={**ONE, "outputs": OUTPUTS}, act=ACT, once=once)
    stages = use("a", "act"), use("b", "once")
    ends = edited("end", "$artifacts.a.posters[1]"), edited("last", "$artifacts.b.posters[0]")
    whole, reasons = expand(template(*stages, *ends), tools)
    assert [*reasons] == ["shots"]
    plan = planned(tools, *whole["stages"], inputs=whole["inputs"])
    by_key = {step.key: step for step in plan.steps}
    need, last = by_key["end"].needs[0], by_key["last"].needs[0]
    assert (need.source, need.output, need.pick.index) == ("shots", "poster", 1)
    assert (last.source, last.pick.index) == ("still", 0)


def test_a_picture_has_a_port_for_each_output_and_connections_from_it():
    ends = edited("one", "$artifacts.shots.poster[0]"), edited("two", "$artifacts.a.film")
    stages = each("shots"), use("a"), *ends, picture("three", "$artifacts.a.words.content")
    wiring = read_wiring(template(*stages, inputs=[LINES]), table(shot=TOLD))
    nodes = {node.id: node for node in wiring.nodes}
    for key in ("shots", "a"):
        assert [(one.key, one.title, one.kind) for one in nodes[key].outputs] == [
            ("out", "Film", "image"),
            ("out:poster", "Poster", "image"),
            ("out:words", "Its words", "choice"),
        ]
    taken_ends = {
        wire.target: (wire.source, nodes[wire.source].outputs[wire.output].key)
        for wire in wiring.wires
        if wire.target in ("one", "two", "three")
    }
    assert taken_ends == {
        "one": ("shots", "out:poster"),
        "two": ("a", "out"),
        "three": ("a", "out:words"),
    }
