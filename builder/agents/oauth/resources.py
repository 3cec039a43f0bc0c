"""The URLs by which an app names this server (RFC 8707). Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 512
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def is_here(resource: str, issuer: str) -> bool:
    """Return whether an app means the server of this issuer, or a part of it."""
    if "#" in resource or not resource.isprintable() or len(resource) > LONGEST:
        return False
    try:
        return _origin(resource) == _origin(issuer)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
