"""Media that a step finds without naming them: those of its template stage, or of the run. Pure.

Of a template stage, others find what its result makes; its members find that of the steps inside
and what it is given. In a batch over a template, that is done for each element apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runs.planning.places import outer_place
from runs.planning.resolved_plan import Output
from templates_app.graph.types import PlanScope


def scope_at(scopes: Sequence[PlanScope], sequence: int) -> PlanScope | None:
    """Return the innermost template stage that holds a step. scopes: of the plan, outer first."""
    around = scopes_around(scopes, sequence)
    return around[-1] if around else None


def scopes_around(scopes: Sequence[PlanScope], sequence: int) -> list[PlanScope]:
    """Return the template stages that hold a step, the outermost first."""
    return [one for one in scopes if one.first < sequence <= one.end]


def outputs_before(
    outputs: Iterable[Output],
    sequence: int,
    scopes: Sequence[PlanScope],
    item_index: int = -1,
) -> list[Output]:
    """Return what a step finds of what was made, in the run's order of media."""
    earlier = [one for one in outputs if one.step_sequence < sequence]
    if not scopes:
        return earlier
    around = scopes_around(scopes, sequence)
    start = around[-1].first if around else -1
    batches = [one for one in around if one.repeats]
    # Template stages that are one stage to it, the outermost of each place.
    inner: list[PlanScope] = []
    for one in scopes:
        is_before = start < one.first and one.end < sequence
        if is_before and not (inner and one.first <= inner[-1].end):
            inner.append(one)
    return [
        one
        for one in earlier
        if one.step_sequence > start
        and _is_seen(one, inner)
        and _is_of_element(one, item_index, batches)
    ]


def _is_seen(output: Output, inner: Sequence[PlanScope]) -> bool:
    for scope in inner:
        if scope.first < output.step_sequence <= scope.end:
            if scope.maker < 0:
                return scope.result in (output.step_key, *output.batch_keys)
            is_made = bool(output.batch_keys) or not scope.repeats
            return output.step_sequence == scope.maker and is_made
    return True


def _is_of_element(output: Output, item_index: int, batches: Sequence[PlanScope]) -> bool:
    """Tell whether an output is of the same element as a step. batches: the batches over templates
    around the step, the outermost first."""
    for scope in reversed(batches):
        if scope.first < output.step_sequence <= scope.end:
            if scope is batches[0]:
                return outer_place(output.item_index) == outer_place(item_index)
            return output.item_index == item_index
    return True
