"""Counts of a template's runs, and results of its owner's."""

from __future__ import annotations

from collections import Counter
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
    """List what the owner's finished runs of their template made, newest first, to choose from."""
    of_template = Q(run__template_version__template=template) | Q(run__draft_of=template)
    rows = (
        Artifact.objects.filter(
            of_template,
            run__owner=owner,
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


def run_counts(template: Template, *, with_drafts: bool) -> dict[str, int]:
    """Count how often it ran, and how much of what is over came to its end.

    with_drafts: also runs of its draft, which are the business of those who work on it.
    """
    counts = Counter(_counts(template_version__template=template))
    if with_drafts:
        counts.update(_counts(draft_of=template))
    share = round(100 * counts["good"] / counts["over"]) if counts["over"] else 0
    return {"runs": counts["all"], "over": counts["over"], "finished": share}


def _counts(**of_template: Template) -> dict[str, int]:
    return Run.objects.filter(**of_template).aggregate(
        all=Count("id"),
        over=Count("id", filter=Q(status__in=(*_GOOD, states.FAILED))),
        good=Count("id", filter=Q(status__in=_GOOD)),
    )
