"""Plans made by hand, for what the engine does with each kind of step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts.auth import Principal
from accounts.models import User
from runs.admission.idempotency import RequestKey
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun
from runs.admission.start import ENDPOINT
from runs.billing.estimates import step_quotes
from runs.models import Run
from runs.options import RunOptions
from templates_app.graph.types import (
    BatchSpec,
    Binding,
    DeferredArgument,
    DeferredRef,
    MediaRef,
    Plan,
    PlanStep,
    StepKey,
)


def step(key: str, tool: str = "noop", *needs: str | Binding, **fields: Any) -> PlanStep:
    """A step of a plan; a string among its needs is a step it follows.

    `arguments` and everything else of a `PlanStep` are keywords.
    """
    bindings = tuple(need if isinstance(need, Binding) else after(need) for need in needs)
    given: dict[str, Any] = {"kind": "tool", "title": key.title(), "arguments": {}, **fields}
    return PlanStep(
        key=StepKey(key), sequence=0, tool=tool, wire_tool=tool, needs=bindings, **given
    )


def after(source: str) -> Binding:
    """Order alone: skipped when that step does not complete."""
    return Binding(StepKey(source), None)


def beside(source: str) -> Binding:
    """Order alone, whatever becomes of that step."""
    return Binding(StepKey(source), None, barrier=True)


def takes(source: str, argument: str, **fields: Any) -> Binding:
    return Binding(StepKey(source), argument, "image_index", media_kind="image", **fields)


def late(argument: str, ref: str, source: str | None = None, **fields: Any) -> DeferredArgument:
    """An argument that is one reference."""
    known = DeferredRef((), ref, None if source is None else StepKey(source))
    return DeferredArgument(argument, None, (known,), **fields)


def question(key: str, *needs: str | Binding, **fields: Any) -> PlanStep:
    given: dict[str, Any] = {"arguments": {"question": "Which one?"}, "ask": {}, **fields}
    return step(key, "ask_clarifying_question", *needs, kind="wait", **given)


def gate(stage: str) -> PlanStep:
    """The checkpoint of a stage."""
    ask = {"reason": "workflow_user_input_required", "prompt": {"stageId": stage}}
    return step(f"{stage}__gate", "ask_clarifying_question", stage, kind="gate", ask=ask)


def batch(key: str, item: PlanStep, *needs: str | Binding, **fields: Any) -> PlanStep:
    """A stage that repeats `item`. The rest as in `BatchSpec`, or in a `PlanStep`."""
    own = {name: fields.pop(name) for name in ("title", "on_error", "seed") if name in fields}
    spec = BatchSpec(**{"item_name": "it", **fields}, item=item)
    return step(key, item.tool, *needs, kind="expand", batch=spec, **own)


def run_plan(
    user: User,
    *steps: PlanStep,
    media: Sequence[MediaRef] = (),
    ceiling: int | None = None,
    allowance: int | None = None,
    **options: Any,
) -> Run:
    """Store a run of these steps, in this order. options: as in `Run.options`."""
    placed = tuple(_placed(one, place) for place, one in enumerate(steps))
    plan = Plan("By hand", placed, tuple(media))
    new = NewRun(
        plan=plan,
        kind="hosted_tool_sequence",
        request={"inputs": {}, "templateId": "by-hand"},
        quotes=step_quotes(plan, person=None),
        options=RunOptions(**options),
        ceiling_milli=ceiling,
        allowance=allowance,
    )
    principal = Principal(user=user, api_key=None, via="session")
    return insert_run(new, principal, RequestKey(user, ENDPOINT, None, "")).run


def _placed(one: PlanStep, place: int) -> PlanStep:
    repeated = one.batch
    if repeated is not None:
        item = replace(repeated.item, key=one.key, sequence=place)
        repeated = replace(repeated, item=item)
    return replace(one, sequence=place, batch=repeated)
