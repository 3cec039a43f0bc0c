"""A template stage put into its template as stages: the same work, and nothing else changed."""

from __future__ import annotations

import cProfile
import random
from typing import Any

import pytest

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.graph.compile import compile_template
from templates_app.graph.rules.validation import validate
from templates_app.graph.types import Plan, PlanOutput
from templates_app.graph.unpacking import NotUnpackable, expand, unpack
from tests.support.builders.plan_work import work_of
from tests.support.builders.planning import IMAGE, LIMITS, TOOLS, batch, codes, fixed, template
from tests.support.examples import examples
from tests.unit.templates_app.graph.test_templates_inside import (
    LOOK,
    ONE,
    SUBJECT,
    edited,
    newest,
    picture,
    random_templates,
    shot,
    table,
    use,
)
from tools.declaration.ports import ToolTable

Body = dict[str, Any]


def opened(body: Body, key: str, tools: ToolTable) -> Body:
    """The template after its stage was unpacked."""
    return to_spec(unpack(to_document(body), key, tools).state)


def refusal(body: Body, tools: ToolTable) -> str:
    with pytest.raises(NotUnpackable) as caught:
        unpack(to_document(body), "a", tools)
    return str(caught.value)


def test_stages_stand_where_the_template_stood_with_what_it_was_given():
    body = template(
        picture("first", "x"), use("a", args={"subject": "fox"}), edited("end", "$artifacts.a")
    )
    stages = opened(body, "a", table(shot=ONE))["stages"]
    assert [stage["id"] for stage in stages] == ["first", "still", "better", "end"]
    assert stages[1]["args"]["prompt"] == "fox"
    assert stages[3]["args"]["sourceImageIndex"] == "$artifacts.a_better"
    assert codes(validate(template(*stages), TOOLS)) == []


def test_a_value_that_only_an_input_can_be_stays_one_no_one_is_asked_for():
    words = {"name": "words", "type": "text", "multiple": True, "default": ["a", "b"]}
    inner = shot(batch("all", over="$inputs.words"), inputs=[words])
    body = template(use("a", args={"words": ["x", "y"]}))
    spec = opened(body, "a", table(shot=inner))
    assert spec["stages"][0]["overBinding"] == "$inputs.a_words"
    [declared] = spec["inputs"]
    assert (declared["default"], declared["internal"]) == (["x", "y"], True)
    assert codes(validate(spec, TOOLS)) == []


def test_what_is_not_given_and_has_no_default_is_left_out():
    mood = {"name": "mood", "type": "text"}
    still = fixed("still", args={"prompt": "p", "negativePrompt": "$inputs.mood"})
    stages = opened(template(use("a")), "a", table(shot=shot(still, inputs=[mood])))["stages"]
    assert stages[0]["args"] == {"prompt": "p"}


def test_outputs_previews_seeds_and_the_rest_of_the_document_follow():
    outputs = {"still": {"from": "$artifacts.still[0]"}}
    body = {
        **template(use("a"), outputs={"x": {"from": "$artifacts.a.still"}}),
        "previewArtifacts": [{"stageId": "a"}],
        "somethingElse": 1,
    }
    state = to_document(body)
    state["seeds"] = {"order": ["a.still"], "rows": {"a.still": 7}}
    after = unpack(state, "a", table(shot={**ONE, "outputs": outputs})).state
    spec = to_spec(after)
    assert spec["outputs"] == {"x": {"from": "$artifacts.a_still[0]"}}
    assert spec["previewArtifacts"] == [{"stageId": "still"}]
    assert spec["somethingElse"] == 1
    assert after["seeds"]["rows"] == {"still": 7}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"checkpointRequired": True}, "Pause for approval"),
        ({"bypass": True}, "Bypass"),
        ({"onError": "continue"}, "If it fails"),
    ],
)
def test_what_is_true_of_the_whole_stage_is_said_first(fields, words):
    assert words in refusal(template(use("a", **fields)), table(shot=ONE))


NUMBERED = fixed("end", "edit_image", args={"prompt": "p", "sourceImageIndex": 2})
HOLDING = {"id": "end", "type": "fixed", "subStages": [newest("below")]}
MANIFEST = fixed("end", "create_asset_manifest")


