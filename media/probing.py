"""The parent's side of looking at outsiders' files. Nothing is decoded in this process."""

from __future__ import annotations

from pathlib import Path

from core.errors import ProviderError
from media.blobs import FileFacts
from media.sandbox import Context, run_in_sandbox

TIMEOUT_S = 60.0
# Images of more pixels than we take are made smaller instead of refused: what people bring, such as
# photos and panoramas, and what is paid for. Pillow takes 4 bytes for each.
MAX_OWN_PIXELS = 100_000_000
MAX_PAID_PIXELS = 200_000_000


def probe_file(path: Path, context: Context, most_pixels: int = 0) -> FileFacts:
    """Return what an unknown file is. most_pixels: that an image may have, by its refusal, where
    that is more than we take.

    Raises ProviderError PARAMETER_INVALID for what we do not take.
    """
    return facts_of(
        run_in_sandbox(
            "media.sandbox.probe.probe",
            {"path": str(path), "most": most_pixels},
            reads=[path],
            timeout_s=TIMEOUT_S,
            context=context,
        )
    )


def probe_reduced(path: Path, most_pixels: int, context: Context) -> tuple[FileFacts, str]:
    """Return what an unknown file is, and what was done to it in a sentence, "" for nothing.

    An image of more pixels than we take, up to most_pixels, is written in its place as large as we
    do. Raises ProviderError as `probe_file`.
    """
    try:
        return probe_file(path, context, most_pixels), ""
    except ProviderError as problem:
        if problem.retryable:
            raise
        small = path.with_name(f"{path.name}-reduced")
        try:
            facts = _reduce(path, small, most_pixels, context)
        except ProviderError:
            facts = None
        if facts is None:
            raise
        small.replace(path)
        return facts, f"The image was too large and was reduced to {facts.width}×{facts.height}."


def _reduce(source: Path, target: Path, most_pixels: int, context: Context) -> FileFacts | None:
    answer = run_in_sandbox(
        "media.sandbox.reframe.reduce",
        {"path": str(source), "target": str(target), "most": most_pixels},
        reads=[source],
        out=target.parent,
        timeout_s=TIMEOUT_S,
        context=context,
    )
    return facts_of({"kind": "image", **answer}) if answer else None


def facts_of(answer: dict[str, object]) -> FileFacts:
    """The facts that the sandbox answers with."""

    def number(name: str) -> int | None:
        value = answer.get(name)
        return value if isinstance(value, int) else None

    return FileFacts(
        kind=str(answer["kind"]),
        mime=str(answer["mime"]),
        width=number("width"),
        height=number("height"),
        duration_ms=number("duration_ms"),
    )
