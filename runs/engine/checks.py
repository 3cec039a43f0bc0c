"""Checks of the queue: what waits for workers, limits and providers, and which runs are stuck."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, F, QuerySet

from core import clock
from core.checks import Check, Checks, ok, register, warning
from core.command_names import command
from core.database import db_now
from runs import states
from runs.engine import limit_settings, queue_reasons, rerouting, stuck, worker_registry
from runs.engine.stuck import stuck_runs
from runs.models import Attempt, Run, Step
from templates_app.graph import plan_json
from tools import registry
from tools.declaration.labels import USUAL_LABELS

MANY_STEPS_DUE = 500


@register("labels", every_s=5, after="database")
def labels() -> Checks:
    """Look for labels that no living worker has."""
    warnings = label_warnings()
    yield from warnings
    if not warnings:
        yield ok(", ".join(sorted(worker_registry.living_labels())) or "none needed")


def label_warnings(also: Collection[str] = ()) -> list[Check]:
    """List labels without a living worker: those that ready steps wait for, then those of providers
    that have no work yet. also: labels of workers that are about to start.

    While there is no worker at all, which has a check of its own, the usual labels are left out.
    """
    living = worker_registry.living_labels() | set(also)
    rows = Step.objects.filter(status=states.READY, label__in=rerouting.labels_without_worker())
    counts = dict(rows.values_list("label").annotate(Count("id")).order_by("label"))
    says = {
        label: f"{f'{n:,} steps are' if n > 1 else '1 step is'} ready and no living worker has"
        f" label {label}"
        for label, n in counts.items()
        if label not in living and (living or label not in USUAL_LABELS)
    }
    if living:
        for provider in registry.providers():
            label = registry.label_of(provider)
            if label not in living and label not in counts and label not in USUAL_LABELS:
                says[label] = f"{provider.name} has label {label} and no living worker has it"
    return [warning(why, stuck.start_worker_with(label)) for label, why in says.items()]


@register("queue", every_s=5, after="database")
def queue() -> Checks:
    """Count what waits."""
    counts = queue_counts()
    says = (
        f"{counts['due']} steps due, {counts['running']} running, {counts['later']} retrying later"
    )
    if counts["due"] > MANY_STEPS_DUE:
        yield warning(says, "Add workers: REELGRAPH_WORKERS, or more machines.")
    else:
        yield ok(says)


@register("leases", every_s=5, after="database")
def leases() -> Checks:
    """Count those that are over and that no worker has taken back."""
    if count := overdue_steps().count():
        remedy = "A running worker recovers them in seconds. If not, see /admin/runs/?show=stuck."
        yield warning(f"{count} expired leases not recovered", remedy)
    else:
        yield ok("none expired")


def overdue_steps() -> QuerySet[Step]:
    """Return the running steps whose lease has expired."""
    return Step.objects.filter(status=states.RUNNING, lease_until__lt=db_now())


def queue_counts() -> dict[str, int]:
    """Count steps that are due, that retry later, that are in the background, that run and those of
    them whose lease is over."""
    ready = Step.objects.filter(status=states.READY)
    return {
        "due": ready.filter(not_before__lte=db_now(), run__priority__gte=0).count(),
        "later": ready.filter(not_before__gt=db_now()).count(),
        "background": ready.filter(not_before__lte=db_now(), run__priority__lt=0).count(),
        "running": Step.objects.filter(status=states.RUNNING).count(),
        "overdue": overdue_steps().count(),
    }


@register("limits", every_s=5, after="database")
def limits() -> Checks:
    """Name what is paused, for it waits until someone resumes it; and what waits for a limit."""
    limit_states = limit_settings.limit_states()
    pauses = [one for one in limit_states if one.is_paused]
    for one in pauses:
        since = f"{one.paused_at:%Y-%m-%d %H:%M}" if one.paused_at else ""
        resume = command(f"providers resume {one.name.removeprefix('provider:')}")
        yield warning(
            f"{one.title} is paused since {since} UTC, {one.waiting} steps wait:"
            f" {one.paused_reason.rstrip('.')}",
            f"Resume it at /admin/providers or with `{resume}`.",
        )
    full = [
        f"{one.title} ({one.waiting} wait)" for one in limit_states if one.is_full and one.waiting
    ]
    if full:
        yield ok(f"reached, so steps wait: {', '.join(full)}")
    elif not pauses:
        yield ok("nothing is paused, and no limit is reached")


@register("at providers", every_s=5, after="database")
def at_providers() -> Checks:
    """Look at the oldest of the steps that wait for their providers without a worker."""
    attempts = parked_attempts()
    oldest = attempts.select_related("step").first()
    if oldest is None or oldest.parked_at is None:
        yield ok("no job")
        return
    length = clock.now() - oldest.parked_at
    says = f"{attempts.count()} jobs, the oldest for {stuck.lasting(length)}"
    if length > stuck.PARKED_FOR:
        remedy = "See /admin/providers: look at it there, or stop its run if the job is lost."
        yield warning(f"{says}, at {oldest.step.assigned_provider}", remedy)
    else:
        yield ok(says)


def parked_attempts() -> QuerySet[Attempt]:
    """Return the attempts whose jobs are at their providers, the oldest first."""
    return Attempt.objects.filter(
        step__status=states.PARKED, number=F("step__attempt"), parked_at__isnull=False
    ).order_by("parked_at", "id")


@register("stuck runs", every_s=5, after="database")
def runs_that_are_stuck() -> Checks:
    """Count them."""
    if count := len(stuck_runs(queue_reasons.read_state())):
        remedy = "See /admin/runs/?show=stuck for the cause and the remedy."
        yield warning(str(count), remedy)
    else:
        yield ok("none")


@register("newer runs", every_s=60, after="database")
def newer_runs() -> Checks:
    """Count runs that a newer release began: their steps wait for it."""
    count = Run.objects.filter(finished_at=None, plan_format__gt=plan_json.FORMAT).count()
    if count:
        yield warning(
            f"{count} need a newer release, which planned them",
            "Start that release again, or ask their owners to stop them.",
        )
    else:
        yield ok("none")
