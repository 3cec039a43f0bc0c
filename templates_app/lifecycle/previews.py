"""A run's media as the previews of the template it came from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from templates_app.lifecycle import services
from templates_app.lifecycle.version_writes import SavedTemplate


@dataclass(frozen=True, slots=True)
class StagePreview:
    """The file one stage made. kind: image or video; the urls are our own, signed ones."""

    stage_id: str
    label: str
    kind: str
    url: str
    poster_url: str = ""


def use_as_preview(
    *, actor: User, public_id: str, previews: Sequence[StagePreview], own_hosts: Collection[str]
) -> SavedTemplate:
    """Show these on an own template, the first as its face. Makes a version, publishes nothing.

    Raises NotFound, and InvalidInput when the template has no such stage any more.
    """
    shapes = [_shape(preview) for preview in previews]
    return services.patch_template(
        actor=actor,
        public_id=public_id,
        changes={"previewArtifacts": shapes},
        own_hosts=own_hosts,
        publish=False,
    )


def _shape(preview: StagePreview) -> dict[str, Any]:
    shape = {
        "stageId": preview.stage_id,
        "label": preview.label,
        "mediaType": preview.kind,
        "url": preview.url,
    }
    return shape | ({"posterUrl": preview.poster_url} if preview.poster_url else {})
