"""Stages inside a stage become a group: its members are planned as if they stood beside it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from templates_app.graph.plan_subset import needed_for
from templates_app.graph.rules.validation import validate
from templates_app.graph.types import INPUT_MEDIA, Compiled, Plan, PlanStep
from tests.support.builders.planning import LIMITS, TOOLS, codes, fixed, steps_of, template
from tests.support.examples import examples

Stage = dict[str, Any]


def compiled(*stages: Stage, **fields: Any) -> Compiled:
    return compile_template(template(*stages, **fields), {}, (), TOOLS, LIMITS)


def group(id: str, *stages: Stage, **fields: Any) -> Stage:
    return {"id": id, "type": "fixed", "subStages": list(stages), **fields}


def picture(id: str, **fields: Any) -> Stage:
    return fixed(id, args={"prompt": id}, produces=[id], **fields)


def edited(id: str, source: str, **fields: Any) -> Stage:
    args = {"prompt": id, "sourceImageIndex": f"$artifacts.{source}"}
    return fixed(id, "edit_image", args=args, produces=[id], **fields)


def sources(step: PlanStep) -> set[str]:
    return {need.source for need in step.needs}


def taken_by(step: PlanStep) -> list[tuple[str, str]]:
    return [(need.source, need.target_argument) for need in step.needs if need.target_argument]


SHOT = group("shot", picture("still"), edited("look", "still"), produces=["shot_image"])


def test_a_group_holds_its_stages_and_gives_the_result_of_the_last():
    result = compiled(SHOT, edited("poster", "shot_image"))
    assert codes(result.errors) == []
    steps = steps_of(result)
    assert [*steps] == ["shot", "still", "look", "poster"]
    assert (steps["shot"].kind, steps["shot"].group.result) == ("group", "look")
    assert {key: step.member_of for key, step in steps.items()} == {
        "shot": None,
        "still": "shot",
        "look": "shot",
        "poster": None,
    }
    assert taken_by(steps["poster"]) == [("look", "sourceImageIndex")]
    # A stage after the group takes nothing of it before all of it is over.
    assert sources(steps["poster"]) == {"look", "shot"}
    assert sources(steps["look"]) == {"still"}
    assert "sub_stages_run_as_group" in codes(result.warnings)


def test_the_member_that_makes_a_name_of_the_group_is_its_result():
    named = group("shot", picture("still"), picture("spare"), produces=["still"])
    result = compiled(named, edited("poster", "still"))
    assert steps_of(result)["shot"].group.result == "still"
    assert taken_by(steps_of(result)["poster"]) == [("still", "sourceImageIndex")]


def test_the_own_call_of_a_stage_comes_first():
    film = fixed("film", "generate_image", args={"prompt": "x"}, produces=["base"])
    steps = steps_of(compiled({**film, "subStages": [edited("better", "base")]}))
    assert [*steps] == ["film", "film.main", "better"]
    assert steps["film.main"].stage_id == "film"
    assert taken_by(steps["better"]) == [("film.main", "sourceImageIndex")]


def test_an_own_call_gets_a_name_that_no_stage_has():
    film = {**picture("film"), "subStages": [picture("inside")]}
    steps = steps_of(compiled(picture("film.main"), film))
    assert [*steps] == ["film.main", "film", "film.main_2", "inside"]


def test_a_question_with_stages_inside_is_asked_first():
    ask = {"id": "ask", "type": "interactive", "userMessage": "Which?", "subStages": [picture("a")]}
    steps = steps_of(compiled(ask))
    assert [*steps] == ["ask", "ask.main", "a"]
    assert (steps["ask.main"].kind, steps["ask.main"].ask["prompt"]["stageId"]) == ("wait", "ask")


def test_order_condition_failure_and_checkpoint_are_the_groups():
    whole = {
        **SHOT,
        "requiredArtifactsIn": ["first"],
        "condition": {"type": "if_success_of", "stageId": "first"},
        "onError": "continue",
        "checkpointRequired": True,
    }
    steps = steps_of(compiled(picture("first"), whole, edited("poster", "still")))
    assert steps["shot"].condition == {"type": "if_success_of", "sources": ["first"]}
    assert (steps["shot"].on_error, steps["still"].on_error) == ("continue", "stop")
    assert steps["still"].condition is None
    assert (steps["shot__gate"].kind, steps["shot__gate"].member_of) == ("gate", None)
    assert {"shot", "shot__gate"} <= sources(steps["poster"])
    assert sources(steps["still"]) == set()


def test_a_checkpoint_inside_holds_its_group_open():
    steps = steps_of(compiled(group("shot", picture("still", checkpointRequired=True))))
    assert steps["still__gate"].member_of == "shot"


def test_a_stage_inside_cant_wait_for_its_own_group():
    waiting = picture("still", condition={"type": "if_success_of", "stageId": "shot"})
    result = compiled(group("shot", waiting))
    assert codes(result.errors) == ["unknown_stage"]
    assert result.errors[0].at.path == "stages/shot/subStages/still"
    issues = validate(template(group("shot", waiting)), TOOLS)
    assert codes(issues) == ["sub_stages_run_as_group", "unknown_stage"]


def test_a_question_that_reads_everything_waits_for_no_group_around_it():
    tool = next(tool.name for tool in TOOLS if tool.reads_run)
    reader = fixed("read", tool, args={})
    steps = steps_of(compiled(picture("a"), group("shot", picture("b"), reader)))
    assert "shot" not in sources(steps["read"])


def test_a_bypassed_group_is_refused():
    result = compiled({**SHOT, "bypass": True})
    assert codes(result.errors) == ["cannot_bypass"]


def test_a_plan_with_a_group_is_kept_in_the_second_format():
    plan = compiled(SHOT, edited("poster", "shot_image")).plan
    assert plan is not None
    assert plan.format == 2
    assert plan_from_json(plan_to_json(plan)) == plan
    flat = compiled(picture("a")).plan
    assert flat is not None
    assert plan_to_json(flat)["format"] == 1


@pytest.mark.parametrize(
    ("target", "keys"),
    [
        ("still", ["shot", "still"]),
        ("shot", ["shot", "still", "look"]),
        ("poster", ["shot", "still", "look", "poster"]),
    ],
)
def test_a_run_to_a_stage_takes_the_groups_it_needs(target, keys):
    plan = compiled(SHOT, edited("poster", "still"), picture("other")).plan
    assert plan is not None
    subset = needed_for(plan, target)
    assert [step.key for step in subset.steps] == keys
    assert [step.sequence for step in subset.steps] == [*range(len(keys))]


# -- as if they stood beside each other -----------------------------------------------------------


def test_groups_change_nothing_but_the_order_of_a_thousand_templates():
    for seed in range(examples(1_000)):
        nested = list(_stages(random.Random(seed)))
        flat = list(_flat(nested))
        with_groups, without = compiled(*nested), compiled(*flat)
        assert codes(with_groups.errors) == codes(without.errors) == [], seed
        _compare(with_groups.plan, without.plan, seed)


def _compare(nested: Plan, flat: Plan, seed: int) -> None:
    members = [step for step in nested.steps if step.kind != "group"]
    assert [step.key for step in members] == [step.key for step in flat.steps], seed
    waits, waits_flat = _waits_for(nested), _waits_for(flat)
    groups = {step.key for step in nested.steps if step.kind == "group"}
    for one, other in zip(members, flat.steps, strict=True):
        assert (one.tool, one.arguments, one.late) == (other.tool, other.arguments, other.late)
        bound = [need for need in one.needs if need.target_argument]
        assert bound == [need for need in other.needs if need.target_argument], (seed, one.key)
        assert waits[one.key] - groups >= waits_flat[one.key], (seed, one.key)
        assert one.key not in waits[one.key], (seed, one.key)


def _waits_for(plan: Plan) -> dict[str, set[str]]:
    """All that each step waits for: of a group with what it holds, of a member with its group's."""
    begins: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    by_key = {step.key: step for step in plan.steps}
    for step in plan.steps:
        holder = step.member_of
        before = set(begins[holder]) if holder is not None else set()
        for need in step.needs:
            if need.source != INPUT_MEDIA:
                before |= {need.source} | begins[need.source] | held.get(need.source, set())
                for inside in held.get(need.source, set()):
                    before |= begins[inside]
        begins[step.key] = before
        while holder is not None:
            held.setdefault(holder, set()).add(step.key)
            holder = by_key[holder].member_of
    return begins


