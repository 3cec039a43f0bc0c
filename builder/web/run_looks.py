"""Looks of runs in lists and on the pages of the templates that they came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media import posters, signing
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
