"""The media a run has so far, under the names its steps gave them, for bookkeeping tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from media.models import Blob
from runs import result_fields, states
from runs.engine import input_files
from runs.engine.resolve import all_media
from runs.models import Artifact, Run, Step
from runs.planning.media_scopes import scopes_around
from runs.planning.resolved_plan import Output, Ref
from templates_app.graph.plan_json import binding_from_json, media_from_json, scopes_from_json
from templates_app.graph.types import MediaRef, PlanScope
from tools.declaration.assets import RunAsset


def assets_of(step: Step) -> tuple[RunAsset, ...]:
    """Return the files brought, then those of steps before one, in media order."""
    run_id, sequence = step.run_id, step.sequence
    run_media, plan_scopes = Run.objects.values_list("media", "plan__scopes").get(id=run_id)
    media = [media_from_json(one) for one in run_media]
    scopes = scopes_of(step, scopes_from_json(plan_scopes))
    sources = [medium for one in scopes for medium in one.media]
    outputs = input_files.outputs_of(run_id, scopes, sources)
    refs = all_media(media, outputs, sequence, scopes, step.item_index)
    labels = _labels(run_id, sequence)
    assets = {
        **dict(_brought_files(media)),
        **_made_files([output for output in outputs if output.ref in set(refs)]),
    }
    return tuple(
        replace(assets[ref], label=labels.get(assets[ref].asset_id, ""))
        for ref in dict.fromkeys(refs)
        if ref in assets
    )


def _brought_files(media: Sequence[MediaRef]) -> Iterator[tuple[Ref, RunAsset]]:
    hashes = {(one.asset or "").removeprefix("blob:") for one in media}
    blob_by_hash = Blob.objects.in_bulk([sha256 for sha256 in hashes if sha256])
    for place, one in enumerate(media):
        # As `asset_ref` writes it.
        asset_id = one.id or f"media_ref_{place + 1}"
        blob = blob_by_hash.get((one.asset or "").removeprefix("blob:"))
        asset = RunAsset(asset_id=asset_id, kind=one.kind, **_facts(blob))
        yield f"input:{place}", asset


def _made_files(outputs: Sequence[Output]) -> Mapping[Ref, RunAsset]:
    rows = Artifact.objects.select_related("blob").in_bulk(
        [output.artifact_id for output in outputs], field_name="public_id"
    )
    return {
        output.ref: RunAsset(
            asset_id=output.artifact_id,
            kind=output.kind,
            step=output.step_key,
            meta=result_fields.shown_metadata(rows[output.artifact_id].meta),
            **_facts(rows[output.artifact_id].blob),
        )
        for output in outputs
        if output.artifact_id in rows
    }


def _facts(blob: Blob | None) -> dict[str, Any]:
    if blob is None:
        return {}
    return {
        "mime": blob.mime,
        "size": blob.size,
        "width": blob.width,
        "height": blob.height,
        "duration_s": blob.duration_s,
    }


def _labels(run_id: int, sequence: int) -> dict[str, str]:
    """Names by asset id: a later step's win."""
    steps = Step.objects.filter(
        run_id=run_id, sequence__lt=sequence, status=states.COMPLETED, result__has_key="labels"
    )
    labels: dict[str, str] = {}
    for names in steps.order_by("sequence", "item_index").values_list("result__labels", flat=True):
        labels.update(cast(dict[str, str], names) if isinstance(names, dict) else {})
    return labels


def scopes_of(step: Step, scopes: Sequence[PlanScope]) -> Sequence[PlanScope]:
    """Return the template stages with the media that they are given where a step is.

    scopes: of the plan. What one is given may be of one element of a batch around it: then the
    element's group says it, in `Step.batch`: {"scopes": {sequence of the stage: bindings}}.
    """
    if not any(one.repeats for one in scopes_around(scopes, step.sequence)):
        return scopes
    by_first: dict[int, Any] = {}
    for specs in _elements_around(step):
        by_first = {**{int(first): media for first, media in specs.items()}, **by_first}
    return [
        replace(one, media=tuple(map(binding_from_json, by_first[one.first])))
        if one.first in by_first
        else one
        for one in scopes
    ]


def _elements_around(step: Step) -> Iterable[Mapping[str, Any]]:
    """Yield what the groups around a step say, the nearest first."""
    holder = step.parent_id
    while holder is not None:
        row = Step.objects.values("parent_id", "batch").get(id=holder)
        yield (row["batch"] or {}).get("scopes", {})
        holder = row["parent_id"]
