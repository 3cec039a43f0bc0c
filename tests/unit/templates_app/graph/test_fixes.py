"""Every fix clears its issue, and brings no new error."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from templates_app.document_ops.schemas import problem_of
from templates_app.graph.compile import compile_template
from templates_app.graph.issues import Fix, Issue, issue
from templates_app.graph.rules import registry
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.registry import rules
from templates_app.graph.rules.validation import validate, with_fixes
from templates_app.graph.spec import MAX_STAGES
from tests.support.builders import graphs
from tests.support.builders.planning import LIMITS, TOOLS, batch, fixed, template, text_input

RESULT = "$artifacts.{}.items[0].selectedVersion.url"


def repeated(**fields: Any) -> dict[str, Any]:
    return batch("each", over="$inputs.shots", **fields)


SHOTS = [text_input("shots", multiple={"min": 1, "max": 4})]


def speech(**args: Any) -> dict[str, Any]:
    return {"id": "say", "type": "fixed", "tool": "generate_speech", "args": args}


# code, label of the fix, the spec
CASES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "unknown_input",
        "Use the input Brief",
        template(fixed("a", args={"prompt": "$inputs.breif"}), inputs=[text_input()]),
    ),
    (
        "unknown_input",
        "Add input Idea",
        template(fixed("a", args={"prompt": "$inputs.idea"}), inputs=[text_input("mood")]),
    ),
    (
        "unknown_input",
        "Add input Photo",
        template(fixed("a", "upscale_image", args={"source_image_url": "$inputs.photo"})),
    ),
    (
        "unknown_input",
        "Add input How long",
        template(fixed("a", "generate_video", args={"duration": "$inputs.how_long"})),
    ),
    (
        "unknown_input",
        "Add input Who",
        template(speech(prompt="x", voice="$inputs.who")),
    ),
    (
        "unknown_input",
        "Remove the reference",
        template(fixed("a", args={"negativePrompt": "$inputs.d\u00fcster"})),
    ),
    ("unknown_input", "Add input Shots", template(repeated())),
    (
        "unknown_artifact",
        "Name the result of Generate image “a”",
        template(
            fixed("a"),
            fixed("b", "upscale_image", args={"source_image_url": RESULT.format("a")}),
        ),
    ),
    (
        "unknown_artifact",
        "Name the result of Generate image “a”",
        template(
            fixed("b", "upscale_image", args={"source_image_url": RESULT.format("a")}),
            fixed("a"),
        ),
    ),
    (
        "unknown_artifact",
        "Use keyframe",
        template(
            fixed("a", produces=["keyframe"]),
            fixed("b", "upscale_image", args={"source_image_url": RESULT.format("keyframes")}),
        ),
    ),
    (
        "unknown_artifact",
        "Use the result of Generate image",
        template(
            fixed("a"),
            fixed("b", "upscale_image", args={"sourceImageIndex": "$artifacts.something"}),
        ),
    ),
    (
        "unknown_artifact",
        "Remove the reference",
        template(fixed("b", args={"source_image_url": RESULT.format("something")})),
    ),
    (
        "missing_artifact_producer",
        "Name the result of Generate image “a”",
        template(fixed("a"), fixed("b", requiredArtifactsIn=["a"])),
    ),
    (
        "missing_artifact_producer",
        "Use the-look",
        template(
            fixed("a", produces=["the-look"]),
            fixed("b", requiredArtifactsIn=["the_look", "the-look"]),
        ),
    ),
    (
        "missing_artifact_producer",
        "Don't wait for nothing",
        template(fixed("b", requiredArtifactsIn=["nothing"])),
    ),
    (
        "missing_artifact_producer",
        "Don't wait for nothing",
        template(fixed("b", condition={"type": "if_artifact_exists", "artifactName": "nothing"})),
    ),
    (
        "missing_optional_artifact",
        "Don't wait for nothing",
        template(fixed("b", optionalArtifactsIn=["nothing"])),
    ),
    (
        "forward_artifact_reference",
        "Move Generate image 2 before it",
        template(
            fixed("a", "upscale_image", args={"source_image_url": RESULT.format("c")}),
            fixed("b", produces=["b"]),
            fixed("c", produces=["c"], args={"source_image_url": RESULT.format("b")}),
        ),
    ),
    (
        "cyclic_stage_dependency",
        "Remove the reference to itself",
        template(
            fixed(
                "a",
                produces=["a"],
                requiredArtifactsIn=["a"],
                args={"source_image_url": RESULT.format("a")},
            )
        ),
    ),
    (
        "duplicate_artifact_producer",
        "Rename the second to “look-2”",
        template(
            fixed("a", produces=["look"]),
            fixed("b", produces=["look"]),
            fixed("c", "upscale_image", args={"source_image_url": RESULT.format("look")}),
        ),
    ),
    (
        "wrong_media_kind",
        "Insert Animate photo",
        template(
            fixed("a", produces=["a"]),
            fixed(
                "b",
                "generate_video",
                args={"reference_video_urls": [RESULT.format("a"), "https://clips.example/a.mp4"]},
            ),
        ),
    ),
    (
        "wrong_media_kind",
        "Insert Animate photo",
        template(
            fixed("b", "upscale_video", args={"reference_video_url": "$inputs.photos"}),
            inputs=[{"name": "photos", "type": "image", "multiple": {"min": 1}}, text_input()],
        ),
    ),
    (
        "wrong_media_kind",
        "Insert Audio to video",
        template(
            fixed("a", "generate_music", produces=["a"]),
            repeated(
                itemStage={
                    "type": "fixed",
                    "tool": "upscale_video",
                    "args": {"reference_video_url": RESULT.format("a")},
                }
            ),
            inputs=SHOTS,
        ),
    ),
    (
        "wrong_media_kind",
        "Disconnect",
        template(
            fixed("b", args={"source_image_url": "$inputs.song"}),
            inputs=[{"name": "song", "type": "audio"}],
        ),
    ),
    (
        "invalid_binding_syntax",
        "Use $inputs.brief",
        template(fixed("a", args={"prompt": "$input.brief"}), inputs=[text_input()]),
    ),
    (
        "invalid_binding_syntax",
        "Use $inputs.brief",
        template(fixed("a", args={"prompt": "$brief"}), inputs=[text_input()]),
    ),
    (
        "invalid_binding_syntax",
        "Use as plain text",
        template(fixed("a", args={"prompt": "$CASH rules"})),
    ),
    (
        "invalid_binding_syntax",
        "Repeat for Shots",
        template(repeated(overBinding="$nothing["), inputs=SHOTS),
    ),
    (
        "item_binding_outside_batch",
        "Use the input Brief",
        template(fixed("a", args={"prompt": "$item.brief"}), inputs=[text_input()]),
    ),
    (
        "item_binding_outside_batch",
        "Remove the reference",
        template(fixed("a", args={"negativePrompt": "$item"})),
    ),
    (
        "batch_over_binding_not_a_binding",
        "Repeat for Shots",
        template(repeated(overBinding="shots"), inputs=SHOTS),
    ),
    (
        "batch_over_binding_not_a_binding",
        "Add a list input",
        template(repeated(overBinding=None)),
    ),
    (
        "batch_item_name_required",
        "Call each one “item”",
        template(repeated(itemName=""), inputs=SHOTS),
    ),
    (
        "batch_concurrency_invalid",
        "Run 16 in parallel",
        template(repeated(concurrency=99), inputs=SHOTS),
    ),
    (
        "batch_concurrency_invalid",
        "Run one at a time",
        template(repeated(concurrency="many"), inputs=SHOTS),
    ),
    (
        "unknown_tool",
        "Use Generate image",
        template({"id": "a", "type": "fixed", "tool": "sogni_generate_imge", "args": {}}),
    ),
    (
        "missing_argument",
        "Use the input Brief",
        template(
            {"id": "a", "type": "fixed", "tool": "generate_image", "args": {}},
            inputs=[text_input()],
        ),
    ),
    (
        "missing_argument",
        "Add an input for it",
        template({"id": "a", "type": "fixed", "tool": "generate_image"}),
    ),
    ("out_of_range", "Use 30", template(fixed("a", "generate_video", args={"duration": 400}))),
    ("invalid_type", "Use 12", template(fixed("a", "generate_video", args={"duration": "12 s"}))),
    (
        "invalid_type",
        "Use the default",
        template(fixed("a", "generate_video", args={"duration": "long"})),
    ),
    ("invalid_enum", "Use serena", template(speech(prompt="x", voice="Serenna"))),
    ("invalid_enum", "Use the default", template(speech(prompt="x", voice="???"))),
    (
        "invalid_length",
        "Shorten",
        template(speech(prompt="x" * 5000)),
    ),
    (
        "invalid_media",
        "Remove",
        template(fixed("a", args={"source_image_url": "picture.png"})),
    ),
    (
        "invalid_length",
        "Keep the first",
        template(fixed("a", args={"source_image_url": ["https://a.example/1.png"] * 3})),
    ),
    (
        "unequal_lengths",
        "Match their number",
        template(fixed("a", args={"loras": ["x", "y"], "loraStrengths": [1]})),
    ),
    (
        "duplicate_input_name",
        "Rename the second to “Brief 2”",
        template(fixed("a"), inputs=[text_input(), text_input()]),
    ),
    (
        "duplicate_stage_id",
        "Rename the second to “a-2”",
        template(fixed("a", produces=["a"]), fixed("a", produces=["a"])),
    ),
    ("name_required", "Name it “Untitled”", {**template(fixed("a")), "name": " "}),
    (
        "name_required",
        "Name it “Text”",
        template(fixed("a"), inputs=[{"name": "", "type": "text"}]),
    ),
    (
        "invalid_stage_type",
        "Make it a tool stage",
        template({"id": "a", "type": "step", "tool": "generate_image", "args": {"prompt": "x"}}),
    ),
    (
        "missing_options",
        "Convert to text",
        template(fixed("a"), inputs=[{"name": "mood", "type": "select", "default": "calm"}]),
    ),
    (
        "missing_options",
        "Add its default as an option",
        template(fixed("a"), inputs=[{"name": "mood", "type": "select", "default": 3}]),
    ),
    (
        "invalid_enum",
        "Set to number",
        template(fixed("a"), inputs=[{"name": "n", "type": "integer"}]),
    ),
    ("invalid_enum", "Use cinematic", {**template(fixed("a")), "category": "cinematics"}),
    ("invalid_enum", "Use the default", template(fixed("a", onError=7))),
    ("invalid_field", "Remove tags", {**template(fixed("a")), "tags": "cat"}),
    ("invalid_field", "Remove label", template(fixed("a", label=3))),
    (
        "invalid_field",
        "Name it “my_photo”",
        template(
            fixed("a", args={"source_image_url": "$inputs.my photo"}),
            inputs=[{"name": "my photo", "type": "image"}],
        ),
    ),
    (
        "invalid_field",
        "Remove the default",
        template(fixed("a"), inputs=[{"name": "n", "type": "number", "default": "many"}]),
    ),
    ("invalid_field", "Name the result “each”", template(repeated(produces=[]), inputs=SHOTS)),
    (
        "unknown_stage",
        "Remove the preview",
        template(
            fixed("a"),
            previewArtifacts=[
                {"stageId": "a", "url": "https://a.example/a.png", "mediaType": "image"},
                {"stageId": "gone", "url": "https://a.example/b.png", "mediaType": "image"},
            ],
        ),
    ),
    (
        "unknown_stage",
        "Always run it",
        template(fixed("a", condition={"type": "if_success_of", "stageId": "gone"})),
    ),
    (
        "unused_media_source",
        "Use Still",
        template(
            fixed("a", label="Still"),
            fixed("b"),
            fixed("c", "generate_video"),
            fixed("d", "animate_photo"),
        ),
    ),
    (
        "unused_media_source",
        "Use Second",
        template(
            fixed("song", "generate_music"),
            fixed("c", "sound_to_video"),
            fixed("d", "animate_photo"),
            inputs=[{"name": name, "type": "image"} for name in ("first", "second")],
        ),
    ),
]


def key(found: Issue) -> tuple[str, str, str]:
    return found.code, found.at.path, for_api(found)


def keys(issues: tuple[Issue, ...]) -> Counter[tuple[str, str, str]]:
    return Counter(key(found) for found in issues)


def applied(spec: dict[str, Any], found: Issue, place: int = 0) -> dict[str, Any]:
    assert found.fixes, found
    ops = [dict(op) for op in found.fixes[place].ops]
    assert problem_of(ops) is None
    assert 0 < len(found.fixes[place].label) <= 120
    return to_spec(apply_all(to_document(spec), ops)[0])


@pytest.mark.parametrize(
    ("code", "label", "spec"), CASES, ids=[f"{code}-{label}" for code, label, _ in CASES]
)
def test_a_fix_clears_its_issue_and_brings_no_error(code, label, spec):
    before = validate(spec, TOOLS)
    found = next(one for one in with_fixes(before, spec, TOOLS) if one.code == code)
    assert found.fixes
    assert found.fixes[0].label == label

    after = validate(applied(spec, found), TOOLS)

    left = keys(after)
    assert left[key(found)] < keys(before)[key(found)]
    errors = keys(tuple(one for one in after if one.severity == "error"))
    assert not errors - keys(before)


def test_rewording_every_message_leaves_every_fix_in_place(monkeypatch):
    before = [with_fixes(validate(spec, TOOLS), spec, TOOLS) for _, _, spec in CASES]
    for known in rules().values():
        monkeypatch.setattr(type(known), "api", "Reworded.")
        monkeypatch.setattr(type(known), "person", "Reworded.")
    for part in registry.phrases():
        monkeypatch.setitem(registry.PHRASES, part, "reworded")

    after = [with_fixes(validate(spec, TOOLS), spec, TOOLS) for _, _, spec in CASES]

    assert {for_api(found) for found in after[0]} == {"Reworded."}
    assert [[found.fixes for found in told] for told in after] == [
        [found.fixes for found in told] for told in before
    ]


def started(spec: dict[str, Any], inputs: dict[str, Any] | None = None) -> tuple[Issue, ...]:
    compiled = compile_template(spec, inputs or {}, (), TOOLS, LIMITS)
    return (*compiled.errors, *compiled.warnings)


PHOTO = {"photo": "https://a.example/cat.png"}


@pytest.mark.parametrize(
    ("code", "inputs", "spec"),
    [
        ("implicit_media_dependency", {}, template(fixed("a"), fixed("b", "generate_video"))),
        (
            "implicit_media_dependency",
            {},
            template(
                fixed("a", "generate_video", produces=["x.y"]),
                fixed("b", "generate_video", args={"reference_image_urls": []}),
                {"id": "c", "type": "fixed", "tool": "stitch_video"},
            ),
        ),
        (
            "implicit_media_dependency",
            PHOTO,
            template(fixed("b", "upscale_image"), inputs=[{"name": "photo", "type": "image"}]),
        ),
        ("missing_media_source", PHOTO, template(fixed("a", "upscale_image"))),
        (
            "binding_not_supported_yet",
            {},
            template(
                fixed("a", produces=["a"]),
                fixed("b", "upscale_image", args={"source_image_url": "$artifacts.a.label"}),
            ),
        ),
        (
            "binding_not_supported_yet",
            {},
            template(
                fixed("a", produces=["a"]), fixed("b", args={"negativePrompt": RESULT.format("a")})
            ),
        ),
        (
            "binding_not_found",
            {"brief": "x"},
            template(fixed("a", args={"prompt": "$inputs.brief.x"}), inputs=[text_input()]),
        ),
        ("reserved_stage_id", {}, template(fixed("a", checkpointRequired=True), fixed("a__gate"))),
        (
            "reserved_stage_id",
            {},
            template(
                repeated(id="a", overBinding="$inputs.shots"),
                fixed("a_0"),
                fixed("c", condition={"type": "if_success_of", "stageId": "a_0"}),
                previewArtifacts=[{"stageId": "a_0", "mediaType": "image", "url": "https://a.b/c"}],
                inputs=[text_input("shots", multiple=True)],
            ),
        ),
        (
            "invalid_expression",
            {},
            template(fixed("a", condition={"type": "expr", "expression": "$run.id = ‘x’ and 1"})),
        ),
        (
            "invalid_expression",
            {},
            template(fixed("a", condition={"type": "expr", "expression": "what?!"})),
        ),
        (
            "wrong_media_kind",
            {},
            template(
                fixed("a", "generate_video", produces=["a"]),
                fixed("b", args={"source_image_url": RESULT.format("a")}),
            ),
        ),
    ],
)
def test_what_a_start_would_say_is_cleared_too(code, inputs, spec):
    before = started(spec, inputs)
    found = next(one for one in with_fixes(before, spec, TOOLS) if one.code == code)

    after = started(applied(spec, found), inputs)

    assert keys(after)[key(found)] == 0
    errors = keys(tuple(one for one in after if one.severity == "error"))
    assert not errors - keys(before)


@pytest.mark.parametrize(
    ("kind", "user", "label"),
    [
        ("image", fixed("b", "upscale_image"), "Add Generate image"),
        ("video", {"id": "b", "type": "fixed", "tool": "stitch_video"}, "Add Generate video"),
        ("audio", fixed("b", "sound_to_video", args={"prompt": "x"}), "Add Generate music"),
    ],
)
@pytest.mark.parametrize("inputs", [[], [text_input()]])
def test_a_stage_that_lacks_a_file_gets_one_that_makes_it(kind, user, label, inputs):
    spec = template(fixed("first", "extract_metadata"), user, inputs=inputs)
    given = {"brief": "x", "prompt": "x"}
    (found,) = (
        one
        for one in with_fixes(started(spec, given), spec, TOOLS)
        if one.code == "missing_media_source" and one.at.stage_id == "b"
    )
    assert [fix.label for fix in found.fixes][1:] == [label, "Upload"]

    after = applied(spec, found, 1)

    assert [stage["id"] for stage in after["stages"]][2:] == ["b"]
    made = after["stages"][1]
    assert made["args"]["prompt"] == ("$inputs.brief" if inputs else "$inputs.prompt")
    assert f"$artifacts.{made['id']}." in str(after["stages"][2]["args"])
    assert [one for one in started(after, given) if one.at.stage_id == "b"] == []


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        ("inputs/photo", template(fixed("a"), inputs=[{"name": "photo", "default": "x"}])),
        ("thumbnailUrl", {**template(fixed("a")), "thumbnailUrl": "x"}),
        ("previewArtifacts/0", template(fixed("a"), previewArtifacts=[{"stageId": "a"}])),
        (
            "stages/a",
            template(fixed("a", args={"source_image_url": "reelgraph:object/art_1/cat.png"})),
        ),
    ],
)
def test_what_may_not_be_public_is_removed(path, spec):
    found = issue(
        "private_media_reference", path=path, field=path, problem="is private", remedy="Remove it."
    )
    (told,) = with_fixes((found,), spec, TOOLS)

    after = applied(spec, told)

    assert after != spec
    assert "default" not in str(after.get("inputs"))
    assert "reelgraph:" not in str(after)
    assert not after.get("thumbnailUrl")
    assert not after.get("previewArtifacts")


def test_a_reference_to_our_own_medium_counts_as_one():
    ours = "reelgraph:object/up_1/cat.png"
    spec = template(fixed("a", args={"source_image_url": [ours, ours]}))
    shown = template(fixed("a", args={"source_image_url": ["https://a.example/1.png"] * 2}))

    (told,) = with_fixes(validate(shown, TOOLS), spec, TOOLS)

    assert applied(spec, told)["stages"][0]["args"]["source_image_url"] == ours


def test_a_renamed_input_is_found_by_the_key_of_the_open_document():
    spec = template(fixed("a"), inputs=[{"name": "n", "type": "number", "default": "many"}])
    state = to_document(spec)
    renamed, _ = apply_all(
        state, [{"op": "set", "table": "inputs", "key": "n", "path": ["name"], "value": "count"}]
    )
    found = validate(to_spec(renamed), TOOLS)

    (told,) = with_fixes(found, to_spec(renamed), TOOLS, renamed)

    assert told.fixes
    assert told.fixes[0].ops[0]["key"] == "n"


def test_what_needs_a_choice_has_no_fix():
    circle = template(
        fixed("a", produces=["a"], args={"source_image_url": RESULT.format("b")}),
        fixed("b", produces=["b"], args={"source_image_url": RESULT.format("a")}),
    )

    told = with_fixes(validate(circle, TOOLS), circle, TOOLS)

    assert {one.code: one.fixes for one in told} == {
        "forward_artifact_reference": (),
        "cyclic_stage_dependency": (),
    }


def errors_of(issues: tuple[Issue, ...]) -> Counter[str]:
    """How many errors of each code: their words change when something moves."""
    return Counter(found.code for found in issues if found.severity == "error")


# What could not be read has errors of its own.
REVEALING = ("duplicate_input_name", "duplicate_stage_id", "invalid_stage_type")


def test_no_fix_of_any_spec_makes_an_error():
    for seed in range(150):
        spec = graphs.random_spec(random.Random(seed), 7)
        before = validate(spec, TOOLS)
        for found in with_fixes(before, spec, TOOLS):
            for place, fix in enumerate(found.fixes):
                if not fix.ops:
                    continue
                after = validate(applied(spec, found, place), TOOLS)
                was = keys(before)[key(found)]
                assert keys(after)[key(found)] < was, (seed, found)
                if found.code in REVEALING:
                    continue
                assert not errors_of(after) - errors_of(before), (seed, found)


def test_what_no_op_can_clear_leads_to_where_a_person_clears_it():
    spec = {"name": "Cut", "stages": [{"id": "cut", "type": "fixed"}]}
    issues = with_fixes(validate(spec, TOOLS), spec, TOOLS)
    [found] = [found for found in issues if found.code == "tool_required"]
    assert found.fixes == (Fix("Choose a tool", opens="tool"),)


def test_no_stage_is_added_to_as_many_as_there_may_be():
    mixed = fixed("b", "upscale_video", args={"reference_video_url": RESULT.format("a")})
    full = [fixed(f"s{n}") for n in range(MAX_STAGES - 2)]
    spec = template(fixed("a", produces=["a"]), mixed, *full)
    issues = with_fixes(validate(spec, TOOLS), spec, TOOLS)
    [found] = [found for found in issues if found.code == "wrong_media_kind"]
    assert [fix.label for fix in found.fixes] == ["Disconnect"]


def test_a_thousand_stages_are_answered_in_time():
    stages = [fixed(f"s{n}", args={"prompt": f"$inputs.no_such_input_{n}"}) for n in range(1000)]
    spec = template(*stages, inputs=[text_input(f"input{n}") for n in range(30)])

    told = with_fixes(validate(spec, TOOLS), spec, TOOLS)

    assert sum(bool(one.fixes) for one in told) == 200
