"""The quote of a run before it is started: steps, units and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runs import content_filters
from runs.admission import draft_makers
from runs.admission.final_run import with_offered_model
from runs.admission.planning_limits import planning_limits
from runs.billing.estimates import seconds_of, step_quotes
from runs.options import RunOptions, drafting
from runs.planning.made_up_inputs import with_made_up_files, with_made_up_inputs, worth_saying
from templates_app import selectors as templates
from templates_app.graph.compile import compile_template
from templates_app.graph.issues import Issue
from templates_app.graph.types import Plan
from templates_app.models import TemplateVersion
from templates_app.uses import table_of
from tools import registry
from tools.declaration.ports import ToolTable


@dataclass(frozen=True, slots=True)
class TemplateQuote:
    """Quote of a start with these inputs.

    steps None: it cannot run as it is, see issues. milli: thousandths of a unit. seconds: by what
    its tools took lately, None where one of them never ran here. is_complete: every required input
    has a value; else the figures stand for ones that were made up. unfiltered: which providers have
    no content filter, in a sentence. offers_draft: a stage would otherwise go to a provider that
    makes no drafts, though one that does offers its tool. has_own_drafts: the model of one draws
    cheap drafts itself. missing_models: those that stages name and that aren't offered here, where
    others make the same.
    """

    steps: int | None
    milli: int = 0
    seconds: float | None = None
    is_complete: bool = True
    issues: tuple[Issue, ...] = ()
    unfiltered: str = ""
    offers_draft: bool = False
    has_own_drafts: bool = False
    missing_models: tuple[str, ...] = ()


def quote_template(
    version: TemplateVersion,
    inputs: Mapping[str, Any],
    *,
    person: int | None,
    own_hosts: Sequence[str],
    draft: registry.DraftBy = "",
) -> TemplateQuote:
    """Quote a start of this version; see `quote_spec`."""
    spec = templates.runnable_spec(version, own_hosts=own_hosts)
    tools = table_of(version, person=person, draft=draft)
    return quote_spec(spec, inputs, person=person, own_hosts=own_hosts, draft=draft, tools=tools)


def quote_spec(
    spec: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    person: int | None,
    own_hosts: Sequence[str],
    draft: registry.DraftBy = "",
    tools: ToolTable | None = None,
) -> TemplateQuote:
    """Compile without starting. Nothing is stored or fetched; never raises on user data.

    person: whose start it would be, by id; None: no one's in particular, such as a visitor's.
    inputs: as for a start; what is required and missing is made up for the figures. own_hosts: as
    for `runs.admission.start.start_run`. tools: what its stages may be, where some are templates.
    """
    limits = planning_limits(own_hosts)
    tools = tools or registry.table(person=person, draft=draft)
    options = RunOptions(**drafting(draft))
    compilation = compile_template(spec, inputs, (), tools, limits)
    if compilation.plan is not None:
        return _quote(compilation.plan, person, options, is_complete=True)
    sample_inputs = with_made_up_inputs(spec, inputs)
    if sample_inputs != inputs:
        compilation = compile_template(spec, sample_inputs, (), tools, with_made_up_files(limits))
        if compilation.plan is not None:
            return _quote(compilation.plan, person, options, is_complete=False)
    return TemplateQuote(steps=None, issues=worth_saying(compilation))


def _quote(
    plan: Plan, person: int | None, options: RunOptions, *, is_complete: bool
) -> TemplateQuote:
    missing = (with_offered_model(call, person)[1] for call in plan.calls)
    return TemplateQuote(
        steps=sum(step.group is None for step in plan.steps),
        milli=sum(step_quotes(plan, person=person, options=options)),
        seconds=seconds_of(plan),
        is_complete=is_complete,
        unfiltered=content_filters.of_plan(plan, options=options).sentence,
        offers_draft=draft_makers.offers_draft(plan, person),
        has_own_drafts=draft_makers.has_own_drafts(plan, person),
        missing_models=tuple(dict.fromkeys(name for name in missing if name)),
    )
