"""Steps of the latest runs of a template, for what a new one may take over."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from accounts.models import User
from runs import selectors, states
from runs.models import Run, Step
from templates_app.models import Template

# So many of the latest runs are looked at for what a stage was given before.
HISTORY_RUNS = 30


@dataclass(frozen=True, slots=True)
class PastStep:
    """The newest earlier step of the same stage."""

    status: str
    tool: str
    reuse_key: str
    seed: int | None
    resolved: Mapping[str, Any] | None


def past_steps(template: Template, owner: User, keys: Set[str]) -> dict[str, PastStep]:
    """The newest step of each of these stages in the latest runs that this person may see."""
    runs = selectors.latest_run_ids(owner, template.pk, HISTORY_RUNS)
    if not runs:
        return {}
    newest = (
        Step.objects.filter(run_id__in=runs)
        .exclude(status__in=states.STEP_UNFINISHED)
        .values("key")
        .annotate(newest=Max("id"))
        .order_by()
        .values("newest")
    )
    rows = Step.objects.filter(id__in=newest).values_list(
        "key", "status", "tool", "reuse_key", "seed", "resolved"
    )
    return {
        key: PastStep(status, tool, reuse_key, seed, resolved_call)
        for key, status, tool, reuse_key, seed, resolved_call in rows
        if key in keys
    }


def fetched_before(template: Template, owner: User) -> dict[str, str]:
    """Foreign address → what was fetched from it for the latest runs that this person may see."""
    ids = selectors.latest_run_ids(owner, template.pk, HISTORY_RUNS)
    media = Run.objects.filter(id__in=ids).order_by("id").values_list("media", flat=True)
    return {
        ref["url"]: ref["asset"]
        for references in media
        for ref in references
        if ref.get("url") and ref.get("asset")
    }
