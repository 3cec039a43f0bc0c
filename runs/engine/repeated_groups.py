"""Elements of a batch over a template: a group for each, and the steps of the template in it."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core import server_settings
from core.errors import ProviderError, parameter_invalid
from core.names import free_name
from runs import states
from runs.billing.estimates import step_quotes
from runs.engine import pending_steps, plan_rows, transitions
from runs.engine.assets import scopes_of
from runs.engine.claims import Claim
from runs.engine.deferred import BoundArguments, DeferredResolver, deferred_values
from runs.engine.redo import begin_again
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange
from runs.log.events import StepCancelled, about
from runs.models import Run, Step, StepEdge
from runs.options import RunOptions
from runs.planning.places import place_inside
from templates_app.graph.evaluate import Missing, elements, item_scope, label_of
from templates_app.graph.plan_json import binding_to_json, media_from_json, scopes_from_json
from templates_app.graph.repeated_steps import steps_of_element
from templates_app.graph.result_paths import resolve
from templates_app.graph.types import (
    BatchSpec,
    Binding,
    DeferredRef,
    MediaValue,
    Plan,
    PlanScope,
    PlanStep,
    StepKey,
    is_element,
)
from tools import registry
from tools.declaration.ports import ToolTable

_SEEDS = 2**31
# Seeds of the items of a batch inside an element are apart from those of other elements.
_SEEDS_OF_BATCH = 46_340


@dataclass(frozen=True, slots=True)
class Element:
    """The steps of one element, its group first. plan_keys: their keys in the plan. quotes: of
    each. scopes: what template stages in it are given, by their sequences, as bindings."""

    label: str
    steps: tuple[PlanStep, ...]
    plan_keys: tuple[StepKey, ...]
    quotes: tuple[int, ...]
    scopes: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def milli(self) -> int:
        return sum(self.quotes)


def check_count(step: Step, items: int, count: int) -> None:
    """Raise ProviderError where a run would have too many steps. items: those that a batch makes.
    count: all."""
    most = server_settings.value("MAX_STEPS")
    if count > most:
        raise parameter_invalid(
            f"{step.title or step.key} would make {items} items, {count} steps in total; the"
            f" limit is {most}. Use a shorter list."
        )


def elements_of(claim: Claim, batch: BatchSpec, resolver: DeferredResolver) -> list[Element]:
    """Plan the elements of a claimed batch. Raises ProviderError where one can't be."""
    step = claim.step
    scope = RunScope(step.run_id)
    entries = elements(batch, scope)
    inside = [row.id for row in pending_steps.inside([step.id])]
    others = Step.objects.filter(run_id=step.run_id).exclude(id__in=inside)
    keys = set(others.values_list("key", flat=True))
    each = 1 + len(batch.members)
    check_count(step, len(entries), len(keys) + len(entries) * each)
    plan_scopes = Run.objects.values_list("plan__scopes", flat=True).get(id=step.run_id)
    scopes = scopes_of(step, scopes_from_json(plan_scopes))
    inner = [one for own in scopes if own.first == step.sequence for one in _inside(scopes, own)]
    same = {one.key for one in batch.members if not one.late and one.batch is None}
    same.add(StepKey(step.key))
    planning = _Planning(claim, batch, resolver, registry.table(), keys, inner, same)
    return [
        planning.element(place, label_of(batch, entry, place), scope.of_item(item))
        for place, entry in enumerate(entries)
        for item in [item_scope(entry, place, batch.item_name)]
    ]


def _inside(scopes: Sequence[PlanScope], own: PlanScope) -> list[PlanScope]:
    return [one for one in scopes if own.first <= one.first and one.end <= own.end]


