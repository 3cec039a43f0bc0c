"""The steps that a batch over a group makes of one of its elements. Pure.

They are planned once, under the batch's key. Each element has a group of its own, whose members
have keys below it, and what they read of the element is filled in.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from templates_app.graph.evaluate import Missing, as_elements, as_json
from templates_app.graph.expressions import replace_refs
from templates_app.graph.nesting import short_key
from templates_app.graph.result_paths import MISSING, Scope, resolve
from templates_app.graph.types import (
    BatchSpec,
    DeferredArgument,
    DeferredRef,
    GroupSpec,
    MediaValue,
    PlanStep,
    StepKey,
)


def steps_inside(step: PlanStep) -> Iterator[PlanStep]:
    """Yield what a batch repeats, at any depth; nothing of other steps."""
    for member in step.batch.members if step.batch is not None else ():
        yield member
        yield from steps_inside(member)


def steps_of_element(
    batch: BatchSpec, key: StepKey, scope: Scope, new_key: Callable[[str], StepKey]
) -> tuple[tuple[PlanStep, ...], Mapping[StepKey, StepKey]]:
    """Return an element's group and its members behind it; and keys as planned → as they are here.

    key: the batch's. scope: with the element as its item. new_key: a key that no other step has,
    of one that would do. Raises Missing where the element lacks what a member needs.
    """
    group = new_key(f"{key[:140]}_{(scope.item or {}).get('index')}")
    keys = {key: group}
    for member in batch.members:
        for step in (member, *steps_inside(member)):
            keys[step.key] = new_key(short_key(f"{group}{step.key.removeprefix(key)}"))
    element = _Element(key, keys, scope)
    whole = replace(element.step(batch.item), needs=(), member_of=key)
    return (whole, *map(element.step, batch.members)), keys


@dataclass(frozen=True, slots=True)
class _Element:
    """Rewrites the steps of one element. batch: the key of its batch. keys: planned → own."""

    batch: StepKey
    keys: Mapping[StepKey, StepKey]
    scope: Scope

    def step(self, step: PlanStep) -> PlanStep:
        group, holder = step.group, step.member_of
        return replace(
            step,
            key=self.key(step.key),
            needs=tuple(replace(need, source=self.key(need.source)) for need in step.needs),
            late=tuple(filter(None, map(self.argument, step.late))),
            condition=self.condition(step.condition),
            ask=None if step.ask is None else self.ask(step.ask),
            batch=None if step.batch is None else self.inner_batch(step.batch),
            group=None if group is None else self.group(group),
            member_of=None if holder is None else self.key(holder),
        )

    def group(self, group: GroupSpec) -> GroupSpec:
        outputs = tuple(replace(one, source=self.key(one.source)) for one in group.outputs)
        return replace(group, result=self.key(group.result), outputs=outputs)

    def key(self, key: Any) -> Any:
        return self.keys.get(key, key)

    def ask(self, ask: Mapping[str, Any]) -> Mapping[str, Any]:
        prompt = ask["prompt"]
        if "step" in prompt:
            ask = {**ask, "prompt": {**prompt, "step": self.key(prompt["step"])}}
        if "select" in ask:
            select = ask["select"]
            ask = {**ask, "select": {**select, "source": self.key(select["source"])}}
        return ask

    def inner_batch(self, batch: BatchSpec) -> BatchSpec:
        """Return a batch inside: its list may be of the element, and so may what it takes."""
        over, items = batch.over, batch.items
        if over is not None and over.batch == self.batch:
            value = self.value(over)
            items = () if value is None else tuple(map(_as_stored, as_elements(value)))
            over = None
        elif over is not None:
            over = self.reference(over)
        return replace(
            batch,
            item=self.step(batch.item),
            items=items,
            over=over,
            members=tuple(map(self.step, batch.members)),
        )

    def reference(self, ref: DeferredRef) -> DeferredRef:
        source = None if ref.source is None else self.key(ref.source)
        batch = None if ref.batch is None else self.key(ref.batch)
        return replace(ref, source=source, batch=batch)

    def value(self, ref: DeferredRef) -> Any:
        """Return what the element gives, None for nothing."""
        value = resolve(ref, self.scope)
        return ref.default if value is MISSING else value

    def argument(self, late: DeferredArgument) -> DeferredArgument | None:
        """Return an argument with the element's values in it, and what is still read late; None
        where it is left out."""
        value = copy.deepcopy(late.value)
        refs: list[DeferredRef] = []
        shift = 0
        for ref in late.refs:
            at = ref.at
            place = at[0] if len(at) == 1 else None
            if isinstance(place, int):
                place += shift
                at = (place,)
            if ref.batch != self.batch:
                refs.append(replace(self.reference(ref), at=at))
                continue
            part = self.value(ref)
            if part is None:
                if not ref.is_optional:
                    raise Missing(late.argument, ref.ref)
                return None
            part = _as_stored(part)
            if not at:
                value = part
                continue
            holder = value
            for name in at[:-1]:
                holder = holder[name]
            if isinstance(part, list) and isinstance(place, int):
                # A list in a list becomes part of it.
                holder[place : place + 1] = part
                shift += len(part) - 1
            else:
                holder[at[-1]] = part
        return replace(late, value=value, refs=tuple(refs))

    def condition(self, condition: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if condition is None:
            return None
        if condition["type"] == "expr":
            return {**condition, "expression": replace_refs(condition["expression"], self.operand)}
        return {**condition, "sources": [self.key(source) for source in condition["sources"]]}

    def operand(self, tree: Mapping[str, Any]) -> Mapping[str, Any]:
        if tree.get("batch") == self.batch:
            return {"lit": as_json(self.value(DeferredRef((), tree["ref"])))}
        is_key = {"source", "batch"}
        return {name: self.key(part) if name in is_key else part for name, part in tree.items()}


def _as_stored(value: Any) -> Any:
    """Return a value as a plan holds it, files as objects."""
    if isinstance(value, MediaValue):
        return {"$medium": value.ref, "kind": value.kind}
    if isinstance(value, list):
        return [_as_stored(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _as_stored(part) for name, part in value.items()}
    return value
