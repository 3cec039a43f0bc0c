"""Copies of files that tell how these were made: without what rides along in them, for others to
see, or with all of it. `media.marking` makes each once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ProviderError
from media.blobs import FileFacts
from media.origin import Provenance
from media.probing import TIMEOUT_S, facts_of
from media.sandbox import Context, run_in_sandbox

if TYPE_CHECKING:
    from media.credential_keys import Signer

logger = logging.getLogger(__name__)


def strip_file(
    source: Path, facts: FileFacts, target: Path, context: Context, provenance: Provenance
) -> FileFacts:
    """Write a copy without EXIF, GPS tags, comments, titles and data tracks; what it is then.

    Pictures are encoded again; films and sounds keep their streams in a new file, 3D models their
    shapes and textures. target: in an attempt's folder. Raises ProviderError, not retryable, for a
    file that is damaged or of a kind that has no such copy.
    """
    answer = _answer_of("copy", source, facts, target, context, provenance)
    # A picture may be of another type than it was.
    return facts_of(answer) if "mime" in answer else facts


def mark_file(
    source: Path, facts: FileFacts, target: Path, context: Context, provenance: Provenance
) -> bool:
    """Write a copy with all that is in the file. False: it has no place to tell its origin.

    target: in an attempt's folder. Raises ProviderError.
    """
    answer = _answer_of("mark", source, facts, target, context, provenance)
    return answer.get("marked") is True


def _answer_of(
    job: str,
    source: Path,
    facts: FileFacts,
    target: Path,
    context: Context,
    provenance: Provenance,
) -> dict[str, Any]:
    def run(signer: Signer | None) -> dict[str, Any]:
        return run_in_sandbox(
            f"media.sandbox.copies.{job}",
            {
                "path": str(source),
                "kind": facts.kind,
                "mime": facts.mime,
                "target": str(target),
                "source_type": provenance.source_type,
                "planner": provenance.planner,
                **(signer.arguments if signer else {}),
            },
            reads=[source],
            out=target.parent,
            timeout_s=TIMEOUT_S,
            context=context,
            sign=signer.sign if signer else None,
        )

    # Here alone, see `media.credentials`.
    from media import credential_keys

    signer = credential_keys.signer()
    try:
        answer = run(signer)
    except ProviderError as problem:
        # The library that signs may crash on a file, or take more memory or time than there is.
        if signer is None or not problem.retryable:
            raise
        answer = {**run(None), "unsigned": problem.message}
    if "unsigned" in answer:
        logger.warning("a copy of a %s file is not signed: %s", facts.mime, answer["unsigned"])
    return answer
