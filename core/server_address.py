"""The address of this data folder's server, for commands that print links.

A command runs in another shell than the server: its own PORT says nothing of the server's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


def server_url() -> str:
    """`scheme://host[:port]`: PUBLIC_URL, else where the server listens, else where it would."""
    return str(settings.PUBLIC_URL or _saved_url() or _local_url(settings.PORT))


@contextlib.contextmanager
def kept_address(port: int) -> Iterator[None]:
    """Let commands know the server's port for as long as this lasts. A full disk changes nothing.

    After kill -9 the address stays; the next start replaces it.
    """
    path = _path()
    scratch = path.with_name(path.name + ".new")
    with contextlib.suppress(OSError):
        scratch.write_text(f"{_local_url(port)}\n")
        scratch.replace(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _saved_url() -> str:
    try:
        address = _path().read_text().strip()
        return address if urlsplit(address).port else ""
    except (OSError, ValueError):
        return ""


def _local_url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _path() -> Path:
    return Path(settings.RUN_DIR) / "address"
