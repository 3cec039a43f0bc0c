"""Runs of a template's document as it is, before it is saved: planned here, run like any other.

A draft's steps may take over what earlier runs of its owner made of the same, so that only what
was changed is made again; see `runs.engine.result_cache`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from accounts.auth import Principal
from core import canonical, errors
from media import signing
from runs.admission import services
from runs.admission.services import Planned, Started
from runs.models import Run
from templates_app import media_links
from templates_app.graph.compile import compile_template
from templates_app.graph.plan_subset import needed_for
from templates_app.graph.types import Compiled, Limits, Plan, PlanStep
from templates_app.models import Template, TemplateMedia
from tools import registry

APP_SOURCE = "reelgraph-editor"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to run. spec: in stored form. values: what the inputs are tried with, by name.

    seeds: by stage id. to: run that stage and what it needs, no more. fresh: stages that are made
    again although they may have been made before, with new seeds where no one wrote one.
    References to media in spec and values are the document's: anyone who reads it may use them.
    """

    template: Template
    spec: Mapping[str, Any]
    values: Mapping[str, Any]
    seeds: Mapping[str, int]
    to: str | None = None
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftStarted:
    """seeds: of every stage whose arguments name none, to be kept for the next run."""

    started: Started
    seeds: Mapping[str, int]

    @property
    def run(self) -> Run:
        return self.started.run


def start_draft(
    *,
    actor: Principal,
    template: Template,
    spec: Mapping[str, Any],
    values: Mapping[str, Any],
    seeds: Mapping[str, int],
    document_rev: int,
    to: str | None = None,
    fresh: Collection[str] = (),
    key: str | None = None,
    own_hosts: Sequence[str],
) -> DraftStarted:
    """Plan and queue a run of a draft; a second call with the same actor and key returns the first.

    document_rev: the revision that spec, values and seeds were read from. The rest as in `Draft`.
    Raises InvalidBody, InvalidInput, Conflict as `services.start_run` does.
    """
    draft = Draft(template, spec, values, seeds, to, frozenset(fresh))
    key = (key or "").strip()[:255] or None
    # Not the document: a repeated request means the run of the first, whatever changed since.
    fingerprint = canonical.sha256_hex(["draft", template.public_id, to, sorted(draft.fresh)])
    if key and (earlier := services.earlier_start(actor, key, fingerprint)):
        started = Started(run=earlier, replayed=True)
        return DraftStarted(started, seeds_used(earlier))
    services.check_may_start(actor)
    given = values_given(draft, own_hosts)
    compiled = compile_draft(draft, given, services.limits_for(own_hosts), own_hosts=own_hosts)
    if compiled.plan is None:
        raise services.refused_template(compiled.errors, compiled.warnings)
    plan = _with_new_seeds(compiled.plan)
    planned = Planned(
        plan=plan,
        kind="hosted_tool_sequence",
        version=None,
        template_id=template.public_id,
        request={"inputs": given, "templateId": template.public_id},
        quotes=services.step_quotes(plan),
        warnings=compiled.warnings,
        draft_of=template,
    )
    keys = {step.key for step in plan.steps}
    options = {
        "token_type": "spark",
        "billing_mode": "auto",
        "app_source": APP_SOURCE,
        "safe_content_filter": True,
        "reuse": True,
        "document_rev": document_rev,
        "fresh": sorted(draft.fresh & keys),
        "to": to,
    }
    started = services.store(planned, actor, key, fingerprint, options, None)
    return DraftStarted(started, seeds_used(started.run))


def values_given(draft: Draft, own_hosts: Sequence[str]) -> dict[str, Any]:
    """What a start would send: the tried values that are set, media as links that work now."""
    inputs = draft.spec.get("inputs")
    declared = {
        known["name"]: known
        for known in (inputs if isinstance(inputs, list) else ())
        if isinstance(known, dict) and isinstance(known.get("name"), str)
    }
    given = {
        name: value
        for name, value in draft.values.items()
        if name in declared and _is_set(declared[name], value)
    }
    # A value is written as a default is, so it is shown like one.
    shaped = [{**declared[name], "default": value} for name, value in given.items()]
    shown = _with_links({"inputs": shaped}, draft.template, own_hosts)
    return {known["name"]: known["default"] for known in shown["inputs"]}


