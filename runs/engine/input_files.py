"""Files of a step: the references its bindings resolved to, as local files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.db.models import Q

from core.errors import ProviderError, asset_not_found
from core.phrases import with_article
from media import blobs, fetch, probing
from media.models import Blob
from media.origin import origin_of_file
from runs.engine.attempt_context import AttemptContext
from runs.engine.result_makers import batches_of, others_of
from runs.log.changes import changing
from runs.models import Artifact, Run
from runs.planning.resolved_plan import Output
from templates_app.graph.types import Binding, PlanScope
from tools.declaration.ports import MediaKind, Tool
from tools.providers.base import MediaFile

FETCH_LIMIT_BYTES = 500 * 1024 * 1024
FETCH_TIMEOUT_S = 180.0


def outputs_of(
    run_id: int, scopes: Sequence[PlanScope] = (), needs: Iterable[Binding] = ()
) -> list[Output]:
    """Every file the run has made so far, by completed steps, in the run's media order.

    scopes: of its plan. needs: bindings, whose outputs of batches are found as well.
    """
    # What a batch that failed has made is as little there as what any other failed step made.
    whole = Q(step__parent=None) | Q(step__parent__status="completed")
    member = Q(step__parent__kind="group")
    rows = (
        Artifact.objects.filter(
            whole | member, run_id=run_id, step__status="completed", hidden_at=None
        )
        .order_by("step__sequence", "step__item_index", "position")
        .values_list(
            "public_id",
            "step__key",
            "step__sequence",
            "step__item_index",
            "position",
            "kind",
            "generation",
            "step__generation",
            "step__parent__key",
        )
    )
    batches = batches_of(run_id) if any(scope.repeats for scope in scopes) else {}
    pairs = {(one.source, one.output) for one in needs if one.output}
    others = others_of(run_id, pairs) if pairs else {}
    counts: Counter[tuple[str, str]] = Counter()

    def others_at(step: str, kind: str) -> tuple[tuple[str, str], ...]:
        place = counts[step, kind]
        counts[step, kind] += 1
        return tuple(pair for pair, index in others.get(step, ()) if index in (None, place))

    return [
        Output(
            key,
            step,
            sequence,
            item,
            position,
            cast(MediaKind, kind),
            (*((holder,) if holder else ()), *batches.get(step, ()), *batches.get(holder, ())),
            others_at(step, kind),
        )
        for key, step, sequence, item, position, kind, generation, current, holder in rows
        if generation == current
    ]


class LazyMedia(Mapping[str, tuple[MediaFile, ...]]):
    """Files of `gather`, gathered when they are first read. A provider that only asks about a job's
    state reads none of them."""

    def __init__(self, gather: Callable[[], Mapping[str, tuple[MediaFile, ...]]]) -> None:
        self._gather = gather

    @cached_property
    def _files(self) -> Mapping[str, tuple[MediaFile, ...]]:
        return self._gather()

    def __getitem__(self, port: str) -> tuple[MediaFile, ...]:
        return self._files[port]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def gather(
    context: AttemptContext, tool: type[Tool], media: Mapping[str, Sequence[str]], folder: Path
) -> dict[str, tuple[MediaFile, ...]]:
    """Files by port name for references by argument. Fetches what is foreign.

    Raises ProviderError ASSET_NOT_FOUND when bytes are gone, and what `media.fetch` raises.
    """
    files: dict[str, list[MediaFile]] = {}
    for argument, references in media.items():
        port = tool.port_of(argument)
        if port is None:
            continue
        media_files = [_file(context, reference, port.kind, folder) for reference in references]
        files.setdefault(port.name, []).extend(media_files)
    return {name: tuple(media_files) for name, media_files in files.items()}


def _file(context: AttemptContext, reference: str, kind: str, folder: Path) -> MediaFile:
    context.check()
    source, _, name = reference.partition(":")
    if source == "artifact":
        artifact = (
            Artifact.objects.select_related("blob")
            .filter(public_id=name, run_id=context.claim.step.run_id)
            .first()
        )
        if artifact is None:
            raise _gone_error(f"Result {name}")
        return _of_blob(artifact.blob, artifact.meta)
    return _input_file(context, int(name), kind, folder)


def _input_file(context: AttemptContext, place: int, kind: str, folder: Path) -> MediaFile:
    """A file the caller brought; foreign ones are fetched once a run and kept as blobs."""
    run_id = context.claim.step.run_id
    reference = Run.objects.values_list("media", flat=True).get(id=run_id)[place]
    if reference.get("asset"):
        sha256 = reference["asset"].removeprefix("blob:")
        blob = Blob.objects.filter(sha256=sha256).first()
        if blob is None:
            raise _gone_error(f"File {place + 1}")
        return _of_blob(blob, {})
    host = urlsplit(reference["url"]).hostname
    context.progress(0.0, f"Fetching from {host}")
    download = fetch.fetch(
        reference["url"],
        folder,
        kinds={kind},
        max_bytes=FETCH_LIMIT_BYTES,
        timeout_s=FETCH_TIMEOUT_S,
        check=context.check,
    )
    facts, _ = probing.probe_reduced(download.path, probing.MAX_OWN_PIXELS, context)
    if facts.kind != kind:
        raise ProviderError(
            f"{host} sent {with_article(facts.kind)}; this stage needs {with_article(kind)}.",
            error_type="PARAMETER_INVALID",
            retryable=False,
        )
    stored_file = blobs.store(download.path, facts)
    with changing(run_id) as change:
        blob = blobs.record(stored_file)
        run_media = Run.objects.values_list("media", flat=True).get(id=run_id)
        run_media[place]["asset"] = f"blob:{stored_file.sha256}"
        change.set(media=run_media)
    return _of_blob(blob, {})


def _of_blob(blob: Blob, meta: Mapping[str, Any]) -> MediaFile:
    path = blobs.path_of(blob.sha256)
    if blob.blocked_at is not None or not path.exists():
        raise _gone_error("A file this stage needs")
    return MediaFile(
        path=path,
        kind=cast(MediaKind, blob.kind),
        mime=blob.mime,
        sha256=blob.sha256,
        width=blob.width,
        height=blob.height,
        duration_s=blob.duration_s,
        meta=meta,
        origin=origin_of_file(meta, blob),
    )


def _gone_error(what: str) -> ProviderError:
    return asset_not_found(f"{what} is no longer available.")
