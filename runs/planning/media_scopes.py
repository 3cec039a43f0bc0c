"""Media that a step finds without naming them: those of its template stage, or of the run. Pure.

Of a template stage, others find what its result makes; its members find that of the steps inside
and what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runs.planning.resolved_plan import Output
from templates_app.graph.types import PlanScope


def scope_at(scopes: Sequence[PlanScope], sequence: int) -> PlanScope | None:
    """Return the innermost template stage that holds a step. scopes: of the plan, outer first."""
    around = [one for one in scopes if one.first < sequence <= one.end]
    return around[-1] if around else None


def outputs_before(
    outputs: Iterable[Output], sequence: int, scopes: Sequence[PlanScope]
) -> list[Output]:
    """Return what a step finds of what was made, in the run's order of media."""
    earlier = [one for one in outputs if one.step_sequence < sequence]
    if not scopes:
        return earlier
    own = scope_at(scopes, sequence)
    start = own.first if own is not None else -1
    # Template stages that are one stage to it, the outermost of each place.
    inner: list[PlanScope] = []
    for one in scopes:
        is_before = start < one.first and one.end < sequence
        if is_before and not (inner and one.first <= inner[-1].end):
            inner.append(one)
    return [one for one in earlier if one.step_sequence > start and _is_seen(one, inner)]


def _is_seen(output: Output, inner: Sequence[PlanScope]) -> bool:
    for scope in inner:
        if scope.first < output.step_sequence <= scope.end:
            return scope.result in (output.step_key, output.batch_key)
    return True
