"""Reading runs. Every read of someone's run takes the viewer, so privacy is part of the query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_
from statistics import median
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from accounts.models import User
from media.models import Blob
from media.origin import Provenance, provenance_of
from runs import access, states
from runs.models import Artifact, Attempt, Event, Run, Step, Wait
from templates_app.documents import selectors as documents
from templates_app.models import TemplateUse

# How many of the latest steps an estimate of times looks at.
HISTORY_STEPS = 500


def runs_of(
    viewer: User, *, statuses: Collection[str] = (), kinds: Collection[str] = ()
) -> QuerySet[Run]:
    """The viewer's runs, newest first, without their plans and requests."""
    runs = Run.objects.filter(owner=viewer, deleting_at=None).select_related(
        "template_version__template", "draft_of"
    )
    if statuses:
        runs = runs.filter(status__in=statuses)
    if kinds:
        runs = runs.filter(kind__in=kinds)
    return runs.defer("plan", "request", "template_version__spec").order_by("-id")


def last_run_ids(viewer: User, template_ids: Collection[int] | None = None) -> dict[int, int]:
    """Template → the id of the viewer's newest run of it, of its versions as of its document.

    template_ids: of these alone, else of every template.
    """
    run_of: dict[int, int] = {}
    for template in ("template_version__template", "draft_of"):
        rows = Run.objects.filter(owner=viewer, deleting_at=None)
        rows = rows.filter(**{f"{template}__isnull": False})
        if template_ids is not None:
            rows = rows.filter(**{f"{template}__in": template_ids})
        newest = rows.values(template).annotate(last=Max("id")).values_list(template, "last")
        for template_id, run_id in newest:
            run_of[template_id] = max(run_id, run_of.get(template_id, 0))
    return run_of


def last_runs(viewer: User, template_ids: Collection[int]) -> dict[int, Run]:
    """Template → the viewer's newest run of it; see `last_run_ids`."""
    run_of = last_run_ids(viewer, template_ids)
    rows = Run.objects.only("public_id", "status", "created_at", "finished_at", "owner")
    runs = rows.in_bulk(run_of.values())
    return {template_id: runs[run_id] for template_id, run_id in run_of.items()}


def earlier_runs(
    viewer: User, *, statuses: Collection[str] = (), before: str = "", limit: int
) -> list[Run]:
    """Up to limit of the viewer's runs, newest first, older than their run `before`."""
    runs = runs_of(viewer, statuses=statuses)
    if before:
        runs = runs.filter(id__lt=access.own_run(viewer, before).id)
    return list(runs[:limit])


def later_runs(viewer: User, *, after: str, limit: int) -> list[Run]:
    """Up to limit of the viewer's newest runs, newest first, newer than their run `after`."""
    return list(runs_of(viewer).filter(id__gt=access.own_run(viewer, after).id)[:limit])


def named_runs(viewer: User, public_ids: Collection[str]) -> list[Run]:
    """Those of the viewer's runs with these ids, newest first."""
    return list(runs_of(viewer).filter(public_id__in=public_ids))


def count_unfinished(viewer: User) -> Counter[str]:
    """Count the viewer's runs in each state that is not final."""
    rows = Run.objects.filter(owner=viewer, finished_at=None).values_list("status")
    return Counter(dict(rows.annotate(Count("id"))))


def runs_of_template(
    viewer: User, template_id: int, *, before: Run | None = None, limit: int
) -> list[Run]:
    """Up to limit of the runs of a template that the viewer may see, newest first, without plans
    and requests.

    Both those started in the editor and those of its versions. before: only those older than it.
    """
    runs: list[Run] = []
    mine = Q(owner=viewer)
    since = documents.members_of([template_id]).get(template_id, {})
    is_member = viewer.pk in since
    # As `access.followable`.
    of_members = [Q(owner=person, created_at__gte=at) for person, at in since.items() if is_member]
    conditions = {
        "draft_of": Q() if is_member else mine,
        "template_version__template": reduce(or_, of_members, mine),
    }
    # One query each, so that each is answered from an index that is in order.
    for kind, theirs in conditions.items():
        rows = Run.objects.filter(theirs, **{kind: template_id}).select_related("owner")
        if before is not None:
            rows = rows.filter(id__lt=before.id)
        runs += rows.defer("plan", "request").order_by("-id")[:limit]
    return sorted(runs, key=lambda run: -run.id)[:limit]


def is_named_by_draft(use: TemplateUse) -> bool:
    """Tell whether a run of a template's draft has what a use names as a stage."""
    drafts = Run.objects.filter(draft_of=use.holder_id).annotate(text=Cast("request", TextField()))
    return drafts.filter(text__contains=f'"{use.reference}"').exists()


def latest_run_ids(viewer: User, template_id: int, limit: int) -> list[int]:
    """The ids of the latest runs of a template that the viewer may see, newest first: their own,
    and those of its draft by others who work on it with them."""
    rows = Run.objects.order_by("-id").values_list("id", "owner_id")
    of_versions = rows.filter(owner=viewer, template_version__template=template_id)
    pairs = [*rows.filter(draft_of=template_id)[:limit], *of_versions[:limit]]
    others = {(viewer.pk, run) for run, owner in pairs if owner != viewer.pk}
    visible = access.followable(others) if others else set()
    ids = [run for run, owner in pairs if owner == viewer.pk or (viewer.pk, run) in visible]
    return sorted(ids, reverse=True)[:limit]


