"""Where the large bodies of requests wait: inside the data folder, whose disk the operator chose.

Each web process has a folder of its own, so that one that starts deletes nothing that another one
uses. The supervisor deletes those of the dead.
"""

from __future__ import annotations

import os
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
    return str(root() / process_name())


def prepare() -> None:
    """Make this process's folder. The rest of the process, and Django where it copies a body, uses
    the same folder for what is temporary."""
    os.makedirs(own(), mode=0o700, exist_ok=True)
    tempfile.tempdir = own()


def remove(process: str) -> None:
    """Delete what a web process that is dead left in its folder."""
    shutil.rmtree(root() / process, ignore_errors=True)


def remove_all() -> None:
    """While no web process lives."""
    shutil.rmtree(root(), ignore_errors=True)
