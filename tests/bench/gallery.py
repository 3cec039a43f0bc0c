"""The row about the gallery among very many public templates.

`python -m tests.bench.gallery COUNT` fills a server's database with them. Their words, tags,
categories and uses are as unequal as people make them: a few are everywhere.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

import django

from tests.bench.figures import Figure, spread
from tests.bench.ground import cpu_s, output_of, serving
from tests.bench.wire import ms_since
from tests.support.server import Site

COUNT = 100_000
REQUESTS = 60
LARGEST_KB = 100
MORE = re.compile(r'href="([^"]*after=[^"]*)"')
SORTS = ("", "&sort=new", "&sort=forked")
# Words by their share among the templates, for searches that find much, some and little.
COMMON, KNOWN, RARE = ("film", 0.4), ("harbour", 0.05), ("otter", 0.0005)
TAGS = ("product", "night", "neon", "paper", "rain", "loop", "teaser", "slow", "macro", "poster")
TWO_WORDS = f"{KNOWN[0]}+{COMMON[0]}"
LISTS: dict[str, Sequence[str]] = {
    "": ("/", "/?sort=new", "/?sort=forked"),
    "category": ("music", "other", "video-social"),
    "tag": ("product", "poster", "product&tag=poster", "neon&tag=rain"),
    "q": (COMMON[0], KNOWN[0], RARE[0], "fil", "o", TWO_WORDS, "nothing", "r&category=other"),
}
DEEP = "/?sort=forked&q=fil"

BATCH = 2_000
PEOPLE = 200
VOCABULARY = 6_000
# What is filled in counts its ids from here; what the server inserts stays below.
FIRST_ID = 1_000_000


def gallery(database: str) -> Iterator[Figure]:
    """The front page among 100,000 templates: in each order, by category, by tag, searched, and
    deep pages, as a visitor.

    60 requests of each kind, from sending the request to having read the page, through the real web
    server, one after the other over one keep-alive connection; the addresses of a kind take turns,
    and the first round is not counted. Deep pages follow "Show more" 60 times. Beside it the web
    process's CPU time of a page, and last the largest page without its media.
    """
    with serving(database, workers=0) as site:
        output_of(site.env, "gallery", COUNT)
        visitor = _Visitor(site)
        for name, values in LISTS.items():
            listed = [f"/?{name}={value}{sort}" for value in values for sort in SORTS]
            addresses = listed if name else values
            for address in addresses:
                visitor.page(address)
            pages = islice(cycle(addresses), REQUESTS)
            yield visitor.measured(f"gallery, {name or 'orders'}, {database}", pages)
        yield visitor.measured(f"gallery, deep pages, {database}", visitor.deeper())
    size = {"size": visitor.largest / 1000}
    row = f"gallery, the largest page, {database}"
    yield Figure(row, size, unit="KB", judged="size", target=LARGEST_KB)


class _Visitor:
    def __init__(self, site: Site) -> None:
        self._site = site
        parts = urlsplit(site.url)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._last = ""
        self.largest = 0

    def page(self, address: str) -> float:
        """Ask for a page. Returns the milliseconds until it was read."""
        began = time.perf_counter()
        self._line.request("GET", address)
        answer = self._line.getresponse()
        body = answer.read()
        took_ms = ms_since(began)
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")
        self.largest, self._last = max(self.largest, len(body)), body.decode()
        return took_ms

    def measured(self, row: str, addresses: Iterable[str]) -> Figure:
        before_s = cpu_s(self._site.webs())
        samples = [self.page(address) for address in addresses]
        each_ms = 1000 * (cpu_s(self._site.webs()) - before_s) / len(samples)
        return spread(row, samples, 100, beside=f"{each_ms:.0f} ms of web CPU a page")

    def deeper(self) -> Iterator[str]:
        yield DEEP
        for _ in range(REQUESTS - 1):
            yield unescape(MORE.findall(self._last)[-1])


def fill(count: int) -> None:
    """Insert public templates, each with its only version, which has the same id."""
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

    rows: dict[Any, list[dict[str, Any]]] = {
        model: [] for model in (Template, TemplateVersion, TemplateStats, Listing)
    }
    for pk in range(FIRST_ID + numbers.start, FIRST_ID + numbers.stop):
        spec = _spec(pk - FIRST_ID, chance, words)
        owner, of = chance.choice(people).pk, {"template_id": pk}
        made_at = clock.now() - timedelta(seconds=chance.randrange(365 * 24 * 3600))
        shown = {"category": spec["category"], "published_at": made_at}
        rows[Template].append(
            {
                "id": pk,
                "public_id": f"wf_made_{pk:08x}",
                "owner_id": owner,
                "name": spec["name"],
                "tags_text": "\n".join(spec["tags"]),
                "visibility": "public",
                "head_id": pk,
                "published_id": pk,
                "created_at": made_at,
                **shown,
            }
        )
        version = {"id": pk, "number": 1, "semver": "0.0.1", "spec": spec, "cause": "create"}
        version |= {"content_sha256": f"{pk:064x}", "created_by_id": owner}
        rows[TemplateVersion].append({**of, **version})
        uses = {
            "runs": int(chance.paretovariate(0.7)) % 50_000,
            "forks": int(chance.paretovariate(1.2)) % 5_000,
            "heat": heat_at(made_at, min(chance.paretovariate(0.7), 1e6)),
        }
        rows[TemplateStats].append({**of, **shown, **uses})
        rows[Listing].append({**of, "words": listed_words(spec), "card": card_spec(spec)})
    for model, listed in rows.items():
        _insert(model, listed)


def _insert(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows as mappings of a model's columns (`owner_id`); defaults fill the rest.

    Past the ORM, which would take an hour.
    """
    from django.db import connection

    fields = model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([_value(field, row) for field in fields])
            return
        marks = ", ".join("?" * len(fields))
        values = (tuple(_of_sqlite(_value(field, row)) for field in fields) for row in rows)
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        connection.connection.executemany(sql, values)


def _value(field: Any, row: Mapping[str, Any]) -> Any:
    value = row[field.attname] if field.attname in row else field.get_default()
    is_json = field.get_internal_type() == "JSONField" and value is not None
    return json.dumps(value) if is_json else value


def _of_sqlite(value: Any) -> Any:
    """Return a value as Django stores it there."""
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value


if __name__ == "__main__":
    django.setup()
    fill(int(sys.argv[1]))