@dataclass(frozen=True, slots=True)
class _Planning:
    """Plans elements. keys: of other steps. scopes: template stages in the batch, its own first.

    same: keys in the plan of steps that are the same in each; calls, prices: theirs, once known.
    """

    claim: Claim
    batch: BatchSpec
    resolver: DeferredResolver
    tools: ToolTable
    keys: set[str]
    scopes: Sequence[PlanScope]
    same: Container[StepKey]
    calls: dict[StepKey, BoundArguments] = field(default_factory=dict)
    prices: dict[StepKey, int] = field(default_factory=dict)

    def element(self, place: int, label: str, scope: RunScope) -> Element:
        claim = self.claim
        try:
            steps, keys = steps_of_element(
                self.batch,
                StepKey(claim.step.key),
                scope,
                lambda key: StepKey(free_name(key, self.keys)),
            )
            plan_keys = {own: key for key, own in keys.items()}
            steps = tuple(
                self.with_arguments(step, plan_keys[step.key], place, scope) for step in steps
            )
        except (Missing, ProviderError) as problem:
            name = label or f"Item {place + 1}"
            raise parameter_invalid(f"{name}: {problem}") from None
        names: dict[str, Any] = dict(keys.items())
        media = {
            str(one.first): [
                binding_to_json(replace(binding, source=names.get(binding.source, binding.source)))
                for medium in one.media
                for binding in self.media_of(medium, scope)
            ]
            for one in self.scopes
        }
        own_keys = tuple(plan_keys[step.key] for step in steps)
        return Element(label, steps, own_keys, self.quotes_of(steps, own_keys), media)

    def quotes_of(self, steps: Sequence[PlanStep], plan_keys: Sequence[StepKey]) -> tuple[int, ...]:
        """Return the price of each step."""
        claim, prices = self.claim, self.prices.copy()
        new = tuple(
            replace(step, key=key)
            for step, key in zip(steps, plan_keys, strict=True)
            if key not in prices
        )
        if new:
            plan = Plan("", new, tuple(map(media_from_json, self.resolver.media)))
            quotes = step_quotes(
                plan, person=claim.owner_id, local_only=claim.is_background, options=claim.options
            )
            prices.update(zip((step.key for step in new), quotes, strict=True))
            self.prices.update((key, prices[key]) for key in prices if key in self.same)
        return tuple(prices[key] for key in plan_keys)

    def with_arguments(
        self, step: PlanStep, plan_key: StepKey, place: int, scope: RunScope
    ) -> PlanStep:
        """Return a member with the arguments of which all is known now, and its seed."""
        tool = self.tools.get(step.tool)
        if tool is None or step.kind not in ("tool", "expand"):
            return step
        call = step
        if step.kind == "tool":
            later = tuple(late for late in step.late if late.refs)
            call_arguments = self.calls.get(plan_key)
            if call_arguments is None:
                whole = [late for late in step.late if not late.refs]
                call_arguments = self.resolver.bind(
                    tool,
                    step.arguments,
                    step.needs,
                    deferred_values(whole, scope),
                    late=[late.argument for late in later],
                )
                if plan_key in self.same:
                    self.calls[plan_key] = call_arguments
            needs = (*step.needs, *call_arguments.needs)
            call = replace(step, arguments=call_arguments.arguments, needs=needs, late=later)
        if not tool.seeded:
            return call
        seed = call.arguments.get("seed") if step.kind == "tool" else None
        if not isinstance(seed, int) or isinstance(seed, bool):
            apart = place * (1 if step.kind == "tool" else _SEEDS_OF_BATCH)
            base = secrets.randbelow(_SEEDS) if step.seed is None else step.seed
            seed = (base + apart) % _SEEDS
        return replace(call, seed=seed)

    def media_of(self, media: Binding, scope: RunScope) -> list[Binding]:
        """Return what a media input of a template stage is: of this element, its file."""
        if not is_element(media) or media.source != self.claim.step.key or media.pick is None:
            return [media]
        value = resolve(DeferredRef((), str(media.pick.path)), scope)
        files = value if isinstance(value, list) else [value]
        return [self.resolver.binding_of(one) for one in files if isinstance(one, MediaValue)]


