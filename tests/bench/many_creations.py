"""`python -m tests.bench.many_creations COUNT` fills a server's database with creations.

It needs the templates of tests/bench/many_templates.py, which they were made with. As many people
share them as there are creations, most of them once, a few of them thousands; templates and words
are as unequal. Their media have rows and no files: pages name them, and no one fetches them.
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from typing import Any

from tests.bench.bulk import FIRST_ID, insert
from tests.bench.many_templates import COMMON, KNOWN, RARE, TAGS

BATCH = 2_000
VOCABULARY = 6_000
# This person shares a tenth of all, this one one creation alone; this one's account is closed.
PROLIFIC, ONCE, GONE = "Ottoline Marsh", "Quillon Verity", "Closed Account"
# A tag that only the oldest hold.
BYGONE = "yesteryear"
# By kind: its share among all, and what a blob of it knows of itself.
KINDS: dict[str, tuple[float, dict[str, Any]]] = {
    "video": (0.6, {"width": 1280, "height": 720, "duration_ms": 8_000}),
    "image": (0.3, {"width": 1024, "height": 1024}),
    "audio": (0.09, {"duration_ms": 30_000}),
    "model": (0.01, {}),
}
BLOBS = 20


def fill(count: int) -> None:
    from django.db import connection

    from templates_app.models import TemplateVersion

    chance = random.Random(43)
    people, blobs = _people(count, chance), _blobs()
    # Version and template of those tests/bench/many_templates.py made have one id.
    versions = list(TemplateVersion.objects.filter(pk__gte=FIRST_ID).values_list("id", flat=True))
    words = _vocabulary(chance)
    # The newest creation has the highest id, as where people share one after the other.
    ages_s = sorted((chance.randrange(365 * 24 * 3600) for _ in range(count)), reverse=True)
    for first in range(0, count, BATCH):
        drawn = [
            _drawn(number, count, ages_s[number], chance, words, people, versions, blobs)
            for number in range(first, min(first + BATCH, count))
        ]
        _insert(drawn)
    with connection.cursor() as cursor:
        # Postgres would do so by itself within minutes.
        cursor.execute("ANALYZE")


def _vocabulary(chance: random.Random) -> list[str]:
    letters = "aeioulrstnmkdp"
    return ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(VOCABULARY)]


def _people(count: int, chance: random.Random) -> list[tuple[int, str]]:
    """As many people as creations: their ids and names."""
    from accounts.models import User

    firsts, lasts = _vocabulary(chance)[:300], _vocabulary(chance)[:3_000]
    names = [f"{chance.choice(firsts)} {chance.choice(lasts)}".title() for _ in range(count - 3)]
    people = list(enumerate((PROLIFIC, ONCE, GONE, *names), FIRST_ID))
    insert(
        User,
        (
            {
                "id": pk,
                "username": f"person-{pk}",
                "display_name": name,
                "is_active": name != GONE,
            }
            for pk, name in people
        ),
    )
    return people


def _blobs() -> dict[str, list[str]]:
    from media.models import Blob

    found: dict[str, list[str]] = {}
    for place, (kind, (_, facts)) in enumerate(KINDS.items()):
        found[kind] = [f"{place * BLOBS + number:064x}" for number in range(BLOBS)]
        insert(
            Blob,
            (
                {"sha256": sha, "size": 1_000_000, "mime": f"{kind}/made", "kind": kind, **facts}
                for sha in found[kind]
            ),
        )
    return found


def _drawn(
    number: int,
    count: int,
    age_s: int,
    chance: random.Random,
    words: list[str],
    people: list[tuple[int, str]],
    versions: list[int],
    blobs: dict[str, list[str]],
) -> dict[str, Any]:
    from core import clock

    def some(least: int, most: int) -> str:
        length = chance.randint(least, most)
        chosen = [words[int(len(words) * chance.random() ** 3)] for _ in range(length)]
        chosen += [word for word, share in (COMMON, KNOWN, RARE) if chance.random() < share / 2]
        return " ".join(chosen)

    kind = chance.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]
    owner = people[3 + int((len(people) - 3) * chance.random() ** 2)]
    if number == count // 2:
        owner = people[1]
    elif chance.random() < 0.11:
        owner = chance.choices(people[:3:2], (10, 1))[0]
    tags = [tag for place, tag in enumerate(TAGS) if chance.random() < 0.4 / (place + 1)]
    if number < count // 20:
        tags.append(BYGONE)
    return {
        "id": FIRST_ID + number,
        "owner": owner,
        "version": versions[int(len(versions) * chance.random() ** 6)],
        "at": clock.now() - timedelta(seconds=age_s),
        "title": f"{some(1, 4)} {number}".capitalize(),
        "note": " ".join((f"{some(5, 25).capitalize()}.", *(f"#{tag}" for tag in tags))),
        "prompts": [{"stage": "Shot", "text": some(5, 30)}] if chance.random() < 0.4 else [],
        "visibility": "unlisted" if chance.random() < 0.03 else "public",
        "moderation": "quarantined" if chance.random() < 0.01 else "visible",
        "has_ended": chance.random() < 0.02,
        "likes": int(chance.paretovariate(1.0)) % 20_000,
        "uses": min(chance.paretovariate(0.7), 1e6),
        "kind": kind,
        "blob": chance.choice(blobs[kind]),
        "poster": chance.choice(blobs["image"]) if kind == "video" else None,
    }


def _insert(drawn: list[dict[str, Any]]) -> None:
    from accounts.models import User
    from creations.models import Share, ShareListing, ShareMedia
    from creations.search_terms import line_of_share
    from runs.models import Run
    from templates_app.gallery_index import heat_at

    insert(
        Run,
        (
            {
                "id": one["id"],
                "public_id": f"run_made_{one['id']:08x}",
                "owner_id": one["owner"][0],
                "kind": "workflow",
                "title": one["title"],
                "status": "completed",
                "template_version_id": one["version"],
                "request": {},
                "plan": {},
                "created_at": one["at"],
                "finished_at": one["at"],
            }
            for one in drawn
        ),
    )
    insert(
        Share,
        (
            {
                "id": one["id"],
                "run_id": one["id"],
                "owner_id": one["owner"][0],
                "version_id": one["version"],
                "visibility": one["visibility"],
                "moderation": one["moderation"],
                "title": one["title"],
                "note": one["note"],
                "shows_prompts": bool(one["prompts"]),
                "prompts": one["prompts"],
                "likes": one["likes"],
                "heat": heat_at(one["at"], one["uses"]),
                "created_at": one["at"],
                "ended_at": one["at"] + timedelta(hours=1) if one["has_ended"] else None,
            }
            for one in drawn
        ),
    )
    insert(
        ShareMedia,
        (
            {
                "id": one["id"],
                "share_id": one["id"],
                "position": 0,
                "kind": one["kind"],
                "blob_id": one["blob"],
                "poster_id": one["poster"],
                "filename": f"{one['kind']}.bin",
            }
            for one in drawn
        ),
    )
    listed = [
        one
        for one in drawn
        if one["visibility"] == "public" and one["moderation"] == "visible" and not one["has_ended"]
    ]

    def words(one: dict[str, Any]) -> str:
        share = Share(title=one["title"], note=one["note"], prompts=one["prompts"])
        share.owner = User(display_name=one["owner"][1])
        return line_of_share(share, one["kind"], one["version"])

    insert(ShareListing, ({"share_id": one["id"], "words": words(one)} for one in listed))


if __name__ == "__main__":
    import django

    django.setup()
    fill(int(sys.argv[1]))