def compile_draft(
    draft: Draft, given: Mapping[str, Any], limits: Limits, *, own_hosts: Sequence[str]
) -> Compiled:
    """The plan of a draft with the seeds it has; stages without one are left without.

    given: from `values_given`. Raises InvalidBody when `to` names no stage.
    """
    spec = {**draft.spec}
    # Neither is needed to run, and either may be half done.
    spec.pop("previewArtifacts", None)
    spec.pop("thumbnailUrl", None)
    if draft.to is not None:
        spec["stages"] = _stages_up_to(spec.get("stages"), draft.to)
    shown = _with_links(spec, draft.template, own_hosts)
    compiled = compile_template(shown, given, (), registry.table(), limits)
    plan = compiled.plan
    if plan is None:
        return compiled
    if draft.to is not None:
        plan = needed_for(plan, draft.to)
    return replace(compiled, plan=_with_known_seeds(plan, draft))


def is_seedless(step: PlanStep) -> bool:
    """Whether a start mints a seed for this step."""
    tool = registry.table().get(step.tool)
    return tool is not None and tool.seeded and step.seed is None


def has_written_seed(step: PlanStep) -> bool:
    """Whether the template itself says which seed the step takes, or each of its items."""
    called = step if step.batch is None else step.batch.item
    return _is_seed(called.arguments.get("seed"))


def _is_set(declared: Mapping[str, Any], value: Any) -> bool:
    if value is None or value == []:
        return False
    return value != "" or (declared.get("type") == "text" and declared.get("required") is not True)


def _stages_up_to(stages: Any, key: str) -> list[Any]:
    """A stage and those listed before it: what comes later may be broken without harm."""
    listed = stages if isinstance(stages, list) else []
    for place, stage in enumerate(listed):
        if isinstance(stage, dict) and stage.get("id") == key:
            return listed[: place + 1]
    raise errors.InvalidBody(f"`to` names no stage of this template: {key[:80]!r}.")


def _with_known_seeds(plan: Plan, draft: Draft) -> Plan:
    table = registry.table()

    def seed_of(step: PlanStep) -> int | None:
        tool = table.get(step.tool)
        if tool is None or not tool.seeded:
            return step.seed
        if has_written_seed(step):
            called = step if step.batch is None else step.batch.item
            return int(called.arguments["seed"])
        known = draft.seeds.get(step.key)
        return known if _is_seed(known) and step.key not in draft.fresh else None

    return replace(plan, steps=tuple(replace(step, seed=seed_of(step)) for step in plan.steps))


def _with_new_seeds(plan: Plan) -> Plan:
    return replace(
        plan,
        steps=tuple(
            replace(step, seed=secrets.randbelow(services.SEEDS)) if is_seedless(step) else step
            for step in plan.steps
        ),
    )


def seeds_used(run: Run) -> dict[str, int]:
    """The seeds of a run's stages that were not written into their arguments."""
    steps: Iterable[Mapping[str, Any]] = run.plan["steps"]
    return {
        step["key"]: step["seed"]
        for step in steps
        if step.get("seed") is not None and not _is_seed(_called(step)["arguments"].get("seed"))
    }


def _called(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step of a stored plan does: it itself, or what its batch repeats."""
    batch = step.get("batch")
    called: Mapping[str, Any] = step if batch is None else batch["item"]
    return called


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _with_links(
    spec: Mapping[str, Any], template: Template, own_hosts: Sequence[str]
) -> dict[str, Any]:
    """A spec, or a part of one, whose references to media are links that work now."""
    shown = media_links.spec_copy(spec)
    places = [
        (place, place.reference)
        for place in media_links.places(shown)
        if place.reference is not None
    ]
    if not places:
        return shown
    base_url = settings.PUBLIC_URL or f"http://{own_hosts[0]}"
    hashes = {reference.id for _, reference in places if reference.kind == "blob"}
    # What a version was given the right to show, the draft that came from it may use.
    held = dict(
        TemplateMedia.objects.filter(version__template=template, blob_id__in=hashes)
        .order_by("version_id")
        .values_list("blob_id", "version_id")
    )
    for place, reference in places:
        name = reference.id
        if reference.kind == "blob":
            name = f"tpm_{held.get(reference.id, template.head_id or 0)}_{reference.id}"
        place.fill(base_url + signing.signed_path(name, reference.filename))
    return shown
