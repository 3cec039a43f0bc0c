"""New changes and versions of open documents, read once per process for every open editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from core.change_feed import LogFollower
from core.per_loop import per_loop
from templates_app.models import Change, Document

READ_AT_ONCE = 200
# Changes may be large: an editor that is further behind asks for them over HTTP.
BACKLOG = 64

# (revision, the number of the version it rests on): both only grow.
Standing: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class VersionSaved:
    """The document rests on a new version now."""

    version: str


Item: TypeAlias = Change | VersionSaved


def read_after(cursors: Mapping[int, Standing]) -> list[tuple[int, Standing, Item]]:
    """Read what happened in each document after its cursor, in order within each."""
    items: list[tuple[int, Standing, Item]] = []
    ids = list(cursors)
    for start in range(0, len(ids), READ_AT_ONCE):
        rows = Document.objects.filter(id__in=ids[start : start + READ_AT_ONCE]).values_list(
            "id", "rev", "base_id", "base__semver"
        )
        for document_id, newest, base, version in rows:
            rev, old_base = cursors[document_id]
            if newest > rev:
                changes = (
                    Change.objects.filter(document_id=document_id, rev__gt=rev, rev__lte=newest)
                    .select_related("actor")
                    .order_by("rev")[:READ_AT_ONCE]
                )
                for change in changes:
                    rev = change.rev
                    items.append((document_id, (rev, old_base), change))
            if rev == newest and base > old_base:
                items.append((document_id, (rev, base), VersionSaved(version)))
    return items


# Of this process: it has one event loop.
follower = per_loop(lambda: LogFollower[Standing, Item](read_after, capacity=BACKLOG))
