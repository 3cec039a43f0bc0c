"""Stages that repeat, ask, pause or depend on a condition, as a plan has them."""

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.types import LATEST, DeferredArgument, DeferredRef, Limits
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    TOOLS,
    batch,
    codes,
    fixed,
    interactive,
    only,
    steps_of,
    template,
)

SHOTS = [{"name": "shots", "type": "text", "multiple": {"max": 9}}]
PHOTOS = [{"name": "photos", "type": "image", "multiple": {"max": 9}}]
BRIEF = [{"name": "brief", "type": "text"}]
LOOKS = fixed("looks", args={"numberOfVariations": 4}, produces=["looks"])
SCRIPT = fixed("script", "analyze_image", args={"sourceImageIndex": 0}, produces=["script"])


def compiled(*stages, values=None, inputs=None, limits=LIMITS, media=()):
    return compile_template(template(*stages, inputs=inputs), values, media, TOOLS, limits)


def planned(*stages, **more):
    return steps_of(compiled(*stages, **more))


def waits_for(step):
    """What a step waits for: (source, whether it may fail without harm)."""
    return [(need.source, need.barrier) for need in step.needs]


def filled(step):
    """What is bound into a step: (argument, source, whether it must be there)."""
    return [
        (need.target_argument, need.source, need.required)
        for need in step.needs
        if need.target_argument
    ]


# -- batches --------------------------------------------------------------------------------------


def test_batch_over_known_values_carries_its_elements():
    spec = (batch("b", over="$inputs.shots", concurrency=3, itemLabelTemplate="Shot {index}"),)
    step = planned(*spec, inputs=SHOTS, values={"shots": ["dawn", "dusk"]})["b"]
    assert (step.kind, step.tool, step.arguments, step.late) == ("expand", "generate_image", {}, ())
    assert (step.batch.items, step.batch.over) == (("dawn", "dusk"), None)
    assert (step.batch.item_name, step.batch.concurrency) == ("shot", 3)
    assert (step.batch.label, step.batch.expected) == ("Shot {index}", 2)
    item = step.batch.item
    assert (item.kind, item.key, item.sequence) == ("tool", "b", step.sequence)
    assert item.late == (DeferredArgument("prompt", None, (DeferredRef((), "$item"),)),)


@pytest.mark.parametrize(
    ("over", "values", "items"),
    [
        ("$inputs.shots[1]", {"shots": ["a", "b"]}, ("b",)),
        ("$inputs.shots[*]", {"shots": ["a", "b"]}, ("a", "b")),
        ("$inputs.shots", {}, ()),
        ("$inputs.brief", {"brief": "a\n\nb"}, ("a", "b")),
        (
            "$inputs.photos",
            {"photos": [IMAGE, IMAGE + "?2"]},
            (
                {"$medium": "input:0", "kind": "image"},
                {"$medium": "input:1", "kind": "image"},
            ),
        ),
        ("$inputs.photos[1]", {"photos": [IMAGE, "x"]}, None),
    ],
)
def test_elements_are_what_the_input_holds(over, values, items):
    result = compiled(batch("b", over=over), inputs=SHOTS + BRIEF + PHOTOS, values=values)
    if items is None:
        assert result.plan is None
    else:
        assert steps_of(result)["b"].batch.items == items


def test_batch_over_an_artifact_waits_for_it():
    step = planned(LOOKS, batch("b", over="$artifacts.looks.items"))["b"]
    assert step.batch.over == DeferredRef((), "$artifacts.looks.items", "looks")
    assert (step.batch.items, step.batch.expected) == (None, 4)
    assert waits_for(step) == [("looks", False)]
    assert step.batch.item.needs == step.needs


def test_item_may_name_media_of_earlier_stages_and_its_own():
    film = fixed("film", "generate_video", produces=["film"])
    clip = [{"name": "clip", "type": "video"}]
    args = {"prompt": "x", "videoIndices": ["$item", "$artifacts.film", "$inputs.clip"]}
    result = compiled(
        film,
        batch("b", "stitch_video", over="$artifacts.film", args=args),
        inputs=clip,
        values={"clip": "https://pictures.example/cat.mp4"},
    )
    (late,) = steps_of(result)["b"].batch.item.late
    assert late.argument == "videoIndices"
    assert late.value == [None, None, {"$medium": "input:0", "kind": "video"}]
    assert late.refs == (
        DeferredRef((0,), "$item"),
        DeferredRef((1,), "$artifacts.film", "film"),
    )


