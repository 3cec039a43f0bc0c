"""What a moderator's block of a file does to the previews of templates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from media.models import Blob
from templates_app import media_links
from templates_app.models import TemplateMedia, TemplateVersion


def posters_of(hashes: Collection[str]) -> set[str]:
    """The blobs that stand as posters for these, in any version of any template."""
    found: set[str] = set()
    shown = TemplateMedia.objects.filter(blob_id__in=hashes, role="preview")
    versions = TemplateVersion.objects.filter(pk__in=shown.values("version"))
    for spec in versions.values_list("spec", flat=True).iterator(chunk_size=100):
        for preview in spec.get("previewArtifacts") or ():
            film, poster = (
                media_links.read_reference(preview.get(key)) for key in ("url", "posterUrl")
            )
            if film and film.id in hashes and poster and poster.kind == "blob":
                found.add(poster.id)
    return found


def without_blocked(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A stored spec without the previews, posters and thumbnails that a moderator blocked, for
    pages. Only to be shown: kept, it would lose them for good."""
    shown = media_links.spec_copy(spec)
    named = {
        place.path: place.reference.id
        for place in media_links.places(shown)
        if place.role != "default" and place.reference and place.reference.kind == "blob"
    }
    rows = Blob.objects.filter(pk__in=named.values(), blocked_at__isnull=False)
    blocked = set(rows.values_list("pk", flat=True)) if named else set()
    if not blocked:
        return shown
    if named.get("thumbnailUrl") in blocked:
        del shown["thumbnailUrl"]
    left = []
    for index, preview in enumerate(shown.get("previewArtifacts") or ()):
        if named.get(f"previewArtifacts/{index}/url") in blocked:
            continue
        if named.get(f"previewArtifacts/{index}/posterUrl") in blocked:
            del preview["posterUrl"]
        left.append(preview)
    return {**shown, "previewArtifacts": left}
