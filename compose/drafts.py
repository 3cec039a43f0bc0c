"""Drafts, and what is said of any template before it is saved: price, layout, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from compose.changes.controls import Controls
from compose.model.structured_request import RULES
from compose.plan import Plan
from compose.template_plan.fit import Cost
from runs.admission.template_quotes import quote_spec
from templates_app.graph.layout import CANVAS, place
from templates_app.graph.rules.validation import validate
from templates_app.graph.wiring import read_wiring
from tools import registry


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A request for a draft.

    existing: a template (create body or stored spec) to change; its stage ids are kept. selection:
    ids of the stages that "it", "this" and "these" in the brief mean. The others are what
    `compose_workflow_template` takes, None or empty where the caller leaves them to the brief;
    inputs are public input declarations that the draft must have. max_steps: of a run without a
    template. plan: a person's own, in place of what the brief says. controls: of `existing`, in
    place of a brief. language: of the person's browser, ISO 639-1.
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
    max_steps: int | None = None
    include_audio: bool | None = None
    existing: Mapping[str, Any] | None = None
    selection: Sequence[str] = ()
    plan: Plan | None = None
    controls: Controls | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The plan of a new template. plan: as JSON. from_words: its fields that the person's words
    set, as the planner reads them. notes: a sentence by field."""

    plan: dict[str, Any] = field(default_factory=dict)
    from_words: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A template that can be saved as it is.

    template: a create body with `graph` and `estimatedCapacityUnits`; a new one is private. units:
    what a run is estimated to cost, in credits. fits_budget: None when no budget was asked for.
    warnings, message: sentences for the person. planner: "rules", or the model's name. changes:
    what is different from `existing`, one sentence a change. settings: of a new template.
    """

    template: dict[str, Any]
    units: float
    fits_budget: bool | None
    warnings: tuple[str, ...]
    message: str
    planner: str
    changes: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)

    @classmethod
    def recalled(cls, record: Mapping[str, Any]) -> Draft:
        """Return the draft that was kept as JSON. record: as `asdict` made it."""
        lists = {name: tuple(record[name]) for name in ("warnings", "changes")}
        settings = Settings(**record.get("settings") or {})
        settings = replace(settings, from_words=tuple(settings.from_words))
        rest = {name: value for name, value in record.items() if name != "reading"}
        return cls(**{**rest, **lists, "settings": settings})


def name_planner(body: dict[str, Any], planner: str) -> None:
    """Have a template say that a language model planned it, see `templates_app.schemas`."""
    if planner != RULES:
        body["metadata"] = {**(body.get("metadata") or {}), "plannedBy": planner}


def measured(body: Mapping[str, Any], *, own_hosts: Sequence[str]) -> Cost:
    """Return credits and steps of a run with example inputs, by all providers of this server."""
    quote = quote_spec(body, {}, person=None, own_hosts=own_hosts)
    reason = "" if quote.steps is not None else "The draft cannot run yet: see its problems."
    return Cost(quote.milli / 1000, quote.steps or 0, reason)


def laid_out(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `graph` of a template without overlaps, as the editor arranges it."""
    wiring = read_wiring(body, registry.table())
    boxes = place(wiring, sizes=CANVAS)
    pairs = dict.fromkeys((wire.source, wire.target) for wire in wiring.wires)
    return {
        "nodes": [{"stageId": key, "x": box.x, "y": box.y} for key, box in boxes.items()],
        "edges": [{"from": source, "to": target} for source, target in pairs],
    }


def problems_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return codes of the errors that keep a template from being saved; empty when it is valid."""
    issues = validate(dict(body), registry.table())
    return tuple(issue.code for issue in issues if issue.severity == "error")
