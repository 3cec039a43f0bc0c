"""`python -m tests.bench.many_templates COUNT` fills a server's database with public templates.

Their words, tags, categories and uses are as unequal as people make them: a few are everywhere.
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from typing import Any

BATCH = 2_000
PEOPLE = 200
VOCABULARY = 6_000
# Words by their share among the templates, for searches that find much, some and little.
COMMON = ("film", 0.4)
KNOWN = ("harbour", 0.05)
RARE = ("otter", 0.0005)
TAGS = ("product", "night", "neon", "paper", "rain", "loop", "teaser", "slow", "macro", "poster")


def fill(count: int) -> None:
    from django.db import connection

    from accounts.models import User

    chance = random.Random(42)
    letters = "aeioulrstnmkdp"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(VOCABULARY)]
    people = User.objects.bulk_create(
        User(username=f"maker-{number}", display_name=f"Maker {number}") for number in range(PEOPLE)
    )
    for first in range(0, count, BATCH):
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
    from django.db import transaction

    from core import clock
    from templates_app.gallery_index import card_spec, heat_at, listed_words
    from templates_app.models import Listing, Template, TemplateStats, TemplateVersion

    now = clock.now()
    specs = [_spec(number, chance, words) for number in numbers]
    made = [now - timedelta(seconds=chance.randrange(365 * 24 * 3600)) for _ in numbers]
    with transaction.atomic():
        templates = Template.objects.bulk_create(
            Template(
                public_id=f"wf_made_{number:08x}",
                owner=chance.choice(people),
                name=spec["name"],
                category=spec["category"],
                tags_text="\n".join(spec["tags"]),
                created_at=at,
                published_at=at,
            )
            for number, spec, at in zip(numbers, specs, made, strict=True)
        )
        versions = TemplateVersion.objects.bulk_create(
            TemplateVersion(
                template=template,
                number=1,
                semver="0.0.1",
                spec=spec,
                content_sha256=f"{template.pk:064x}",
                cause="create",
                created_by=template.owner,
            )
            for template, spec in zip(templates, specs, strict=True)
        )
        for template, version in zip(templates, versions, strict=True):
            template.visibility, template.head, template.published = "public", version, version
        Template.objects.bulk_update(templates, ["visibility", "head", "published"], batch_size=200)
        TemplateStats.objects.bulk_create(
            TemplateStats(
                template=template,
                category=spec["category"],
                published_at=at,
                runs=int(chance.paretovariate(0.7)) % 50_000,
                forks=int(chance.paretovariate(1.2)) % 5_000 - 1,
                heat=heat_at(at, min(chance.paretovariate(0.7), 1e6)),
            )
            for template, spec, at in zip(templates, specs, made, strict=True)
        )
        Listing.objects.bulk_create(
            Listing(template=template, words=listed_words(spec), card=card_spec(spec))
            for template, spec in zip(templates, specs, strict=True)
        )


if __name__ == "__main__":
    import django

    django.setup()
    fill(int(sys.argv[1]))
