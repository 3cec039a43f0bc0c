"""Content of people's bells, read once per process for all that are open."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core import clock
from core.change_feed import LogFollower
from core.per_loop import per_loop
from notices import selectors
from notices.models import Notice
from notices.selectors import Standing

# Bells are open on every page, and hints reach them: a lost one may take this long, in seconds.
POLL_S = 5.0


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """The moment that this process looked at a person's notices, by its own clock, in seconds, and
    what it saw.

    Not the newest id: on Postgres a notice with a smaller one may be committed later, and reading
    one on another device adds none.
    """

    at: float
    standing: Standing | None = field(compare=False)


def now() -> Position:
    """Return the position of a hint that comes now, and of one who is about to look."""
    return Position(time.monotonic(), None)


def read_after(cursors: Mapping[int, Position]) -> list[tuple[int, Position, dict[str, Any]]]:
    """Return what the bells show of those people for whom something changed."""
    at = now().at
    changes = []
    for person, standing in selectors.standings(cursors).items():
        if standing != cursors[person].standing:
            content = shown_to(person, standing)
            changes.append((person, Position(at, standing), content))
    return changes


def shown_to(person_id: int, standing: Standing) -> dict[str, Any]:
    """Return what a bell shows: how many are unread, and the latest, newest first."""
    rows = selectors.latest(person_id)
    return {"unread": standing.unread, "notices": [notice_out(row) for row in rows]}


def notice_out(row: Notice) -> dict[str, Any]:
    """A notice as scripts and programs get it."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "url": row.url,
        "createdAt": clock.iso(row.created_at),
        "isRead": row.read_at is not None,
        "inPage": row.in_page,
        "inBrowser": row.in_browser,
    }


# Of this process: it has one event loop. Only the latest counts.
follower = per_loop(
    lambda: LogFollower[Position, dict[str, Any]](read_after, capacity=1, poll_s=POLL_S)
)
