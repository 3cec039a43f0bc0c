"""Quotes: what a run was said to take and until when that holds.

A quote is kept with its run in few fields; `preview` shows it with the steps as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import clock
from runs import states
from runs.billing.estimates import items_expected
from runs.billing.units import credits_text, units
from runs.models import Run, Step, Wait
from runs.options import Quote, RunOptions
from runs.run_rows import RunRows, read_rows
from runs.stage_tree import outermost
from templates_app.graph.plan_json import step_from_json, stored_steps
from templates_app.graph.types import Plan, PlanStep
from tools import registry
from tools.declaration import cost

# How long a quote may be accepted.
_NOT_WORK = frozenset({"gate", "group"})
QUOTE_LIVES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Line:
    """Expected use of one step of a plan. stage: whose step it is, for the sums by stage.

    assumptions: what the figure rests on, in words.
    """

    key: str
    stage: str
    wire_tool: str
    milli: int
    assumptions: tuple[str, ...] = ()


def lines(plan: Plan, quotes: Sequence[int]) -> list[Line]:
    """The steps of a plan that someone works on, each with its quote."""
    tops = outermost((step.key, step.member_of) for step in plan.steps)
    stages = {step.key: step.stage_id or step.key for step in plan.steps}
    return [
        Line(
            step.key,
            stages[tops.get(step.key, step.key)],
            step.wire_tool,
            milli,
            _assumptions(step),
        )
        for step, milli in zip(plan.steps, quotes, strict=True)
        if step.kind not in _NOT_WORK
    ]


def new_quote(milli: int, seconds: float | None, options: RunOptions) -> Quote:
    """A quote that holds from now on. options: of the run it is for."""
    now = clock.now()
    timing = {} if seconds is None else {"seconds": round(seconds, 1)}
    return Quote(
        milli=milli,
        at=clock.iso(now),
        until=clock.iso(now + QUOTE_LIVES),
        token_type=options.token_type,
        billing_mode=options.billing_mode,
        **timing,
    )


def question(quote: Quote) -> str:
    """Return the question of a run that waits for its cost to be accepted."""
    takes = "" if quote.seconds is None else f", {_lasting(quote.seconds)}"
    return f"About {credits_text(quote.milli)}{takes}. Continue?"


def _lasting(seconds: float) -> str:
    if seconds < 1:
        return "a moment"
    return f"{round(seconds)} s" if seconds < 120 else f"{round(seconds / 60)} min"


def template_of(request: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """Return the template and the inputs of a run's request, for `preview`."""
    if "templateId" not in request:
        return None
    return request["templateId"], request.get("inputs") or {}


