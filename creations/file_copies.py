"""The files of a creation: copies of a run's results, which last when the run changes or goes."""

from __future__ import annotations

from dataclasses import dataclass

from media import blobs, posters
from media.blobs import StoredFile
from media.models import Blob
from media.origin import digital_source_type, origin_of
from media.sandbox import Unwatched
from media.stripping import strip_copy
from runs.models import Artifact


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A result as others will see it; stored, without a row yet."""

    artifact: Artifact
    file: StoredFile
    poster: StoredFile | None

    @property
    def files(self) -> tuple[StoredFile, ...]:
        return (self.file, self.poster) if self.poster else (self.file,)


def copy_of(artifact: Artifact, *, keeps_details: bool, is_face: bool) -> FileCopy:
    """Store a copy of a result. Not inside a transaction.

    keeps_details: with the notes that ride along in the file. is_face: whether cards show it.
    """
    blob = artifact.blob
    source_type = digital_source_type(origin_of(artifact))
    file = _file_of(blob) if keeps_details else _strip(blob, source_type)
    is_large = blob.kind == "image" and (blob.width or 0) > posters.WIDTH
    needs_still = blob.kind in ("video", "model") or (is_large and is_face)
    return FileCopy(artifact, file, posters.draw(blob) if needs_still else None)


def _strip(blob: Blob, source_type: str) -> StoredFile:
    folder = blobs.attempt_dir("share")
    target = folder / "stripped"
    try:
        facts = strip_copy(blob, target, Unwatched(), source_type=source_type)
        return blobs.store(target, facts)
    finally:
        blobs.discard(folder)


def _file_of(blob: Blob) -> StoredFile:
    """A blob that has its row already, as one to record."""
    return StoredFile(
        blob.sha256, blob.size, blob.mime, blob.kind, blob.width, blob.height, blob.duration_ms
    )