def test_item_that_names_no_medium_takes_the_element():
    result = compiled(
        LOOKS, batch("b", "animate_photo", over="$artifacts.looks", args={"prompt": "x"})
    )
    item = steps_of(result)["b"].batch.item
    assert item.late == (DeferredArgument("sourceImageIndex", None, (DeferredRef((), "$item"),)),)
    assert only(result.warnings, "implicit_media_dependency").at.stage_id == "b"


def test_item_of_words_takes_the_newest_picture():
    step = planned(LOOKS, batch("b", "animate_photo", over="$inputs.shots"), inputs=SHOTS)["b"]
    assert waits_for(step) == [("looks", True)]


@pytest.mark.parametrize(
    ("more", "tries"),
    [({}, 0), ({"maxAttemptsPerItem": 4}, 4), ({"onError": "retry_once"}, 2)],
)
def test_items_are_tried_as_often_as_the_author_says(more, tries):
    step = planned(batch("b", over="$inputs.shots", **more), inputs=SHOTS)["b"]
    assert step.batch.tries == tries


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (batch("b", over="shots"), "batch_over_binding_not_a_binding"),
        (batch("b", over="$inputs."), "invalid_binding_syntax"),
        (batch("b", over="$inputs.nope"), "unknown_input"),
        (batch("b", over="$inputs.shots[9]"), "binding_not_found"),
        (batch("b", over="$artifacts.b"), "forward_artifact_reference"),
        (batch("b", "magic", over="$inputs.shots"), "unknown_tool"),
        (
            batch("b", "edit_image", over="$inputs.shots", args={"sourceImageIndex": "$item"}),
            "wrong_media_kind",
        ),
        (
            batch("b", over="$inputs.shots", args={"sourceImageIndex": ["$item", 0]}),
            "wrong_media_kind",
        ),
        (batch("b", over="$inputs.shots", args={"width": 5}), "out_of_range"),
        (fixed("b", args={"prompt": "$item.x"}), "item_binding_outside_batch"),
        (fixed("b", args={"sourceImageIndex": "$item"}), "item_binding_outside_batch"),
    ],
)
def test_batch_that_cannot_be_planned_is_refused(stage, code):
    result = compiled(stage, inputs=SHOTS, values={"shots": ["a"]})
    assert code in codes(result.errors)
    assert all(found.at.stage_id == "b" for found in result.errors)


def test_items_count_among_the_steps():
    values = {"shots": ["x"] * 5}
    spec = (fixed("a"), batch("b", over="$inputs.shots"))
    assert compiled(*spec, inputs=SHOTS, values=values, limits=Limits(max_steps=7)).plan
    result = compiled(*spec, inputs=SHOTS, values=values, limits=Limits(max_steps=6))
    assert codes(result.errors) == ["too_many_steps"]


@pytest.mark.parametrize(
    ("stages", "is_taken"),
    [
        ((batch("b", over="$inputs.shots"), fixed("b_3")), True),
        ((fixed("b_0"), batch("b", over="$inputs.shots")), True),
        ((batch("b", over="$inputs.shots"), fixed("b_03"), fixed("b_x"), fixed("b_")), False),
        ((fixed("b"), fixed("b_3"), fixed("b__gate")), False),
        ((fixed("b", checkpointRequired=True), fixed("b__gate")), True),
    ],
)
def test_names_of_steps_to_come_are_kept_free(stages, is_taken):
    result = compiled(*stages, inputs=SHOTS)
    assert ("reserved_stage_id" in codes(result.errors)) is is_taken


def test_results_of_all_items_are_taken_by_the_batch():
    film = fixed("film", "stitch_video", args={"videoIndices": ["$artifacts.b[*]"]})
    shots = batch("b", "generate_video", over="$inputs.shots")
    step = planned(shots, film, inputs=SHOTS, values={"shots": ["a"]})["film"]
    assert filled(step) == [("videoIndices", "b", True)]
    assert step.needs[0].pick.path == "items[*]"


# -- late arguments -------------------------------------------------------------------------------


