"""A stage that is a template is planned as its stages would be, and finds no media of others."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from runs.planning.media_scopes import outputs_before, scope_at
from runs.planning.resolved_plan import Output
from templates_app.graph.compile import compile_template
from templates_app.graph.nesting import MAX_KEY, key_of
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from templates_app.graph.plan_subset import needed_for
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.types import INPUT_MEDIA, Compiled, PlanStep
from templates_app.graph.version_tool import version_tool
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    TOOLS,
    batch,
    codes,
    fixed,
    steps_of,
    template,
)
from tools.declaration.ports import Tool, ToolTable

Body = dict[str, Any]
LOOK = {"name": "look", "type": "image", "required": True}
SUBJECT = {"name": "subject", "type": "text", "default": "a cat"}


def shot(*stages: Body, inputs: Any = (SUBJECT,), **fields: Any) -> Body:
    return template(*stages, inputs=list(inputs), name="Shot", **fields)


def table(**templates: Body) -> ToolTable:
    """A table with templates, each of which may use those before it."""
    uses: dict[str, type[Tool]] = {}
    for name, body in templates.items():
        spec, issues = read_spec(body)
        assert not issues, issues
        reference = f"template:{name}@0.0.1"
        uses[reference] = version_tool(reference, spec, TOOLS.with_uses(uses))
    return TOOLS.with_uses(uses)


def use(id: str, name: str = "shot", /, **fields: Any) -> Body:
    args = fields.pop("args", {})
    body = {"id": id, "type": "fixed", "tool": f"template:{name}@0.0.1", "args": args}
    return {**body, "produces": [id], **fields}


def picture(id: str, prompt: str = "$inputs.subject", **fields: Any) -> Body:
    return fixed(id, args={"prompt": prompt}, produces=[id], **fields)


def edited(id: str, source: str, **fields: Any) -> Body:
    args = {"prompt": id, "sourceImageIndex": source}
    return fixed(id, "edit_image", args=args, produces=[id], **fields)


def newest(id: str) -> Body:
    """A stage that names no picture and takes the newest."""
    return fixed(id, "edit_image", args={"prompt": id}, produces=[id])


def compiled(tools: ToolTable, *stages: Body, values: Any = None, **fields: Any) -> Compiled:
    return compile_template(template(*stages, **fields), values or {}, (), tools, LIMITS)


def steps(tools: ToolTable, *stages: Body, **fields: Any) -> Mapping[str, PlanStep]:
    result = compiled(tools, *stages, **fields)
    assert codes(result.errors) == []
    return steps_of(result)


def taken(step: PlanStep) -> list[str]:
    return [need.source for need in step.needs if need.target_argument]


ONE = shot(picture("still"), edited("better", "$artifacts.still"))
STILL = {"still": {"from": "$artifacts.still[0]", "position": 1}}


def test_a_template_is_a_group_of_its_stages_and_gives_its_last_result():
    plan = steps(table(shot=ONE), use("a", args={"subject": "fox"}), edited("end", "$artifacts.a"))
    assert [*plan] == ["a", "a.still", "a.better", "end"]
    assert (plan["a"].kind, plan["a"].wire_tool) == ("group", "template:shot@0.0.1")
    assert plan["a"].group.result == "a.better"
    assert plan["a.still"].arguments["prompt"] == "fox"
    assert plan["a.better"].member_of == "a"
    assert taken(plan["a.better"]) == ["a.still"]
    assert taken(plan["end"]) == ["a.better"]
    assert {need.source for need in plan["end"].needs} == {"a.better", "a"}


def test_two_uses_of_one_template_do_not_meet():
    plan = steps(table(shot=ONE), use("a", args={"subject": "fox"}), use("b"))
    assert plan["b.still"].arguments["prompt"] == "a cat"
    assert taken(plan["b.better"]) == ["b.still"]


def test_an_inner_stage_takes_no_picture_from_outside_and_others_see_the_result_alone():
    inner = shot(picture("still"), picture("spare"), newest("better"), newest("last"))
    outside = (picture("first", "x"), use("a"), newest("end"))
    plan = steps(table(shot=inner), *outside)
    assert taken(plan["a.better"]) == ["a.spare"]
    assert taken(plan["end"]) == ["a.last"]
    # Without a picture inside there is none, though one was made outside.
    alone = shot(newest("better"))
    assert codes(compiled(table(shot=alone), *outside).errors) == ["missing_media_source"]


def test_the_picture_that_a_template_is_given_is_its_own_whatever_else_was_sent():
    inner = shot(newest("better"), inputs=[LOOK])
    sent = {"name": "sent", "type": "image", "default": "https://a.example/sent.png"}
    from_stage = steps(
        table(shot=inner),
        picture("first", "x"),
        picture("second", "y"),
        use("a", args={"look": "$artifacts.first"}),
        inputs=[sent],
    )
    assert taken(from_stage["a.better"]) == ["first"]
    by_address = compiled(
        table(shot=inner), use("a", args={"look": IMAGE}), newest("end"), inputs=[sent]
    )
    assert codes(by_address.errors) == []
    [need] = steps_of(by_address)["a.better"].needs
    assert (need.source, by_address.plan.media[need.pick.index].url) == (INPUT_MEDIA, IMAGE)
    # A stage outside takes what the template made, and never what it was given.
    assert taken(steps_of(by_address)["end"]) == ["a.better"]


def test_what_was_sent_is_not_found_inside_nor_what_was_given_outside():
    sent = {"name": "sent", "type": "image", "default": IMAGE}
    inner = shot(newest("better"))
    assert codes(compiled(table(shot=inner), use("a"), inputs=[sent]).errors) == [
        "missing_media_source"
    ]
    outer = compiled(
        table(shot=shot(picture("x"), inputs=[LOOK, SUBJECT])),
        newest("end"),
        use("a", args={"look": IMAGE}),
    )
    assert codes(outer.errors) == ["missing_media_source"]


def test_positions_count_the_templates_own_media():
    inner = shot(
        picture("still"),
        fixed("made", "edit_image", args={"prompt": "p", "sourceImageIndex": 0}),
        fixed("sent", "edit_image", args={"prompt": "p", "sourceImageIndex": -1}),
        inputs=[LOOK, SUBJECT],
    )
    plan = steps(
        table(shot=inner), picture("first", "x"), use("a", args={"look": "$artifacts.first"})
    )
    assert plan["a.made"].arguments["sourceImageIndex"] == 0
    assert {need.source for need in plan["a.made"].needs} == {"a.still"}
    assert taken(plan["a.sent"]) == ["first"]


def test_lists_given_in_parts_are_put_into_lists_and_read_by_place():
    photos = {"name": "photos", "type": "image", "multiple": True}
    join = {"prompt": "p", "referenceImageUrls": ["$inputs.photos", "$inputs.photos[1]"]}
    inner = shot(fixed("all", "generate_video", args=join), inputs=[photos])
    plan = steps(
        table(shot=inner),
        picture("one", "x"),
        picture("two", "x"),
        use("a", args={"photos": ["$artifacts.one", "$artifacts.two"]}),
    )
    assert taken(plan["a.all"]) == ["one", "two", "two"]


def test_a_list_in_parts_is_refused_where_one_list_is_needed():
    photos = {"name": "photos", "type": "image", "multiple": True}
    each = {"prompt": "p", "sourceImageUrl": "$item"}
    inner = shot(batch("all", "edit_image", over="$inputs.photos", args=each), inputs=[photos])
    stages = (picture("one", "x"), picture("two", "x"))
    parts = use("a", args={"photos": ["$artifacts.one", "$artifacts.two"]})
    result = compiled(table(shot=inner), *stages, parts)
    assert ("binding_not_supported_yet", "a") in {
        (one.code, one.at.stage_id) for one in result.errors
    }
    whole = steps(table(shot=inner), *stages, use("a", args={"photos": "$artifacts.two"}))
    assert whole["a.all"].batch.over.source == "two"


def test_what_others_wrote_warns_no_one_else():
    result = compiled(table(shot=shot(picture("still"), newest("better"))), use("a"))
    assert codes(result.warnings) == []


def test_outputs_have_names_and_the_first_is_the_main_one():
    outputs = {
        "film": {"from": "$artifacts.better", "position": 0},
        "still": {"from": "$artifacts.still[0]", "position": 1},
    }
    tools = table(shot={**ONE, "outputs": outputs})
    body = template(use("a"), outputs={"x": {"from": "$artifacts.a.still"}})
    assert codes(validate(body, tools)) == []
    plan = steps(
        tools,
        use("a"),
        edited("main", "$artifacts.a"),
        edited("named", "$artifacts.a.still"),
        edited("first", "$artifacts.a.film[0]"),
    )
    assert [taken(plan[key]) for key in ("main", "named", "first")] == [
        ["a.better"],
        ["a.still"],
        ["a.better"],
    ]


def test_conditions_failure_and_checkpoints_of_the_stage_are_the_groups():
    inner = shot(
        picture("still"),
        picture("again", condition={"type": "if_error_in", "stageId": "still"}),
        picture("calm", condition={"type": "expr", "expression": "inputs.subject == 'fox'"}),
    )
    plan = steps(
        table(shot=inner),
        picture("first", "x"),
        use(
            "a",
            args={"subject": "fox"},
            onError="continue",
            checkpointRequired=True,
            condition={"type": "if_success_of", "stageId": "first"},
        ),
        picture("end", "x", condition={"type": "if_error_in", "stageId": "a"}),
    )
    assert plan["a"].on_error == "continue"
    assert plan["a"].condition == {"type": "if_success_of", "sources": ["first"]}
    assert plan["a__gate"].member_of is None
    assert plan["a.again"].condition == {"type": "if_error_in", "sources": ["a.still"]}
    assert plan["a.calm"].condition["type"] == "expr"
    assert plan["end"].condition == {"type": "if_error_in", "sources": ["a"]}


def test_a_group_begins_when_all_that_it_is_given_is_there():
    inner = shot(picture("still"), edited("better", "$inputs.look"), inputs=[LOOK, SUBJECT])
    plan = steps(
        table(shot=inner), picture("first", "x"), use("a", args={"look": "$artifacts.first"})
    )
    assert [need.source for need in plan["a"].needs] == ["first"]


def test_what_is_missing_or_wrong_is_named_at_the_stage():
    inner = shot(picture("still"), inputs=[LOOK, {**SUBJECT, "jsonSchema": {"maxLength": 5}}])
    result = compiled(table(shot=inner), use("a", args={"subject": "far too long"}))
    assert {(one.code, one.at.stage_id) for one in result.errors} == {
        ("missing_argument", "a"),
        ("invalid_input_value", "a"),
    }
    issues = validate(template(use("a")), table(shot=inner))
    assert {(one.code, one.at.stage_id) for one in issues} == {("missing_argument", "a")}


def test_no_start_sets_what_a_stage_gives():
    tools = table(shot=ONE)
    names = {"a_subject": "spy", "subject": "spy"}
    result = compiled(tools, use("a", args={"subject": "fox"}), values=names)
    assert steps_of(result)["a.still"].arguments["prompt"] == "fox"
    assert codes(result.warnings).count("unknown_input_value") == 2


def test_a_template_that_is_turned_off_passes_on_what_it_is_given():
    inner = shot(edited("better", "$inputs.look"), inputs=[LOOK])
    plan = steps(
        table(shot=inner),
        picture("first", "x"),
        use("a", args={"look": "$artifacts.first"}, bypass=True),
        edited("end", "$artifacts.a"),
    )
    assert [*plan] == ["first", "end"]
    assert taken(plan["end"]) == ["first"]


@pytest.mark.parametrize("outputs", [{}, {"x": {"from": "$artifacts.better"}}])
def test_a_result_that_its_author_turned_off_is_what_passes_through_it(outputs):
    inner = shot(picture("still"), edited("better", "$artifacts.still", bypass=True))
    plan = steps(table(shot={**inner, "outputs": outputs}), use("a"), edited("end", "$artifacts.a"))
    assert taken(plan["end"]) == ["a.still"]


def test_a_stage_that_is_turned_off_passes_on_any_result_of_a_template():
    tools = table(shot={**ONE, "outputs": {"film": {"from": "$artifacts.better"}, **STILL}})
    between = edited("between", "$artifacts.a.still", bypass=True)
    plan = steps(tools, use("a"), between, edited("end", "$artifacts.between"))
    assert taken(plan["end"]) == ["a.still"]


def test_a_part_of_a_run_takes_a_template_whole_or_one_of_its_stages():
    plan = compiled(table(shot=ONE), picture("first", "x"), use("a"), picture("end", "x")).plan
    assert [step.key for step in needed_for(plan, "a").steps] == ["a", "a.still", "a.better"]
    assert [step.key for step in needed_for(plan, "a.still").steps] == ["a", "a.still"]


def test_ids_of_stages_that_meet_are_refused():
    result = compiled(table(shot=ONE), picture("a.still", "x"), use("a"))
    assert codes(result.errors) == ["reserved_stage_id"]


def test_long_keys_are_cut_and_stay_apart():
    keys = {key_of("a" * 120, f"{'b' * 100}{number}") for number in range(50)}
    assert len(keys) == 50
    assert {len(key) for key in keys} == {_LENGTH}


_LENGTH = 140 + 1 + 12
assert _LENGTH <= MAX_KEY


@pytest.mark.parametrize("is_reading", [True, False])
def test_a_tool_that_reads_all_reads_its_own_template(is_reading):
    tool = next(tool.name for tool in TOOLS if tool.reads_run)
    inner = shot(picture("still"), *([fixed("read", tool, args={})] if is_reading else []))
    plan = steps(table(shot=inner), picture("first", "x"), use("a"), fixed("all", tool, args={}))
    assert {need.source for need in plan["all"].needs} == {"first", "a"}
    if is_reading:
        assert {need.source for need in plan["a.read"].needs} == {"a.still"}


def test_plans_keep_their_scopes():
    plan = compiled(table(shot=ONE, film=shot(use("x"))), use("a", "film")).plan
    assert plan.format == 2
    assert plan_from_json(plan_to_json(plan)) == plan
    assert [(one.first, one.end, one.result) for one in plan.scopes] == [
        (0, 3, "a.x.better"),
        (1, 3, "a.x.better"),
    ]


def test_a_step_finds_what_was_made_in_its_own_template_stage():
    inner = shot(picture("still"), newest("better"))
    film = shot(picture("first"), use("x"), newest("y"))
    plan = compiled(table(shot=inner, film=film), picture("p", "x"), use("a", "film"), newest("e"))
    scopes = plan.plan.scopes
    made = [
        Output(step.key, step.key, step.sequence, -1, 0, "image")
        for step in plan.plan.steps
        if step.kind != "group"
    ]
    assert {
        step.key: [one.step_key for one in outputs_before(made, step.sequence, scopes)]
        for step in plan.plan.steps
        if step.kind != "group"
    } == {
        "p": [],
        "a.first": [],
        "a.x.still": [],
        "a.x.better": ["a.x.still"],
        "a.y": ["a.first", "a.x.better"],
        "e": ["p", "a.y"],
    }
    assert scope_at(scopes, 0) is None


# -- as written by hand ---------------------------------------------------------------------------


def random_templates(
    dice: random.Random,
    newest_share: float = 0.0,
    bypass_share: float = 0.0,
    found_share: float = 0.0,
) -> dict[str, Body]:
    """Templates of which each may use those before it; the last is the outer one.

    found_share: of stages that may be left out, and of those that find media in any way there is.
    """
    templates: dict[str, Body] = {}
    names = [f"t{number}" for number in range(dice.randint(1, 5))]
    for name in (*names, "outer"):
        stages: list[Body] = [picture("base", dice.choice(("$inputs.subject", "plain")))]
        made = ["base"]
        for number in range(dice.randint(0, 3)):
            key = f"s{number}"
            source = dice.choice(
                [f"$artifacts.{dice.choice(made)}", f"$artifacts.{dice.choice(made)}[0]"]
                + (["$inputs.look"] if name != "outer" else [IMAGE])
            )
            if templates and dice.random() < 0.6:
                args: Body = {"look": source}
                if dice.random() < 0.5:
                    args["subject"] = dice.choice(("fox", "$inputs.subject"))
                # The newest template most of the time, so that they are deep.
                other = [*templates][-1] if dice.random() < 0.7 else dice.choice([*templates])
                stages.append(use(key, other, args=args))
            elif dice.random() < newest_share:
                stages.append(newest(key))
            else:
                stages.append(edited(key, source))
            is_tool = not stages[-1]["tool"].startswith("template:")
            if is_tool and bypass_share and dice.random() < bypass_share:
                stages[-1]["bypass"] = True
            if found_share and dice.random() < found_share:
                stages[-1] = finding(dice, key, len(made), source)
            if is_tool and found_share and dice.random() < found_share / 2:
                stages[-1]["onError"] = "skip"
            if found_share and dice.random() < found_share / 3:
                kind = dice.choice(("if_success_of", "if_error_in"))
                stages[-1]["condition"] = {"type": kind, "stageId": "base"}
            made.append(key)
        inputs = [SUBJECT] if name == "outer" else [LOOK, SUBJECT]
        templates[name] = shot(*stages, inputs=inputs)
        if found_share and dice.random() < 0.3:
            main = {"from": f"$artifacts.{dice.choice(made)}"}
            templates[name]["outputs"] = {"main": main}
    return templates


def finding(dice: random.Random, key: str, count: int, source: str) -> Body:
    """A stage that finds media by their number, all there are, or the newest in some other way; or
    that holds others. source: of what one of those takes."""
    chance = dice.random()
    number = dice.choice((-1, *range(count)))
    if chance < 0.4:
        args = {"prompt": key, "sourceImageIndex": number}
        return fixed(key, "edit_image", args=args, produces=[key])
    if chance < 0.5:
        args = {"prompt": key, "referenceImageIndices": [0, abs(number)]}
        return fixed(key, "generate_image", args=args, produces=[key])
    if chance < 0.6:
        args = {"prompt": key, "maskImageIndex": dice.choice((0, "$artifacts.base"))}
        return fixed(key, "edit_image", args=args, produces=[key])
    if chance < 0.7:
        return fixed(key, args={"prompt": key, "numberOfVariations": 2}, produces=[key])
    if chance < 0.8:
        return fixed(key, "generate_video", produces=[key])
    if chance < 0.9:
        return {**fixed(key, "stitch_video", produces=[key]), "args": {}}
    inside = [picture(f"{key}_x"), newest(f"{key}_y"), edited(f"{key}_z", source)]
    inside = inside[dice.randrange(3) :]
    return {"id": key, "type": "fixed", "subStages": inside, "produces": [key]}
