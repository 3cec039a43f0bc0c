"""Results that need not be made again: steps that were given the same have made the same.

A key is a hash of all that a tool is given, with media by their bytes; no titles, ids, addresses
or tokens. Results are found among the owner's own steps, and among those of drafts that they work
on: a hit anywhere else would tell someone what was made here in private.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet

from core import canonical
from media import blobs
from runs import access, states
from runs.models import Artifact, Step
from runs.planning.resolved_plan import Resolved
from templates_app.graph.port_arguments import find_port
from tools import content_filter, registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.providers.base import Job, Provider

# So many older results are looked at when the newest one is not there any more.
CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class MediaFingerprint:
    """A file as part of the reuse key: content hash and metadata."""

    sha256: str
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CachedArtifact:
    """An artifact of an earlier step."""

    public_id: str
    kind: str
    position: int
    medium: MediaFingerprint


@dataclass(frozen=True, slots=True)
class CacheHit:
    """A completed step whose results may stand for those of a step that is given the same.

    origin_id, run: the step of the same person that has made or brought them, and the public id of
    its run. owner_id: that person.
    """

    step_id: int
    owner_id: int
    origin_id: int
    run: str
    run_id: int
    made: tuple[CachedArtifact, ...]


def key_of_job(job: Job, tool: type[Tool], provider: Provider, resolved_call: Resolved) -> str:
    """The key of a step that is about to be worked on; "" when it must be made again every time."""
    if resolved_call.names_assets:
        return ""
    media = {
        port: [MediaFingerprint(file.sha256, file.meta) for file in files]
        for port, files in job.media.items()
    }
    return key_of(
        tool,
        provider,
        params=job.params,
        media=media,
        seed=job.seed,
        safe=job.filtered,
        draft=job.draft,
        drafts=job.drafts,
    )


def key_of(
    tool: type[Tool],
    provider: Provider,
    *,
    params: Mapping[str, Any],
    media: Mapping[str, Sequence[MediaFingerprint]],
    seed: int | None,
    safe: bool,
    draft: bool = False,
    drafts: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The key of a call; "" for a tool whose results may differ with equal inputs.

    params: with defaults filled in, the model among them. media: by the name of the port. safe:
    whether the run asks for a content filter. draft, drafts: as of `Job`.
    """
    if not tool.pure:
        return ""
    # A seed counts once, wherever it was written.
    arguments = {
        name: value for name, value in params.items() if not (tool.seeded and name == "seed")
    }
    return canonical.sha256_hex(
        {
            "tool": tool.name,
            "tool_version": tool.version,
            "provider": provider.name,
            "provider_version": provider.version_of(tool.name, params),
            "arguments": arguments,
            "media": {
                port: [[medium.sha256, dict(medium.meta)] for medium in fingerprints]
                for port, fingerprints in media.items()
                if fingerprints
            },
            "seed": seed,
            "safe_content_filter": safe,
            **({"draft": draft} if draft else {}),
            **({"drafts": [one["id"] for one in drafts]} if drafts else {}),
            # What no one checked doesn't pass once someone does.
            **content_filter.check_for_key(tool, provider, params, is_filtered=safe),
        }
    )


def key_of_resolved(
    tool: type[Tool],
    provider: Provider,
    resolved_call: Resolved,
    media_of: Mapping[str, MediaFingerprint],
    seed: int | None,
    safe: bool,
    draft: bool = False,
) -> str:
    """As `key_of_job`, for a step no one claimed yet. media_of: by reference, see `resolve`."""
    if resolved_call.names_assets:
        return ""
    return key_of(
        tool,
        provider,
        params=fill_defaults(tool, resolved_call.arguments),
        media=media_by_port(tool, resolved_call.media, media_of),
        seed=seed,
        safe=safe,
        draft=draft,
    )


def media_by_port(
    tool: type[Tool], media: Mapping[str, Sequence[str]], media_of: Mapping[str, MediaFingerprint]
) -> dict[str, list[MediaFingerprint]]:
    """Resolved references as a tool is handed them."""
    by_port: dict[str, list[MediaFingerprint]] = {}
    for argument, references in media.items():
        port, _ = find_port(tool, argument)
        if port is not None:
            fingerprints = [media_of[reference] for reference in references]
            by_port.setdefault(port.name, []).extend(fingerprints)
    return by_port


def lookup(
    owner_id: int, keys: Iterable[str], *, apart_from: int | None = None
) -> dict[str, CacheHit]:
    """By key, the newest completed step of this person whose results are all still there.

    apart_from: a run whose own steps do not count, so that what is reused does not depend on which
    of its steps is quicker. A few queries, however many keys.
    """
    lookup_keys = {key for key in keys if key}
    if not lookup_keys:
        return {}
    completed_steps = _completed_steps(lookup_keys).filter(run__owner_id=owner_id)
    if apart_from is not None:
        completed_steps = completed_steps.exclude(run_id=apart_from)
    return _newest(completed_steps)


