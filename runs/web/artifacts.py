"""Results as the public API shows them. Their addresses are signed here, never stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from media import signing
from runs.log import events
from runs.models import Artifact

# A media address, of an object's id and a file name.
UrlOf: TypeAlias = Callable[[str, str], str]


def signer(base_url: str) -> UrlOf:
    """A function that signs the address of (object id, file name) under this origin."""
    return lambda public_id, filename: base_url + signing.signed_path(public_id, filename)


def artifact_body(row: Artifact, url_of: UrlOf) -> dict[str, Any]:
    """One artifact with an address that works without credentials."""
    blob = row.blob
    url = url_of(row.public_id, row.filename)
    seed = row.meta.get("seed", row.step.seed)
    facts = {
        "id": row.public_id,
        "index": row.position,
        "type": row.kind,
        "mediaType": row.kind,
        "mimeType": blob.mime,
        "contentType": blob.mime,
        "filename": row.filename,
        "width": blob.width,
        "height": blob.height,
        "duration": row.duration_s,
    }
    return {
        **{name: value for name, value in facts.items() if value is not None},
        "stepId": row.step.key,
        "url": url,
        "downloadUrl": url,
        **events.poster_of(facts, url_of),
        **({} if seed is None else {"seed": seed}),
        "metadata": row.meta,
    }
