"""A service's files as results, after a look at what they really are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from core.errors import ProviderError
from media.blobs import FileFacts
from media.probing import MAX_PAID_PIXELS, probe_reduced
from mediakit.file_type import EXTENSIONS
from tools.declaration.ports import MediaKind
from tools.providers.base import JobContext, OutputFile
from tools.providers.http_failures import final


def result(
    path: Path,
    context: JobContext,
    *,
    who: str,
    kind: MediaKind | None = None,
    meta: Mapping[str, Any] | None = None,
    warn: Callable[[str], None],
) -> OutputFile:
    """A file that a service sent, as a result, renamed after its type.

    path: in the job's folder. who: the service's name in messages. kind: what it must be; None: any
    kind of media. warn: told when an image is over the limit and is made smaller. Raises
    ProviderError GPU_WORKER_FAILED when it isn't; a paid one isn't asked for again. Raises a
    ProviderError that may be retried when it could not be looked at.
    """
    try:
        facts = _looked_at(path, context, warn)
    except ProviderError as problem:
        if problem.retryable:
            raise
        raise _unusable(who, problem.message) from problem
    if kind is not None and facts.kind != kind:
        raise _unusable(who, f"it's {facts.kind or 'unknown'}, not {kind}.")
    target = path.with_suffix(f".{EXTENSIONS.get(facts.mime, 'bin')}")
    path.rename(target)
    return OutputFile(
        path=target,
        kind=cast(MediaKind, facts.kind),
        mime=facts.mime,
        width=facts.width,
        height=facts.height,
        duration_s=None if facts.duration_ms is None else facts.duration_ms / 1000,
        meta=dict(meta or {}),
    )


def _looked_at(path: Path, context: JobContext, warn: Callable[[str], None]) -> FileFacts:
    # What is paid for is kept where it can be.
    facts, change = probe_reduced(path, MAX_PAID_PIXELS, context)
    if change:
        warn(change)
    return facts


def _unusable(who: str, why: str) -> ProviderError:
    return final(f"{who} returned a file that can't be used: {why}", "GPU_WORKER_FAILED")
