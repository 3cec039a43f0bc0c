"""The mark of a folder: a file with the id of the installation that the folder belongs to."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from core import durable


def text_of(mark: str | Path, *, folder: int | None = None) -> str:
    """Return what a mark says, "" without one. folder: an open one that it is in. Raises OSError.

    No link is followed.
    """
    try:
        descriptor = os.open(mark, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return ""
    try:
        return os.read(descriptor, 200).decode(errors="replace").strip()
    finally:
        os.close(descriptor)


def write(mark: Path, text: str) -> None:
    """Put a mark into a folder, on the disk before this returns. Raises OSError."""
    scratch = mark.with_name(f"{mark.name}.{secrets.token_hex(6)}")
    with scratch.open("x") as file:
        file.write(f"{text}\n")
        file.flush()
        durable.to_disk(file.fileno())
    scratch.replace(mark)
    durable.folder_to_disk(mark.parent)
