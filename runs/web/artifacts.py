"""Results and outputs as the public API shows them. Addresses are signed here, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from media import posters, signing
from runs.models import Artifact, Run, Step
from runs.result_fields import shown_metadata
from runs.web.schemas import ArtifactOut, MediaType, OutputOut, StepOut, present
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


def output_bodies(run: Run, rows: Sequence[Step], bodies: Sequence[StepOut]) -> list[OutputOut]:
    """Return the outputs of a run's plan, the main one first; none for runs of explicit steps.

    bodies: of the rows, in the same order.
    """
    outputs = [output_from_json(record) for record in run.plan.get("outputs", ())]
    if not outputs:
        return []
    by_key = {row.key: (row, body) for row, body in zip(rows, bodies, strict=True)}
    items: dict[str, list[tuple[Step, StepOut]]] = defaultdict(list)
    for row, body in by_key.values():
        if holder := body.get("parentId"):
            items[holder].append((row, body))

    def files_of(output: PlanOutput) -> list[ArtifactOut]:
        row, body = by_key[output.source]
        if output.output:
            specs = [spec for item, _ in items[body["id"]] for spec in outputs_of_element(item)]
            inner = [spec for spec in specs if spec.name == output.output and spec.source in by_key]
            files = [artifact for spec in inner for artifact in files_of(spec)]
        else:
            makers = [item for _, item in items[body["id"]]] if row.kind == "expand" else [body]
            files = [artifact for maker in makers for artifact in maker["artifacts"]]
        return _pick(files, output.pick)

    results: list[OutputOut] = []
    for output in outputs:
        if output.source in by_key:
            row, _ = by_key[output.source]
            files = files_of(output)
            text = "" if files or row.kind == "expand" else message_of(row.answered)
            one: OutputOut = {
                "name": output.name,
                "label": output.label or None,
                "artifacts": files,
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
