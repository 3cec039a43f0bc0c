"""A brief → a template to look at: planned, checked, laid out and priced. Nothing is stored.

REST, chat and the canvas all draft here. The rules of `brief` and `template_plan` answer when no
language model is configured, or when the model's answer cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compose.brief.read import read_brief
from compose.template_plan.build import template_of
from runs.admission.template_quotes import quote_spec
from templates_app.graph.layout import place
from templates_app.graph.rules.validation import validate
from templates_app.graph.wiring import read_wiring
from tools import registry

RULES = "rules"


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """What to draft.

    existing: a template (create body or stored spec) to change; its stage ids are kept. selection:
    ids of the stages that "it", "this" and "these" in the brief mean. The others are what
    `compose_workflow_template` takes, None or empty where the caller leaves them to the brief;
    inputs are public input declarations that the draft must have.
    """

    brief: str
    name: str = ""
    description: str = ""
    category: str = ""
    inputs: Sequence[Mapping[str, Any]] = ()
    scene_count: int | None = None
    duration_seconds: float | None = None
    aspect_ratio: str = ""
    style: str = ""
    models: Mapping[str, str] | None = None
    max_units: float | None = None
    include_audio: bool | None = None
    existing: Mapping[str, Any] | None = None
    selection: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A template that can be saved as it is.

    template: a create body with `graph` and `estimatedCapacityUnits`, always private. units: what a
    run is estimated to cost, in credits. fits_budget: None when no budget was asked for. warnings,
    message: sentences for the person. planner: "rules", or the model's name.
    """

    template: dict[str, Any]
    units: float
    fits_budget: bool | None
    warnings: tuple[str, ...]
    message: str
    planner: str


def draft(request: DraftRequest, *, own_hosts: Sequence[str] = ("localhost",)) -> Draft:
    """Draft a template, or a changed one. Deterministic without a model; never raises on any text.

    own_hosts: as for `runs.admission.start.start_run`. Stores nothing and fetches nothing but the
    configured model's answers.
    """
    brief = read_brief(request.brief)
    body = template_of(brief, name=request.name or brief.topic or "Untitled")
    body["graph"] = laid_out(body)
    quote = quote_spec(body, {}, own_hosts=own_hosts)
    units = quote.milli / 1000
    body["estimatedCapacityUnits"] = {"min": units, "max": units}
    fits = None if request.max_units is None else units <= request.max_units
    count = len(body["stages"])
    return Draft(
        template=body,
        units=units,
        fits_budget=fits,
        warnings=brief.notes,
        message=f"{count} stages, {units:g} credits.",
        planner=RULES,
    )


def laid_out(body: Mapping[str, Any]) -> dict[str, Any]:
    """The `graph` of a template without overlaps, as the editor arranges it."""
    wiring = read_wiring(body, registry.table())
    boxes = place(wiring)
    pairs = dict.fromkeys((wire.source, wire.target) for wire in wiring.wires)
    return {
        "nodes": [{"stageId": key, "x": box.x, "y": box.y} for key, box in boxes.items()],
        "edges": [{"from": source, "to": target} for source, target in pairs],
    }


def problems_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of the errors that keep a template from being saved; empty when it is valid."""
    found = validate(dict(body), registry.table())
    return tuple(issue.code for issue in found if issue.severity == "error")
