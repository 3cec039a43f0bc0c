"""`python -m tests.bench.many_cases CASES PEOPLE` fills a server's database for moderators and
operators: cases about everything a case can be about, and people with sessions, credit and storage.

It needs what tests/bench/many_templates.py and tests/bench/many_creations.py fill in.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tests.bench.bulk import FIRST_ID, insert

# A person who owns what a hundred cases are about.
KNOWN_PERSON = "Perpetua Quill"
# These people's ids come after those of the creations.
FIRST_PERSON = 5_000_000
MODERATOR = "bench-moderator"
GB = 10**9
BATCH = 20_000
# Kind of a subject → its share among the cases.
KINDS = {"template": 0.4, "share": 0.3, "comment": 0.15, "user": 0.1, "media": 0.05}
REASONS = ("spam", "hate", "privacy", "sexual", "violence", "copyright", "other")


def fill(cases: int, people: int) -> None:
    """Cases, half of them open and half closed, then people, one in fifty over their quota."""
    from django.db import connection

    chance = random.Random(44)
    _people(people, chance)
    _cases(cases, chance)
    with connection.cursor() as cursor:
        # Postgres would do so by itself within minutes.
        cursor.execute("ANALYZE")


def _people(count: int, chance: random.Random) -> None:
    from accounts.models import BrowserSession, LedgerEntry, StorageUse, User
    from core import clock

    now = clock.now()
    for first in range(0, count, BATCH):
        drawn = [
            (FIRST_PERSON + number, now - timedelta(minutes=chance.randrange(2 * 365 * 24 * 60)))
            for number in range(first, min(first + BATCH, count))
        ]
        insert(
            User,
            (
                {
                    "id": pk,
                    "username": f"member-{pk}",
                    "display_name": KNOWN_PERSON if pk == FIRST_PERSON else f"Member {pk % 7919}",
                    "email": f"member-{pk}@example.org" if pk % 3 else "",
                    "date_joined": joined,
                    "last_login": joined + (now - joined) * chance.random() if pk % 5 else None,
                    "suspended_until": now + timedelta(days=7) if pk % 100 == 3 else None,
                }
                for pk, joined in drawn
            ),
        )
        insert(
            BrowserSession,
            (
                {
                    "id": 2 * pk + turn,
                    "user_id": pk,
                    "session_key": f"bench{2 * pk + turn}",
                    "seen_at": now - timedelta(minutes=chance.randrange(14 * 24 * 60)),
                }
                for pk, _ in drawn
                for turn in range(chance.choice((0, 0, 1, 2)))
            ),
        )
        insert(LedgerEntry, _entries(drawn, now, chance))
        insert(
            StorageUse,
            (
                {
                    "id": 3 * pk + place,
                    "owner_id": pk,
                    "kind": kind,
                    "bytes": 9 * GB if pk % 50 == 7 else chance.randrange(GB // 10),
                }
                for pk, _ in drawn
                if pk % 4
                for place, kind in enumerate(("uploads", "artifacts", "versions"))
            ),
        )


def _entries(drawn: list[Any], now: Any, chance: random.Random) -> Iterator[Mapping[str, Any]]:
    """A grant for each person, and for one in three what ten runs cost, half of them lately."""
    for pk, joined in drawn:
        grant = {"kind": "grant", "milli": 10**6, "created_at": joined}
        yield {"id": 100 * pk, "user_id": pk, "ref": f"bench:{pk}", **grant}
        for run in range(10 if pk % 3 == 0 else 0):
            at = now - timedelta(minutes=chance.randrange(60 * 24 * 60))
            for place, (kind, milli) in enumerate((("reserve", -9_000), ("settle", 4_000))):
                yield {
                    "id": 100 * pk + 1 + 2 * run + place,
                    "user_id": pk,
                    "ref": f"bench:{pk}:{run}",
                    "kind": kind,
                    "milli": milli + pk % 1_000,
                    "created_at": at,
                }


def _cases(count: int, chance: random.Random) -> None:
    from core import clock
    from moderation.models import Appeal, Case, Decision, Report

    now, moderator = clock.now(), _moderator()
    drawn: list[dict[str, Any]] = [
        {
            "id": FIRST_ID + number,
            "subject_kind": kind,
            "subject_id": key,
            "owner_id": owner,
            "title": title,
            "opened_at": now - timedelta(minutes=chance.randrange(400 * 24 * 60)),
            "is_open": number % 2 == 0,
            "reports": min(int(chance.paretovariate(1.0)), 30),
        }
        for number, (kind, key, owner, title) in enumerate(_subjects(count, chance))
    ]
    closed = [one for one in drawn if not one["is_open"]]
    insert(
        Case,
        (
            {
                **one,
                "state": "open" if one["is_open"] else chance.choice(("upheld", "dismissed")),
                "score": one["reports"] * chance.choice((10, 20, 30)) if one["is_open"] else 0,
                "closed_at": None if one["is_open"] else one["opened_at"] + timedelta(hours=2),
                "claimed_by_id": moderator if one["is_open"] and one["id"] % 100 == 0 else None,
                "claimed_at": now if one["is_open"] and one["id"] % 100 == 0 else None,
            }
            for one in drawn
        ),
    )
    insert(
        Decision,
        (
            {
                "id": one["id"],
                "case_id": one["id"],
                "actor_id": moderator,
                "action": "hide" if one["id"] % 3 else "dismiss",
                "reason": "spam",
                "before": {},
                "created_at": one["opened_at"] + timedelta(hours=2),
            }
            for one in closed
        ),
    )
    insert(
        Report,
        (
            {
                "id": 100 * one["id"] + turn,
                "case_id": one["id"],
                "reporter_id": FIRST_PERSON + 1 + turn,
                "reason": REASONS[(one["id"] + turn) % len(REASONS)],
                "subject_version": "0.0.1",
                "weight": 10 + turn,
                "answer_id": None if one["is_open"] else one["id"],
                "created_at": one["opened_at"],
            }
            for one in drawn
            for turn in range(one["reports"])
        ),
    )
    insert(
        Appeal,
        (
            {
                "id": one["id"],
                "decision_id": one["id"],
                "person_id": one["owner_id"],
                "text": "Please look again.",
                "created_at": now,
            }
            for one in closed[::10]
            if one["owner_id"]
        ),
    )


def _moderator() -> Any:
    from accounts.models import User
    from moderation import moderators

    person = User.objects.create(username=MODERATOR, is_superuser=True, is_staff=True)
    moderators.give(user=person, role=moderators.MODERATOR)
    return person.pk


def _subjects(count: int, chance: random.Random) -> Iterator[tuple[str, str, int, str]]:
    """Kind, key, owner and title of what each case is about; no kind comes after the other, and one
    in five templates, creations and comments is hidden."""
    from comments.models import Comment
    from creations.models import Share
    from media.models import Blob
    from templates_app.models import Template

    of_kind = {kind: round(count * share) for kind, share in KINDS.items()}
    comments: list[dict[str, Any]] = [
        {
            "id": FIRST_ID + number,
            "share_id": FIRST_ID + number % 1_000,
            "author_id": FIRST_PERSON + number % 2_000,
            "text": f"This is remark {number}, and someone minds it.",
            "moderation": "quarantined" if number % 5 == 0 else "visible",
        }
        for number in range(of_kind["comment"])
    ]
    insert(Comment, comments)
    files = [f"{FIRST_ID + number:064x}" for number in range(of_kind["media"])]
    insert(
        Blob, ({"sha256": sha, "size": 1, "mime": "image/png", "kind": "image"} for sha in files)
    )
    found: list[tuple[str, str, int, str]] = []
    for kind, model, title in (("template", Template, "name"), ("share", Share, "title")):
        rows = model.objects.filter(pk__gte=FIRST_ID).order_by("pk")[: of_kind[kind]]
        listed = list(rows.values_list("pk", "owner", title))
        found += [(kind, str(pk), owner, name) for pk, owner, name in listed]
        hidden = model.objects.filter(pk__in=[pk for pk, *_ in listed[::5]])
        hidden.update(moderation="removed")
    found += [("comment", str(one["id"]), one["author_id"], one["text"][:60]) for one in comments]
    # A hundred cases of one person's, for the search by a name.
    found[:100] = [(kind, key, FIRST_PERSON, title) for kind, key, _, title in found[:100]]
    people = range(FIRST_PERSON, FIRST_PERSON + of_kind["user"])
    found += [("user", str(pk), pk, f"Member {pk}") for pk in people]
    found += [("media", sha, FIRST_PERSON, f"Image {sha[:12]}") for sha in files]
    chance.shuffle(found)
    yield from found


if __name__ == "__main__":
    import django

    django.setup()
    fill(int(sys.argv[1]), int(sys.argv[2]))
