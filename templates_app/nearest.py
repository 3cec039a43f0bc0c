"""The public templates nearest to a text: those that hold its words, the rarest words first.

A word counts as much as in BM25, whose other factors say nothing here: an index of words holds each
word of a template once. Neither database's own ranking fits: Postgres' `ts_rank` doesn't know which
words are rare, and SQLite's `bm25` reads each match again, which takes seconds where "the" is in
half of 100,000 templates. So what many templates hold is left out before anything is ranked.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from django.db import connection

from accounts import blocks
from accounts.models import User
from core.raw_sql import Statement
from templates_app.models import Listing, Template
from templates_app.search import WORDS, FoundTemplate, search_templates
from templates_app.selectors import OPEN
from templates_app.tokenizer import words_of
from templates_app.word_index import fts_query, tsquery

MOST: Final = 3
# Different words of a text, from its beginning.
WORDS_READ: Final = 40
# What more listings hold than one in so many, or than so many in all, tells none of them apart.
COMMON_SHARE: Final = 3
COMMON_FROM: Final = 1_000
# Of words this long the beginning matches too: "robot" means "robots", but "fox" no "foxglove".
BEGINS_FROM: Final = 5
# Korean writes particles onto its nouns, most of which have two syllables.
KOREAN_STEM: Final = 2
LOOKED_AT: Final = 100

_ON_SQLITE: Final = f"""(SELECT rowid AS id FROM {WORDS.listing}_fts(%(term{{0}})s)
    LIMIT %(limit)s) held{{0}}"""  # noqa: S608
_ON_POSTGRES: Final = f"""(SELECT {WORDS.key} AS id FROM {WORDS.listing}
    WHERE vector @@ %(term{{0}})s::tsquery LIMIT %(limit)s) held{{0}}"""  # noqa: S608

# Ids of listings by what to look for, which is as `WordIndex.first` takes it.
Holders: TypeAlias = Mapping[str, Sequence[int]]


def nearest(text: str, person: User | None, most: int = MOST) -> list[FoundTemplate]:
    """Return the public templates that hold words of a text, the nearest first.

    person: who asks, None for a visitor; people they blocked or muted are left out. Any text is a
    valid argument. Without a word that tells templates apart, those that hold all of its first
    words, as the gallery finds them.
    """
    left_out = blocks.left_out(person)
    words = list(islice(dict.fromkeys(words_of(text)), WORDS_READ))
    if not words:
        return []
    ids = _visible(_ranking(words), left_out, most)
    if not ids:
        page = search_templates(query=" ".join(words), left_out=left_out, limit=most)
        return list(page.found)
    rows = Template.objects.filter(OPEN, listing__isnull=False, stats__isnull=False)
    templates = rows.select_related("owner", "published", "stats", "listing").in_bulk(ids)
    # Not there: withdrawn since the ids were read.
    in_order = (templates[pk] for pk in ids if pk in templates)
    return [FoundTemplate(one, one.stats, one.listing.card) for one in in_order]


def _ranking(words: Sequence[str]) -> list[int]:
    """Ids of listings that hold any of these words and are worth more than others, best first."""
    count = Listing.objects.all()[: COMMON_FROM * COMMON_SHARE].count()
    # Of a small gallery, a few templates are a large part.
    most = max(MOST, count // COMMON_SHARE)
    if connection.vendor == "sqlite":
        # It takes long for a beginning that is common; of a word that is, it need not be asked.
        whole = _holders([f"{word} " for word in words], most)
        words = [word for word in words if len(whole[f"{word} "]) <= most]
    holders = _holders([_term(word) for word in words], most)
    worth: defaultdict[int, float] = defaultdict(float)
    for ids in holders.values():
        if len(ids) <= most:
            for pk in ids:
                worth[pk] += math.log(1 + (count - len(ids) + 0.5) / (len(ids) + 0.5))
    return sorted(worth, key=lambda pk: (-worth[pk], -pk))


def _term(word: str) -> str:
    """Write a word of a text as what to look for; without a space behind it, as a beginning."""
    if all("가" <= character <= "힣" for character in word):
        return word[:KOREAN_STEM]
    return word if len(word) >= BEGINS_FROM else f"{word} "


def _holders(terms: Iterable[str], most: int) -> Holders:
    """Ids of the listings that hold each of these terms: no more than one above `most`."""
    holders: dict[str, list[int]] = {term: [] for term in terms}
    if not holders:
        return holders
    is_postgres = connection.vendor == "postgresql"
    write = tsquery if is_postgres else fts_query
    source = _ON_POSTGRES if is_postgres else _ON_SQLITE
    # Put together from parts of our own; what people write is among the values.
    parts = (f"SELECT {place}, id FROM {source.format(place)}" for place in range(len(holders)))  # noqa: S608
    statement = Statement(" UNION ALL ".join(parts))
    values = {f"term{place}": write([term]) for place, term in enumerate(holders)}
    lists = list(holders.values())
    for place, pk in statement.rows(**values, limit=most + 1):
        lists[place].append(pk)
    return holders


def _visible(ids: Sequence[int], left_out: Collection[int], most: int) -> list[int]:
    """The first of these templates that everyone sees, without those of some people."""
    visible: list[int] = []
    for start in range(0, len(ids), LOOKED_AT):
        batch = ids[start : start + LOOKED_AT]
        rows = Template.objects.filter(OPEN, pk__in=batch).exclude(owner__in=left_out)
        pks = set(rows.values_list("pk", flat=True))
        visible += [pk for pk in batch if pk in pks]
        if len(visible) >= most:
            break
    return visible[:most]
