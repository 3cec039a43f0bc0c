"""A person's library: the templates that they own and those that others share with them.

Their number is bounded by `TEMPLATES_PER_USER` and by what others share, so a few columns of all
of them are read, and what is asked for is picked, ordered and counted here: alike on both
databases, and with a fixed number of queries. Whole rows are read of one page alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from accounts.models import User
from core.cursors import read_cursor, write_cursor
from templates_app import selectors
from templates_app.folders import places_of
from templates_app.models import Collaborator, Template
from templates_app.search import has_all, query_words

OWNER: Final = "owner"
CHANGED: Final = "changed"
NAME: Final = "name"
LAST_RUN: Final = "run"
CREATED: Final = "created"
# Each order and what its keys are.
SORTS: Final[Mapping[str, type]] = {
    CHANGED: datetime,
    NAME: str,
    LAST_RUN: int,
    CREATED: datetime,
}
# Of one person, those that were shared first stay out.
SHARED_LIMIT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A template in a person's library.

    name: the draft's, which everyone who works on it reads. role: OWNER or one of `models.ROLES`.
    folder_id: where this person keeps it.
    """

    template_id: int
    name: str
    text: str
    role: str
    is_public: bool
    is_remix: bool
    created_at: datetime
    changed_at: datetime
    folder_id: int | None

    @property
    def is_own(self) -> bool:
        return self.role == OWNER


@dataclass(frozen=True, slots=True)
class Part:
    """One page of entries. after: what continues it, or "" at the end."""

    entries: tuple[Entry, ...]
    after: str


def entries_of(person: User, *, proposals: Collection[int] = ()) -> list[Entry]:
    """Everything in a person's library, in no order.

    proposals: templates with a proposal that waits for the person's answer, also those that hold
    nothing else.
    """
    places = places_of(person)
    is_there = ~selectors.WAITING | Q(pk__in=proposals)
    rows = Template.objects.filter(selectors.LIVE, is_there, owner=person)
    own = selectors.with_change(rows)
    entries = [_entry(row, OWNER, "", places) for row in own.values(*_COLUMNS)]
    roles = dict(
        Collaborator.objects.filter(user=person)
        .order_by("-id")
        .values_list("template_id", "role")[:SHARED_LIMIT]
    )
    if roles:
        shared = selectors.with_change(
            Template.objects.filter(
                selectors.LIVE, pk__in=roles, head__isnull=False, moderation="visible"
            )
        ).values(*_COLUMNS, "owner__username", "owner__display_name")
        for row in shared:
            people = f"{row['owner__display_name']}\n{row['owner__username']}"
            entries.append(_entry(row, roles[row["id"]], people, places))
    return entries


_COLUMNS: Final = (
    "id",
    "name",
    "draft_name",
    "tags_text",
    "category",
    "visibility",
    "cloned_from_public_id",
    "created_at",
    "changed_at",
)


def _entry(row: Mapping[str, Any], role: str, people: str, places: Mapping[int, int]) -> Entry:
    draft_name = row["draft_name"]
    name = draft_name.strip() if isinstance(draft_name, str) and draft_name.strip() else row["name"]
    return Entry(
        template_id=row["id"],
        name=name,
        text="\n".join((name, row["tags_text"], row["category"], people)),
        role=role,
        is_public=row["visibility"] == "public",
        is_remix=bool(row["cloned_from_public_id"]),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        folder_id=places.get(row["id"]),
    )


def matching(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Those where every word of the query is, or begins a word, in name, tags, category or the
    owner's name. A query of spaces alone matches all, one of signs alone none."""
    words = query_words(query)
    if not words:
        return [] if query.strip() else list(entries)
    return [entry for entry in entries if has_all(words, entry.text)]


def part(
    entries: Iterable[Entry],
    *,
    sort: str,
    last_runs: Mapping[int, int],
    after: str,
    limit: int,
) -> Part:
    """The entries in an order, from the place `after` on; one that cannot be read is the start.

    last_runs: template → the id of its last run; those without one come last in that order. What
    changes between two pages moves to the front, so no entry is left out or comes twice.
    """
    kind = SORTS[sort]

    def key(entry: Entry) -> tuple[Any, int]:
        by = {
            CHANGED: entry.changed_at,
            NAME: entry.name.casefold(),
            LAST_RUN: last_runs.get(entry.template_id, 0),
            CREATED: entry.created_at,
        }
        return by[sort], entry.template_id

    ascends = sort == NAME
    in_order = sorted(entries, key=key, reverse=not ascends)
    place = read_cursor(after, sort, kind)
    if place is not None:
        in_order = [one for one in in_order if (key(one) > place if ascends else key(one) < place)]
    page = tuple(in_order[:limit])
    more = len(in_order) > limit
    return Part(page, write_cursor(sort, *key(page[-1])) if more else "")


def templates_in(entries: Sequence[Entry]) -> list[Template]:
    """The whole rows of these entries, in their order, with heads and what they came from."""
    ids = [entry.template_id for entry in entries]
    rows = (
        Template.objects.filter(selectors.LIVE, pk__in=ids)
        .select_related("owner", "head", "source__template__published", "source__template__owner")
        .defer("source__spec", "source__template__published__spec")
        .in_bulk()
    )
    # Not there: deleted since the ids were read.
    return [rows[pk] for pk in ids if pk in rows]
