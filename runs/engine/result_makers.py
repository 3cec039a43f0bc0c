"""The steps that made what a stage gives: of a group its result, of a batch its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runs import states
from runs.engine.pending_steps import HOLDERS
from runs.models import Step


@dataclass(frozen=True, slots=True)
class Maker:
    """A step that made what another one gives. output: of a batch over a template or its element.
    index: of the one of its files, or items, that counts."""

    step: Step
    output: str = ""
    index: int | None = None

    @property
    def is_holder(self) -> bool:
        return self.step.kind in HOLDERS

    def of_all(self, parts: list[Any]) -> list[Any]:
        """Return those of its files or items that count."""
        return parts if self.index is None else parts[self.index : self.index + 1]


def makers_of(steps: Sequence[Step], output: str = "") -> dict[int, list[Maker]]:
    """Return the steps that made what each of these gives, in order, by its id: completed ones.

    output: of theirs, where they are batches over templates or elements. A query for each level of
    what holds them.
    """
    makers: dict[int, list[Maker]] = {step.id: [Maker(step, output)] for step in steps}
    while holders := [one for rows in makers.values() for one in rows if one.is_holder]:
        inside = _inside(holders)
        makers = {key: _one_down(rows, inside) for key, rows in makers.items()}
    return makers


def _one_down(
    makers: Sequence[Maker], inside: Mapping[tuple[int, str], Sequence[Maker]]
) -> list[Maker]:
    return [
        part
        for one in makers
        for part in (inside.get((one.step.id, one.output), ()) if one.is_holder else (one,))
    ]


def batches_of(run_id: int) -> Mapping[str, list[str]]:
    """Return the completed batches over groups that give what a step makes, by the step's key: the
    nearest first."""
    rows = Step.objects.filter(
        run_id=run_id,
        kind="group",
        status=states.COMPLETED,
        parent__kind="expand",
        parent__status=states.COMPLETED,
    )
    holders = dict(rows.values_list("batch__result", "parent__key"))
    batches: dict[str, list[str]] = {}
    for key in holders:
        holder: str | None = key
        while (holder := holders.get(holder or "")) is not None:
            batches.setdefault(key, []).append(holder)
    return batches


def others_of(
    run_id: int, pairs: Iterable[tuple[str, str]]
) -> Mapping[str, list[tuple[tuple[str, str], int | None]]]:
    """Return what steps make of outputs of completed batches over templates, by the step's key: the
    pair, and which of the step's files it is, None for all.

    pairs: the batches by their keys, and the outputs.
    """
    others: dict[str, list[tuple[tuple[str, str], int | None]]] = {}
    for key, output in pairs:
        batch = Step.objects.filter(run_id=run_id, key=key, status=states.COMPLETED).first()
        for maker in [] if batch is None else makers_of([batch], output)[batch.id]:
            others.setdefault(maker.step.key, []).append(((key, output), maker.index))
    return others


def _inside(holders: Iterable[Maker]) -> dict[tuple[int, str], list[Maker]]:
    """Return the steps whose results a group or batch has, one level down, by its id and output."""
    inside: dict[tuple[int, str], list[Maker]] = {}
    batches = [one for one in holders if one.step.kind == "expand"]
    children: dict[int | None, list[Step]] = {}
    for step in Step.objects.filter(
        parent_id__in={one.step.id for one in batches}, status=states.COMPLETED
    ).order_by("item_index"):
        children.setdefault(step.parent_id, []).append(step)
    for one in batches:
        items = [Maker(step, one.output) for step in children.get(one.step.id, [])]
        inside[one.step.id, one.output] = one.of_all(items)
    results: dict[tuple[int, str], list[tuple[Maker, Mapping[str, Any]]]] = {}
    for one in holders:
        result = _result(one) if one.step.kind == "group" else None
        if result is not None:
            results.setdefault((one.step.run_id, result["source"]), []).append((one, result))
    if results:
        run_ids = {run for run, _ in results}
        keys = [key for _, key in results]
        for step in Step.objects.filter(run_id__in=run_ids, key__in=keys, status=states.COMPLETED):
            for one, result in results.get((step.run_id, step.key), ()):
                index = (result.get("pick") or {}).get("index")
                maker = Maker(step, result.get("output", ""), index)
                inside[one.step.id, one.output] = [maker]
    return inside


def _result(group: Maker) -> Mapping[str, Any] | None:
    """Return where a group's result or output comes from, as `PlanOutput` is stored."""
    spec = group.step.batch or {}
    if not group.output:
        return {"source": spec.get("result")}
    return next((one for one in spec.get("outputs", ()) if one["name"] == group.output), None)
