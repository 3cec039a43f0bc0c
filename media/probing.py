"""The parent's side of looking at outsiders' files. Nothing is decoded in this process."""

from __future__ import annotations

from pathlib import Path

from media import blobs
from media.blobs import FileFacts
from media.models import Blob
from media.sandbox import Context, run_in_sandbox

TIMEOUT_S = 60.0


def probe_file(path: Path, context: Context) -> FileFacts:
    """Return what an unknown file is. Raises ProviderError PARAMETER_INVALID for what we do not
    take."""
    return _facts(
        run_in_sandbox(
            "media.sandbox.probe.probe",
            {"path": str(path)},
            reads=[path],
            timeout_s=TIMEOUT_S,
            context=context,
        )
    )


def strip_file(source: Path, target: Path, context: Context) -> FileFacts:
    """Write a picture to `target` without its metadata (EXIF, GPS), and say what it is then.

    target: in an attempt's folder. Raises ProviderError as `probe_file`.
    """
    return _facts(
        run_in_sandbox(
            "media.sandbox.probe.strip",
            {"path": str(source), "target": str(target)},
            reads=[source],
            out=target.parent,
            timeout_s=TIMEOUT_S,
            context=context,
        )
    )


def strip_copy(blob: Blob, target: Path, context: Context) -> FileFacts:
    """Write a copy without EXIF, GPS tags, comments, titles and data tracks; what it is then.

    Pictures are encoded again; films and sounds keep their streams in a new file, 3D models their
    shapes and textures. target: in an attempt's folder. Raises ProviderError, not retryable, for a
    file that is damaged or of a kind that has no such copy.
    """
    source = blobs.path_of(blob.sha256)
    if blob.kind == "image":
        return strip_file(source, target, context)
    is_model = blob.kind == "model"
    run_in_sandbox(
        "media.sandbox.bare_model.bare" if is_model else "media.sandbox.remux.remux",
        {"path": str(source), "mime": blob.mime, "target": str(target)},
        reads=[source],
        out=target.parent,
        timeout_s=TIMEOUT_S,
        context=context,
    )
    return FileFacts(blob.kind, blob.mime, blob.width, blob.height, blob.duration_ms)


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
    return _facts({"kind": "image", **answer}) if answer else None


def _facts(answer: dict[str, object]) -> FileFacts:
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
