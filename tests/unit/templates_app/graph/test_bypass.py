"""Bypassed stages: what takes the place of their results, and when nothing can."""

from __future__ import annotations

from typing import Any

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate, with_fixes
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.version_tool import version_tool
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    TOOLS,
    batch,
    codes,
    fixed,
    interactive,
    medium,
    only,
    steps_of,
    template,
)

PHOTO = [{"name": "photo", "type": "image"}]
FIRST = ".items[0].selectedVersion.url"


def still(stage_id: str = "a", **fields: Any) -> dict[str, Any]:
    return fixed(stage_id, produces=[stage_id], **fields)


def bypassed(stage_id: str, image: Any = None, tool: str = "upscale_image") -> dict[str, Any]:
    args = {} if image is None else {"source_image_url": image}
    return fixed(stage_id, tool, args=args, produces=[stage_id], bypass=True)


def film(image: Any, **fields: Any) -> dict[str, Any]:
    args = {} if image is None else {"reference_image_url": image}
    return fixed("film", "animate_photo", args=args, produces=["film"], **fields)


def planned(*stages: Any, photo: bool = False, media: Any = ()) -> dict[str, Any]:
    spec = template(*stages, inputs=PHOTO)
    assert not [found for found in validate(spec, TOOLS) if found.severity == "error"]
    values = {"photo": IMAGE} if photo else {}
    return steps_of(compile_template(spec, values, media, TOOLS, LIMITS))


def takes(step: Any) -> list[tuple[str, str, Any]]:
    """What is bound into a step: (argument, source, which of its results)."""
    return [
        (need.target_argument, need.source, need.pick and need.pick.index)
        for need in step.needs
        if need.target_argument
    ]


PASSED: dict[str, tuple[list[Any], Any]] = {
    "a result": ([still(), bypassed("b", f"$artifacts.a{FIRST}"), film("$artifacts.b")], "a"),
    "a chain": (
        [
            still(),
            bypassed("b", "$artifacts.a"),
            bypassed("c", "$artifacts.b", "apply_style"),
            film("$artifacts.c"),
        ],
        "a",
    ),
    "an input": (
        [still(), bypassed("b", "$inputs.photo"), film("$artifacts.b")],
        "$input_media",
    ),
    "an automatic connection": ([still(), bypassed("b"), film("$artifacts.b")], "a"),
    "to an automatic connection": ([still(), bypassed("b", "$artifacts.a"), film(None)], "a"),
    "not the newest, to an automatic connection": (
        [still(), still("z"), bypassed("b", "$artifacts.a"), film(None)],
        "a",
    ),
    "a name that another stage takes later": (
        [still(), bypassed("b", "$artifacts.a"), fixed("z", produces=["a"]), film("$artifacts.b")],
        "a",
    ),
    "a result without a name": (
        [fixed("a"), bypassed("b"), film("$artifacts.b")],
        "a",
    ),
    "the name of what it changes": (
        [still(), bypassed("b", "$artifacts.a") | {"produces": ["a"]}, film("$artifacts.a")],
        "a",
    ),
}


@pytest.mark.parametrize("case", PASSED, ids=str)
def test_what_comes_in_passes_on(case: str) -> None:
    stages, source = PASSED[case]
    steps = planned(*stages, photo=True)
    assert set(steps) == {stage["id"] for stage in stages if not stage.get("bypass")}
    assert [each[1:] for each in takes(steps["film"])] == [(source, 0)]


def test_an_address_passes_on() -> None:
    steps = planned(bypassed("b", IMAGE), film("$artifacts.b"))
    assert takes(steps["film"]) == [("reference_image_url", "$input_media", 0)]


def test_the_plan_is_that_of_a_template_without_the_stage() -> None:
    left = [still(), film(f"$artifacts.a{FIRST}"), fixed("cut", "stitch_video")]
    with_it = [left[0], bypassed("b", "$artifacts.a"), film("$artifacts.b"), left[2]]
    assert planned(*with_it) == planned(*left)


def test_order_choices_lists_and_conditions_follow() -> None:
    looks = still(args={"numberOfVariations": 3})
    passing = bypassed("b", "$artifacts.a[1]")
    expression = {"type": "expr", "expression": "$artifacts.b && '$artifacts.b' != 'x'"}
    steps = planned(
        looks,
        passing,
        fixed("after", requiredArtifactsIn=["b"], optionalArtifactsIn=["b"]),
        interactive("ask", select={"from": "$artifacts.b"}, produces=["ask"]),
        batch("each", "edit_image", over="$artifacts.b.items"),
        fixed("there", condition={"type": "if_artifact_exists", "artifactName": "b"}),
        fixed("fine", condition={"type": "if_success_of", "stageId": "b"}),
        fixed("said", condition=expression),
    )
    for key in ("after", "ask", "each", "there", "fine", "said"):
        assert "a" in {need.source for need in steps[key].needs}, key
    assert steps["fine"].condition["sources"] == ["a"]
    assert steps["said"].condition["expression"]["args"][1]["args"][0] == {"lit": "$artifacts.b"}
    assert steps["each"].batch.over.ref == "$artifacts.a.items[1].selectedVersion.url"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"type": "if_artifact_exists", "artifactName": "b"}, True),
        ({"type": "if_success_of", "stageId": "b"}, True),
        ({"type": "if_error_in", "stageId": "b"}, False),
    ],
)
def test_a_condition_on_an_input_that_passes_on(condition: Any, holds: bool) -> None:
    steps = planned(bypassed("b", "$inputs.photo"), fixed("c", condition=condition), photo=True)
    tree = steps["c"].condition["expression"]
    assert tree in ({"lit": holds}, {"op": "!=", "args": [{"lit": True}, {"lit": None}]})


