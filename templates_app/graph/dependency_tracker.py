"""The steps of a plan so far: what each may add to the run's media, and who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.phrases import phrase
from templates_app.graph.issues import Issue, issue
from templates_app.graph.types import Binding, Limits, MediaKind, PlanOutput, StepKey
from templates_app.graph.unresolved_step import UnresolvedStep
from tools.declaration.ports import MEDIA_KINDS


@dataclass(slots=True)
class TrackedStep:
    """A step that others may follow.

    kinds: of media it may add to the run; None: any. count: how many results it makes, None
    where it is not known. may_skip: the run may go on without it; may_lack: also without results.
    """

    key: StepKey
    output: MediaKind | None
    kinds: frozenset[MediaKind] | None
    count: int | None
    may_skip: bool
    may_lack: bool


class DependencyTracker:
    """Steps in the order of their plan. Time and space are linear in steps and connections."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.positions: dict[str, int] = {}
        self.known: list[TrackedStep] = []
        self.gates: dict[str, StepKey] = {}  # step → the gate that follows it
        # Scope and kind → positions of the steps that make it.
        self.makers: dict[tuple[str, str], list[int]] = {}
        # Sets of steps as bit masks: bit p is the step at position p.
        self.maker_masks: dict[tuple[str, str], int] = {}
        self.scope_masks: dict[str, int] = {}
        # Template stage → what its media inputs are, by kind.
        self.scope_media: dict[str, dict[str, list[Binding]]] = {}
        self.ancestors: list[int] = []
        self.edge_count = 0
        self.some_may_skip = False
        # Batch and name → output of its elements.
        self.outputs: dict[tuple[str, str], PlanOutput] = {}
        # Member → the groups that hold it, the nearest first.
        self.groups: dict[str, tuple[StepKey, ...]] = {}

    def find(self, key: str) -> TrackedStep | None:
        """Find an earlier step."""
        position = self.positions.get(key)
        return None if position is None else self.known[position]

    def maker_of(self, binding: Binding) -> TrackedStep | None:
        """Find the earlier step that makes what a binding takes."""
        key, output = binding.source, binding.output
        while output:
            element = self.outputs.get((key, output))
            if element is None:
                return None
            key, output = element.source, element.output
        return self.find(key)

    def may_skip(self, source: TrackedStep, raw: UnresolvedStep) -> bool:
        """Tell whether a step may be without a source, by itself or by a group that holds it."""
        return source.may_skip or any(
            self.known[self.positions[group]].may_skip
            for group in self.groups.get(source.key, ())
            if group not in raw.member_of
        )

    def barriers(
        self,
        raw: UnresolvedStep,
        needs: list[Binding],
        reads_list: set[MediaKind],
        *,
        reads_run: bool = False,
    ) -> list[Binding]:
        """Add barriers: a step that reads the media list waits for all that may add to it.

        reads_run: it waits for every step there is, what names and answers they give included.
        Transitively reduced: a step that lies before another source is not named again. A step
        that waits for one with a gate waits for the gate too.
        """
        before = 0
        for binding in needs:
            source = self.positions.get(binding.source)
            if source is not None:
                before |= self.ancestors[source] | 1 << source
        masks = [self.maker_masks.get((raw.scope, kind), 0) for kind in sorted(reads_list)]
        if reads_run:
            everything = self.scope_masks.get(raw.scope, 0)
            # The groups that hold it end after it.
            own = sum(1 << self.positions[group] for group in raw.member_of)
            masks = [everything & ~own]
        for mask in masks:
            waiting = mask & ~before
            while waiting and self.edge_count + len(needs) <= self.limits.max_edges:
                newest = waiting.bit_length() - 1
                needs.append(Binding(self.known[newest].key, None, barrier=True))
                before |= self.ancestors[newest] | 1 << newest
                waiting &= ~before
        if self.groups:
            before |= self.add(needs, self.ends_of(raw, needs))
        if self.gates:
            before |= self.add(needs, self.gates_of(raw, needs))
        self.ancestors.append(before)
        return needs

    def add(self, needs: list[Binding], more: Mapping[StepKey, bool]) -> int:
        """Add needs: key → whether it may fail. Returns the steps that are waited for by them."""
        before = 0
        for key, may_fail in more.items():
            needs.append(Binding(key, None, barrier=may_fail))
            before |= self.ancestors[self.positions[key]] | 1 << self.positions[key]
        return before

    def ends_of(self, raw: UnresolvedStep, needs: Sequence[Binding]) -> dict[StepKey, bool]:
        """The groups that hold what a step needs and not the step → whether they may fail.

        A group is one stage to all others: what it holds is theirs when it has ended.
        """
        direct = {binding.source for binding in needs}
        groups: dict[StepKey, bool] = {}
        for binding in needs:
            others = [
                group for group in self.groups.get(binding.source, ()) if group not in raw.member_of
            ]
            if others and others[-1] not in direct:
                may_fail = binding.barrier or not binding.required
                groups[others[-1]] = groups.get(others[-1], True) and may_fail
        return groups

    def gates_of(self, raw: UnresolvedStep, needs: Sequence[Binding]) -> dict[StepKey, bool]:
        """The gates of what a step needs → whether the step may do without what lies before it."""
        gates: dict[StepKey, bool] = {}
        for binding in needs:
            gate = self.gates.get(binding.source)
            if gate is not None and gate != raw.gate:
                gates[gate] = gates.get(gate, True) and binding.barrier
        return gates

    def enter(
        self,
        raw: UnresolvedStep,
        key: StepKey,
        output: MediaKind | None,
        kinds: frozenset[MediaKind] | None,
        count: int | None,
        needs: list[Binding],
    ) -> Issue | None:
        """Make a step known to those that follow; an issue when there are too many connections.

        key: its own or its gate's. output: the kind of media it promises. kinds, count:
        as `TrackedStep` has them; count of a batch: of one item.
        """
        position = len(self.known)
        own = 1 << position
        self.positions[key] = position
        for output_of_element in raw.group.outputs if raw.group is not None else ():
            self.outputs[key, output_of_element.name] = output_of_element
        if raw.member_of:
            self.groups[key] = raw.member_of
        for group in raw.member_of:
            # Who waits for a group has waited for all that it holds.
            self.ancestors[self.positions[group]] |= self.ancestors[position] | own
        may_skip = raw.condition is not None or raw.on_error in ("continue", "skip")
        if self.some_may_skip and not may_skip:
            sources = (self.positions.get(need.source) for need in needs if not need.barrier)
            may_skip = any(
                self.known[source].may_skip
                for source in sources
                if source is not None and source != position
            )
        self.some_may_skip |= may_skip
        may_lack = may_skip
        if raw.batch is not None:
            items = raw.batch.items
            count = None if count is None or items is None else count * len(items)
            may_lack |= raw.batch.allow_partial or not items
        elif raw.ask is not None and "select" in raw.ask:
            low, high = raw.ask["select"]["min"], raw.ask["select"].get("max")
            count = low if low == high else None
            may_lack |= low == 0
        self.known.append(TrackedStep(key, output, kinds, count, may_skip, may_lack))
        # What may bring anything is waited for, but not counted on.
        for kind in MEDIA_KINDS if kinds is None else kinds:
            for scope in raw.finders:
                maker = scope, kind
                if kinds is not None:
                    self.makers.setdefault(maker, []).append(position)
                self.maker_masks[maker] = self.maker_masks.get(maker, 0) | own
        self.scope_masks[raw.scope] = self.scope_masks.get(raw.scope, 0) | own
        for binding in raw.scope_media or ():
            media = self.scope_media.setdefault(raw.key, {})
            media.setdefault(binding.media_kind or "", []).append(binding)
        was_within = self.edge_count <= self.limits.max_edges
        self.edge_count += len(needs)
        if not was_within or self.edge_count <= self.limits.max_edges:
            return None
        return issue(
            "too_many",
            path=raw.path,
            stage_id=raw.stage_id or None,
            what="connections between steps",
            count=phrase("more_than", limit=self.limits.max_edges),
            limit=self.limits.max_edges,
        )