def reuse_keys(run_ids: Collection[int]) -> set[str]:
    """The keys under which what these runs made can be found again."""
    rows = Step.objects.filter(run_id__in=run_ids, status=states.COMPLETED).exclude(reuse_key="")
    return set(rows.values_list("reuse_key", flat=True))


def origins_of(steps: Collection[Step]) -> dict[int, str]:
    """Step id → public id of the run whose results it took over, for those that did."""
    ids = {step.reused_from_id for step in steps if step.reused_from_id is not None}
    if not ids:
        return {}
    runs = dict(Step.objects.filter(id__in=ids).values_list("id", "run__public_id"))
    return {
        step.id: runs[step.reused_from_id]
        for step in steps
        if step.reused_from_id is not None and step.reused_from_id in runs
    }


def step_counts(runs: Collection[Run]) -> dict[int, tuple[int, int]]:
    """Run id → (how many steps, how many of them took over earlier results)."""
    rows = (
        Step.objects.filter(run__in=runs)
        .values_list("run_id")
        .annotate(Count("id"), Count("reused_from_id"))
        .order_by()
    )
    return {run: (count, reused_count) for run, count, reused_count in rows}


def step_states(runs: Collection[Run]) -> dict[int, list[Step]]:
    """The steps of these runs by run, in plan order, with no more than a list needs.

    Items of a batch are not among them: their batch stands for them.
    """
    by_run: dict[int, list[Step]] = {run.id: [] for run in runs}
    rows = Step.objects.filter(run__in=runs, parent=None).order_by("sequence")
    for step in rows.only("run_id", "key", "title", "tool", "status", "progress", "started_at"):
        by_run[step.run_id].append(step)
    return by_run


# What a run is shown by, the first that it made: without a film, and with one.
_LOOKS = (("model", "image"), ("image", "video"))


def newest_looks(runs: Collection[Run], *, films_first: bool = False) -> dict[int, Artifact]:
    """By run, what it looks like so far: its newest picture, else its newest film.

    A run that made a 3D model and no film looks like the model, which came from a picture.
    films_first: one that made a film looks like that, which is what came of its pictures.
    """
    rows = (
        Artifact.objects.filter(
            run__in=runs,
            kind__in=("image", "video", "model"),
            hidden_at=None,
            blob__blocked_at=None,
            step__status=states.COMPLETED,
        )
        .values("run_id", "kind")
        .annotate(newest=Max("id"))
    )
    by_run: dict[int, dict[str, int]] = {}
    for row in rows:
        by_run.setdefault(row["run_id"], {})[row["kind"]] = row["newest"]
    with_film = _LOOKS[True][:: -1 if films_first else 1]
    chosen = {
        run_id: next(
            newest[kind]
            for kind in (with_film if "video" in newest else _LOOKS[False])
            if kind in newest
        )
        for run_id, newest in by_run.items()
    }
    looks = Artifact.objects.select_related("blob").in_bulk(chosen.values())
    return {run_id: looks[artifact] for run_id, artifact in chosen.items() if artifact in looks}


def usual_times(tools: Collection[str], *, provider: str = "") -> dict[str, float]:
    """Seconds that a step of each tool took lately on this server: the median of its last runs.

    Tools without a history are left out. Durations tell nothing about whose steps they were.
    provider: only what this one made.
    """
    rows = (
        # What was taken over from an earlier run took no time; a batch took that of its items.
        Step.objects.filter(
            status=states.COMPLETED, kind="tool", started_at__isnull=False, reused_from__isnull=True
        )
        .exclude(finished_at=None)
        .order_by("-id")
        .values_list("tool", "provider", "started_at", "finished_at")[:HISTORY_STEPS]
    )
    durations: dict[str, list[float]] = {}
    for tool, maker, started_at, finished_at in rows:
        if tool in tools and provider in ("", maker) and started_at and finished_at:
            durations.setdefault(tool, []).append((finished_at - started_at).total_seconds())
    return {tool: median(times) for tool, times in durations.items()}


def summaries_of(viewer: User) -> QuerySet[Run, Any]:
    """The viewer's runs in a few fields each: there may be many thousands."""
    rows = Run.objects.filter(owner=viewer, deleting_at=None)
    return rows.values(
        "id", "public_id", "title", "status", "actual_milli", "created_at", "finished_at"
    )


def steps_of(run: Run) -> list[Step]:
    """Its steps in plan order, items of a batch after their parent's place."""
    return list(Step.objects.filter(run=run).order_by("sequence", "item_index"))


def open_waits(run: Run) -> list[Wait]:
    """List the open questions of a run, oldest first."""
    rows = Wait.objects.filter(run=run, answered_at=None).select_related("step")
    return list(rows.order_by("id"))


