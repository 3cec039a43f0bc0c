"""A brief → a template to look at: planned, checked, laid out and priced. Nothing is stored.

REST, chat and the canvas all draft here. The rules of `brief` and `template_plan` answer when no
language model is configured, or when the model's answer cannot be used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from compose.brief.brief import Brief
from compose.brief.declarations import declared_inputs
from compose.brief.questions import check_can_be_drawn
from compose.brief.read import read_brief
from compose.changes import revise
from compose.changes.argument_sentences import with_arguments
from compose.changes.reading import NotATemplate, read_template
from compose.model.editor import change_by_model, new_errors
from compose.model.planner import brief_by_model
from compose.model.structured_request import RULES as RULES
from compose.reading import Reading
from compose.template_plan.build import built
from compose.template_plan.contents import contents_of
from compose.template_plan.facts import facts_of, texts_of
from compose.template_plan.fit import Limits, Measured, fitted
from compose.template_plan.steps import steps_of
from compose.template_plan.template_text import one_line
from compose.template_plan.unread import unread
from compose.template_plan.wishes import Wishes, with_declared, with_models, with_wishes
from core.errors import InvalidBody
from runs.admission.template_quotes import quote_spec
from templates_app.graph.layout import CANVAS, place
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec import Category
from templates_app.graph.wiring import read_wiring
from tools import registry


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A request for a draft.

    existing: a template (create body or stored spec) to change; its stage ids are kept. selection:
    ids of the stages that "it", "this" and "these" in the brief mean. The others are what
    `compose_workflow_template` takes, None or empty where the caller leaves them to the brief;
    inputs are public input declarations that the draft must have. max_steps: of a run without a
    template.
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A template that can be saved as it is.

    template: a create body with `graph` and `estimatedCapacityUnits`; a new one is private. units:
    what a run is estimated to cost, in credits. fits_budget: None when no budget was asked for.
    warnings, message: sentences for the person. planner: "rules", or the model's name. changes:
    what is different from `existing`, one sentence a change. reading: of a new template, what the
    brief was understood to say.
    """

    template: dict[str, Any]
    units: float
    fits_budget: bool | None
    warnings: tuple[str, ...]
    message: str
    planner: str
    changes: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)

    @classmethod
    def recalled(cls, record: Mapping[str, Any]) -> Draft:
        """Return the draft that was kept as JSON. record: as `asdict` made it."""
        lists = {name: tuple(record[name]) for name in ("warnings", "changes")}
        reading = Reading(**{name: tuple(rows) for name, rows in record.get("reading", {}).items()})
        return cls(**{**record, **lists, "reading": reading})


def draft(request: DraftRequest, *, own_hosts: Sequence[str] = ("localhost",)) -> Draft:
    """Draft a template, or a changed one. Deterministic without a model.

    own_hosts: as for `runs.admission.start.start_run`. Stores nothing and fetches nothing but the
    configured model's answers. Raises InvalidInput for a new one of which nothing can be drawn.
    """
    if request.existing is not None:
        return _change_existing(request, request.existing, own_hosts)
    text, inputs = declared_inputs(request.brief)
    request = replace(request, brief=text, inputs=(*inputs, *request.inputs))
    return _new(request, own_hosts)


def _new(request: DraftRequest, own_hosts: Sequence[str]) -> Draft:
    """Draft a new template of what a model, or the rules, read in the brief."""
    wishes = _wishes(request)
    rules = read_brief(request.brief)
    check_can_be_drawn(rules, has_inputs=bool(request.inputs))

    def problems_with(brief: Brief) -> tuple[str, ...]:
        return problems_of(built(with_wishes(brief, wishes), name=request.name).body)

    plan = brief_by_model(rules, problems_with, wishes=wishes.told())
    return draft_of(plan.value, request, own_hosts, warnings=plan.warnings, planner=plan.planner)


def draft_of(
    brief: Brief,
    request: DraftRequest,
    own_hosts: Sequence[str],
    *,
    warnings: Sequence[str] = (),
    planner: str = RULES,
) -> Draft:
    """Draft a new template of a brief that was read already, by rules or by a model.

    request: the caller's own arguments, which win; its words are not read again.
    """
    brief = with_wishes(brief, _wishes(request))
    most = brief.max_units if request.max_units is None else request.max_units

    def measure(body: dict[str, Any]) -> Measured:
        cost = measured(body, own_hosts=own_hosts)
        if request.max_steps is None:
            return cost
        return replace(cost, steps=len(steps_of(body, cut=False).steps))

    fit = fitted(brief, request.name, measure, Limits(most, request.max_steps))
    messages = [*warnings, *brief.notes, *fit.built.warnings, *fit.warnings]
    new_draft = finished(
        fit.built.body, request, own_hosts, max_units=most, warnings=messages, planner=planner
    )
    return replace(
        new_draft, reading=_reading(brief, new_draft.template, fit.built.seconds, planner)
    )


def _reading(
    brief: Brief, template: Mapping[str, Any], seconds: float | None, planner: str
) -> Reading:
    """Return what became of the brief. A model's words are its own, so none are missed in them."""
    facts = facts_of(brief, template, seconds)
    missing_words = unread(brief, template, facts) if planner == RULES else ()
    fact_texts = tuple(dict.fromkeys(fact for _, fact in facts))
    return Reading(fact_texts, missing_words, brief.impossible, contents_of(template))


