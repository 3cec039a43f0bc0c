"""A brief → a template to look at: planned, checked, laid out and priced. Nothing is stored.

REST, chat and the canvas all draft here. The plain settings of a brief and its words as they are
make the plan when no language model is configured, or when the model's answer can't be used.
An existing template is changed as a person asks: by a language model, by controls and arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, get_args

from compose.changes.change import Revision
from compose.changes.controls import Controls, change_by_controls
from compose.changes.reading import NotATemplate, read_template
from compose.model.editor import Accept, change_by_model, new_errors
from compose.model.planner import plan_by_model
from compose.model.structured_request import RULES as RULES
from compose.model.structured_request import Outcome
from compose.model.template_view import texts_of
from compose.plain_settings import PlainReading, read_plain
from compose.plan import Plan
from compose.template_plan.build import build
from compose.template_plan.fit import Cost, Limits, fit_to
from compose.template_plan.presets import title_of, with_presets, with_seen_presets
from compose.template_plan.steps import steps_of
from compose.template_plan.template_text import has_letters, one_line
from compose.template_plan.wishes import Wishes, with_declared, with_models, with_wishes
from core.errors import InvalidBody, InvalidInput
from runs.admission.template_quotes import quote_spec
from templates_app.graph.layout import CANVAS, place
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec import Category
from templates_app.graph.wiring import read_wiring
from tools import registry
from tools.declaration.ports import ToolTable

SUBJECT: Final = "What should it show? Write it, such as “a lighthouse at dusk”."
# Settings are read beside a subject, which a change doesn't name.
_SUBJECT: Final = "subject"


@dataclass(frozen=True, slots=True)
class DraftRequest(Wishes):
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
    models: Mapping[str, str] | None = None
    max_units: float | None = None
    max_steps: int | None = None
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


def template_name(text: str) -> str:
    """Return a name for the template of a brief: the beginning of what it shows."""
    return title_of(read_plain(text).plan, text) or "Untitled"


def check_can_be_drawn(brief: str, plan: Plan) -> None:
    """Raise InvalidInput, with a sentence for the person, for a brief without words to draw."""
    if not (has_letters(brief) or plan.open_texts or plan.media):
        raise InvalidInput(SUBJECT, code="brief.subject_needed")


def draft(request: DraftRequest, *, own_hosts: Sequence[str] = ("localhost",)) -> Draft:
    """Draft a template, or a changed one. Deterministic without a model.

    own_hosts: as for `runs.admission.start.start_run`. Stores nothing and fetches nothing but the
    configured model's answers. Raises InvalidInput for a new one of which nothing can be drawn.
    """
    if request.existing is not None:
        return _change_existing(request, request.existing, own_hosts)
    if request.plan is not None:
        return _draft_of(PlainReading(request.plan, (), {}), request, own_hosts)
    plain = read_plain(request.brief, language=request.language)
    if not request.inputs:
        check_can_be_drawn(request.brief, plain.plan)

    def problems_with(plan: Plan) -> tuple[str, ...]:
        whole = with_presets(with_wishes(plan, request), request.brief)
        return problems_of(build(whole, request.brief, name=request.name).body)

    outcome = plan_by_model(request.brief, plain, problems_with, wishes=request.summary())
    return _draft_of(outcome.value, request, own_hosts, outcome.warnings, outcome.planner)


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


def _draft_of(
    reading: PlainReading,
    request: DraftRequest,
    own_hosts: Sequence[str],
    warnings: Sequence[str] = (),
    planner: str = RULES,
) -> Draft:
    """Draft a new template of a plan. request: the caller's own arguments, which win."""
    plan = with_wishes(reading.plan, request)
    if request.plan is None or plan.sound.music is None:
        plan = with_seen_presets(plan)

    def measure(body: dict[str, Any]) -> Cost:
        cost = measured(body, own_hosts=own_hosts)
        is_limited = request.max_steps is not None
        return replace(cost, steps=len(steps_of(body, cut=False).steps)) if is_limited else cost

    limits = Limits(request.max_units, request.max_steps)
    fit = fit_to(with_presets(plan, request.brief), request.brief, request.name, measure, limits)
    messages = [*warnings, *fit.warnings]
    new_draft = _complete(fit.body, request, own_hosts, messages, planner)
    settings = Settings(plan.model_dump(mode="json"), reading.from_words, dict(reading.notes))
    return replace(new_draft, settings=settings)