def test_what_a_stage_writes_is_read_when_the_next_one_starts():
    result = planned(
        fixed("a"),
        SCRIPT,
        fixed("b", args={"prompt": "$artifacts.script.content", "negativePrompt": "$run.title"}),
    )
    assert result["b"].late == (
        DeferredArgument("prompt", None, (DeferredRef((), "$artifacts.script.content", "script"),)),
        DeferredArgument("negativePrompt", None, (DeferredRef((), "$run.title"),)),
    )
    assert waits_for(result["b"]) == [("script", False)]
    assert result["b"].arguments == {}


def test_late_references_keep_their_place_among_values():
    args = {
        "overlays": [{"kind": "text", "text": "$artifacts.script", "position": "$inputs.brief"}]
    }
    step = planned(
        fixed("film", "generate_video"),
        fixed("script", "analyze_video", produces=["script"]),
        fixed("b", "overlay_video", args=args),
        inputs=BRIEF,
        values={"brief": "center"},
    )["b"]
    (late,) = step.late
    assert late.value == [{"kind": "text", "text": None, "position": "center"}]
    assert late.refs == (DeferredRef((0, "text"), "$artifacts.script", "script"),)


def test_what_a_stage_would_like_may_be_missing():
    args = {"prompt": "$artifacts.script", "sourceImageIndex": "$artifacts.looks"}
    step = planned(
        LOOKS,
        SCRIPT,
        fixed("b", args=args, optionalArtifactsIn=["script", "looks"]),
    )["b"]
    assert step.late[0].required is False
    assert filled(step) == [("sourceImageIndex", "looks", False)]
    assert all(need.barrier for need in step.needs)


@pytest.mark.parametrize("key", ["asset_id", "assetId"])
def test_id_of_a_medium_is_read_late(key):
    step = planned(LOOKS, fixed("b", "inspect_asset", args={key: "$artifacts.looks[1]"}))["b"]
    assert [late.argument for late in step.late if late.argument != "prompt"] == ["asset_id"]


def test_a_number_of_results_that_is_read_late_is_not_guessed():
    step = planned(
        fixed("a"),
        SCRIPT,
        fixed("b", args={"numberOfVariations": "$artifacts.script.count"}),
        fixed("c", "edit_image"),
    )["c"]
    assert step.needs[0].pick.index == -1


# -- people ---------------------------------------------------------------------------------------


def test_interactive_stage_waits_for_a_person():
    stage = interactive(
        "ask",
        systemPrompt="Be kind",
        allowedTools=["generate_image"],
        skillRef="s",
        requiredArtifactsIn=["looks"],
        produces=["answer"],
    )
    steps = planned(LOOKS, stage, fixed("b", args={"prompt": "$artifacts.answer"}))
    assert (steps["ask"].kind, steps["ask"].tool) == ("wait", "ask_clarifying_question")
    assert steps["ask"].arguments == {"question": "Which?"}
    assert steps["ask"].ask == {
        "reason": "workflow_user_input_required",
        "prompt": {
            "stageId": "ask",
            "systemPrompt": "Be kind",
            "userMessage": "Which?",
            "skillRef": "s",
            "allowedTools": ["generate_image"],
        },
    }
    assert waits_for(steps["ask"]) == [("looks", False)]
    assert steps["b"].late == (
        DeferredArgument("prompt", None, (DeferredRef((), "$artifacts.answer", "ask"),)),
    )


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("", "ask: your turn."),
        ("$$5 or $$6?", "$5 or $$6?"),
        ("$inputs.brief", "How?"),
        ("$nonsense here", "$nonsense here"),
        ("x" * 5000, "x" * 4000),
    ],
)
def test_question_is_short_and_never_empty(message, question):
    stage = interactive("ask", userMessage=message)
    step = planned(stage, inputs=BRIEF, values={"brief": "How?"})["ask"]
    assert step.arguments == {"question": question}


def test_question_may_be_written_by_a_stage():
    step = planned(fixed("a"), SCRIPT, interactive("ask", userMessage="$artifacts.script"))["ask"]
    assert step.late[0].argument == "question"
    assert "userMessage" not in step.ask["prompt"]


def test_choice_among_media_is_what_the_stage_makes():
    pick = interactive(
        "pick", produces=["picks"], select={"from": "$artifacts.looks", "min": 3, "max": 3}
    )
    args = {"referenceImageIndices": ["$artifacts.picks[*]"]}
    steps = planned(
        LOOKS, pick, fixed("film", "generate_video", args=args), fixed("c", "edit_image")
    )
    assert steps["pick"].ask["reason"] == "select_media_required"
    assert steps["pick"].ask["select"] == {"source": "looks", "kind": "image", "min": 3, "max": 3}
    assert waits_for(steps["pick"]) == [("looks", False)]
    assert filled(steps["film"]) == [("referenceImageIndices", "pick", True)]
    # The newest picture is one of those that were chosen.
    assert filled(steps["c"]) == [("sourceImageIndex", "pick", True)]


