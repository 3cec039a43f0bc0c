"""What a plan is expected to take: units by step, time by history, and how a quote is shown.

A quote is kept with its run in few fields; `preview` shows it with the steps as they are now.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from core import clock
from runs import selectors, states
from runs.models import Run, Step, Wait
from templates_app.graph.plan_json import step_from_json
from templates_app.graph.types import INPUT_MEDIA, Plan, PlanStep
from tools import registry
from tools.declaration import cost

HISTORY_LIFE_S = 30.0
# How long a quote may be accepted.
QUOTE_LIVES = timedelta(minutes=10)
# Of a run that is quoted again and again, so many are remembered.
QUOTES_KEPT = 20
# What of `Run.options` belongs to one run's own cost, and not to one that repeats it.
OPTIONS = ("quotes", "approved_milli")
# Which kinds of steps a worker takes time for.
WORKING = ("tool", "expand")


def units(milli: int) -> int | float:
    """Thousandths as units: a whole number where it is one."""
    return milli // 1000 if milli % 1000 == 0 else milli / 1000


@dataclass(frozen=True, slots=True)
class Line:
    """What one step of a plan is expected to use. stage: whose step it is, for the sums by stage.

    assumptions: what the figure rests on, in words.
    """

    key: str
    stage: str
    wire_tool: str
    milli: int
    assumptions: tuple[str, ...] = ()


def step_quotes(plan: Plan, *, local_only: bool = False) -> tuple[int, ...]:
    """Thousandths of a unit for each step, in plan order. Questions and gates cost nothing.

    local_only: of a run in the background, which asks no service.
    """
    return tuple(_milli(step, local_only) for step in plan.steps)


def lines(plan: Plan, quotes: Sequence[int]) -> list[Line]:
    """The steps of a plan that someone works on, each with its quote."""
    return [
        Line(step.key, step.stage_id or step.key, step.wire_tool, milli, _assumptions(step))
        for step, milli in zip(plan.steps, quotes, strict=True)
        if step.kind != "gate"
    ]


def seconds_of(plan: Plan, *, without: Collection[str] = ()) -> float | None:
    """How long a plan takes by what its tools took lately, or None when one has no history.

    The longest chain, or the work of all steps shared by the workers, whichever is longer. The time
    people take to answer is no one's to foretell: it is left out. without: keys of steps that take
    no time.
    """
    work = 0.0
    ends: dict[str, float] = {}
    for step in plan.steps:
        takes = 0.0 if step.key in without else seconds_of_step(step)
        if takes is None:
            return None
        before = [ends[b.source] for b in step.needs if b.source != INPUT_MEDIA]
        ends[step.key] = max(before, default=0.0) + takes
        work += takes * _at_once(step)
    return max(max(ends.values(), default=0.0), work / max(settings.WORKERS, 1))


def seconds_of_step(step: PlanStep) -> float | None:
    """How long one step takes when nothing else goes on; a batch with as many at once as it may."""
    if step.kind not in WORKING:
        return 0.0
    one = usual_times().get(step.tool if step.batch is None else step.batch.item.tool)
    return None if one is None else one * math.ceil(items_expected(step) / _at_once(step))


def _at_once(step: PlanStep) -> int:
    return 1 if step.batch is None else max(1, min(step.batch.concurrency, items_expected(step)))


def items_expected(step: PlanStep) -> int:
    """How many elements a batch has, as far as can be told before it begins."""
    if step.batch is None:
        return 1
    return len(step.batch.items) if step.batch.items is not None else max(step.batch.expected, 0)


# Read once for many quotes: a form asks again with every pause in typing.
_times: dict[str, float] = {}
_times_read_at = -math.inf


def usual_times() -> Mapping[str, float]:
    """Tool → seconds a step of it took lately, for the tools with a history."""
    global _times, _times_read_at
    if time.monotonic() - _times_read_at > HISTORY_LIFE_S:
        _times = selectors.usual_times([tool.name for tool in registry.table()])
        _times_read_at = time.monotonic()
    return _times


def forget_history() -> None:
    """Look at the steps again with the next quote; for tests."""
    global _times_read_at
    _times_read_at = -math.inf


def quote_now(milli: int, seconds: float | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """A quote as it is kept in `Run.options`, valid from now on. options: of the run."""
    now = clock.now()
    quote: dict[str, Any] = {
        "milli": milli,
        "at": clock.iso(now),
        "until": clock.iso(now + QUOTE_LIVES),
        "token_type": options.get("token_type", "spark"),
        "billing_mode": options.get("billing_mode", "auto"),
    }
    return quote if seconds is None else quote | {"seconds": round(seconds, 1)}


def with_quote(options: Mapping[str, Any], quote: Mapping[str, Any]) -> dict[str, Any]:
    """A run's options with one more quote, the newest last."""
    return {**options, "quotes": [*options.get("quotes", ()), quote][-QUOTES_KEPT:]}


def question(options: Mapping[str, Any]) -> str:
    """What a run that waits for its cost to be accepted asks: by its newest quote."""
    quote = options["quotes"][-1]
    milli, seconds = quote["milli"], quote.get("seconds")
    takes = "" if seconds is None else f", {_lasting(seconds)}"
    return f"About {units(milli):g} credit{'' if milli == 1000 else 's'}{takes}. Continue?"


def _lasting(seconds: float) -> str:
    if seconds < 1:
        return "a moment"
    return f"{round(seconds)} s" if seconds < 120 else f"{round(seconds / 60)} min"


