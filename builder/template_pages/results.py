"""How runs of a template went, and what those of its owner made."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from runs import states
from runs.models import Artifact, Run
from templates_app.graph.wiring import clean
from templates_app.models import Template

RESULTS = 24
_GOOD = (states.COMPLETED, states.PARTIAL_FAILURE)


def results_of(owner: User, template: Template) -> list[dict[str, Any]]:
    """What the owner's finished runs of their template made, newest first, to choose from."""
    rows = (
        Artifact.objects.filter(
            run__owner=owner,
            run__template_version__template=template,
            step__status=states.COMPLETED,
            kind__in=("image", "video", "model"),
            hidden_at=None,
        )
        .select_related("step", "run", "blob")
        .order_by("-run_id", "-step__sequence", "-position")[:RESULTS]
    )
    return [
        {
            "artifact": row,
            "id": row.public_id,
            "kind": row.kind,
            "label": clean(row.step.title or row.step.key),
            "when": row.run.created_at,
            "seconds": row.blob.duration_ms / 1000 if row.blob.duration_ms else None,
        }
        for row in rows
        if row.generation == row.step.generation
    ]


def run_counts(template: Template) -> dict[str, int]:
    """How often it ran, and how much of what is over came to its end."""
    found = Run.objects.filter(template_version__template=template).aggregate(
        all=Count("id"),
        over=Count("id", filter=Q(status__in=(*_GOOD, states.FAILED))),
        good=Count("id", filter=Q(status__in=_GOOD)),
    )
    share = round(100 * found["good"] / found["over"]) if found["over"] else 0
    return {"runs": found["all"], "over": found["over"], "finished": share}
