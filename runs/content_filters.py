"""The outcome of a run's wish for a content filter, step by step, before and after it is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.models import Run, Step
from runs.options import AS_SET, RunOptions
from templates_app.graph.types import Plan, calls_of
from tools import content_filter, registry
from tools.providers.base import ContentFilter, Provider

# The steps that a provider works on.
_WORKED_ON = frozenset({"tool", "expand"})
# Of a batch: the least that is true of one of its items.
_LEAST: tuple[ContentFilter, ...] = ("unavailable", "on", "not_needed")


@dataclass(slots=True)
class Filtering:
    """steps: by key, without the items of batches. unfiltered: titles of providers that can't."""

    steps: dict[str, ContentFilter] = field(default_factory=dict)
    unfiltered: set[str] = field(default_factory=set)

    @property
    def sentence(self) -> str:
        """Return which providers can't filter, for people; "" when all can."""
        return content_filter.sentence(self.unfiltered)

    def add(self, key: str, state: ContentFilter, provider: Provider | None) -> None:
        previous = self.steps.get(key, "not_needed")
        self.steps[key] = min(previous, state, key=_LEAST.index)
        if state == "unavailable" and provider is not None:
            self.unfiltered.add(provider.title or provider.name)


def of_run(run: Run, steps: Sequence[Step]) -> Filtering | None:
    """Return how it was filtered, or will be by who would do the rest now; None: not asked for.

    steps: all of the run's, batches before their items.
    """
    options = RunOptions.read(run.options)
    if not options.safe_content_filter:
        return None
    filtering = Filtering()
    has_items = {step.parent_id for step in steps if step.is_item}
    for step in steps:
        if step.kind not in _WORKED_ON or step.id in has_items:
            continue
        provider = registry.provider_named(step.provider or step.assigned_provider)
        params = step.arguments if step.resolved is None else step.resolved.get("arguments", {})
        if provider is None:
            provider = registry.provider_for(
                step.tool,
                params,
                local_only=run.is_background,
                draft=options.draft_by(step.stage_key),
            )
        state = _stored_state(step) or _state(step.tool, params, provider)
        if state is not None:
            filtering.add(step.stage_key, state, provider)
    return filtering


def of_plan(
    plan: Plan, *, without: Collection[str] = (), options: RunOptions = AS_SET
) -> Filtering:
    """Return how this plan will be filtered when it is run for someone who asks for the filter.

    without: keys of steps that take an earlier result. options: of the run.
    """
    filtering = Filtering()
    for step in plan.steps:
        if step.kind in _WORKED_ON and step.key not in without:
            for call in calls_of(step):
                draft = options.draft_by(call.key)
                provider = registry.provider_for(call.tool, call.arguments, draft=draft)
                state = _state(call.tool, call.arguments, provider)
                if state is not None:
                    filtering.add(step.key, state, provider)
    return filtering


def _stored_state(step: Step) -> ContentFilter | None:
    """Return the state that was stored when the step completed."""
    state = ((step.result or {}).get("metadata") or {}).get("content_filter")
    return state if state in _LEAST else None


def _state(tool: str, params: Mapping[str, Any], provider: Provider | None) -> ContentFilter | None:
    tool_class = registry.table().get(tool)
    if tool_class is None or tool_class.asks or provider is None:
        return None
    return content_filter.state_of(provider, tool_class, params)