def template_of(request: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """For `preview`, of a run's request."""
    if "templateId" not in request:
        return None
    return request["templateId"], request.get("inputs") or {}


def preview(
    quote: Mapping[str, Any],
    steps: Iterable[Line] = (),
    *,
    ceiling_milli: int | None = None,
    template: tuple[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A quote as the public API shows it (§9.3), for readers of either family.

    template: public id and inputs, where a template is run. Without steps only the sums are shown.
    """
    body: dict[str, Any] = {
        "totalEstimatedCapacityUnits": units(quote["milli"]),
        "tokenType": quote["token_type"],
        "billingMode": quote["billing_mode"],
    }
    optional = {
        "expectedDurationSeconds": quote.get("seconds"),
        "validityUntil": quote.get("until"),
        "createdAt": quote.get("at"),
        "maxAcceptableUnits": None if ceiling_milli is None else units(ceiling_milli),
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    if template is not None:
        body |= {"templateId": template[0], "inputs": dict(template[1])}
    told = list(steps)
    if not told:
        return body
    return body | {
        "perToolBreakdown": [
            {
                "toolCallId": line.key,
                "stepId": line.key,
                "toolName": line.wire_tool,
                "capacityUnits": units(line.milli),
            }
            for line in told
        ],
        "perStageBreakdown": _by_stage(told),
    }


def preview_of(run: Run, steps: Sequence[Step] | None = None) -> dict[str, Any]:
    """The cost of a stored run as it is expected now. steps: all of them, when they are known."""
    rows = selectors.steps_of(run) if steps is None else steps
    quote = _newest(run)
    if not _is_asked(run):
        # Not what someone is to decide about, but what became of it.
        quote = {**quote, "milli": run.estimated_milli}
    return preview(
        quote,
        _lines_of(run, rows),
        ceiling_milli=run.ceiling_milli,
        template=template_of(run.request),
    )


def _is_asked(run: Run) -> bool:
    """Whether someone is to decide about the cost; other stages may still be at work."""
    if run.waiting_reason in states.COST_REASONS:
        return True
    asked = Wait.objects.filter(run_id=run.id, answered_at=None, reason__in=states.COST_REASONS)
    return run.status not in states.RUN_TERMINAL and asked.exists()


def previews_of(run: Run) -> list[dict[str, Any]]:
    """Every quote the run was given, oldest first, without the steps."""
    return [preview(quote) for quote in run.options.get("quotes", ())]


def approval_details(shown: Mapping[str, Any], asking: Sequence[str]) -> dict[str, Any]:
    """For `waiting.details` of a cost: what to accept. shown: the run's preview; asking: steps."""
    pending = list(asking) or [
        one["toolCallId"] for one in shown.get("perToolBreakdown", ()) if one["capacityUnits"]
    ]
    return {
        "costApprovalPreview": dict(shown),
        "pendingToolCallIds": pending,
        **({"toolCallId": pending[0]} if pending else {}),
    }


def _newest(run: Run) -> dict[str, Any]:
    quotes = run.options.get("quotes")
    if quotes:
        return dict(quotes[-1])
    # Stored before quotes were kept.
    return {
        "milli": run.estimated_milli,
        "token_type": run.options.get("token_type", "spark"),
        "billing_mode": run.options.get("billing_mode", "auto"),
    }


def _lines_of(run: Run, rows: Sequence[Step]) -> list[Line]:
    items: dict[int, list[int]] = {}
    for row in rows:
        if row.parent_id is not None:
            items.setdefault(row.parent_id, []).append(row.estimated_milli)
    planned = {step["key"]: step for step in run.plan["steps"]}
    told = []
    for row in rows:
        if row.parent_id is not None or row.kind == "gate":
            continue
        made = items.get(row.id)
        milli = row.estimated_milli if made is None else sum(made)
        stored = planned.get(row.key, {})
        words = _words(stored) if made is None else (_items(len(made)),)
        told.append(Line(row.key, stored.get("stage_id") or row.key, row.wire_tool, milli, words))
    return told


def _words(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The assumptions of a stored plan's step; most have none and need not be read."""
    tool = registry.table().get(stored.get("tool", ""))
    counts = tool is not None and tool.count and tool.count in stored["arguments"]
    if counts or any(stored.get(name) for name in ("batch", "late", "condition")):
        return _assumptions(step_from_json(stored))
    return ()


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _by_stage(told: Iterable[Line]) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    words: dict[str, dict[str, None]] = {}
    for line in told:
        sums[line.stage] = sums.get(line.stage, 0) + line.milli
        words.setdefault(line.stage, {}).update(dict.fromkeys(line.assumptions))
    return [
        {"stageId": stage, "units": units(milli), "assumptions": list(words[stage])}
        for stage, milli in sums.items()
    ]


def _milli(step: PlanStep, local_only: bool) -> int:
    if step.kind not in WORKING:
        return 0
    work = step if step.batch is None else step.batch.item
    tool = registry.table().get(work.tool)
    if tool is None:
        return 0
    one = registry.quote_milli(tool, work.arguments, local_only=local_only)
    return one * items_expected(step)


def _assumptions(step: PlanStep) -> tuple[str, ...]:
    """What the quote of a step rests on, as far as that is not plain from the plan itself."""
    told = []
    if step.batch is not None:
        some = _items(items_expected(step))
        told.append(some if step.batch.items is not None else f"{some} expected")
    work = step if step.batch is None else step.batch.item
    tool = registry.table().get(work.tool)
    if tool is not None and tool.count:
        if any(late.argument == tool.count for late in work.late):
            told.append("number of items not known until it starts")
        else:
            count = cost.count_of(tool, work.arguments)
            if count > 1:
                told.append(f"{count} variations{' each' if step.batch else ''}")
    if step.condition is not None:
        told.append("its condition is met")
    return tuple(told)