def insert(
    change: RunChange, batch: Step, spec: BatchSpec, elements: Sequence[Element]
) -> list[Step]:
    """Store the elements of a batch, pending. Returns their groups.

    Those of an expansion before become the new ones; what a person keeps stays as it is, and
    elements that are none any more are cancelled.
    """
    earlier = {row.key: row for row in _earlier(batch)}
    ids = dict(Step.objects.filter(run_id=batch.run_id).values_list("key", "id"))
    options = RunOptions.read(change.run.options)
    groups: list[Step] = []
    fresh: list[plan_rows.NewRow] = []
    other_steps: list[PlanStep] = []
    title = batch.title or batch.key
    # Rows that differ in their keys and seeds only, by key in the plan: to copy one takes a quarter
    # of the time that Django takes to make one.
    plain = {
        one.key
        for one in spec.members
        if one.kind == "tool" and not one.late and one.condition is None
    }
    same: dict[StepKey, Step] = {}
    for place, element in enumerate(elements):
        is_kept = stays(earlier.get(element.steps[0].key))
        for step, plan_key, milli in zip(
            element.steps, element.plan_keys, element.quotes, strict=True
        ):
            new: Step | None = copy.copy(same.get(plan_key))
            if new is None:
                draft = options.draft_by(plan_key)
                new = plan_rows.row_of(step, change.run, milli, draft=draft)
                tries = {"tries": spec.tries} if step.kind == "tool" else {}
                new.batch = {**(new.batch or {}), "planned": plan_key, **tries}
                if plan_key in plain:
                    same[plan_key] = new
            new.key, new.seed = step.key, step.seed
            new.item_index = place_inside(batch.item_index, place)
            if step is element.steps[0]:
                # Its batch decides what a failure means.
                new.on_error = "continue"
                new.title = (element.label or f"{title} {place + 1}")[:200]
                new.batch = {
                    **(new.batch or {}),
                    "stage": batch.key,
                    "label": element.label,
                    "scopes": element.scopes,
                }
            row = earlier.pop(step.key, None)
            if row is None:
                fresh.append((step, new, states.PENDING))
                row = new
            elif not is_kept:
                _replan(change, row, new)
                other_steps.append(step)
            if step is element.steps[0]:
                groups.append(row)
    plan_rows.insert(fresh, ids)
    StepEdge.objects.filter(step__in=[ids[step.key] for step in other_steps]).delete()
    new_ids = {str(step.key): row.id for step, row, _ in fresh}
    plan_rows.insert_edges(other_steps, ids | new_ids)
    surplus = [row for row in earlier.values() if row.status == states.PENDING]
    transitions.move_all(change, surplus, states.CANCELLED, lambda row: StepCancelled(**about(row)))
    return groups


def _earlier(batch: Step) -> list[Step]:
    """Return what a batch that is expanded again holds; not what batches inside it made."""
    if batch.generation == 1:
        return []
    rows: list[Step] = []
    holders = [batch.id]
    while holders:
        level = list(Step.objects.filter(parent_id__in=holders))
        rows += level
        holders = [row.id for row in level if row.kind == "group"]
    return rows


def stays(item: Step | None) -> bool:
    """Return whether a person keeps an item as it is: one made again has left this state."""
    return item is not None and item.status == states.COMPLETED


def _replan(change: RunChange, row: Step, new: Step) -> None:
    """Let a step of an earlier expansion be that of a new element."""
    fields = {name: getattr(new, name) for name in _OF_ELEMENT}
    row.title = new.title
    if row.status == states.CANCELLED:
        begin_again(change, [row], states.PENDING, **fields)
    else:
        Step.objects.filter(id=row.id).update(**fields)


_OF_ELEMENT = (
    *("title", "arguments", "condition", "late", "batch", "ask", "seed", "estimated_milli"),
    *("assigned_provider", "label", "preferred_label"),
)