def test_choice_may_be_repeated():
    pick = interactive("pick", produces=["picks"], select={"from": "$artifacts.looks.items"})
    step = planned(LOOKS, pick, batch("b", "animate_photo", over="$artifacts.picks"))["b"]
    assert step.batch.over.source == "pick"


@pytest.mark.parametrize(
    ("select", "code"),
    [
        (5, "invalid_field"),
        ({}, "invalid_field"),
        ({"from": "looks"}, "invalid_field"),
        ({"from": "$inputs.brief"}, "invalid_field"),
        ({"from": "$artifacts.script"}, "invalid_field"),
        ({"from": "$artifacts.looks.metadata.x"}, "invalid_field"),
        ({"from": "$artifacts.["}, "invalid_binding_syntax"),
        ({"from": "$artifacts.nope"}, "unknown_artifact"),
        ({"from": "$artifacts.looks", "min": 3, "max": 2}, "invalid_field"),
        ({"from": "$artifacts.looks", "max": 0}, "invalid_field"),
        ({"from": "$artifacts.looks", "min": "x"}, "invalid_field"),
    ],
)
def test_choice_that_is_none_is_refused(select, code):
    result = compiled(LOOKS, SCRIPT, interactive("pick", select=select), inputs=BRIEF)
    assert code in codes(result.errors)


def test_what_a_person_brings_comes_before_anyone_who_counts_media():
    stages = (LOOKS, interactive("ask", produces=["x"]), fixed("b", "edit_image"))
    named = fixed("b", "edit_image", args={"sourceImageIndex": "$artifacts.x"})
    last = fixed("b", "edit_image", args={"sourceImageIndex": 4})
    assert filled(planned(*stages)["b"]) == [("sourceImageIndex", "looks", True)]
    assert filled(planned(*stages[:2], named)["b"]) == [("sourceImageIndex", "ask", True)]
    assert set(waits_for(planned(*stages[:2], last)["b"])) == {("looks", True), ("ask", True)}


@pytest.mark.parametrize("args", [{"sourceImageIndex": 0}, {}])
def test_what_only_a_person_brings_may_be_counted(args):
    step = planned(interactive("ask", produces=["x"]), fixed("b", "edit_image", args=args))["b"]
    assert waits_for(step) == [("ask", True)]


# -- gates ----------------------------------------------------------------------------------------


def test_checkpoint_is_a_gate_that_followers_wait_for():
    steps = planned(
        fixed("a", produces=["cat"], checkpointRequired=True, label="First"),
        fixed("b", args={"sourceImageIndex": "$artifacts.cat"}),
        fixed("c"),
        fixed("d", "edit_image", args={"sourceImageIndex": 0}),
    )
    assert list(steps) == ["a", "a__gate", "b", "c", "d"]
    assert [step.sequence for step in steps.values()] == [0, 1, 2, 3, 4]
    gate = steps["a__gate"]
    assert (gate.kind, gate.stage_id, waits_for(gate)) == ("gate", "a", [("a", False)])
    assert gate.ask["reason"] == "workflow_user_input_required"
    assert gate.title == "Approve First"
    assert gate.ask["prompt"] == {"stageId": "a", "step": "a", "message": "First"}
    assert waits_for(steps["b"]) == [("a", False), ("a__gate", False)]
    assert waits_for(steps["c"]) == []
    assert set(waits_for(steps["d"])) == {("c", True), ("b", True)}


def test_gate_of_what_may_be_skipped_holds_no_one_back():
    condition = {"type": "expr", "expression": "false"}
    steps = planned(
        fixed("a", condition=condition, checkpointRequired=True),
        fixed("b", "edit_image", args={"sourceImageIndex": 0}),
    )
    assert waits_for(steps["b"]) == [("a", True), ("a__gate", True)]


