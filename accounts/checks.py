"""The check of how much room the disks have."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from accounts import storage
from core import outages
from core.checks import ALL, Checks, fault, ok, register, size, warning

LITTLE_FREE_BYTES = 2_000_000_000


@register("disk space", every_s=1, faces=ALL)
def disk_space() -> Checks:
    """Look at the disk of the data folder and at that of the media."""
    folders = [Path(one) for one in (settings.HOME, settings.MEDIA_DIR) if Path(one).is_dir()]
    full = storage.full_disk()
    folder = full or min(folders, key=lambda one: shutil.disk_usage(one).free)
    free = shutil.disk_usage(folder).free
    says = f"{size(free)} free on the disk of {folder}"
    if full is not None or outages.OUTAGES[outages.DISK].is_on:
        remedy = "Free up space now, or move that folder. Nothing new is saved."
        yield fault(says, remedy)
    elif free < LITTLE_FREE_BYTES:
        yield warning(says, "Free up space, or keep runs for fewer days: /admin/server.")
    else:
        yield ok(says)