def lookup_shared(
    person_id: int, templates: Collection[int] | QuerySet[Any], keys: Iterable[str]
) -> dict[str, CacheHit]:
    """As `lookup`, for what others have made in drafts of these templates, of which the person may
    see the runs. templates: primary keys, or a query for them.
    """
    lookup_keys = {key for key in keys if key}
    if not lookup_keys:
        return {}
    completed_steps = _completed_steps(lookup_keys).filter(run__draft_of__in=templates)
    hits = _newest(completed_steps.exclude(run__owner_id=person_id))
    visible = access.followable([(person_id, hit.run_id) for hit in hits.values()]) if hits else ()
    return {key: hit for key, hit in hits.items() if (person_id, hit.run_id) in visible}


def _completed_steps(keys: Collection[str]) -> QuerySet[Step]:
    steps = Step.objects.filter(reuse_key__in=keys, status=states.COMPLETED)
    return steps.exclude(reuse_key="")


def _newest(steps: QuerySet[Step]) -> dict[str, CacheHit]:
    """By key, the newest of these steps whose results are all still there."""
    newest = steps.values_list("reuse_key").annotate(newest=Max("id")).order_by()
    newest_id = dict(newest)
    usable = _usable(newest_id.values())
    hits = {key: usable[step_id] for key, step_id in newest_id.items() if step_id in usable}
    for key in newest_id.keys() - hits.keys():
        older = _newest_usable(steps.filter(reuse_key=key))
        if older is not None:
            hits[key] = older
    return hits


def of_steps(steps: Iterable[Step]) -> dict[int, CacheHit]:
    """Return the results of completed steps by their id, of those whose results are all there."""
    return _usable([step.id for step in steps])


def artifacts_to_copy(earlier: CacheHit, person_id: int) -> list[Artifact] | None:
    """The artifacts as they are now, for the transaction that copies them; None: not all may be,
    or the person may not see them any more."""
    pair = (person_id, earlier.run_id)
    if earlier.owner_id != person_id and pair not in access.followable([pair]):
        return None
    rows = {
        row.public_id: row
        for row in Artifact.objects.select_related("blob").filter(
            public_id__in=[artifact.public_id for artifact in earlier.made],
            hidden_at=None,
            blob__blocked_at=None,
        )
    }
    if len(rows) != len(earlier.made) or not Step.objects.filter(id=earlier.step_id).exists():
        return None
    return [rows[artifact.public_id] for artifact in earlier.made]


def _newest_usable(steps: QuerySet[Step]) -> CacheHit | None:
    ids = list(steps.order_by("-id").values_list("id", flat=True)[:CANDIDATES])
    usable = _usable(ids)
    return next((usable[step_id] for step_id in ids if step_id in usable), None)


def _usable(step_ids: Collection[int]) -> dict[int, CacheHit]:
    """Those of these completed steps whose results are all there, visible, and on disk."""
    if not step_ids:
        return {}
    artifacts: dict[int, list[CachedArtifact]] = defaultdict(list)
    spoilt: set[int] = set()
    rows = (
        Artifact.objects.filter(step_id__in=step_ids)
        .order_by("step_id", "generation", "position")
        .values_list(
            "step_id",
            "generation",
            "step__generation",
            "public_id",
            "kind",
            "position",
            "blob_id",
            "meta",
            "hidden_at",
            "blob__blocked_at",
        )
    )
    on_disk: dict[str, bool] = {}
    for (
        step,
        generation,
        current,
        public_id,
        kind,
        position,
        sha256,
        meta,
        hidden_at,
        blocked_at,
    ) in rows:
        if generation != current:
            continue
        if sha256 not in on_disk:
            on_disk[sha256] = blobs.path_of(sha256).exists()
        if hidden_at is not None or blocked_at is not None or not on_disk[sha256]:
            spoilt.add(step)
        if position != len(artifacts[step]):
            spoilt.add(step)
        artifacts[step].append(
            CachedArtifact(public_id, kind, position, MediaFingerprint(sha256, meta))
        )
    steps = Step.objects.filter(id__in=step_ids).select_related("run", "reused_from__run")
    hits: dict[int, CacheHit] = {}
    table = registry.table()
    owners = ("run__owner_id", "reused_from__run__owner_id")
    for row in steps.only("tool", "run__public_id", "reused_from__run__public_id", *owners):
        tool = table.get(row.tool)
        # A file that should be there and is not: it was taken away, so make it again.
        if row.id in spoilt or (
            tool is not None and tool.output is not None and not artifacts[row.id]
        ):
            continue
        # What came from another person counts as this one's own: see `selectors.artifact_bytes`.
        origin = row.reused_from
        if origin is None or origin.run.owner_id != row.run.owner_id:
            origin = row
        hits[row.id] = CacheHit(
            row.id,
            row.run.owner_id,
            origin.id,
            origin.run.public_id,
            row.run_id,
            tuple(artifacts[row.id]),
        )
    return hits
