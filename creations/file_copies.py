"""The files of a creation: copies of a run's results, which last when the run changes or goes."""

from __future__ import annotations

from dataclasses import dataclass

from media import blobs, posters
from media.blobs import StoredFile
from media.marking import Way, marked_copy
from media.origin import provenance_of
from media.sandbox import Unwatched
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
    way: Way = "plain" if keeps_details else "clean"
    file = blobs.file_of(marked_copy(blob, way, provenance_of(artifact), Unwatched()))
    is_large = blob.kind == "image" and (blob.width or 0) > posters.WIDTH
    needs_still = blob.kind in ("video", "model") or (is_large and is_face)
    return FileCopy(artifact, file, posters.draw(blob) if needs_still else None)