# -- conditions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["if_success_of", "if_error_in"])
def test_condition_waits_for_the_stage_it_asks_about(kind):
    step = planned(fixed("a"), fixed("b", condition={"type": kind, "stageId": "a"}))["b"]
    assert step.condition == {"type": kind, "sources": ["a"]}
    assert waits_for(step) == [("a", True)]


def test_newest_producer_is_asked_first():
    condition = {"type": "if_artifact_exists", "artifactName": "x"}
    stages = [fixed(name, produces=["x"]) for name in "abc"]
    step = planned(*stages[:2], fixed("d", condition=condition), stages[2])["d"]
    assert step.condition["sources"] == ["b", "a"]
    assert set(waits_for(step)) == {("a", True), ("b", True)}


def test_expression_has_its_inputs_filled_in():
    text = "$inputs.brief == 'x' && $artifacts.looks[0] || !$inputs.photos && $run.id != null"
    step = planned(
        LOOKS,
        fixed("b", condition={"type": "expr", "expression": text}),
        inputs=BRIEF + PHOTOS,
        values={"brief": "x", "photos": [IMAGE]},
    )["b"]
    first, second = step.condition["expression"]["args"]
    assert first["args"] == [
        {"op": "==", "args": [{"lit": "x"}, {"lit": "x"}]},
        {"ref": "$artifacts.looks[0]", "source": "looks"},
    ]
    assert second["args"][0] == {"op": "!", "args": [{"lit": True}]}
    assert second["args"][1]["args"][0] == {"ref": "$run.id"}
    assert waits_for(step) == [("looks", True)]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"type": "expr", "expression": "1 +"}, "invalid_expression"),
        ({"type": "expr", "expression": "$inputs.nope"}, "unknown_input"),
        ({"type": "expr", "expression": "$artifacts.nope == 1"}, "unknown_artifact"),
        ({"type": "expr", "expression": "$artifacts.later"}, "forward_artifact_reference"),
        ({"type": "expr", "expression": "$item"}, "item_binding_outside_batch"),
        ({"type": "if_success_of", "stageId": "z"}, "unknown_stage"),
        ({"type": "if_success_of", "stageId": "b"}, "unknown_stage"),
        ({"type": "if_artifact_exists", "artifactName": "nope"}, "missing_artifact_producer"),
        ({"type": "if_artifact_exists", "artifactName": "later"}, "forward_artifact_reference"),
    ],
)
def test_condition_that_means_nothing_is_refused(condition, code):
    spec = (fixed("a"), fixed("b", condition=condition), fixed("z", produces=["later"]))
    assert code in codes(compiled(*spec).errors)


SKIPPABLE = [
    {"condition": {"type": "expr", "expression": "$run.id == 'x'"}},
    {"onError": "continue"},
    {"onError": "skip"},
]


@pytest.mark.parametrize("more", SKIPPABLE)
def test_reader_of_the_newest_goes_on_without_what_was_skipped(more):
    steps = planned(fixed("a"), fixed("b", **more), fixed("c", "edit_image"))
    need = next(need for need in steps["c"].needs if need.target_argument)
    assert (need.source, need.pick, need.required, need.barrier) == ("b", LATEST, False, True)
    assert set(waits_for(steps["c"])) == {("b", True), ("a", True)}


@pytest.mark.parametrize("more", SKIPPABLE)
def test_reader_of_all_takes_what_there_is(more):
    steps = planned(
        fixed("a", "generate_video"),
        fixed("b", "generate_video", args={"referenceImageIndices": []}, **more),
        fixed("c", "stitch_video"),
    )
    assert filled(steps["c"]) == [("videoIndices", "a", True), ("videoIndices", "b", False)]
    assert waits_for(steps["c"]) == [("a", False), ("b", True)]


def test_what_follows_a_skipped_stage_may_be_skipped_too():
    steps = planned(
        fixed("a", **SKIPPABLE[0], produces=["a"]),
        fixed("b", args={"sourceImageIndex": "$artifacts.a"}),
        fixed("c", "edit_image"),
    )
    assert filled(steps["b"]) == [("sourceImageIndex", "a", True)]
    assert steps["c"].needs[0].pick == LATEST


@pytest.mark.parametrize("values", [["a"], []])
def test_results_of_a_batch_are_counted_on_only_when_there_are_some(values):
    stages = (batch("b", over="$inputs.shots"), fixed("c", "edit_image"))
    step = planned(*stages, inputs=SHOTS, values={"shots": values})["c"]
    assert step.needs[0].required is bool(values)
