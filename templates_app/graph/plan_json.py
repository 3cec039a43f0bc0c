"""Plans as JSON, format 1. What is stored must be read by every later version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from templates_app.graph.types import (
    BatchSpec,
    Binding,
    Late,
    LateRef,
    MediaRef,
    Pick,
    Plan,
    PlanStep,
    StepKey,
)

FORMAT = 1


class UnknownPlanFormat(Exception):
    """The plan was stored by a newer version of this program."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON values, for `Run.plan`."""
    return {
        "format": plan.format,
        "title": plan.title,
        "steps": [step_to_json(step) for step in plan.steps],
        "media": [_short(ref) for ref in plan.media],
        "artifact_names": dict(plan.artifact_names),
    }


def plan_from_json(stored: Mapping[str, Any]) -> Plan:
    """A stored plan. Raises UnknownPlanFormat for a format this program does not know."""
    if stored.get("format") != FORMAT:
        raise UnknownPlanFormat(f"plan format {stored.get('format')!r} is not known here")
    return Plan(
        title=stored["title"],
        steps=tuple(step_from_json(step) for step in stored["steps"]),
        media=tuple(media_from_json(ref) for ref in stored["media"]),
        artifact_names={name: StepKey(key) for name, key in stored["artifact_names"].items()},
        format=FORMAT,
    )


def step_to_json(step: PlanStep) -> dict[str, Any]:
    shape = _short(step)
    shape["arguments"] = dict(step.arguments)
    if step.needs:
        shape["needs"] = [binding_to_json(binding) for binding in step.needs]
    if step.late:
        shape["late"] = [late_to_json(late) for late in step.late]
    if step.batch is not None:
        shape["batch"] = batch_to_json(step.batch)
    return shape


def step_from_json(stored: Mapping[str, Any]) -> PlanStep:
    known = dict(stored)
    known["needs"] = tuple(binding_from_json(binding) for binding in known.get("needs", ()))
    known["late"] = tuple(late_from_json(late) for late in known.get("late", ()))
    if known.get("batch") is not None:
        known["batch"] = batch_from_json(known["batch"])
    return PlanStep(**known)


def late_to_json(late: Late) -> dict[str, Any]:
    """A late argument as JSON values, for `Step.late`."""
    refs = [_ref_to_json(ref) for ref in late.refs]
    shape = {"argument": late.argument, "value": late.value, "refs": refs}
    return shape if late.required else shape | {"required": False}


def late_from_json(stored: Mapping[str, Any]) -> Late:
    refs = tuple(_ref_from_json(ref) for ref in stored["refs"])
    return Late(stored["argument"], stored["value"], refs, stored.get("required", True))


def batch_to_json(batch: BatchSpec) -> dict[str, Any]:
    """What a batch repeats as JSON values, for `Step.batch`."""
    shape = _short(batch) | {"item": step_to_json(batch.item)}
    if batch.items is not None:
        shape["items"] = list(batch.items)
    if batch.over is not None:
        shape["over"] = _ref_to_json(batch.over)
    return shape


def batch_from_json(stored: Mapping[str, Any]) -> BatchSpec:
    known = dict(stored) | {"item": step_from_json(stored["item"])}
    if "items" in known:
        known["items"] = tuple(known["items"])
    if "over" in known:
        known["over"] = _ref_from_json(known["over"])
    return BatchSpec(**known)


def _ref_to_json(ref: LateRef) -> dict[str, Any]:
    shape: dict[str, Any] = {"at": list(ref.at), "ref": ref.ref}
    return shape if ref.source is None else shape | {"source": ref.source}


def _ref_from_json(stored: Mapping[str, Any]) -> LateRef:
    return LateRef(tuple(stored["at"]), stored["ref"], stored.get("source"))


def binding_to_json(binding: Binding) -> dict[str, Any]:
    """A binding as JSON values, for `StepEdge.binding`; what has its default is left out."""
    shape = _short(binding)
    if binding.pick is not None:
        shape["pick"] = {
            name: getattr(binding.pick, name)
            for name in ("index", "artifact_id", "path")
            if getattr(binding.pick, name) is not None
        }
    return shape


def binding_from_json(stored: Mapping[str, Any]) -> Binding:
    known = dict(stored)
    if known.get("pick") is not None:
        # The index is 0 by default, so a pick by anything else must say that it has none.
        known["pick"] = Pick(**{"index": None, **known["pick"]})
    return Binding(**known)


def media_to_json(ref: MediaRef) -> dict[str, Any]:
    return _short(ref)


def media_from_json(stored: Mapping[str, Any]) -> MediaRef:
    return MediaRef(**stored)


def _short(record: Any) -> dict[str, Any]:
    """A record's fields without those that hold their default. Names are ours, not the wire's."""
    shape = {}
    for known in fields(record):
        value = getattr(record, known.name)
        is_required = known.name in _ALWAYS.get(type(record), ())
        if is_required or (value != known.default and not _is_empty(value)):
            shape[known.name] = value
    return shape


def _is_empty(value: Any) -> bool:
    return value is None or value == () or value == ""


_ALWAYS: Mapping[type, tuple[str, ...]] = {
    Binding: ("source", "target_argument"),
    MediaRef: ("kind", "url", "asset"),
    PlanStep: ("key", "sequence", "kind", "tool", "wire_tool", "arguments"),
    BatchSpec: ("item_name",),
}
