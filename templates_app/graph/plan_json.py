"""Plans as JSON, formats 1 to 3. What is stored must be read by every later version.

The shapes are the records of `graph.types` themselves: Pydantic writes and reads them by their
annotations. A field that has its default is left out, so a new field with a default changes
nothing that is stored already; a field without one is always written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from templates_app.graph.types import (
    BatchSpec,
    Binding,
    DeferredArgument,
    GroupSpec,
    MediaRef,
    Plan,
    PlanOutput,
    PlanScope,
    PlanStep,
)

# The newest: a plan with groups that are repeated. Others are written as 1 or 2, which older
# programs carry out too.
FORMAT = 3

_PLAN = TypeAdapter(Plan)
_STEP = TypeAdapter(PlanStep)
_BATCH = TypeAdapter(BatchSpec)
_GROUP = TypeAdapter(GroupSpec)
_LATE = TypeAdapter(DeferredArgument)
_BINDING = TypeAdapter(Binding)
_OUTPUT = TypeAdapter(PlanOutput)
_MEDIA = TypeAdapter(MediaRef)
_SCOPES = TypeAdapter(tuple[PlanScope, ...])


class UnknownPlanFormat(Exception):
    """The plan was stored by a newer version of this program."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON values, for `Run.plan`."""
    empty: dict[str, Any] = {"media": [], "artifact_names": {}}
    return {"format": plan.format, **empty, **_short(_PLAN, plan)}


def plan_from_json(record: Mapping[str, Any]) -> Plan:
    """A stored plan. Raises UnknownPlanFormat for a format this program does not know."""
    if record.get("format") not in range(1, FORMAT + 1):
        raise UnknownPlanFormat(f"plan format {record.get('format')!r} is not known here")
    return _PLAN.validate_python(record)


def stored_steps(steps: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of a stored plan, those that batches repeat among them."""
    for step in steps:
        yield step
        yield from stored_steps((step.get("batch") or {}).get("members", ()))


def step_from_json(record: Mapping[str, Any]) -> PlanStep:
    return _STEP.validate_python(record)


def late_to_json(late: DeferredArgument) -> dict[str, Any]:
    """A late argument as JSON values, for `Step.late`."""
    return _short(_LATE, late)


def late_from_json(record: Mapping[str, Any]) -> DeferredArgument:
    return _LATE.validate_python(record)


def batch_to_json(batch: BatchSpec) -> dict[str, Any]:
    """Write what a batch repeats as JSON values, for `Step.batch`."""
    return _short(_BATCH, batch)


def batch_from_json(record: Mapping[str, Any]) -> BatchSpec:
    return _BATCH.validate_python(record)


def group_to_json(group: GroupSpec) -> dict[str, Any]:
    """Write what a group makes as JSON values, for `Step.batch`."""
    return _short(_GROUP, group)


def binding_to_json(binding: Binding) -> dict[str, Any]:
    """A binding as JSON values, for `StepEdge.binding`."""
    return _short(_BINDING, binding)


def binding_from_json(record: Mapping[str, Any]) -> Binding:
    return _BINDING.validate_python(record)


def output_from_json(record: Mapping[str, Any]) -> PlanOutput:
    return _OUTPUT.validate_python(record)


def scopes_from_json(records: Sequence[Mapping[str, Any]] | None) -> tuple[PlanScope, ...]:
    """Read `scopes` of a stored plan; None where it has none."""
    return _SCOPES.validate_python(records or ())


def media_from_json(record: Mapping[str, Any]) -> MediaRef:
    return _MEDIA.validate_python(record)


def _short(shape: TypeAdapter[Any], record: Any) -> dict[str, Any]:
    short: dict[str, Any] = shape.dump_python(record, mode="json", exclude_defaults=True)
    return short
