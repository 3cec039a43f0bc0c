"""`python -m tests.bench.many_templates COUNT` fills a server's database with public templates.

Their words, tags, categories and uses are as unequal as people make them: a few are everywhere.
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from typing import Any

from tests.bench.bulk import FIRST_ID, insert

BATCH = 2_000
PEOPLE = 200
VOCABULARY = 6_000
# Words by their share among the templates, for searches that find much, some and little.
COMMON = ("film", 0.4)
KNOWN = ("harbour", 0.05)
RARE = ("otter", 0.0005)
TAGS = ("product", "night", "neon", "paper", "rain", "loop", "teaser", "slow", "macro", "poster")


def fill(count: int) -> None:
    from django.db import connection, transaction

    from accounts.models import User

    chance = random.Random(42)
    letters = "aeioulrstnmkdp"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(VOCABULARY)]
    people = User.objects.bulk_create(
        User(username=f"maker-{number}", display_name=f"Maker {number}") for number in range(PEOPLE)
    )
    for first in range(0, count, BATCH):
        # Foreign keys are checked at the end of a transaction.
        with transaction.atomic():
            _batch(range(first, min(first + BATCH, count)), chance, words, people)
    with connection.cursor() as cursor:
        # Postgres would do so by itself within minutes.
        cursor.execute("ANALYZE")


def _spec(number: int, chance: random.Random, words: list[str]) -> dict[str, Any]:
    from templates_app.graph.spec import CATEGORIES

    def some(least: int, most: int) -> str:
        length = chance.randint(least, most)
        chosen = [words[int(len(words) * chance.random() ** 3)] for _ in range(length)]
        chosen += [word for word, share in (COMMON, KNOWN, RARE) if chance.random() < share / 2]
        return " ".join(chosen)

    stages = [
        {
            "id": f"stage{place}",
            "type": "fixed",
            "tool": "generate_video" if place % 2 else "generate_image",
            "args": {"prompt": "$inputs.brief"},
            "produces": [f"medium{place}"],
            **({"requiredArtifactsIn": [f"medium{place - 1}"]} if place else {}),
        }
        for place in range(chance.randint(2, 8))
    ]
    return {
        "name": f"{some(1, 4)} {number}".capitalize(),
        "description": some(8, 25).capitalize(),
        "brief": some(5, 30),
        "category": chance.choices(CATEGORIES, (20, 30, 5, 20, 10, 5, 9, 1))[0],
        "stability": "experimental",
        "tags": [tag for place, tag in enumerate(TAGS) if chance.random() < 0.4 / (place + 1)],
        "inputs": [{"name": "brief", "type": "text", "required": True}],
        "stages": stages,
        "exposeToLLM": False,
    }


def _batch(numbers: range, chance: random.Random, words: list[str], people: list[Any]) -> None:
    from core import clock
    from templates_app.gallery_index import card_spec, heat_at, listed_words
    from templates_app.models import Listing, Template, TemplateStats, TemplateVersion

    now = clock.now()
    made = [
        (FIRST_ID + number, _spec(number, chance, words), chance.choice(people).pk)
        for number in numbers
    ]
    at = {pk: now - timedelta(seconds=chance.randrange(365 * 24 * 3600)) for pk, _, _ in made}
    insert(
        Template,
        (
            {
                "id": pk,
                "public_id": f"wf_made_{pk:08x}",
                "owner_id": owner,
                "name": spec["name"],
                "category": spec["category"],
                "tags_text": "\n".join(spec["tags"]),
                "visibility": "public",
                # Of its only version, which has the same id; checked when both are there.
                "head_id": pk,
                "published_id": pk,
                "created_at": at[pk],
                "published_at": at[pk],
            }
            for pk, spec, owner in made
        ),
    )
    insert(
        TemplateVersion,
        (
            {
                "id": pk,
                "template_id": pk,
                "number": 1,
                "semver": "0.0.1",
                "spec": spec,
                "content_sha256": f"{pk:064x}",
                "cause": "create",
                "created_by_id": owner,
            }
            for pk, spec, owner in made
        ),
    )
    insert(
        TemplateStats,
        (
            {
                "template_id": pk,
                "category": spec["category"],
                "published_at": at[pk],
                "runs": int(chance.paretovariate(0.7)) % 50_000,
                "forks": int(chance.paretovariate(1.2)) % 5_000,
                "heat": heat_at(at[pk], min(chance.paretovariate(0.7), 1e6)),
            }
            for pk, spec, _ in made
        ),
    )
    insert(
        Listing,
        (
            {"template_id": pk, "words": listed_words(spec), "card": card_spec(spec)}
            for pk, spec, _ in made
        ),
    )


if __name__ == "__main__":
    import django

    django.setup()
    fill(int(sys.argv[1]))