def _wishes(request: DraftRequest) -> Wishes:
    return Wishes(
        scene_count=request.scene_count,
        duration_seconds=request.duration_seconds,
        aspect_ratio=request.aspect_ratio,
        style=request.style,
        include_audio=request.include_audio,
        inputs=request.inputs,
    )


def finished(
    body: dict[str, Any],
    request: DraftRequest,
    own_hosts: Sequence[str],
    *,
    max_units: float | None,
    warnings: Sequence[str] = (),
    planner: str = RULES,
) -> Draft:
    """Return a planned body as a draft: with the caller's own fields, laid out and priced.

    body: stages, inputs, name and the other fields of a create body; it is changed. The layout is
    always made here, and the draft is always private.
    """
    body["inputs"] = with_declared(list(body.get("inputs") or ()), request.inputs)
    if request.description.strip():
        body["description"] = one_line(request.description, 2_000)
    if request.category in get_args(Category):
        body["category"] = request.category
    body["visibility"] = "private"
    _name_planner(body, planner)
    messages = [*warnings, *with_models(body, request.models or {}, registry.table())]
    body["graph"] = laid_out(body)
    messages += _unused_inputs(body, request.inputs)
    cost = measured(body, own_hosts=own_hosts)
    body["estimatedCapacityUnits"] = {"min": cost.units, "max": cost.units}
    if cost.reason:
        messages.append(cost.reason)
    fits = None if max_units is None else not cost.reason and cost.units <= max_units
    count = len(body["stages"])
    stages = "1 stage" if count == 1 else f"{count} stages"
    units = "1 credit" if cost.units == 1 else f"{cost.units:g} credits"
    return Draft(
        template=body,
        units=cost.units,
        fits_budget=fits,
        warnings=tuple(dict.fromkeys(messages)),
        message=f"“{body['name']}”: {stages}, {units} a run. {body.get('description', '')}".strip(),
        planner=planner,
    )


def _name_planner(body: dict[str, Any], planner: str) -> None:
    """Have a template say that a language model planned it, see `templates_app.schemas`."""
    if planner != RULES:
        body["metadata"] = {**(body.get("metadata") or {}), "plannedBy": planner}


def _unused_inputs(body: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each declared input that no stage of a draft uses."""
    texts = "\n".join(texts_of(body["stages"]))
    names = [str(one.get("name", "")) for one in inputs]
    return [
        f"No stage uses the input “{name}” yet."
        for name in names
        if name and not re.search(rf"\$inputs\.{re.escape(name)}\b", texts)
    ]


def measured(body: Mapping[str, Any], *, own_hosts: Sequence[str]) -> Measured:
    """Return credits and steps of a run with example inputs, by all providers of this server."""
    quote = quote_spec(body, {}, person=None, own_hosts=own_hosts)
    reason = "" if quote.steps is not None else "The draft cannot run yet: see its problems."
    return Measured(quote.milli / 1000, quote.steps or 0, reason)


def _change_existing(
    request: DraftRequest, existing: Mapping[str, Any], own_hosts: Sequence[str]
) -> Draft:
    """Return an existing template with what the brief asks. A stored one keeps its visibility."""
    try:
        template = read_template(existing)
    except NotATemplate as problem:
        raise InvalidBody(f"“existing_template” can't be changed. {problem}") from None
    tools = registry.table()

    def problems_with(body: Mapping[str, Any]) -> tuple[str, ...]:
        errors = tuple(for_api(one) for one in new_errors(template, body, tools))
        units = measured(body, own_hosts=own_hosts).units
        if request.max_units is None or units <= request.max_units:
            return errors
        return (*errors, _over(units, request.max_units))

    text = with_arguments(
        request.brief,
        aspect_ratio=request.aspect_ratio,
        seconds=request.duration_seconds,
        style=request.style,
        include_audio=request.include_audio,
        models=request.models,
    )
    change = change_by_model(
        template,
        text,
        request.selection,
        tools,
        by_rules=lambda: revise(template, text, request.selection, tools),
        accept=problems_with,
    )
    result = change.value
    body = dict(result.template)
    if not isinstance(body.get("graph"), dict):
        body["graph"] = laid_out(body)
    if "id" not in body:
        body["visibility"] = "private"
    if result.changes:
        _name_planner(body, change.planner)
    cost = measured(body, own_hosts=own_hosts)
    units = cost.units
    warnings = [*change.warnings, *result.warnings]
    if cost.reason:
        warnings.append(cost.reason)
    if result.changes:
        body["estimatedCapacityUnits"] = {"min": units, "max": units}
    fits = None if request.max_units is None else units <= request.max_units
    if fits is False:
        warnings.append(_over(units, request.max_units or 0))
    return Draft(
        template=body,
        units=units,
        fits_budget=fits,
        warnings=tuple(warnings),
        message=" ".join(result.changes) or "Nothing was changed.",
        planner=change.planner,
        changes=result.changes,
    )


def _over(units: float, limit: float) -> str:
    return f"A run is estimated at {units:g} credits; the limit is {limit:g}."


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
