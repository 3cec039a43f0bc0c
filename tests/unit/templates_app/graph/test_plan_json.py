"""Plans come back from storage as they were."""

import json
from dataclasses import replace

import pytest

from templates_app.graph.plan_json import (
    UnknownPlanFormat,
    binding_from_json,
    binding_to_json,
    plan_from_json,
    plan_to_json,
)
from templates_app.graph.types import (
    BatchSpec,
    Binding,
    DeferredArgument,
    DeferredRef,
    Pick,
    Plan,
    PlanStep,
    StepKey,
)

KEY = StepKey("a")


def _round_trip(plan):
    return plan_from_json(json.loads(json.dumps(plan_to_json(plan))))


@pytest.mark.parametrize(
    "binding",
    [
        Binding(KEY, None),
        Binding(KEY, None, barrier=True),
        Binding(KEY, "x", "image_url", Pick(index=0), "image", required=False, implied=True),
        Binding(KEY, "x", "asset_ref", Pick(index=-1)),
        Binding(KEY, "x", "asset_ref", Pick(artifact_id="art_1")),
        Binding(KEY, "x", None, Pick(path="items[*]")),
    ],
)
def test_every_binding_round_trips(binding):
    assert binding_from_json(json.loads(json.dumps(binding_to_json(binding)))) == binding


def test_batches_waits_and_late_arguments_round_trip():
    late = DeferredArgument("prompt", [None, "red"], (DeferredRef((0,), "$item.text"),))
    item = PlanStep(KEY, 0, "tool", "generate_image", "generate_image", {}, late=(late,))
    over = DeferredRef((), "$artifacts.looks.items", KEY)
    batch = BatchSpec("shot", item, over=over, concurrency=3, allow_partial=True, label="{index}")
    known = BatchSpec("word", item, items=("a", {"$medium": "input:0", "kind": "image"}))
    none = BatchSpec("word", replace(item, late=(replace(late, required=False),)), items=())
    also = PlanStep(StepKey("c"), 2, "expand", "note", "note", {}, batch=known)
    expand = PlanStep(
        StepKey("b"), 0, "expand", "generate_image", "generate_image", {}, batch=batch
    )
    wait = PlanStep(
        StepKey("w"),
        1,
        "wait",
        "ask",
        "ask",
        {},
        ask={"reason": "other", "prompt": {}},
        on_error="skip",
    )
    nothing = replace(also, key=StepKey("d"), sequence=3, batch=none)
    plan = Plan("Cats", (expand, wait, also, nothing))
    assert _round_trip(plan) == plan


def test_unknown_format_is_refused():
    with pytest.raises(UnknownPlanFormat):
        plan_from_json({"format": 4})
