"""An existing template with what a person asks: by a language model, by controls and arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from compose.changes import Revision
from compose.changes.controls import Controls, change_by_controls
from compose.changes.reading import NotATemplate, read_template
from compose.drafts import Draft, DraftRequest, laid_out, measured, name_planner
from compose.model.editor import Accept, change_by_model, new_errors
from compose.model.structured_request import Outcome
from compose.plain_settings import PlainReading, read_plain
from compose.template_plan.template_text import has_letters
from core.errors import InvalidBody
from templates_app.graph.rules.issue_texts import for_api
from tools import registry
from tools.declaration.ports import ToolTable

# Settings are read beside a subject, which a change doesn't name.
_SUBJECT: Final = "subject"


def change_existing(
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
