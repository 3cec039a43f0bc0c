"""Results as the public API shows them. Their addresses are signed here, never stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from media import posters, signing
from runs.models import Artifact
from runs.result_fields import shown_metadata
from runs.web.schemas import ArtifactOut, MediaType, present

# A media address, of an object's id and a file name.
UrlOf: TypeAlias = Callable[[str, str], str]


def signer(base_url: str) -> UrlOf:
    """A function that signs the address of (object id, file name) under this origin."""
    return lambda public_id, filename: base_url + signing.signed_path(public_id, filename)


def artifact_body(row: Artifact, url_of: UrlOf) -> ArtifactOut:
    """One artifact with an address that works without credentials."""
    blob = row.blob
    url = url_of(row.public_id, row.filename)
    kind = cast(MediaType, row.kind)
    body: ArtifactOut = {
        "id": row.public_id,
        "index": row.position,
        "type": kind,
        "mediaType": kind,
        "mimeType": blob.mime,
        "contentType": blob.mime,
        "filename": row.filename,
        "width": blob.width,
        "height": blob.height,
        "duration": row.blob.duration_s,
        "stepId": row.step.key,
        "url": url,
        "downloadUrl": url,
        # No page can show a 3D model as it is.
        "posterUrl": url_of(posters.still_id(row.public_id), posters.FILENAME)
        if kind == "model"
        else None,
        "seed": row.meta.get("seed", row.step.seed),
        "metadata": shown_metadata(row.meta),
    }
    return present(body)
