"""The parent's side of looking at outsiders' files. Nothing is decoded in this process."""

from __future__ import annotations

from pathlib import Path

from media.blobs import FileFacts
from media.sandbox import Context, run_in_sandbox

TIMEOUT_S = 60.0


def probe_file(path: Path, context: Context) -> FileFacts:
    """Return what an unknown file is. Raises ProviderError PARAMETER_INVALID for what we do not
    take."""
    return facts_of(
        run_in_sandbox(
            "media.sandbox.probe.probe",
            {"path": str(path)},
            reads=[path],
            timeout_s=TIMEOUT_S,
            context=context,
        )
    )


def reduce_image(source: Path, target: Path, context: Context) -> FileFacts | None:
    """Write an image of more pixels than we take as large as we do; None when it isn't one.

    target: in an attempt's folder. Raises ProviderError as `probe_file`.
    """
    answer = run_in_sandbox(
        "media.sandbox.reframe.reduce",
        {"path": str(source), "target": str(target)},
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
