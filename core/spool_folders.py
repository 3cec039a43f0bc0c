"""Folders for large bodies of requests: in the data folder, whose disk the operator chose.

Each web process has a folder of its own, so that one that starts deletes nothing that another one
uses. The supervisor deletes those of the dead.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from core.process_name import process_name


def root() -> Path:
    """The folder of these folders."""
    return Path(settings.RUN_DIR / "bodies")


def own() -> str:
    """That of this process."""
    return _own[-1] if _own else str(root() / process_name())


def prepare() -> None:
    """Make this process's folder. The rest of the process, and Django where it copies a body, uses
    the same folder for what is temporary.

    Without room on the disk for a folder it is the common one: small bodies stay in memory.
    """
    folder = root() / process_name()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        folder = root()
    _own[:] = [str(folder)]
    tempfile.tempdir = str(folder)


def remove(process: str) -> None:
    """Delete what a web process that is dead left in its folder."""
    shutil.rmtree(root() / process, ignore_errors=True)


def remove_all() -> None:
    """Empty the folder of all, while no web process lives. Never raises OSError."""
    with contextlib.suppress(OSError):
        root().mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in root().iterdir():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.unlink(missing_ok=True)


_own: list[str] = []
