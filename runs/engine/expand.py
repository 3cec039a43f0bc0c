"""A batch that becomes its items: one step for each element, all or none of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import ProviderError
from core.names import free_name
from runs import states
from runs.billing import authorization, reservations
from runs.billing.estimates import MediaOfPlan, late_arguments
from runs.engine import (
    advance,
    claims,
    failure_handling,
    kept_results,
    pending_steps,
    repeated_groups,
    transitions,
)
from runs.engine.claims import Claim
from runs.engine.deferred import (
    BoundArguments,
    DeferredResolver,
    MediaChanged,
    deferred_values,
)
from runs.engine.kept_results import ItemBefore
from runs.engine.redo import begin_again
from runs.engine.repeated_groups import Element, stays
from runs.engine.routing import provider_of, route_of, unavailable
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange, RunGone, changing
from runs.log.events import StepCancelled, StepExpanded, StepSkipped, about
from runs.models import Run, Step, StepEdge
from runs.options import RunOptions
from runs.planning.places import own_place, place_inside
from templates_app.graph.evaluate import elements, item_scope, label_of
from templates_app.graph.plan_json import batch_from_json, binding_to_json
from templates_app.graph.types import BatchSpec
from tools import registry
from tools.declaration.ports import Tool

_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class _Item:
    """Item made of one element. milli: its quote."""

    label: str
    given: BoundArguments
    seed: int | None
    milli: int
    is_redone: bool = False


def expand(claim: Claim, *, take_next: bool) -> Claim | None:
    """Insert the items of a claimed batch and ready the first. Returns the claim of one, if taken.

    Raises ProviderError when an item cannot be made of its element.
    """
    while True:
        try:
            return _expand(claim, take_next)
        except MediaChanged:
            # Another step added to the run's media meanwhile: positions are counted again.
            continue


def _expand(claim: Claim, take_next: bool) -> Claim | None:
    step = claim.step
    batch = batch_from_json(step.batch or {})
    media = Run.objects.values_list("media", flat=True).filter(id=step.run_id).first()
    if media is None:
        raise RunGone()
    resolver = DeferredResolver(media)
    items: Sequence[_Item | Element]
    if batch.item.group is not None:
        items = repeated_groups.elements_of(claim, batch, resolver)
    else:
        items = _items(claim, batch, resolver)
    with changing(step.run_id) as change:
        return _keep(change, claim, batch, items, resolver, take_next)


def _items(claim: Claim, batch: BatchSpec, resolver: DeferredResolver) -> list[_Item]:
    step, name = claim.step, batch.item.tool
    tool = registry.table().get(name)
    if tool is None:
        raise unavailable(name)
    draft = claim.options.draft_by(step.key)
    provider_of(name, {}, person=claim.owner_id, local_only=claim.is_background, draft=draft)
    scope = RunScope(step.run_id)
    entries = elements(batch, scope)
    others = Step.objects.filter(run_id=step.run_id).exclude(parent_id=step.id)
    repeated_groups.check_count(step, len(entries), others.count() + len(entries))
    before = kept_results.items_before(step, claim.options)
    base = batch.item.seed if step.seed is None else step.seed
    if base is None and tool.seeded:
        base = secrets.randbelow(_SEEDS)
    return [
        _item(batch, tool, scope, resolver, place, entries[place], base, claim, before.get(place))
        for place in range(len(entries))
    ]


def _item(
    batch: BatchSpec,
    tool: type[Tool],
    scope: RunScope,
    resolver: DeferredResolver,
    place: int,
    element: Any,
    base: int | None,
    claim: Claim,
    before: ItemBefore | None,
) -> _Item:
    label = label_of(batch, element, place)
    plan_step = batch.item
    call = BoundArguments(plan_step.arguments)
    try:
        if plan_step.late:
            inner_scope = scope.of_item(item_scope(element, place, batch.item_name))
            values = deferred_values(plan_step.late, inner_scope)
            call = resolver.bind(tool, plan_step.arguments, plan_step.needs, values)
    except ProviderError as problem:
        problem.message = f"{label or f'Item {place + 1}'}: {problem.message}"
        raise
    if before is not None:
        call = replace(call, arguments=before.arguments(tool, call.arguments))
    written_seed = call.arguments.get("seed")
    seed = None
    if tool.seeded and base is not None:
        # Each item is another picture, and the same one whenever the run is repeated.
        is_written = isinstance(written_seed, int) and not isinstance(written_seed, bool)
        seed = written_seed if is_written else (base + place) % _SEEDS
        if before is not None and before.seed is not None:
            seed = before.seed
    needs = [*plan_step.needs, *call.needs]
    media = MediaOfPlan(resolver.media).of_call(tool, call.arguments, needs)
    milli = registry.quote(
        tool,
        call.arguments,
        media=media,
        person=claim.owner_id,
        local_only=claim.is_background,
        draft=claim.options.draft_by(claim.step.key),
        drafts=before.drafts if before is not None else (),
        late=late_arguments(needs),
    ).milli
    if before is not None and before.is_kept:
        milli = 0
    is_redone = before is not None and before.redone is not None
    return _Item(label, call, seed, milli, is_redone)


def _keep(
    change: RunChange,
    claim: Claim,
    batch: BatchSpec,
    items: Sequence[_Item | Element],
    resolver: DeferredResolver,
    take_next: bool,
) -> Claim | None:
    step = claim.step
    if pending_steps.is_stopping(step.run_id, step.parent_id):
        event = StepSkipped(**about(step), reason="The run ended")
        if transitions.move(change, step, states.SKIPPED, event, fence=claim.fence):
            failure_handling.end_attempt(claim, outcome="done")
            advance.step_ended(change, step, states.SKIPPED)
        return None
    earlier = _earlier(step)
    more = sum(item.milli for place, item in enumerate(items) if not stays(earlier.get(place)))
    more -= step.estimated_milli
    # Work in the background is charged to no person.
    if (
        more > 0
        and not change.run.is_background
        and (reason := authorization.hold_reason(change, more))
    ):
        failure_handling.pause_within(
            change, claim, reason, authorization.hold_prompt(change, reason, more)
        )
        return None

    def insert_items() -> StepExpanded:
        # All items or none: a worker killed before the commit leaves an unexpanded batch, which the
        # next attempt expands from the start.
        failure_handling.end_attempt(claim, outcome="done")
        resolver.store_media(change)
        reservations.adjust(change, more, ref=f"expand:{step.id}:{step.generation}")
        if batch.item.group is None:
            calls = [one for one in items if isinstance(one, _Item)]
            rows = _insert(change, step, batch, calls, earlier)
        else:
            groups = [one for one in items if isinstance(one, Element)]
            rows = repeated_groups.insert(change, step, batch, groups)
        return StepExpanded(
            **about(step),
            items=[
                {"id": row.key, "index": own_place(row.item_index), "label": row.title}
                for row in rows
            ],
            concurrency=batch.concurrency,
        )

    if not transitions.move(
        change,
        step,
        states.EXPANDED,
        insert_items,
        fence=claim.fence,
        estimated_milli=0,
        failures=0,
        lost_leases=0,
    ):
        return None
    ready = advance.batch_begun(change, step.id)
    return claims.claim_next(change, claim, ready) if take_next else None


def _earlier(step: Step) -> dict[int, Step]:
    """The items of a batch that is expanded again, by place."""
    if step.generation == 1:
        return {}
    return {own_place(row.item_index): row for row in Step.objects.filter(parent_id=step.id)}


def _insert(
    change: RunChange,
    step: Step,
    batch: BatchSpec,
    items: Sequence[_Item],
    earlier: dict[int, Step],
) -> list[Step]:
    """Store the items. earlier: those of the expansion before, which become the new ones."""
    plan_step = batch.item
    ids = dict(Step.objects.filter(run_id=step.run_id).values_list("key", "id"))
    title = step.title or step.key
    draft = RunOptions.read(change.run.options).draft_by(step.key)
    rows: list[Step] = []
    fresh: list[tuple[Step, str]] = []
    pairs: list[tuple[Step, _Item]] = []
    for place, item in enumerate(items):
        fields = {
            "title": (item.label or f"{title} {place + 1}")[:200],
            "arguments": dict(item.given.arguments),
            "batch": {
                "stage": step.key,
                "label": item.label,
                "tries": batch.tries,
                **({"redone": True} if item.is_redone else {}),
            },
            "seed": item.seed,
            "estimated_milli": item.milli,
            **route_of(
                plan_step.tool,
                item.given.arguments,
                person=change.run.owner_id,
                local_only=change.run.is_background,
                draft=draft,
            ).columns,
        }
        row = earlier.pop(place, None)
        if row is None:
            row = Step(
                run_id=step.run_id,
                owner_id=change.run.queue_owner_id,
                parent_id=step.id,
                key=free_name(f"{step.key[:140]}_{place}", ids),
                sequence=step.sequence,
                item_index=place_inside(step.item_index, place),
                tool=plan_step.tool,
                wire_tool=plan_step.wire_tool,
                # Its batch decides what a failure means.
                on_error="continue",
                **fields,
            )
            fresh.append((row, states.PENDING))
            pairs.append((row, item))
        elif not stays(row):
            _replan(change, row, fields)
            pairs.append((row, item))
        rows.append(row)
    transitions.insert_steps(fresh)
    surplus = [row for row in earlier.values() if row.status == states.PENDING]
    transitions.move_all(change, surplus, states.CANCELLED, lambda row: StepCancelled(**about(row)))
    StepEdge.objects.bulk_create(
        StepEdge(
            step_id=row.id,
            source_id=ids.get(binding.source),
            position=position,
            binding=binding_to_json(binding),
            is_barrier=binding.barrier or not binding.required,
        )
        for row, item in pairs
        for position, binding in enumerate((*plan_step.needs, *item.given.needs))
        # What is only waited for is over by now.
        if binding.target_argument is not None
    )
    return rows


def _replan(change: RunChange, row: Step, fields: dict[str, Any]) -> None:
    """An item of an earlier expansion becomes the item of a new element."""
    StepEdge.objects.filter(step=row).delete()
    row.title = fields["title"]
    if row.status == states.CANCELLED:
        begin_again(change, [row], states.PENDING, **fields)
    else:
        Step.objects.filter(id=row.id).update(late=None, **fields)
