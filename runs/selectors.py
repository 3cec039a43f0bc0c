"""Reading runs. Every read of somebody's run takes the viewer, so privacy is part of the query."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Max, QuerySet

from accounts.models import User
from core import errors
from media.models import Blob
from runs import states
from runs.models import Artifact, Event, Run, Step


def visible_run(viewer: User, public_id: str) -> Run:
    """The viewer's run. NotFound alike for unknown ids and for somebody else's."""
    return _visible(Run.objects.select_related("template_version__template"), viewer, public_id)


def followed_run(viewer: User, public_id: str) -> Run:
    """As visible_run, with no more than a stream needs: thousands of them stay in memory."""
    return _visible(Run.objects.only("id", "public_id", "status", "last_seq"), viewer, public_id)


def _visible(runs: QuerySet[Run], viewer: User, public_id: str) -> Run:
    run = runs.filter(owner=viewer, public_id=public_id).first()
    if run is None:
        raise errors.NotFound(code="workflow.not_found")
    return run


def runs_of(
    viewer: User, *, statuses: Collection[str] = (), kinds: Collection[str] = ()
) -> QuerySet[Run]:
    """The viewer's runs, newest first, without their plans and requests."""
    found = Run.objects.filter(owner=viewer).select_related("template_version__template")
    if statuses:
        found = found.filter(status__in=statuses)
    if kinds:
        found = found.filter(kind__in=kinds)
    return found.defer("plan", "request", "template_version__spec").order_by("-id")


def last_runs(viewer: User, template_ids: Collection[int]) -> dict[int, Run]:
    """The viewer's newest run of each of these templates, by the template's primary key."""
    newest = (
        Run.objects.filter(owner=viewer, template_version__template__in=template_ids)
        .values("template_version__template")
        .annotate(last=Max("id"))
        .values_list("template_version__template", "last")
    )
    run_of = dict(newest)
    rows = Run.objects.only("public_id", "status", "created_at", "finished_at", "owner")
    found = rows.in_bulk(run_of.values())
    return {template_id: found[run_id] for template_id, run_id in run_of.items()}


def steps_of(run: Run) -> list[Step]:
    """Its steps in plan order, items of a batch after their parent's place."""
    return list(Step.objects.filter(run=run).order_by("sequence", "item_index"))


def artifacts_of(runs: Collection[Run]) -> list[Artifact]:
    """What completed steps of these runs made, of their current generation, in media order."""
    rows = (
        Artifact.objects.filter(run__in=runs, step__status=states.COMPLETED, hidden_at=None)
        .select_related("blob", "step")
        .order_by("run_id", "step__sequence", "step__item_index", "position")
    )
    return [row for row in rows if row.generation == row.step.generation]


def events_after(run_id: int, after: int, limit: int) -> list[Event]:
    """Up to limit events with a sequence greater than `after`, oldest first."""
    return list(Event.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")[:limit])


def last_events(run: Run, count: int) -> Sequence[Event]:
    return list(Event.objects.filter(run=run).order_by("-seq")[:count])[::-1]


def artifact_blob(public_id: str) -> Blob | None:
    """The blob of an artifact that may be seen by whoever holds its signed address."""
    artifact = (
        Artifact.objects.select_related("blob").filter(public_id=public_id, hidden_at=None).first()
    )
    return artifact.blob if artifact else None


def owned_artifact_blob(public_id: str, owner: User) -> Blob | None:
    """The blob of an artifact of one of this person's own runs."""
    artifact = (
        Artifact.objects.select_related("blob")
        .filter(public_id=public_id, run__owner=owner, hidden_at=None)
        .first()
    )
    return artifact.blob if artifact else None
