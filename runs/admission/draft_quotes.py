"""The quote of a draft's run: which stages run, which are reused, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from accounts.models import User
from runs import content_filters
from runs.admission import draft_makers
from runs.admission.drafts import DraftStart, compile_draft, draft_inputs
from runs.admission.planning_limits import planning_limits
from runs.admission.reuse_forecast import forecast
from runs.billing.estimates import items_expected, seconds_of, seconds_of_step, step_quotes
from runs.options import RunOptions, drafting
from runs.planning.made_up_inputs import with_made_up_files, with_made_up_inputs, worth_saying
from runs.stage_tree import outermost
from templates_app.graph.issues import Issue
from templates_app.graph.types import Compiled, Plan


@dataclass(frozen=True, slots=True)
class StepQuote:
    """why: a short sentence. milli: thousandths of a unit, 0 for reuse.

    items: of a batch, how many are expected.
    """

    key: str
    will: Literal["run", "reuse"]
    why: str
    milli: int
    seconds: float | None
    items: int | None = None


@dataclass(frozen=True, slots=True)
class DraftQuote:
    """milli: of what will run. full_milli: of everything. seconds: None without a history.

    reused_from: the newest run that results are taken from. is_complete: every required input has
    a value; else the figures stand for ones that were made up. unfiltered: which providers that
    will be asked have no content filter, in a sentence. offers_draft: as of `TemplateQuote`.
    """

    steps: tuple[StepQuote, ...] = ()
    milli: int = 0
    full_milli: int = 0
    seconds: float | None = None
    reused_from: str | None = None
    is_complete: bool = True
    issues: tuple[Issue, ...] = ()
    unfiltered: str = ""
    offers_draft: bool = False


def quote_draft(draft: DraftStart, *, owner: User, own_hosts: Sequence[str]) -> DraftQuote:
    """Say what `start_draft` would do. Nothing is stored or fetched.

    Raises InvalidBody when `to` names no stage; whatever else is wrong is among the issues.
    """
    compilation, is_complete = _compile(draft, owner.pk, own_hosts)
    plan = compilation.plan
    if plan is None:
        return DraftQuote(is_complete=is_complete, issues=worth_saying(compilation))
    prediction = forecast(plan, draft, owner)
    options = RunOptions(**drafting(draft.drafts_by))
    prices = step_quotes(plan, person=owner.pk, options=options)
    filtering = content_filters.of_plan(plan, without=prediction.reused.keys(), options=options)
    steps = [
        StepQuote(
            key=step.key,
            will="reuse" if step.key in prediction.reused else "run",
            why=prediction.why[step.key],
            milli=0 if step.key in prediction.reused else price,
            seconds=0.0 if step.key in prediction.reused else seconds_of_step(step),
            items=None if step.batch is None else items_expected(step),
        )
        for step, price in zip(plan.steps, prices, strict=True)
    ]
    newest = max(prediction.reused.values(), key=lambda hit: hit.origin_id, default=None)
    return DraftQuote(
        steps=_of_stages(plan, steps),
        milli=sum(step.milli for step in steps),
        full_milli=sum(prices),
        seconds=seconds_of(plan, without=prediction.reused.keys()),
        reused_from=newest.run if newest else None,
        is_complete=is_complete,
        issues=compilation.warnings,
        unfiltered=filtering.sentence,
        offers_draft=draft_makers.offers_draft(plan, owner.pk),
    )


def _of_stages(plan: Plan, quotes: Sequence[StepQuote]) -> tuple[StepQuote, ...]:
    """Return the quotes of stages on the canvas: a group's is that of all it holds."""
    tops = outermost((step.key, step.member_of) for step in plan.steps)
    members: dict[str, list[StepQuote]] = defaultdict(list)
    for step, quote in zip(plan.steps, quotes, strict=True):
        if step.key in tops and step.kind not in ("group", "gate"):
            members[tops[step.key]].append(quote)
    return tuple(
        _of_group(quote, members[quote.key]) if quote.key in members else quote
        for quote in quotes
        if quote.key not in tops
    )


def _of_group(group: StepQuote, members: Sequence[StepQuote]) -> StepQuote:
    running = [one for one in members if one.will == "run"]
    seconds = [one.seconds for one in members]
    return replace(
        group,
        will="run" if running else "reuse",
        why=f"Runs {len(running)} of its {len(members)} stages" if running else members[0].why,
        milli=sum(one.milli for one in members),
        seconds=None if None in seconds else sum(filter(None, seconds)),
    )


def refusals_of(draft: DraftStart, *, person: int, own_hosts: Sequence[str]) -> tuple[Issue, ...]:
    """Return why this person's run of it would be refused, once every required input has a value.

    Nothing is stored or fetched; never raises on user data but for `to`, as `quote_draft`.
    """
    compilation, _ = _compile(draft, person, own_hosts)
    return worth_saying(compilation)


def _compile(draft: DraftStart, person: int, own_hosts: Sequence[str]) -> tuple[Compiled, bool]:
    """The draft as it would run, and whether every required input has a value of its own."""
    limits = planning_limits(own_hosts)
    inputs = draft_inputs(draft, own_hosts)
    compilation = compile_draft(draft, inputs, limits, person=person, own_hosts=own_hosts)
    if compilation.plan is not None:
        return compilation, True
    sample_inputs = with_made_up_inputs(draft.spec, inputs)
    if sample_inputs == inputs:
        return compilation, True
    made_up = with_made_up_files(limits)
    return compile_draft(draft, sample_inputs, made_up, person=person, own_hosts=own_hosts), False
