"""Artifacts of a step as rows: copied without their bytes, and inserted with their events."""

from __future__ import annotations

from collections.abc import Sequence

from runs.log.changes import RunChange
from runs.log.events import ArtifactCreated, about, artifact_facts
from runs.models import Artifact, Step


def copy_of(row: Artifact, step: Step, position: int) -> Artifact:
    """Return an artifact of this step with the same file, not stored yet."""
    return Artifact(
        run_id=step.run_id,
        step_id=step.id,
        generation=step.generation,
        position=position,
        kind=row.kind,
        blob=row.blob,
        meta=row.meta,
    )


def insert(change: RunChange, step: Step, rows: Sequence[Artifact]) -> None:
    """Insert artifacts of a step, each with its event."""
    Artifact.objects.bulk_create(rows)
    for row in rows:
        event = ArtifactCreated(**about(step), artifact=artifact_facts(row))
        change.append(event, step_id=step.id, generation=step.generation)


def insert_copies(change: RunChange, step: Step, rows: Sequence[Artifact]) -> list[str]:
    """Insert copies of artifacts for a step, in this order. Returns their public ids."""
    copies = [copy_of(row, step, position) for position, row in enumerate(rows)]
    insert(change, step, copies)
    return [row.public_id for row in copies]
