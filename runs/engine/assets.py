"""The media a run has so far, under the names its steps gave them, for bookkeeping tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from media.models import Blob
from runs import result_fields, states
from runs.engine import input_files
from runs.models import Artifact, Run, Step
from templates_app.graph.plan_json import media_from_json
from tools.declaration.assets import RunAsset


def assets_of(run_id: int, sequence: int) -> tuple[RunAsset, ...]:
    """Return the files brought, then those of steps before `sequence`, in media order."""
    labels = _labels(run_id, sequence)
    assets = (*_brought_files(run_id), *_made_files(run_id, sequence))
    return tuple(replace(asset, label=labels.get(asset.asset_id, "")) for asset in assets)


def _brought_files(run_id: int) -> Iterator[RunAsset]:
    run_media = Run.objects.values_list("media", flat=True).get(id=run_id)
    media = [media_from_json(one) for one in run_media]
    hashes = {(one.asset or "").removeprefix("blob:") for one in media}
    blob_by_hash = Blob.objects.in_bulk([sha256 for sha256 in hashes if sha256])
    for place, one in enumerate(media):
        # As `asset_ref` writes it.
        asset_id = one.id or f"media_ref_{place + 1}"
        blob = blob_by_hash.get((one.asset or "").removeprefix("blob:"))
        yield RunAsset(asset_id=asset_id, kind=one.kind, **_facts(blob))


def _made_files(run_id: int, sequence: int) -> Iterator[RunAsset]:
    outputs = [one for one in input_files.outputs_of(run_id) if one.step_sequence < sequence]
    rows = Artifact.objects.select_related("blob").in_bulk(
        [output.artifact_id for output in outputs], field_name="public_id"
    )
    for output in outputs:
        row = rows.get(output.artifact_id)
        if row is not None:
            yield RunAsset(
                asset_id=output.artifact_id,
                kind=output.kind,
                step=output.step_key,
                meta=result_fields.shown_metadata(row.meta),
                **_facts(row.blob),
            )


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
