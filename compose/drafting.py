"""A brief → a template to look at: planned, checked, laid out and priced. Nothing is stored.

REST, chat and the canvas all draft here. The plain settings of a brief and its words as they are
make the plan when no language model is configured, or when the model's answer can't be used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from compose.drafts import Draft as Draft
from compose.drafts import DraftRequest as DraftRequest
from compose.drafts import Settings as Settings
from compose.drafts import laid_out as laid_out
from compose.drafts import measured as measured
from compose.drafts import name_planner
from compose.drafts import problems_of as problems_of
from compose.model.planner import plan_by_model
from compose.model.structured_request import RULES as RULES
from compose.model.template_view import texts_of
from compose.plain_settings import PlainReading, read_plain
from compose.plan import Plan
from compose.template_changes import change_existing
from compose.template_plan.build import build
from compose.template_plan.fit import Cost, Limits, fit_to
from compose.template_plan.presets import title_of, with_presets, with_seen_presets
from compose.template_plan.steps import steps_of
from compose.template_plan.template_text import has_letters, one_line
from compose.template_plan.wishes import Wishes, with_declared, with_models, with_wishes
from core.errors import InvalidInput
from templates_app.graph.spec import Category
from tools import registry

SUBJECT: Final = "What should it show? Write it, such as “a lighthouse at dusk”."


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
        return change_existing(request, request.existing, own_hosts)
    if request.plan is not None:
        return _draft_of(PlainReading(request.plan, (), {}), request, own_hosts)
    plain, wishes = read_plain(request.brief, language=request.language), _wishes(request)
    if not request.inputs:
        check_can_be_drawn(request.brief, plain.plan)

    def problems_with(plan: Plan) -> tuple[str, ...]:
        whole = with_presets(with_wishes(plan, wishes), request.brief)
        return problems_of(build(whole, request.brief, name=request.name).body)

    outcome = plan_by_model(request.brief, plain, problems_with, wishes=wishes.summary())
    return _draft_of(outcome.value, request, own_hosts, outcome.warnings, outcome.planner)


def _draft_of(
    reading: PlainReading,
    request: DraftRequest,
    own_hosts: Sequence[str],
    warnings: Sequence[str] = (),
    planner: str = RULES,
) -> Draft:
    """Draft a new template of a plan. request: the caller's own arguments, which win."""
    plan = with_wishes(reading.plan, _wishes(request))
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


def _wishes(request: DraftRequest) -> Wishes:
    return Wishes(
        scene_count=request.scene_count,
        duration_seconds=request.duration_seconds,
        aspect_ratio=request.aspect_ratio,
        style=request.style,
        include_audio=request.include_audio,
        inputs=request.inputs,
    )


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
