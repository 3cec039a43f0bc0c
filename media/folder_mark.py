"""The mark of a media folder, which it gets once, while nothing can be lost by it.

A new installation marks the folder it begins with. A folder of an earlier release is recognized by
the newest files that the database knows. After that a folder without the mark is never taken by
itself: a volume may not be mounted, or a machine may have a folder of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from core import clock, durable, folder_marks, installation, media_folder
from core.errors import MediaFolderAway
from core.models import Installation
from media.models import Blob

# Of the newest files that the database knows more than half must be there.
LOOKED_AT: Final = 20


def ensure_marked() -> None:
    """Recognize the media folder, or mark it where that is due. Raises MediaFolderAway."""
    mark = media_folder.mark_text()
    row = installation.ensure_installation(mark)
    if mark and (mark != row.id or row.media_marked_at is not None):
        media_folder.check()
        return
    with transaction.atomic():
        # Under the row's lock: two machines that begin with different folders don't both mark one.
        rows = Installation.objects.filter(pk=row.pk, media_marked_at=None)
        if not rows.update(media_marked_at=clock.now()):
            media_folder.check()
            return
        if not mark:
            present, total = newest_files()
            if total and present <= total // 2:
                raise MediaFolderAway(
                    f"{settings.MEDIA_DIR} has {present} of the newest {total} files that the"
                    " database knows"
                )
            write_mark(row.id)
    durable.flush()


def newest_files() -> tuple[int, int]:
    """Count the newest files that the database knows: (those in the folder, all)."""
    newest = list(Blob.objects.order_by("-created_at").values_list("sha256", flat=True)[:LOOKED_AT])
    blobs = Path(settings.MEDIA_DIR) / "blobs"
    present = sum((blobs / one[:2] / one[2:4] / one).exists() for one in newest)
    return present, len(newest)


def write_mark(text: str) -> None:
    """Make the folder if it is missing and put the mark in, on the disk before this returns."""
    root = Path(settings.MEDIA_DIR)
    try:
        root.mkdir(exist_ok=True)
        folder_marks.write(root / media_folder.MARK, text)
    except OSError as problem:
        raise MediaFolderAway(f"{root}: {os.strerror(problem.errno or 0)}") from problem
