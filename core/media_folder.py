"""The media folder and its mark: a file with this installation's id.

A volume that isn't mounted leaves an empty folder behind, and a second machine may have another
folder under the same name. What was written there would be told as done and be gone later. So
everything that writes media opens the folder here first. How a folder gets its mark:
`media.folder_mark`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from core import folder_marks, installation
from core.errors import MediaFolderAway

MARK: Final = "reelgraph-media"


@contextmanager
def open_own(*, on_missing_mark: Callable[[], None] | None = None) -> Iterator[int]:
    """Open the media folder, this installation's own; yields its descriptor.

    on_missing_mark: called when the mark is missing; it returns when there is one now. Raises
    MediaFolderAway before or, when the path led elsewhere by the end of the block, after it.
    """
    root = Path(settings.MEDIA_DIR)
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        if on_missing_mark is None or not isinstance(problem, FileNotFoundError):
            raise MediaFolderAway(f"{root}: {problem.strerror}") from problem
        on_missing_mark()
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        mark = _read_mark(descriptor)
        if not mark and on_missing_mark is not None:
            on_missing_mark()
            mark = _read_mark(descriptor)
        _compare(mark, root)
        try:
            yield descriptor
        except OSError:
            _check_place(descriptor, root)
            raise
        _check_place(descriptor, root)
    finally:
        os.close(descriptor)


def check() -> None:
    """Raise MediaFolderAway unless the media folder is there and this installation's."""
    with open_own():
        pass


def is_away() -> bool:
    """Tell whether the media folder is missing or not this installation's."""
    try:
        check()
    except MediaFolderAway:
        return True
    return False


def mark_text() -> str:
    """Read the mark of the folder at MEDIA_DIR; "" when there is no folder or no mark."""
    try:
        return folder_marks.text_of(Path(settings.MEDIA_DIR, MARK))
    except OSError:
        return ""


def _read_mark(folder: int) -> str:
    try:
        return folder_marks.text_of(MARK, folder=folder)
    except OSError as problem:
        raise MediaFolderAway(f"{settings.MEDIA_DIR}: {problem.strerror}") from problem


def _compare(mark: str, root: Path) -> None:
    if not mark:
        raise MediaFolderAway(f"{root} isn't this server's: the file {MARK} is missing in it")
    if mark != installation.installation_id():
        raise MediaFolderAway(f"{root} belongs to another server, by the file {MARK} in it")


def _check_place(descriptor: int, root: Path) -> None:
    """Raise MediaFolderAway unless the path still leads to the open folder."""
    status = os.fstat(descriptor)
    try:
        present = os.stat(root)
    except OSError as problem:
        raise MediaFolderAway(f"{root}: {problem.strerror}") from problem
    if (status.st_dev, status.st_ino) != (present.st_dev, present.st_ino):
        raise MediaFolderAway(f"{root} was replaced")
