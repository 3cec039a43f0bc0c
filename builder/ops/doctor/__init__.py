"""`manage.py doctor`: what can be wrong with a server, one line each, with the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found. remedy: empty when all is well."""

    name: str
    level: Level
    says: str
    remedy: str = ""


Checks = Iterator[Check]
Look = Callable[[], Checks]


def ok(name: str, says: str) -> Check:
    return Check(name, "ok", says)


def warning(name: str, says: str, remedy: str) -> Check:
    return Check(name, "warning", says, remedy)


def fault(name: str, says: str, remedy: str) -> Check:
    return Check(name, "fault", says, remedy)


def size(count: float) -> str:
    """Bytes as people read them: `3.2 GB`."""
    for unit, each in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= each:
            return f"{count / each:.1f} {unit}"
    return f"{count:.0f} bytes"