@pytest.mark.parametrize("end", [NUMBERED, HOLDING, MANIFEST])
def test_a_later_stage_that_would_count_or_find_other_media_keeps_it_whole(end):
    still = {"result": {"from": "$artifacts.still"}}
    two = table(shot=shot(picture("still"), picture("spare"), outputs=still))
    first = picture("first", "x", **({"onError": "skip"} if end is NUMBERED else {}))
    body = template(first, use("a"), picture("last", "x"), end)
    if end is HOLDING:
        del body["stages"][2]
    with pytest.raises(NotUnpackable, match=r"^end "):
        opened(body, "a", two)
    # Where it has but one stage, nothing changes for others.
    if end is not MANIFEST:
        alone = opened(body, "a", table(shot=shot(picture("still"))))
        assert alone["stages"][-1] == end


def test_stages_inside_a_stage_come_along_under_names_of_their_own():
    inside = [picture("x"), edited("y", "$artifacts.x"), edited("z", "$inputs.look")]
    about = {"type": "if_success_of", "stageId": "y"}
    inside[2]["condition"] = about
    group = {"id": "s", "type": "fixed", "subStages": inside, "produces": ["s"]}
    inner = shot(group, edited("better", "$artifacts.s"), inputs=[LOOK, SUBJECT])
    other = {"id": "d", "type": "fixed", "subStages": [picture("x", "x")]}
    args = {"look": "$artifacts.first", "subject": "fox"}
    body = template(picture("first", "x"), other, use("a", args=args), edited("e", "$artifacts.a"))
    stages = opened(body, "a", table(shot=inner))["stages"]
    x, y, z = stages[2]["subStages"]
    assert [one["id"] for one in (x, y, z)] == ["x_2", "y", "z"]
    assert (x["args"]["prompt"], x["produces"]) == ("fox", ["a_x"])
    assert y["args"]["sourceImageIndex"] == "$artifacts.a_x"
    assert z["args"]["sourceImageIndex"] == "$artifacts.first[0]"
    assert z["condition"] == about
    assert set(codes(validate(template(*stages), TOOLS))) == {"sub_stages_run_as_group"}


def test_a_condition_of_the_stage_is_one_of_each_of_its_stages():
    about = {"type": "if_success_of", "stageId": "first"}
    body = template(picture("first", "x"), use("a", condition=about))
    stages = opened(body, "a", table(shot=ONE))["stages"]
    assert [stage.get("condition") for stage in stages] == [None, about, about]
    own = picture("again", condition={"type": "if_error_in", "stageId": "still"})
    assert "Always" in refusal(body, table(shot=shot(picture("still"), own)))


def test_stages_wait_for_what_the_stage_would_be_left_out_with():
    inner = shot(picture("still"), edited("better", "$inputs.look"), inputs=[LOOK, SUBJECT])
    first = picture("first", "x", onError="skip")
    body = template(first, use("a", args={"look": "$artifacts.first"}))
    stages = opened(body, "a", table(shot=inner))["stages"]
    assert stages[1]["requiredArtifactsIn"] == ["first"]


def test_a_result_that_is_bypassed_and_comes_from_outside_keeps_it_whole():
    better = edited("better", "$inputs.look", bypass=True)
    declared = {"result": {"from": "$artifacts.better"}}
    inner = shot(picture("still"), better, inputs=[LOOK, SUBJECT], outputs=declared)
    body = template(use("a", args={"look": IMAGE}), edited("end", "$artifacts.a"))
    assert "bypassed" in refusal(body, table(shot=inner))


def test_media_that_are_found_when_it_runs_keep_it_whole():
    skipped = shot(picture("still", onError="skip"), picture("x"), newest("better"))
    skipped["stages"][1]["onError"] = "skip"
    assert "Connect it" in refusal(template(use("a")), table(shot=skipped))
    numbered = fixed("n", "edit_image", args={"prompt": "p", "sourceImageIndex": -1})
    by_number = shot(picture("still"), numbered)
    assert "by number" in refusal(template(use("a")), table(shot=by_number))
    assert "template stage" in refusal(template(picture("a", "x")), TOOLS)
    photos = {"name": "photos", "type": "image", "multiple": True, "default": [IMAGE, IMAGE]}
    args = {"prompt": "p", "sourceImageUrl": "$inputs.photos"}
    passing = fixed("still", "edit_image", args=args, produces=["still"], bypass=True)
    inner = shot(picture("x"), passing, edited("better", "$artifacts.still"), inputs=[photos])
    assert "one of several" in refusal(template(use("a")), table(shot=inner))
    off = shot(edited("still", "$inputs.look", bypass=True), inputs=[LOOK])
    given = use("a", args={"look": "$artifacts.first"})
    assert "bypassed" in refusal(template(picture("first", "x"), given), table(shot=off))


