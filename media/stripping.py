"""Copies of files without what rides along in them, for others to see."""

from __future__ import annotations

import logging
from pathlib import Path

from media import blobs, credentials
from media.blobs import FileFacts
from media.models import Blob
from media.probing import TIMEOUT_S, facts_of
from media.sandbox import Context, run_in_sandbox

logger = logging.getLogger(__name__)


def strip_copy(blob: Blob, target: Path, context: Context, *, source_type: str = "") -> FileFacts:
    """Write a copy without EXIF, GPS tags, comments, titles and data tracks; what it is then.

    Pictures are encoded again; films and sounds keep their streams in a new file, 3D models their
    shapes and textures. target: in an attempt's folder. source_type: the URI of the IPTC's
    DigitalSourceType, which the copy says; "" for none. Raises ProviderError, not retryable, for a
    file that is damaged or of a kind that has no such copy.
    """
    facts = FileFacts(blob.kind, blob.mime, blob.width, blob.height, blob.duration_ms)
    source = blobs.path_of(blob.sha256)
    return strip_file(source, facts, target, context, source_type=source_type)


def strip_file(
    source: Path, facts: FileFacts, target: Path, context: Context, *, source_type: str = ""
) -> FileFacts:
    """Write a copy as `strip_copy` does, of a file with these facts."""
    signer = credentials.signer()
    answer = run_in_sandbox(
        "media.sandbox.copies.copy",
        {
            "path": str(source),
            "kind": facts.kind,
            "mime": facts.mime,
            "target": str(target),
            "source_type": source_type,
            **(signer.arguments if signer else {}),
        },
        reads=[source],
        out=target.parent,
        timeout_s=TIMEOUT_S,
        context=context,
        sign=signer.sign if signer else None,
    )
    if "unsigned" in answer:
        logger.warning("a copy of a %s file is not signed: %s", facts.mime, answer["unsigned"])
    # A picture may be of another type than it was.
    return facts_of(answer) if "mime" in answer else facts
