"""What a moderator's block of a file does to the previews of templates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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


def blocked_in(specs: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Of the files that stored specs show, those that a moderator blocked."""
    named = {hash_ for spec in specs for hash_ in _shown(spec).values()}
    if not named:
        return frozenset()
    rows = Blob.objects.filter(pk__in=named, blocked_at__isnull=False)
    return frozenset(rows.values_list("pk", flat=True))


def without_blocked(
    spec: Mapping[str, Any], blocked: Collection[str] | None = None
) -> dict[str, Any]:
    """A stored spec without the previews, posters and thumbnails that a moderator blocked, for
    pages. Only to be shown: kept, it would lose them for good.

    blocked: from `blocked_in`, where a page shows several specs.
    """
    if blocked is None:
        blocked = blocked_in([spec])
    shown = media_links.spec_copy(spec)
    named = {path: hash_ for path, hash_ in _shown(spec).items() if hash_ in blocked}
    if not named:
        return shown
    if "thumbnailUrl" in named:
        del shown["thumbnailUrl"]
    left = []
    for index, preview in enumerate(shown.get("previewArtifacts") or ()):
        if f"previewArtifacts/{index}/url" in named:
            continue
        if f"previewArtifacts/{index}/posterUrl" in named:
            del preview["posterUrl"]
        left.append(preview)
    return {**shown, "previewArtifacts": left}


def _shown(spec: Mapping[str, Any]) -> dict[str, str]:
    """The path of each preview, poster and thumbnail → the hash of its file."""
    return {
        place.path: place.reference.id
        for place in media_links.places(dict(spec))
        if place.role != "default" and place.reference and place.reference.kind == "blob"
    }