def test_random_templates_do_the_same_work_unpacked():
    for seed in range(examples(600, 24)):
        templates = random_templates(random.Random(seed), newest_share=0.3, bypass_share=0.15)
        body = templates.pop("outer")
        tools = table(**templates)
        whole, reasons = expand(body, tools)
        assert not reasons, seed
        nested = compile_template(body, {}, (), tools, LIMITS)
        assert codes(nested.errors) == [], seed
        count = 0
        while count < 200:
            inside = [one["id"] for one in body["stages"] if one["tool"].startswith("template:")]
            if not inside:
                break
            body = opened(body, inside[seed % len(inside)], tools)
            count += 1
        flat = compile_template(body, {}, (), TOOLS, LIMITS)
        assert codes(flat.errors) == [], (seed, flat.errors)
        assert _works(nested.plan) == _works(flat.plan), seed
        expanded = compile_template(whole, {}, (), TOOLS, LIMITS)
        assert codes(expanded.errors) == [], (seed, expanded.errors)
        assert _works(nested.plan) == _works(expanded.plan), seed
        assert [_place_of(expanded.plan, one) for one in expanded.plan.outputs] == [
            _place_of(nested.plan, one) for one in nested.plan.outputs
        ], seed


def test_random_stages_find_the_same_media_unpacked():
    count = refused = 0
    for seed in range(examples(2_000)):
        dice = random.Random(seed)
        templates = random_templates(dice, newest_share=0.2, bypass_share=0.1, found_share=0.3)
        body = templates.pop("outer")
        tools = table(**templates)
        nested = compile_template(body, {}, (), tools, LIMITS)
        inside = [one["id"] for one in body["stages"] if "template:" in one.get("tool", "")]
        if nested.errors or not inside:
            continue
        count += 1
        try:
            after = opened(body, dice.choice(inside), tools)
        except NotUnpackable:
            refused += 1
            continue
        flat = compile_template(after, {}, (), tools, LIMITS)
        assert codes(flat.errors) == [], (seed, flat.errors)
        assert _works(nested.plan) == _works(flat.plan), seed
    assert count > examples(2_000) / 8
    assert refused < count / 4


def test_four_times_the_template_stages_take_about_four_times_the_work():
    chain = [edited(f"e{number}", f"$artifacts.e{number - 1}") for number in range(1, 9)]
    tools = table(shot=shot(picture("e0"), *chain))

    def calls(count: int) -> int:
        profile = cProfile.Profile()
        body = template(*(use(f"a{number}") for number in range(count)))
        whole, reasons = profile.runcall(expand, body, tools)
        assert (len(whole["stages"]), reasons) == (9 * count, {})
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(40) < 6 * calls(10)


def test_all_at_once_is_what_one_after_the_other_is():
    count = 0
    for seed in range(examples(1_200, 24)):
        dice = random.Random(seed)
        share = dice.choice((0, 0.2))
        templates = random_templates(dice, newest_share=0.2, bypass_share=0.1, found_share=share)
        body = templates.pop("outer")
        tools = table(**templates)
        whole, reasons = expand(body, tools)
        by_one, reasons_by_one = _expanded_by_one(body, tools)
        assert reasons == reasons_by_one, seed
        assert whole["stages"] == by_one["stages"], seed
        assert whole["inputs"] == by_one["inputs"], seed
        count += len(whole["stages"]) > 2 * len(body["stages"])
    assert count > examples(1_200, 24) / 20


def _expanded_by_one(body: Body, tools: ToolTable) -> tuple[Body, dict[str, str]]:
    """Unpack the template stages of a template one at a time, level by level."""
    state, reasons = to_document(body), {}
    keys = [*state["stages"]["order"]]
    while keys:
        keys_inside: list[str] = []
        for key in keys:
            record = state["stages"]["rows"][key]
            if not record.get("tool", "").startswith("template:"):
                continue
            try:
                result = unpack(state, key, tools)
            except NotUnpackable as reason:
                reasons[record["id"]] = str(reason)
            else:
                state = result.state
                keys_inside.extend(result.keys)
        keys = keys_inside
    return to_spec(state), reasons


def _place_of(plan: Plan, output: PlanOutput) -> int:
    """Which step the result of an output is of, counted without groups."""
    own = [step for step in plan.steps if step.kind != "group"]
    return [step.key for step in own].index(output.source)


def _works(plan: Plan) -> list[dict[str, Any]]:
    """What each step is and takes, by places in the plan instead of keys."""
    own = [step.key for step in plan.steps if step.kind != "group"]
    places = {key: str(place) for place, key in enumerate(own)}
    return [work_of(plan, lambda step: places.get(step.key, step.key), world) for world in range(3)]