REFUSED: dict[str, tuple[list[Any], str]] = {
    "nothing comes in": ([still("b", bypass=True)], "none of its inputs has an image"),
    "another type comes in": (
        [still(), film("$artifacts.a", bypass=True) | {"id": "b"}],
        "none of its inputs has a video",
    ),
    "what comes in is refused": (
        [still(bypass=True), bypassed("b", "$artifacts.a")],
        "none of its inputs has an image",
    ),
    "it makes no media": (
        [still(), fixed("b", "analyze_image", args={"sourceImageIndex": 0}, bypass=True)],
        "it makes no media",
    ),
    "a question": ([interactive("b", bypass=True)], "only stages of type `fixed`"),
    "a batch": ([batch("b", over="$inputs.photo", bypass=True)], "only stages of type `fixed`"),
    "one of several is read": (
        [still(), bypassed("b", "$artifacts.a"), film(f"$artifacts.b.items[2]{FIRST[9:]}")],
        '"$artifacts.b.items[2].selectedVersion.url" asks for more',
    ),
    "its label is read": (
        [still(), bypassed("b", "$artifacts.a"), fixed("c", args={"prompt": "$artifacts.b.label"})],
        '"$artifacts.b.label" asks for more',
    ),
    "a choice of an input": (
        [bypassed("b", "$inputs.photo"), interactive("c", select={"from": "$artifacts.b"})],
        "a stage `select`s from its result",
    ),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_bypass_that_is_refused(case: str) -> None:
    stages, why = REFUSED[case]
    spec = template(*stages, inputs=PHOTO)
    compiled = compile_template(spec, {}, (medium(),), TOOLS, LIMITS)
    assert compiled.plan is None
    for issues in (compiled.errors, validate(spec, TOOLS)):
        found = next(each for each in issues if each.at.stage_id == "b" and "bypass" in each.code)
        assert (found.code, found.at.path) == ("cannot_bypass", "stages/b/bypass")
        assert why in for_api(found)
    (told,) = with_fixes((found,), spec, TOOLS)
    assert [op["path"] for op in told.fixes[0].ops] == [["bypass"]]


def test_what_is_wrong_inside_is_not_said_of_a_bypassed_stage() -> None:
    broken = bypassed("b", "$artifacts.a")
    broken["args"]["prompt"] = "$inputs.nowhere"
    assert not codes(validate(template(still(), broken, film("$artifacts.b")), TOOLS))


def test_a_bypass_is_true_or_false() -> None:
    found = only(validate(template(still(bypass="yes")), TOOLS), "invalid_field")
    assert found.at.stage_id == "a"
    assert "bypass" in for_api(found)


def inside(*stages: dict[str, Any], **own: Any) -> dict[str, Any]:
    """A stage that holds others, and has their last one's result."""
    return {"id": "g", "type": "fixed", "produces": ["g"], "subStages": list(stages), **own}


RESULTS_INSIDE = {
    "of the stage's own call": (
        still("g") | {"subStages": [bypassed("u", f"$artifacts.g{FIRST}")]}
    ),
    "of the stage before it": inside(still("x"), bypassed("u")),
    "of two stages before it": inside(still("x"), bypassed("t"), bypassed("u")),
}


@pytest.mark.parametrize("case", RESULTS_INSIDE)
def test_a_stage_has_the_result_that_its_bypassed_one_passes_on(case: str) -> None:
    spec = template(RESULTS_INSIDE[case], film(f"$artifacts.g{FIRST}"))
    assert not [one for one in validate(spec, TOOLS) if one.severity == "error"]
    steps = steps_of(compile_template(spec, {}, (), TOOLS, LIMITS))
    maker = "x" if "x" in steps else "g.main"
    assert steps["g"].group.result == maker
    assert takes(steps["film"]) == [("reference_image_url", maker, 0)]
    # Also as a template that another one uses.
    tool = version_tool("template:g@1", read_spec(template(RESULTS_INSIDE[case]))[0], TOOLS)
    assert tool.output == "image"
    assert len(list(tool.artifacts())) == 1


@pytest.mark.parametrize("image", ["$inputs.photo", f"$artifacts.a{FIRST}"])
def test_a_stage_that_would_have_no_result_of_its_own_is_refused(image: str) -> None:
    spec = template(still(), inside(bypassed("u", image)), inputs=PHOTO)
    found = only(validate(spec, TOOLS), "cannot_bypass")
    assert (found.at.stage_id, found.severity) == ("u", "error")
    assert "it is the result of the stage around it" in for_api(found)
    version_tool("template:g@1", read_spec(spec)[0], TOOLS)