def artifacts_of(runs: Collection[Run]) -> list[Artifact]:
    """Return the artifacts of completed steps, of their current generation, in media order."""
    rows = (
        Artifact.objects.filter(run__in=runs, step__status=states.COMPLETED, hidden_at=None)
        .select_related("blob", "step")
        .order_by("run_id", "step__sequence", "step__item_index", "position")
    )
    return [row for row in rows if row.generation == row.step.generation]


def attempts_of(run: Run) -> list[Attempt]:
    """Every try at its steps, in the order they were made."""
    return list(Attempt.objects.filter(step__run=run).order_by("step_id", "number"))


def actuals_of(runs: Collection[Run]) -> dict[int, int]:
    """Step id → thousandths of a unit that its latest try really cost."""
    latest = Attempt.objects.filter(step__run__in=runs, number=F("step__attempt"))
    return dict(latest.values_list("step_id", "actual_milli"))


def actual_of(step: Step, tries: Iterable[Attempt]) -> int | None:
    """Return what a finished step really cost, in thousandths: None where it reused a result."""
    if step.status != states.COMPLETED or step.reused_from_id is not None:
        return None
    return next((one.actual_milli for one in tries if one.number == step.attempt), None)


def last_words(run: Run, steps: Collection[Step]) -> dict[int, str]:
    """Map step ids to their last message: how far it is, why it starts over or is not done.

    Messages of earlier attempts are ignored.
    """
    at_work = (states.RUNNING, states.PARKED, states.READY)
    active_ids = [step.id for step in steps if step.status in at_work]
    skipped_ids = [step.id for step in steps if step.status == states.SKIPPED]
    if not active_ids and not skipped_ids:
        return {}
    rows = (
        Event.objects.filter(run=run)
        .filter(
            Q(name__in=("step_started", "step_progress"), step_id__in=active_ids)
            | Q(name="step_skipped", step_id__in=skipped_ids)
        )
        .order_by("seq")
        .values_list("step_id", "payload")
    )
    return {
        step: words.get("retrying") or words.get("note") or words.get("reason") or ""
        for step, words in rows
        if step is not None
    }


def owned_artifact(public_id: str, owner: User) -> Artifact | None:
    """Return a result of this person's runs, while it may be seen."""
    return (
        Artifact.objects.select_related("blob", "step", "run")
        .filter(
            public_id=public_id,
            run__owner=owner,
            step__status=states.COMPLETED,
            hidden_at=None,
            blob__blocked_at=None,
        )
        .first()
    )


def events_after(run_id: int, after: int, limit: int) -> list[Event]:
    """Up to limit events with a sequence greater than `after`, oldest first."""
    return list(Event.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")[:limit])


def last_events(run: Run, count: int) -> Sequence[Event]:
    return list(Event.objects.filter(run=run).order_by("-seq")[:count])[::-1]


def artifact_blob(public_id: str) -> Blob | None:
    """The blob of an artifact that may be seen by the one who holds its signed address."""
    rows = Artifact.objects.select_related("blob")
    artifact = rows.filter(public_id=public_id, hidden_at=None).first()
    return artifact.blob if artifact else None


def artifact_provenance(public_id: str) -> Provenance | None:
    """Return how an artifact was made, for `media.resolvers.register_provenance`."""
    artifact = Artifact.objects.select_related("blob").filter(public_id=public_id).first()
    return provenance_of(artifact) if artifact else None


def blobs_of_artifacts(hashes: Collection[str]) -> set[str]:
    """Return the blobs that are results of runs, for `media.resolvers.register_references`."""
    return set(Artifact.objects.filter(blob_id__in=hashes).values_list("blob_id", flat=True))


def blobs_given_to_runs(hashes: Collection[str]) -> set[str]:
    """As `blobs_of_artifacts`, for media that runs were given. Reads every run with media."""
    hash_set, matches = set(hashes), set()
    runs = Run.objects.annotate(text=Cast("media", TextField())).filter(text__contains="blob:")
    for media in runs.values_list("media", flat=True).iterator(chunk_size=500):
        for one in media:
            asset = str(one.get("asset") or "")
            if asset.startswith("blob:") and (sha256 := asset.removeprefix("blob:")) in hash_set:
                matches.add(sha256)
    return matches


def owned_artifact_blob(public_id: str, owner: User) -> Blob | None:
    """The blob of an artifact of one of this person's own runs."""
    rows = Artifact.objects.select_related("blob")
    artifact = rows.filter(public_id=public_id, run__owner=owner, hidden_at=None).first()
    return artifact.blob if artifact else None


def artifact_bytes(runs: QuerySet[Run]) -> int:
    """Return the bytes of these runs' results, without copies that share the bytes of other rows of
    the same person: of earlier results, and of what they chose or uploaded."""
    is_new = Q(step__reused_from=None) | ~Q(step__reused_from__run__owner=F("run__owner"))
    rows = Artifact.objects.filter(is_new, run__in=runs, step__kind="tool")
    return rows.aggregate(total=Sum("blob__size"))["total"] or 0


def stored_bytes(owner_id: int) -> int:
    """Return the bytes of a person's results; see `accounts.storage`."""
    return artifact_bytes(Run.objects.filter(owner=owner_id))
