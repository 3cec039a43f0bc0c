"""The outputs of a run: what its template is used for, as it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from runs.models import Run, Step
from runs.web.schemas import ArtifactOut, OutputOut, StepOut, present
from templates_app.graph.plan_json import output_from_json
from templates_app.graph.result_paths import message_of
from templates_app.graph.types import Pick


def output_bodies(run: Run, rows: Sequence[Step], bodies: Sequence[StepOut]) -> list[OutputOut]:
    """Return the outputs of a run's plan, the main one first; none for runs of explicit steps.

    bodies: of the rows, in the same order.
    """
    outputs = [output_from_json(record) for record in run.plan.get("outputs", ())]
    if not outputs:
        return []
    by_key = {row.key: (row, body) for row, body in zip(rows, bodies, strict=True)}
    items: dict[str, list[StepOut]] = defaultdict(list)
    for body in bodies:
        if holder := body.get("parentId"):
            items[holder].append(body)
    results: list[OutputOut] = []
    for output in outputs:
        if output.source in by_key:
            row, body = by_key[output.source]
            makers = items[body["id"]] if row.kind == "expand" else [body]
            files = [artifact for maker in makers for artifact in maker["artifacts"]]
            text = "" if files or row.kind == "expand" else message_of(row.answered)
            one: OutputOut = {
                "name": output.name,
                "label": output.label or None,
                "artifacts": _pick(files, output.pick),
                "text": text or None,
            }
            results.append(present(one))
    return results


def _pick(files: list[ArtifactOut], pick: Pick | None) -> list[ArtifactOut]:
    if pick is None or pick.index is None:
        return files
    return files[pick.index : pick.index + 1]
