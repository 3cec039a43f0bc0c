"""Effects of a moderator's block of a file on the previews of templates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from media.models import Blob
from templates_app import media_links
from templates_app.models import TemplateMedia, TemplateVersion


def posters_of(hashes: Collection[str]) -> set[str]:
    """The blobs that stand as posters for these, in any version of any template."""
    posters: set[str] = set()
    media = TemplateMedia.objects.filter(blob_id__in=hashes, role="preview")
    versions = TemplateVersion.objects.filter(pk__in=media.values("version"))
    for spec in versions.values_list("spec", flat=True).iterator(chunk_size=100):
        for preview in spec.get("previewArtifacts") or ():
            film, poster = (
                media_links.read_reference(preview.get(key)) for key in ("url", "posterUrl")
            )
            if film and film.id in hashes and poster and poster.kind == "blob":
                posters.add(poster.id)
    return posters


def blocked_in(specs: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Find the files that stored specs show and a moderator blocked."""
    hashes = {hash_ for spec in specs for hash_ in _files_of(spec).values()}
    if not hashes:
        return frozenset()
    rows = Blob.objects.filter(pk__in=hashes, blocked_at__isnull=False)
    return frozenset(rows.values_list("pk", flat=True))


def without_blocked(
    spec: Mapping[str, Any], hashes: Collection[str] | None = None
) -> dict[str, Any]:
    """A stored spec without the previews, posters and thumbnails that a moderator blocked, for
    pages. Only to be shown: kept, it would lose them for good.

    hashes: from `blocked_in`, where a page shows several specs.
    """
    if hashes is None:
        hashes = blocked_in([spec])
    copy = media_links.spec_copy(spec)
    paths = {path: hash_ for path, hash_ in _files_of(spec).items() if hash_ in hashes}
    if not paths:
        return copy
    if "thumbnailUrl" in paths:
        del copy["thumbnailUrl"]
    previews = []
    for index, preview in enumerate(copy.get("previewArtifacts") or ()):
        if f"previewArtifacts/{index}/url" in paths:
            continue
        if f"previewArtifacts/{index}/posterUrl" in paths:
            del preview["posterUrl"]
        previews.append(preview)
    return {**copy, "previewArtifacts": previews}


def _files_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """The path of each preview, poster and thumbnail → the hash of its file."""
    return {
        place.path: place.reference.id
        for place in media_links.places(dict(spec))
        if place.role != "default" and place.reference and place.reference.kind == "blob"
    }
