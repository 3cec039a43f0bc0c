"""Runs of a template's document as it is, before it is saved: planned here, run like any other.

A draft's steps may take over what earlier runs of its owner made of the same, so that only what
was changed is made again; see `runs.engine.result_cache`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from core import errors
from media import signing
from runs.planning.seeds import with_kept_seeds
from templates_app import media_links
from templates_app.graph.compile import compile_template
from templates_app.graph.plan_subset import has_step, needed_for, with_inside
from templates_app.graph.types import Compiled, Limits
from templates_app.models import Template, TemplateMedia
from templates_app.uses import table_for
from tools import registry


@dataclass(frozen=True, slots=True)
class DraftStart:
    """A draft to run. spec: in stored form. values: what the inputs are tried with, by name.

    seeds: by stage id. to: run that stage and what it needs, no more. fresh: stages that are made
    again although they may have been made before, with new seeds where no one wrote one. drafts_by:
    who draws all its stages as drafts, "": no one. References to media in spec and values are the
    document's: anyone who reads it may use them.
    """

    template: Template
    spec: Mapping[str, Any]
    values: Mapping[str, Any]
    seeds: Mapping[str, int]
    to: str | None = None
    fresh: frozenset[str] = frozenset()
    drafts_by: registry.DraftBy = ""


def draft_inputs(draft: DraftStart, own_hosts: Sequence[str]) -> dict[str, Any]:
    """Return the inputs of a start: the values that are set, media as links that work now."""
    inputs = draft.spec.get("inputs")
    definitions = {
        definition["name"]: definition
        for definition in (inputs if isinstance(inputs, list) else ())
        if isinstance(definition, dict) and isinstance(definition.get("name"), str)
    }
    # A value is written as a default is, so it is shown like one.
    presets = [
        {**definitions[name], "default": value}
        for name, value in draft.values.items()
        if name in definitions and _is_set(definitions[name], value)
    ]
    linked_spec = _with_links({"inputs": presets}, draft.template, own_hosts)
    return {definition["name"]: definition["default"] for definition in linked_spec["inputs"]}


def compile_draft(
    draft: DraftStart,
    inputs: Mapping[str, Any],
    limits: Limits,
    *,
    person: int | None,
    own_hosts: Sequence[str],
) -> Compiled:
    """The plan of a draft with the seeds it has; stages without one are left without.

    person: who starts it, by id: a tool that no one offers them is a problem.
    inputs: from `draft_inputs`. Raises InvalidBody when `to` names no stage that runs.
    """
    spec = {**draft.spec}
    # Neither is needed to run, and either may be half done.
    spec.pop("previewArtifacts", None)
    spec.pop("thumbnailUrl", None)
    if draft.to is not None:
        spec["stages"] = _stages_up_to(spec.get("stages"), draft.to)
    linked_spec = _with_links(spec, draft.template, own_hosts)
    tools = table_for(draft.template, person=person, draft=draft.drafts_by, specs=[draft.spec])
    compilation = compile_template(linked_spec, inputs, (), tools, limits)
    plan = compilation.plan
    if plan is None:
        return compilation
    if draft.to is not None:
        if not has_step(plan, draft.to):
            raise errors.InvalidBody(
                f"`to` names a stage that is bypassed, or isn't in its template: {draft.to[:80]!r}."
            )
        plan = needed_for(plan, draft.to)
    fresh = with_inside(plan, draft.fresh)
    seeded_plan = with_kept_seeds(plan, tools, draft.seeds, fresh=fresh)
    return replace(compilation, plan=seeded_plan)


def _is_set(definition: Mapping[str, Any], value: Any) -> bool:
    if value is None or value == []:
        return False
    return value != "" or (
        definition.get("type") == "text" and definition.get("required") is not True
    )


def _stages_up_to(stages: Any, key: str) -> list[Any]:
    """A stage and those listed before it: what comes later may be broken without harm."""
    stage_list = stages if isinstance(stages, list) else []
    ids = [stage.get("id") if isinstance(stage, dict) else None for stage in stage_list]
    if key in ids:
        return stage_list[: ids.index(key) + 1]
    for place, stage_id in enumerate(ids):
        # Of a template that a stage is.
        if isinstance(stage_id, str) and key.startswith(f"{stage_id}."):
            return stage_list[: place + 1]
    raise errors.InvalidBody(f"`to` names no stage of this template: {key[:80]!r}.")


def _with_links(
    spec: Mapping[str, Any], template: Template, own_hosts: Sequence[str]
) -> dict[str, Any]:
    """A spec, or a part of one, whose references to media are links that work now."""
    linked_spec = media_links.spec_copy(spec)
    places = [
        (place, place.reference)
        for place in media_links.places(linked_spec)
        if place.reference is not None
    ]
    if not places:
        return linked_spec
    base_url = settings.PUBLIC_URL or f"http://{own_hosts[0]}"
    hashes = {reference.id for _, reference in places if reference.kind == "blob"}
    # What a version was given the right to show, the draft that came from it may use.
    version_ids = dict(
        TemplateMedia.objects.filter(version__template=template, blob_id__in=hashes)
        .order_by("version_id")
        .values_list("blob_id", "version_id")
    )
    for place, reference in places:
        name = reference.id
        if reference.kind == "blob":
            name = f"tpm_{version_ids.get(reference.id, template.head_id or 0)}_{reference.id}"
        place.fill(base_url + signing.signed_path(name, reference.filename))
    return linked_spec
