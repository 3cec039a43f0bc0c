"""A provider's work with what it is told checked before it, and what it made after it.

Only where the run asks for the content filter and someone can check; see tools.content_filter.
What can't be checked doesn't pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from media.sandbox import run_in_sandbox
from runs.engine.attempt_context import AttemptContext
from runs.engine.claimed_step import Prepared
from tools import content_filter
from tools.providers.base import Outcome, OutputFile, Provider

SANDBOX_S = 60.0
# As wide as a picture is shown to the check, in pixels.
LOOK_WIDTH = 1024
# A result is there already: its check is repeated before anything is made again.
TRIES = 3
LONGEST_PAUSE_S = 30.0


def perform(context: AttemptContext, work: Prepared) -> Outcome:
    """Have the provider make the job, with checks before and after. Raises as it does;
    ProviderRefused for what is flagged; the check's own failure."""
    provider, job = work.provider, work.job
    checker = content_filter.checker_for(provider, work.tool, job.params) if job.filtered else None
    if checker is None:
        return provider.run(job, context)
    if job.job_ref is None:
        texts = content_filter.texts_of(work.tool, job.params)
        with _blamed_on(checker):
            _refuse("prompt", checker.flagged(texts, (), context) if texts else ())
    outcome = provider.run(job, context)
    with _blamed_on(checker):
        _refuse("result", _checked_results(context, checker, outcome.files, job.out))
    return outcome


@contextmanager
def _blamed_on(checker: Provider) -> Iterator[None]:
    try:
        yield
    except ProviderError as error:
        error.provider = checker.name
        raise


def _refuse(what: str, reasons: Sequence[str]) -> None:
    if reasons:
        raise ProviderRefused(f"The content filter rejected the {what}: {', '.join(reasons)}.")


def _checked_results(
    context: AttemptContext, checker: Provider, files: Sequence[OutputFile], out: Path
) -> tuple[str, ...]:
    """The categories that any of the files shows. Raises what has no result paid for twice."""
    try:
        return _flagged_results(context, checker, files, out)
    except ProviderError as error:
        words = f"The result couldn't be checked: {error.message}"
        # A job at the service is asked for its result again; else it may be charged once more.
        kind = ProviderUnsure if context.job_ref is None else ProviderError
        raise kind(words, error_type=error.error_type, retry_after_s=error.retry_after_s) from error


def _flagged_results(
    context: AttemptContext, checker: Provider, files: Sequence[OutputFile], out: Path
) -> tuple[str, ...]:
    """The categories that any of the files shows."""
    images = [
        image
        for place, file in enumerate(files)
        if file.kind != "audio"
        for image in _looks(context, file, out / f"look-{place}")
    ]
    for attempt in range(TRIES):
        try:
            return checker.flagged((), images, context)
        except ProviderError as error:
            if not error.retryable or attempt + 1 == TRIES:
                raise
            pause = error.retry_after_s or settings.RETRY_BASE_S * 2**attempt
            context.wait(min(pause, LONGEST_PAUSE_S))
    raise AssertionError("unreachable")


def _looks(context: AttemptContext, file: OutputFile, target: Path) -> list[Path]:
    """Make pictures of what a file shows: of a video, a few moments."""
    reply = run_in_sandbox(
        "media.sandbox.poster.looks",
        {"path": str(file.path), "target": str(target), "width": LOOK_WIDTH},
        reads=[file.path],
        out=target.parent,
        timeout_s=SANDBOX_S,
        context=context,
    )
    return [target.with_name(f"{target.name}-{place}.webp") for place in range(int(reply["count"]))]
