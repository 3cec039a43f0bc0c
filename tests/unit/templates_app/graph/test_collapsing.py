"""Stages put into a template of their own: the same work, and nothing else changed."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import pytest

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.graph.collapsing import Collapsed, NewTemplate, NotCollapsible, collapse
from templates_app.graph.compile import compile_template
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.types import Plan
from templates_app.graph.unpacking import NotUnpackable, unpack
from templates_app.graph.version_tool import version_tool
from tests.support.builders.plan_work import work_of
from tests.support.builders.planning import IMAGE, LIMITS, TOOLS, batch, codes, fixed, template
from tests.support.examples import examples
from tests.unit.templates_app.graph.test_templates_inside import (
    ONE,
    SUBJECT,
    edited,
    finding,
    newest,
    picture,
    random_templates,
    table,
    use,
)
from tools.declaration.ports import ToolTable

Body = dict[str, Any]
SHOT = NewTemplate("Shot", "g", "template:new@0.0.1")


def collapsed(body: Body, keys: Collection[str], tools: ToolTable = TOOLS) -> Collapsed:
    return collapse(to_document(body), keys, tools, SHOT)


def with_new(tools: ToolTable, result: Collapsed) -> ToolTable:
    """The table with the template that was made."""
    spec, issues = read_spec(result.inner)
    assert not issues, issues
    assert codes([one for one in validate(result.inner, tools) if one.severity == "error"]) == []
    tool = version_tool(SHOT.reference, spec, tools)
    return tools.with_uses({**tools.uses, SHOT.reference: tool})


def refusal(body: Body, keys: Collection[str], tools: ToolTable = TOOLS) -> str:
    with pytest.raises(NotCollapsible) as caught:
        collapsed(body, keys, tools)
    return str(caught.value)


def stages_of(result: Collapsed) -> dict[str, Body]:
    return {stage["id"]: stage for stage in to_spec(result.state)["stages"]}


def test_one_stage_is_wired_as_the_stages_were():
    body = template(
        picture("first", "x"),
        edited("a", "$artifacts.first.items[0].selectedVersion.url"),
        picture("b", "$inputs.subject"),
        edited("c", "$artifacts.b"),
        edited("end", "$artifacts.a.items[0].selectedVersion.url"),
        inputs=[{**SUBJECT, "internal": True}],
    )
    result = collapsed(body, ["a", "b", "c"])
    assert [*stages_of(result)] == ["first", "g", "end"]
    assert stages_of(result)["g"] == {
        "id": "g",
        "label": "Shot",
        "type": "fixed",
        "tool": SHOT.reference,
        "args": {
            "first": "$artifacts.first.items[0].selectedVersion.url",
            "subject": "$inputs.subject",
        },
        "produces": ["g"],
    }
    assert result.inner["inputs"] == [
        {"name": "first", "type": "image", "required": True},
        SUBJECT,
    ]
    # What no other takes is the main result; what one takes has a name.
    assert [(name, one["from"]) for name, one in result.inner["outputs"].items()] == [
        ("c", "$artifacts.c"),
        ("a", "$artifacts.a"),
    ]
    source = stages_of(result)["end"]["args"]["sourceImageIndex"]
    assert source == "$artifacts.g.a.items[0].selectedVersion.url"
    with_new(TOOLS, result)


def test_automatic_connections_over_the_border_are_written():
    body = template(picture("first", "x"), newest("a"), newest("end"))
    result = collapsed(body, ["a"])
    stages = stages_of(result)
    assert stages["g"]["args"] == {"first": "$artifacts.first"}
    assert "$artifacts.g" in stages["end"]["args"].values()
    assert "$inputs.first" in result.inner["stages"][0]["args"].values()


def test_a_stage_with_stages_inside_moves_whole_or_names_what_it_takes():
    inside = [picture("x", "$inputs.subject"), edited("y", "$artifacts.first"), newest("z")]
    group = {"id": "b", "type": "fixed", "subStages": inside, "produces": ["b"]}
    after = {"id": "d", "type": "fixed", "subStages": [edited("e", "$artifacts.b")]}
    body = template(picture("first", "x"), group, after, inputs=[SUBJECT])
    result = collapsed(body, ["b"])
    [moved] = result.inner["stages"]
    assert [one["args"].get("sourceImageIndex") for one in moved["subStages"]] == [
        None,
        "$inputs.first",
        None,
    ]
    assert {one["name"] for one in result.inner["inputs"]} == {"first", "subject"}
    [below] = stages_of(result)["d"]["subStages"]
    assert below["args"]["sourceImageIndex"] == "$artifacts.g"
    with_new(TOOLS, result)


ASK: Body = {"id": "c", "type": "interactive", "userMessage": "Which?", "produces": ["c"]}


@pytest.mark.parametrize(
    "reader",
    [
        edited("c", "$artifacts.b"),
        edited("c", "$artifacts.b.items[0].selectedVersion.url"),
        edited("c", "$artifacts.b", requiredArtifactsIn=["b"]),
        picture("c", "$artifacts.b.items[0].label", checkpointRequired=True),
        picture("c", "x", condition={"type": "expr", "expression": "$artifacts.b == 'x'"}),
        {**batch("c", over="$artifacts.b"), "produces": ["c"]},
        {**ASK, "select": {"from": "$artifacts.b"}},
        {"id": "c", "type": "fixed", "subStages": [edited("d", "$artifacts.b")], "produces": ["c"]},
    ],
)
def test_stages_inside_a_stage_still_take_from_each_other(reader):
    body = template(
        {"id": "a", "type": "fixed", "subStages": [picture("b", "x"), reader], "produces": ["a"]},
        picture("last", "y"),
    )
    before = compile_template(body, {}, (), TOOLS, LIMITS)
    result = collapsed(body, ["a"])
    assert result.inner["stages"] == body["stages"][:1]
    assert result.inner["inputs"] == []
    after = compile_template(to_spec(result.state), {}, (), with_new(TOOLS, result), LIMITS)
    assert codes((*before.errors, *after.errors)) == []
    assert _works(before.plan) == _works(after.plan)


def test_a_condition_that_all_of_them_have_is_the_stages():
    about = {"type": "if_success_of", "stageId": "o"}
    stages = [picture("a", "x", condition=about), edited("b", "$artifacts.a", condition=about)]
    result = collapsed(template(picture("o", "x"), *stages), ["a", "b"])
    assert stages_of(result)["g"]["condition"] == about
    assert [one.get("condition") for one in result.inner["stages"]] == [None, None]
    back = to_spec(unpack(result.state, "g", with_new(TOOLS, result)).state)["stages"]
    assert [one.get("condition") for one in back] == [None, about, about]


def test_what_a_condition_reads_outside_becomes_an_input():
    words = "artifacts.o.items[0].label == 'fox'"
    stage = picture("a", "x", condition={"type": "expr", "expression": words})
    result = collapsed(template(picture("o", "x"), stage, picture("b", "y")), ["a", "b"])
    assert stages_of(result)["g"]["args"] == {"o": "$artifacts.o.items[0].label"}
    assert result.inner["stages"][0]["condition"]["expression"] == "$inputs.o == 'fox'"
    with_new(TOOLS, result)


def test_numbers_are_written_as_names_where_others_would_be_counted():
    numbered = fixed("o", "edit_image", args={"prompt": "p", "sourceImageIndex": 2})
    body = template(picture("a", "x"), picture("b", "x"), picture("c", "x"), numbered)
    result = collapsed(body, ["a", "b"])
    assert stages_of(result)["o"]["args"]["sourceImageIndex"] == "$artifacts.c[0]"
    # Those that are the same then stay as they are.
    assert collapsed(body, ["c"]).inner["stages"][0]["args"] == {"prompt": "x"}
    assert stages_of(collapsed(body, ["c"]))["o"] == numbered


def test_a_stage_between_comes_after_them_where_it_needs_them():
    body = template(
        picture("a", "x"), edited("end", "$artifacts.a"), edited("b", "$artifacts.a"), newest("z")
    )
    assert [*stages_of(collapsed(body, ["a", "b"]))] == ["g", "end", "z"]


def test_seeds_places_outputs_and_previews_follow():
    body = {
        **template(
            picture("a", "x"),
            edited("b", "$artifacts.a"),
            outputs={"still": {"from": "$artifacts.a"}, "film": {"from": "$artifacts.b[0]"}},
            graph={
                "nodes": [{"stageId": "a", "x": 40, "y": 0}, {"stageId": "b", "x": 400, "y": 8}]
            },
        ),
        "previewArtifacts": [{"stageId": "b"}],
        "somethingElse": 1,
    }
    state = to_document(body)
    state["seeds"] = {"order": ["a"], "rows": {"a": 7}}
    result = collapse(state, ["a", "b"], TOOLS, SHOT)
    spec = to_spec(result.state)
    assert {name: one["from"] for name, one in spec["outputs"].items()} == {
        "still": "$artifacts.g.a",
        "film": "$artifacts.g[0]",
    }
    assert (spec["previewArtifacts"], spec["somethingElse"]) == ([{"stageId": "g"}], 1)
    assert result.state["seeds"]["rows"] == {"g.a": 7}
    assert result.state["nodes"]["rows"] == {}
    assert [node["x"] for node in result.inner["graph"]["nodes"]] == [40, 400]


def test_what_is_bypassed_stays_so_inside_and_unpacked_again():
    between = edited("b", "$artifacts.a", bypass=True)
    body = template(picture("a", "x"), between, edited("c", "$artifacts.b"), newest("end"))
    result = collapsed(body, ["a", "b", "c"])
    assert [stage.get("bypass") for stage in result.inner["stages"]] == [None, True, None]
    back = unpack(result.state, "g", with_new(TOOLS, result)).state
    assert [stage.get("bypass") for stage in to_spec(back)["stages"]] == [None, True, None, None]
    # Others take what passes through, now and when it is turned on again.
    taken = collapsed(template(*body["stages"][:2], edited("end", "$artifacts.b")), ["a", "b"])
    assert taken.inner["outputs"]["b"]["from"] == "$artifacts.b"
    assert {one.source for one in taken.tools.get(SHOT.reference).outputs} == {"a"}


def test_what_the_template_is_for_stays_its_result():
    body = template(picture("a", "x"), edited("b", "$artifacts.a"), edited("end", "$artifacts.a"))
    spec = to_spec(collapsed(body, ["a", "end"]).state)
    # Of the two that nothing takes, the last is the result; alone, b would be now.
    assert spec["outputs"] == {"result": {"from": "$artifacts.g"}}


def test_a_template_inside_and_its_other_results_stay_what_they_are():
    outputs = {"film": {"from": "$artifacts.better"}, "still": {"from": "$artifacts.still[0]"}}
    tools = table(shot={**ONE, "outputs": outputs})
    body = template(use("a"), edited("b", "$artifacts.a"), edited("end", "$artifacts.a.still"))
    result = collapsed(body, ["a", "b"], tools)
    assert result.inner["outputs"]["a_still"]["from"] == "$artifacts.a.still"
    assert stages_of(result)["end"]["args"]["sourceImageIndex"] == "$artifacts.g.a_still"
    with_new(tools, result)


@pytest.mark.parametrize(
    ("stages", "keys", "words"),
    [
        ([picture("a", "x")], ["nothing"], "Select stages"),
        (
            [picture("a", "x"), edited("o", "$artifacts.a"), edited("b", "$artifacts.o")],
            ["a", "b"],
            "Select it, too",
        ),
        (
            [
                picture("o", "x"),
                picture("a", "x", condition={"type": "if_success_of", "stageId": "o"}),
                picture("b", "x"),
            ],
            ["a", "b"],
            "condition of a",
        ),
        (
            [
                picture("a", "x"),
                picture("o", "x", condition={"type": "if_error_in", "stageId": "a"}),
            ],
            ["a"],
            "condition of o",
        ),
        (
            [picture("o", "x", onError="skip"), edited("a", "$artifacts.o"), picture("b", "x")],
            ["a", "b"],
            "may be left out",
        ),
        ([picture("o", "x", onError="skip"), newest("a")], ["a"], "Connect it"),
        (
            [
                picture("o", "x"),
                {
                    "id": "a",
                    "type": "fixed",
                    "subStages": [picture("x", "x", requiredArtifactsIn=["o"])],
                },
            ],
            ["a"],
            "x waits for o",
        ),
        (
            [picture("o", "x"), {**batch("a", over="$artifacts.o"), "subStages": [picture("x")]}],
            ["a"],
            "repeats several",
        ),
        (
            [picture("o", "x"), {"id": "a", "type": "fixed", "subStages": [newest("x")]}],
            ["a"],
            "Connect it",
        ),
        ([picture("a", "x", bypass=True)], ["a"], "isn't bypassed"),
        (
            [
                picture("o", "x"),
                edited("a", "$artifacts.o", bypass=True),
                picture("b", "x"),
                edited("end", "$artifacts.a"),
            ],
            ["a", "b"],
            "what a passes on",
        ),
        (
            [
                batch("l", over="$inputs.words"),
                picture("a", "x"),
                picture("b", "x"),
                fixed("o", "edit_image", args={"prompt": "p", "sourceImageIndex": 2}),
            ],
            ["a", "b"],
            "by number",
        ),
    ],
)
def test_what_would_change_what_runs_is_refused_with_what_to_do(stages, keys, words):
    assert words in refusal(template(*stages), keys)


@pytest.mark.parametrize(
    "parts",
    [
        {"previewArtifacts": [{"stageId": ["a"]}, 5]},
        {"inputs": [{"name": "subject", "type": ["text"]}, {"name": []}, 5]},
        {"outputs": {"x": {"from": ["$artifacts.a"]}, "y": 5}},
        {"graph": {"nodes": [{"stageId": "a", "x": "left"}, {"stageId": []}]}},
    ],
)
def test_what_else_the_template_holds_may_have_any_shape(parts):
    body = {**template(picture("a", "$inputs.subject"), edited("b", "$artifacts.a")), **parts}
    assert [*stages_of(collapsed(body, ["a"]))] == ["g", "b"]


def test_more_results_than_outputs_are_refused():
    made = [picture(f"s{number}", "x") for number in range(17)]
    readers = [edited(f"r{number}", f"$artifacts.s{number}") for number in range(17)]
    keys = [stage["id"] for stage in made]
    assert "16 results" in refusal(template(*made, *readers), keys)


def test_random_stages_do_the_same_work_in_a_template_and_unpacked_again():
    count = refused = 0
    for seed in range(examples(1_200, 24)):
        dice = random.Random(seed)
        templates = random_templates(dice, newest_share=0.3, bypass_share=0.15)
        templates.pop("outer")
        tools = table(**templates)
        body = random_film(dice, [*templates])
        keys = random_selection(dice, body)
        before = compile_template(body, {}, (), tools, LIMITS)
        if before.errors:
            continue
        try:
            result = collapsed(body, keys, tools)
        except NotCollapsible:
            continue
        count += 1
        after_tools = with_new(tools, result)
        after = compile_template(to_spec(result.state), {}, (), after_tools, LIMITS)
        assert codes(after.errors) == [], (seed, after.errors)
        assert _works(before.plan) == _works(after.plan), seed
        try:
            back = unpack(result.state, "g", after_tools).state
        except NotUnpackable:
            refused += 1
            continue
        flat = compile_template(to_spec(back), {}, (), tools, LIMITS)
        assert codes(flat.errors) == [], (seed, flat.errors)
        assert _works(before.plan) == _works(flat.plan), seed
    assert count > examples(1_200, 24) / 3
    assert refused < count / 10


def random_selection(dice: random.Random, body: Body) -> list[str]:
    """Some stages of a film, all with one condition now and then."""
    keys = [one["id"] for one in body["stages"] if dice.random() < 0.5] or ["s0"]
    kind = dice.choice(("if_success_of", "if_error_in", "if_artifact_exists", "", "", ""))
    if kind and keys[0] != "s0":
        about = {"type": kind, "stageId": "s0", "artifactName": "s0"}
        for stage in body["stages"]:
            if stage["id"] in keys:
                stage["condition"] = about
    return keys


def random_film(dice: random.Random, templates: list[str]) -> Body:
    """A template of pictures, edits, films, batches and templates, each with what it may be."""
    stages: list[Body] = [picture("s0", dice.choice(("$inputs.subject", "plain")))]
    made = ["s0"]
    for number in range(1, dice.randint(2, 8)):
        key = f"s{number}"
        path = dice.choice(("", "[0]", ".items[0].selectedVersion.url"))
        source = dice.choice(
            [f"$artifacts.{dice.choice(made)}{path}"] * 3 + ["$inputs.sent", IMAGE]
        )
        kind = dice.random()
        if kind < 0.2:
            args: Body = {"look": source}
            if dice.random() < 0.5:
                args["subject"] = "$inputs.subject"
            stage = use(key, dice.choice(templates), args=args)
        elif kind < 0.4:
            stage = newest(key)
        elif kind < 0.5:
            each = {"prompt": key, "sourceImageUrl": "$item"}
            over = f"$artifacts.{dice.choice(made)}"
            stage = batch(key, "edit_image", over=over, args=each)
        elif kind < 0.6:
            several = [f"$artifacts.{one}" for one in dice.sample(made, min(2, len(made)))]
            args = {"prompt": key, "referenceImageUrls": several}
            stages.append(fixed(key, "generate_video", args=args, produces=[key]))
            continue
        elif kind < 0.7:
            words = f"$artifacts.{dice.choice(made)}.items[0].label"
            stage = picture(key, dice.choice(("$inputs.mood", words)))
            stage["args"]["numberOfVariations"] = dice.randint(1, 2)
        elif kind < 0.8:
            stage = finding(dice, key, len(made), source)
        else:
            stage = edited(key, source)
        if dice.random() < 0.1:
            about = dice.choice(("inputs.subject == 'fox'", f"!artifacts.{dice.choice(made)}"))
            stage["condition"] = {"type": "expr", "expression": about}
        if stage.get("tool") == "edit_image" and dice.random() < 0.15:
            stage["bypass"] = True
        if dice.random() < 0.1:
            stage["requiredArtifactsIn"] = [dice.choice(made)]
        if dice.random() < 0.1:
            stage["optionalArtifactsIn"] = [dice.choice(made)]
        stages.append(stage)
        made.append(key)
    sent = {"name": "sent", "type": "image", "default": IMAGE}
    mood = {"name": "mood", "type": "text", "default": "calm"}
    return template(*stages, inputs=[SUBJECT, sent, mood])


def _works(plan: Plan) -> list[dict[str, Any]]:
    """What each step is and takes, by the keys of the document before."""
    return [work_of(plan, lambda step: step.key.removeprefix("g."), world) for world in range(4)]