def _complete(
    body: dict[str, Any],
    request: DraftRequest,
    own_hosts: Sequence[str],
    warnings: Sequence[str],
    planner: str,
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
    name_planner(body, planner)
    messages = [*warnings, *with_models(body, request.models or {}, registry.table())]
    body["graph"] = laid_out(body)
    messages += _unused_inputs(body, request.inputs)
    cost = measured(body, own_hosts=own_hosts)
    body["estimatedCapacityUnits"] = {"min": cost.units, "max": cost.units}
    if cost.reason:
        messages.append(cost.reason)
    most = request.max_units
    fits = None if most is None else not cost.reason and cost.units <= most
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


def _unused_inputs(body: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each declared input that no stage of a draft uses."""
    texts = "\n".join(texts_of(body["stages"]))
    return [
        f"No stage uses the input “{name}” yet."
        for name in (str(one.get("name", "")) for one in inputs)
        if name and not re.search(rf"\$inputs\.{re.escape(name)}\b", texts)
    ]


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

    change = _change(request, template, problems_with, tools)
    result = change.value
    body = dict(result.template)
    if not isinstance(body.get("graph"), dict):
        body["graph"] = laid_out(body)
    if "id" not in body:
        body["visibility"] = "private"
    if result.changes:
        name_planner(body, change.planner)
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


def _change(
    request: DraftRequest, template: Mapping[str, Any], accept: Accept, tools: ToolTable
) -> Outcome[Revision]:
    """Do what a brief asks of a template by the configured model, then what the arguments ask.

    Controls, and words that are no more than plain settings, need no model.
    """
    if request.controls is not None:
        return Outcome(change_by_controls(template, request.controls, request.selection, tools))
    controls = _controls(request)
    plain = read_plain(f"{_SUBJECT}, {request.brief}")
    if plain.plan.shows != _SUBJECT and has_letters(request.brief):
        change = change_by_model(template, request.brief, request.selection, tools, accept)
    else:
        change = Outcome(Revision(dict(template), (), ()))
        controls = _plain_controls(plain, controls)
    by_controls = change_by_controls(change.value.template, controls, request.selection, tools)
    revision = Revision(
        by_controls.template,
        (*change.value.changes, *by_controls.changes),
        (*change.value.warnings, *by_controls.warnings),
    )
    return replace(change, value=revision)


def _plain_controls(plain: PlainReading, controls: Controls) -> Controls:
    """Return controls with the plain settings of a brief behind those of the caller."""
    sound = plain.plan.sound
    settings = {
        "format": ("aspect", plain.plan.aspect),
        "seconds": ("seconds", plain.plan.seconds),
        "music": ("sound.music", {"on": bool(sound.music), "words": sound.music_words}),
        "voice": ("sound.speech", {"on": bool(sound.speech), "text": sound.spoken}),
        "subtitles": ("sound.subtitles", sound.subtitles),
    }
    values = {name: value for name, (field, value) in settings.items() if field in plain.from_words}
    own = controls.model_dump(exclude_none=True)
    return Controls.model_validate({**values, **own})


def _controls(request: DraftRequest) -> Controls:
    """Return the caller's own arguments as controls."""
    return Controls.model_validate(
        {
            "format": request.aspect_ratio or None,
            "seconds": request.duration_seconds,
            "look": request.style or None,
            "sound": request.include_audio,
            "models": dict(request.models or {}) or None,
        }
    )


def _over(units: float, limit: float) -> str:
    return f"A run is estimated at {units:g} credits; the limit is {limit:g}."
