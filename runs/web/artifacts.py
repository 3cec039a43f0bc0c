"""Results and outputs as the public API shows them. Addresses are signed here, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from media import posters, signing
from runs.models import Artifact, Step
from runs.result_fields import shown_metadata
from runs.run_rows import OutputRows, RunRows
from runs.stage_tree import makers_in
from runs.web.schemas import ArtifactOut, MediaType, OutputOut, present
from templates_app.graph.plan_json import output_from_json
from templates_app.graph.result_paths import message_of
from templates_app.graph.types import Pick, PlanOutput

# A media address, of an object's id and a file name.
UrlOf: TypeAlias = Callable[[str, str], str]


def signer(base_url: str) -> UrlOf:
    """A function that signs the address of (object id, file name) under this origin."""
    return lambda public_id, filename: base_url + signing.signed_path(public_id, filename)


def artifact_body(row: Artifact, url_of: UrlOf) -> ArtifactOut:
    """One artifact with an address that works without credentials."""
    blob = row.blob
    url = url_of(row.public_id, row.filename)
    kind = cast(MediaType, row.kind)
    body: ArtifactOut = {
        "id": row.public_id,
        "index": row.position,
        "type": kind,
        "mediaType": kind,
        "mimeType": blob.mime,
        "contentType": blob.mime,
        "filename": row.filename,
        "width": blob.width,
        "height": blob.height,
        "duration": row.blob.duration_s,
        "stepId": row.step.key,
        "url": url,
        "downloadUrl": url,
        # No page can show a 3D model as it is.
        "posterUrl": url_of(posters.still_id(row.public_id), posters.FILENAME)
        if kind == "model"
        else None,
        "seed": row.meta.get("seed", row.step.seed),
        "metadata": shown_metadata(row.meta),
    }
    return present(body)


def files_by_step(
    rows: RunRows | OutputRows, bodies: Mapping[str, ArtifactOut]
) -> dict[int, list[ArtifactOut]]:
    """Return step id → what it made; of a group, what the steps of its result made.

    bodies: of all artifacts that are shown, by id.
    """
    files: dict[int, list[ArtifactOut]] = defaultdict(list)
    for row in rows.artifacts:
        if row.public_id in bodies:
            files[row.step_id].append(bodies[row.public_id])
    makers = makers_in(rows.steps)
    for step in rows.steps:
        if step.kind == "group":
            files[step.id] = [body for one in makers(step) for body in files[one.id]]
    return files


def output_bodies(
    records: Iterable[Mapping[str, Any]],
    steps: Sequence[Step],
    files: Mapping[int, list[ArtifactOut]],
) -> list[OutputOut]:
    """Return the outputs of a run, the main one first.

    records: `outputs` of its plan; runs of explicit steps have none. steps: those that make them,
    in plan order. files: as of `files_by_step`.
    """
    outputs = [output_from_json(record) for record in records]
    if not outputs:
        return []
    by_key = {step.key: step for step in steps}
    items: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.parent_id is not None:
            items[step.parent_id].append(step)

    def files_of(output: PlanOutput) -> list[ArtifactOut]:
        step = by_key[output.source]
        if output.output:
            specs = [spec for item in items[step.id] for spec in outputs_of_element(item)]
            inner = [spec for spec in specs if spec.name == output.output and spec.source in by_key]
            bodies = [artifact for spec in inner for artifact in files_of(spec)]
        else:
            makers = items[step.id] if step.kind == "expand" else [step]
            bodies = [artifact for maker in makers for artifact in files.get(maker.id, ())]
        return _pick(bodies, output.pick)

    results: list[OutputOut] = []
    for output in outputs:
        if output.source in by_key:
            step = by_key[output.source]
            bodies = files_of(output)
            text = "" if bodies or step.kind == "expand" else message_of(step.answered)
            one: OutputOut = {
                "name": output.name,
                "label": output.label or None,
                "artifacts": bodies,
                "text": text or None,
            }
            results.append(present(one))
    return results


def outputs_of_element(group: Step) -> list[PlanOutput]:
    """Return what an element of a batch over a template gives besides its result."""
    return [output_from_json(record) for record in (group.batch or {}).get("outputs", ())]


def _pick(files: list[ArtifactOut], pick: Pick | None) -> list[ArtifactOut]:
    if pick is None or pick.index is None:
        return files
    return files[pick.index : pick.index + 1]
