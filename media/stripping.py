"""Copies of media without what rides along in the file: prompts, seeds, places, titles."""

from __future__ import annotations

from pathlib import Path

from media import blobs, probing
from media.blobs import FileFacts
from media.models import Blob
from media.sandbox import Context, run_in_sandbox


def strip_copy(blob: Blob, target: Path, context: Context) -> FileFacts:
    """Write a copy without EXIF, GPS tags, comments, titles and data tracks; what it is then.

    Pictures are encoded again; films and sounds keep their streams in a new file, 3D models their
    shapes and textures. target: in an attempt's folder. Raises ProviderError, not retryable, for a
    file that is damaged or of a kind that has no such copy.
    """
    source = blobs.path_of(blob.sha256)
    if blob.kind == "image":
        return probing.strip_file(source, target, context)
    is_model = blob.kind == "model"
    run_in_sandbox(
        "media.sandbox.bare_model.bare" if is_model else "media.sandbox.remux.remux",
        {"path": str(source), "mime": blob.mime, "target": str(target)},
        reads=[source],
        out=target.parent,
        timeout_s=probing.TIMEOUT_S,
        context=context,
    )
    return FileFacts(blob.kind, blob.mime, blob.width, blob.height, blob.duration_ms)
