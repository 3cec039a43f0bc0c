"""What a run would take, before it is started: steps, units and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runs.admission.planning_limits import planning_limits
from runs.billing.estimates import seconds_of, step_quotes
from templates_app import selectors as templates
from templates_app.graph.compile import compile_template
from templates_app.graph.issues import Issue
from templates_app.graph.spec import Input
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.types import Compiled, Limits, Plan
from templates_app.models import TemplateVersion
from tools import registry

# Stands for a file that is not chosen yet; it never leaves this module.
_STAND_IN = "https://stand-in.invalid/medium"
STAND_IN_ASSET = "blob:stand-in"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a start with these inputs would take.

    steps None: it cannot run as it is, see issues. milli: thousandths of a unit. seconds: by
    what its tools took lately, None where one of them never ran here. is_complete: every required
    input has a value; else the figures stand for ones that were made up.
    """

    steps: int | None
    milli: int = 0
    seconds: float | None = None
    is_complete: bool = True
    issues: tuple[Issue, ...] = ()


def quote_template(
    version: TemplateVersion, inputs: Mapping[str, Any], *, own_hosts: Sequence[str]
) -> Quote:
    """Compile without starting. Nothing is stored or fetched; never raises on user data.

    inputs: as for a start; what is required and missing is made up for the figures. own_hosts: as
    for `runs.admission.start.start_run`.
    """
    limits = planning_limits(own_hosts)
    spec = templates.runnable_spec(version, own_hosts=own_hosts)
    compiled = compile_template(spec, inputs, (), registry.table(), limits)
    if compiled.plan is not None:
        return _quote(compiled.plan, is_complete=True)
    guessed = filled(spec, inputs)
    if guessed != inputs:
        guess = compile_template(spec, guessed, (), registry.table(), with_stand_in(limits))
        if guess.plan is not None:
            return _quote(guess.plan, is_complete=False)
        compiled = guess
    return Quote(steps=None, issues=worth_saying(compiled))


def _quote(plan: Plan, *, is_complete: bool) -> Quote:
    return Quote(
        steps=len(plan.steps),
        milli=sum(step_quotes(plan)),
        seconds=seconds_of(plan),
        is_complete=is_complete,
    )


def worth_saying(compiled: Compiled) -> tuple[Issue, ...]:
    """What is against a run; what is not filled in yet, the form says itself."""
    return tuple(found for found in compiled.errors if found.code != "missing_input")


def filled(spec: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(inputs)
    for known in read_spec(spec)[0].inputs:
        if not known.required or known.default is not None or _is_given(filled.get(known.name)):
            continue
        one = _made_up(known)
        low = max(known.multiple.low, 1) if known.multiple else 0
        filled[known.name] = [one] * min(low, 64) if known.multiple else one
    return filled


def _is_given(value: Any) -> bool:
    return value is not None and value != "" and value != []


def _made_up(known: Input) -> Any:
    match known.type:
        case "text":
            return "…"
        case "number":
            low = (known.json_schema or {}).get("minimum")
            return low if isinstance(low, (int, float)) else 1
        case "boolean":
            return False
        case "select":
            return known.options[0] if known.options else None
    return _STAND_IN


def with_stand_in(limits: Limits) -> Limits:
    def own_asset(url: str) -> str | None:
        return STAND_IN_ASSET if url == _STAND_IN else limits.own_asset(url)

    return replace(limits, own_asset=own_asset)