def preview(
    quote: Quote,
    steps: Iterable[Line] = (),
    *,
    ceiling_milli: int | None = None,
    template: tuple[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A quote as the public API shows it (§9.3), for readers of either family.

    template: public id and inputs, where a template is run. Without steps only the sums are shown.
    """
    body: dict[str, Any] = {
        "totalEstimatedCapacityUnits": units(quote.milli),
        "tokenType": quote.token_type,
        "billingMode": quote.billing_mode,
    }
    optional = {
        "expectedDurationSeconds": quote.seconds,
        "validityUntil": quote.until or None,
        "createdAt": quote.at or None,
        "maxAcceptableUnits": None if ceiling_milli is None else units(ceiling_milli),
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    if template is not None:
        body |= {"templateId": template[0], "inputs": dict(template[1])}
    all_lines = list(steps)
    if not all_lines:
        return body
    return body | {
        "perToolBreakdown": [
            {
                "toolCallId": line.key,
                "stepId": line.key,
                "toolName": line.wire_tool,
                "capacityUnits": units(line.milli),
            }
            for line in all_lines
        ],
        "perStageBreakdown": _by_stage(all_lines),
    }


def preview_of(run: Run, rows: RunRows | None = None) -> dict[str, Any]:
    """The cost of a stored run as it is expected now. rows: all of them, when they are known."""
    rows = rows or read_rows(run)
    quote = _newest(run)
    if not _is_asked(run, rows.waits):
        # Not what someone is to decide about, but what became of it.
        quote = quote.model_copy(update={"milli": run.estimated_milli})
    return preview(
        quote,
        _lines_of(run, rows.steps),
        ceiling_milli=run.ceiling_milli,
        template=template_of(run.request),
    )


def _is_asked(run: Run, waits: Iterable[Wait]) -> bool:
    """Return whether someone is to decide about the cost; other stages may still be at work."""
    reasons = (run.waiting_reason, *(wait.reason for wait in waits))
    return any(reason in states.COST_REASONS for reason in reasons)


def previews_of(run: Run) -> list[dict[str, Any]]:
    """Every quote the run was given, oldest first, without the steps."""
    return [preview(quote) for quote in RunOptions.read(run.options).quotes]


def approval_details(run_preview: Mapping[str, Any], asking: Sequence[str]) -> dict[str, Any]:
    """Build `waiting.details` of a cost. run_preview: the run's; asking: the steps."""
    pending = list(asking) or [
        one["toolCallId"] for one in run_preview.get("perToolBreakdown", ()) if one["capacityUnits"]
    ]
    return {
        "costApprovalPreview": dict(run_preview),
        "pendingToolCallIds": pending,
        **({"toolCallId": pending[0]} if pending else {}),
    }


def _newest(run: Run) -> Quote:
    options = RunOptions.read(run.options)
    if options.quotes:
        return options.quotes[-1]
    # Stored before quotes were kept.
    return Quote(
        milli=run.estimated_milli,
        token_type=options.token_type,
        billing_mode=options.billing_mode,
    )


def _lines_of(run: Run, rows: Sequence[Step]) -> list[Line]:
    items: dict[int, list[int]] = {}
    for row in rows:
        if row.is_item:
            items.setdefault(row.parent_id or 0, []).append(row.estimated_milli)
    plan_by_key = {step["key"]: step for step in stored_steps(run.plan["steps"])}
    tops = outermost((key, step.get("member_of")) for key, step in plan_by_key.items())
    run_lines = []
    for row in rows:
        if row.is_item or row.kind in _NOT_WORK:
            continue
        if row.kind == "expand" and row.tool == "group" and row.id in items:
            continue
        item_prices = items.get(row.id)
        milli = row.estimated_milli if item_prices is None else sum(item_prices)
        plan_key = row.stage_key
        plan_step = plan_by_key.get(plan_key, {})
        top = plan_by_key.get(tops.get(plan_key, plan_key), {})
        words = _words(plan_step) if item_prices is None else (_items(len(item_prices)),)
        run_lines.append(
            Line(row.key, top.get("stage_id") or plan_key, row.wire_tool, milli, words)
        )
    return run_lines


def _words(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The assumptions of a stored plan's step; most have none and need not be read."""
    tool = registry.table().get(document.get("tool", ""))
    counts = tool is not None and tool.count and tool.count in document["arguments"]
    if counts or any(document.get(name) for name in ("batch", "late", "condition")):
        return _assumptions(step_from_json(document))
    return ()


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _by_stage(lines: Iterable[Line]) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    words: dict[str, dict[str, None]] = {}
    for line in lines:
        sums[line.stage] = sums.get(line.stage, 0) + line.milli
        words.setdefault(line.stage, {}).update(dict.fromkeys(line.assumptions))
    return [
        {"stageId": stage, "units": units(milli), "assumptions": list(words[stage])}
        for stage, milli in sums.items()
    ]


def _assumptions(step: PlanStep) -> tuple[str, ...]:
    """Return what the quote of a step rests on, as far as the plan itself does not show it."""
    assumptions = []
    if step.batch is not None:
        some = _items(items_expected(step))
        assumptions.append(some if step.batch.items is not None else f"{some} expected")
    work = step if step.batch is None else step.batch.item
    tool = registry.table().get(work.tool)
    if tool is not None and tool.count:
        if any(late.argument == tool.count for late in work.late):
            assumptions.append("number of items not known until it starts")
        else:
            count = cost.count_of(tool, work.arguments)
            if count > 1:
                assumptions.append(f"{count} variations{' each' if step.batch else ''}")
    if step.condition is not None:
        assumptions.append("its condition is met")
    return tuple(assumptions)