def _flat(stages: list[Stage]) -> Iterator[Stage]:
    for stage in stages:
        inside = stage.get("subStages")
        if inside is None:
            yield stage
            continue
        flat = [dict(one) for one in _flat(inside)]
        flat[-1]["produces"] = [*flat[-1]["produces"], *stage.get("produces", ())]
        yield from flat


def _stages(dice: random.Random) -> Iterator[Stage]:
    """Stages to depth 5 that take each other's results by name, or the newest there is."""
    names: list[str] = []
    makes_pictures: dict[str, bool] = {}
    count = 0

    def one(depth: int) -> Stage:
        nonlocal count
        count += 1
        key = f"s{count}"
        if depth < 5 and dice.random() < 0.35:
            inside = [one(depth + 1) for _ in range(dice.randint(1, 3))]
            stage = group(key, *inside)
            makes_pictures[key] = makes_pictures[inside[-1]["id"]]
            if makes_pictures[key] and dice.random() < 0.6:
                stage["produces"] = [key]
                names.append(key)
            return stage
        stage = dice.choice((picture(key), fixed(key, "generate_video", produces=[key])))
        if names and dice.random() < 0.5:
            stage = edited(key, dice.choice(names))
        if names and dice.random() < 0.2:
            stage["requiredArtifactsIn"] = [dice.choice(names)]
        makes_pictures[key] = stage["tool"] != "generate_video"
        if makes_pictures[key]:
            names.append(key)
        return stage

    yield picture("first")
    names.append("first")
    for _ in range(dice.randint(2, 5)):
        yield one(1)
