"""A person's use of their storage, as a bar."""

from __future__ import annotations

from typing import Any

from accounts import person_limits, storage
from accounts.models import User


def storage_bar(person: User) -> dict[str, Any]:
    """Measure what a person's rows and files take of their limit: a bar, and figures by kind."""
    sizes = {kind: size for kind, size in storage.used(person.pk).items() if size}
    total, limit = sum(sizes.values()), person_limits.limits_of(person).storage_bytes
    whole = max(limit or 0, total, 1)
    parts = []
    at = 0.0
    for kind, size in sizes.items():
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
        "limit": "" if limit is None else storage.readable(limit) if limit else "0 MB",
        "parts": parts,
    }
