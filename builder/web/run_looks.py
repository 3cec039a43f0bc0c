"""Looks of runs in lists and on the pages of the templates that they came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media import posters, signing
from media.models import Upload
from media.origin import line_of, origin_of
from runs.models import Artifact, Run
from runs.selectors import newest_looks


def look_path(look: Artifact) -> str:
    """Return its signed path; of a 3D model, that of its still."""
    if look.kind == "model":
        return posters.still_path(look.public_id)
    return signing.signed_path(look.public_id, f"look.{look.kind}")


def looks_of(last_runs: Mapping[int, Run]) -> dict[int, dict[str, Any]]:
    """Return what templates look like by their last runs. Of one that made nothing: no entry."""
    looks = newest_looks(last_runs.values(), films_first=True)
    return {
        template_id: {
            "kind": "image" if look.kind == "model" else look.kind,
            "url": look_path(look),
            "is_of_run": True,
            "origin": line_of(origin_of(look)),
        }
        for template_id, run in last_runs.items()
        if (look := looks.get(run.pk)) is not None
    }


def uploads_of(run: Run, references: set[str], base_url: str) -> dict[str, dict[str, Any]]:
    """Return media that a run was given, as far as they are uploads of its owner, by reference."""
    hashes = {
        f"input:{place}": (medium["kind"], medium["asset"].removeprefix("blob:"))
        for place, medium in enumerate(run.media)
        if f"input:{place}" in references and medium.get("asset")
    }
    if not hashes:
        return {}
    rows = Upload.objects.filter(
        owner_id=run.owner_id, blob__sha256__in=[sha256 for _, sha256 in hashes.values()]
    ).select_related("blob")
    uploads = {row.blob.sha256: row for row in rows if row.blob is not None}
    return {
        ref: {
            "type": kind,
            "url": base_url
            + signing.signed_path(uploads[sha256].public_id, uploads[sha256].filename or "file"),
        }
        for ref, (kind, sha256) in hashes.items()
        if sha256 in uploads
    }
