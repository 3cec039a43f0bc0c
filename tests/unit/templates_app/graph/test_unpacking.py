"""A template stage put into its template as stages: the same work, and nothing else changed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.graph.compile import compile_template
from templates_app.graph.port_arguments import find_port
from templates_app.graph.rules.validation import validate
from templates_app.graph.types import INPUT_MEDIA, Plan
from templates_app.graph.unpacking import NotUnpackable, unpack
from tests.support.builders.planning import LIMITS, TOOLS, batch, codes, fixed, template
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


def test_inputs_of_the_outer_template_and_results_stand_for_inputs():
    inner = shot(edited("better", "$inputs.look"), inputs=[LOOK, SUBJECT])
    body = template(picture("first", "x"), use("a", args={"look": "$artifacts.first"}))
    stages = opened(body, "a", table(shot=inner))["stages"]
    assert stages[1]["args"]["sourceImageIndex"] == "$artifacts.first[0]"


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
        ({"condition": {"type": "expr", "expression": "true"}}, "Always"),
        ({"checkpointRequired": True}, "Pause for approval"),
        ({"bypass": True}, "Bypass"),
        ({"onError": "continue"}, "If it fails"),
    ],
)
def test_what_is_true_of_the_whole_stage_is_said_first(fields, words):
    assert words in refusal(template(use("a", **fields)), table(shot=ONE))


def test_media_that_are_found_when_it_runs_keep_it_whole():
    skipped = shot(picture("still", onError="skip"), picture("x"), newest("better"))
    skipped["stages"][1]["onError"] = "skip"
    assert "Connect it" in refusal(template(use("a")), table(shot=skipped))
    numbered = fixed("n", "edit_image", args={"prompt": "p", "sourceImageIndex": 0})
    by_number = shot(picture("still"), numbered)
    assert "by number" in refusal(template(use("a")), table(shot=by_number))
    assert "template stage" in refusal(template(picture("a", "x")), TOOLS)


def test_random_templates_do_the_same_work_unpacked():
    for seed in range(examples(600)):
        templates = random_templates(random.Random(seed), newest_share=0.3)
        body = templates.pop("outer")
        tools = table(**templates)
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
        assert _work(nested.plan) == _work(flat.plan), seed


def _work(plan: Plan) -> list[Any]:
    """What each step is and takes, by places in the plan instead of keys."""
    own = [step for step in plan.steps if step.kind != "group"]
    places = {step.key: place for place, step in enumerate(own)}
    work = []
    for step in own:
        bound: list[Any] = []
        tool = TOOLS.get(step.tool)
        for need in step.needs:
            if need.target_argument is None:
                continue
            port, _ = find_port(tool, need.target_argument)
            if need.source == INPUT_MEDIA:
                of_kind = [one for one in plan.media if one.kind == need.media_kind]
                bound.append((of_kind[need.pick.index].url, port.name))
            else:
                bound.append((places[need.source], port.name, need.required))
        work.append((step.tool, step.arguments, sorted(map(str, bound))))
    return work
