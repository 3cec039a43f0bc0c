"""What a person's rows and files take of what they may, as a bar."""

from __future__ import annotations

from typing import Any

from accounts import storage
from accounts.models import User
from core import server_settings


def storage_bar(person: User) -> dict[str, Any]:
    """What a person's rows and files take, of what they may: a bar, and the figures by kind."""
    taken = {kind: size for kind, size in storage.used(person.pk).items() if size}
    total, limit = sum(taken.values()), server_settings.value("STORAGE_PER_USER_BYTES")
    whole = max(limit, total, 1)
    parts = []
    at = 0.0
    for kind, size in taken.items():
        width = 298 * size / whole
        parts.append(
            {
                "kind": kind,
                "name": storage.KINDS[kind][0],
                "size": storage.readable(size),
                "x": round(at, 2),
                "width": round(max(width, 1), 2),
            }
        )
        at += width
    return {
        "used": storage.readable(total) if total else "0 MB",
        "limit": storage.readable(limit) if limit else "",
        "parts": parts,
    }
