"""Posters: a small still of a picture, a film or a 3D model, owned like an upload."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.db import transaction

from accounts.models import User
from core import clock
from media import blobs
from media.blobs import Facts
from media.models import Blob, Upload
from media.sandbox import Unwatched, run_in_sandbox

# Enough for a card on a sharp screen; some 20 KB.
WIDTH = 640
TIMEOUT_S = 60.0
SLOT = "poster"
LIFE = timedelta(days=1)


def make_poster(blob: Blob, *, owner: User) -> Upload:
    """A WebP of at most WIDTH pixels across, of a film its most telling moment.

    It is the owner's, to be published as a preview's poster within a day; publishing copies it.
    Not inside a transaction. Raises ProviderError when nothing can be shown.
    """
    folder = blobs.attempt_dir("poster")
    target = folder / "poster.webp"
    try:
        found = run_in_sandbox(
            "media.sandbox.poster.poster",
            {
                "path": str(blobs.path_of(blob.sha256)),
                "target": str(target),
                "out": str(folder),
                "width": WIDTH,
            },
            timeout_s=TIMEOUT_S,
            context=Unwatched(),
        )
        facts = Facts(found["kind"], found["mime"], found["width"], found["height"])
        stored = blobs.store(Path(target), facts)
    finally:
        blobs.discard(folder)
    now = clock.now()
    with transaction.atomic():
        return Upload.objects.create(
            owner=owner,
            slot=SLOT,
            blob=blobs.record(stored),
            filename="poster.webp",
            expires_at=now + LIFE,
            completed_at=now,
        )
