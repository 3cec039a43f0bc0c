"""Searching what is public: what is found, in which order, page by page; on either database."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from core.paging import Page
from templates_app import gallery_index
from templates_app.lifecycle import forking, services
from templates_app.models import Listing, Template, TemplateStats
from templates_app.search import SORTS, GalleryPage, list_templates, search_templates
from tests.support.builders.templates import HOSTS, make_public, make_template, name_as_before

pytestmark = pytest.mark.django_db


def names(page: GalleryPage) -> list[str]:
    return [found.card["name"] for found in page.found]


def found(**asked: Any) -> set[str]:
    return set(names(search_templates(**asked)))


def unlike(body: dict[str, Any]) -> dict[str, Any]:
    """A template whose words are only those given."""
    return {"description": "", "brief": "", "tags": [], **body}


@pytest.fixture(params=["sorted", "walked"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is walked for a while, then what matches is sorted: the answers are the same."""
    if request.param == "walked":
        monkeypatch.setattr("templates_app.word_index.WINDOW", 1)


both_ways = pytest.mark.usefixtures("_both_ways")


FOUND: dict[str, set[str]] = {
    "otter": {"Neon otters"},
    "NEON": {"Neon otters", "Neon rain"},
    "neon ot": {"Neon otters"},
    "otters neon": {"Neon otters"},
    "eon": set(),
    "harbour": {"Neon rain"},
    "perfume": {"Glass bottle"},
    "sci-fi": {"Neon rain"},
    "cafe": {"Café Müller"},
    "CAFÉ": {"Café Müller"},
    "muller": {"Café Müller"},
    "映画": {"猫の映画"},
    "猫": {"猫の映画"},
    "हिन्दी": {"हिन्दी गीत"},
    "שלום": {"שלום עולם"},
    "🦊": {"🦊 Fox trot"},
    "ﬁlm": {"Film noir"},
    "": {"Neon otters", "Neon rain", "Glass bottle", "Café Müller", "猫の映画", "हिन्दी गीत",
         "שלום עולם", "🦊 Fox trot", "Film noir"},
    "!!! ---": set(),
    "neon nothing": set(),
}  # fmt: skip


@both_ways
def test_words_find_where_one_begins_with_them(alice: User) -> None:
    for name, more in {
        "Neon otters": {},
        "Neon rain": {"description": "A harbour at night.", "tags": ["Sci-Fi"]},
        "Glass bottle": {"brief": "Shot like a perfume ad"},
        "Café Müller": {},
        "猫の映画": {},
        "हिन्दी गीत": {},
        "שלום עולם": {},
        "🦊 Fox trot": {},
        "Film noir": {},
    }.items():
        make_public(alice, **unlike({"name": name, **more}))
    assert {query: found(query=query) for query in FOUND} == FOUND
    assert found() == found(query="   ") == FOUND[""]


def test_a_list_of_templates_has_those_that_hold_both_words(alice: User, bob: User) -> None:
    for name in ("Neon otters", "Neon rain", "Glass otters"):
        make_public(bob, **unlike({"name": name}))
        make_template(alice, **unlike({"name": f"{name} of mine"}))
    for query in ("neon ot", "otters neon"):
        listed, _ = list_templates(alice, "all", Page(20, 0), query=query)
        names = [one.template.name for one in listed]
        assert sorted(names) == ["Neon otters", "Neon otters of mine"], query


def test_a_page_that_is_full_before_the_walk_ends_holds_both_words(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("templates_app.word_index.WINDOW", 5)
    for number, name in product(range(3), ("Neon otters", "Neon rain")):
        make_public(alice, **unlike({"name": f"{name} {number}"}))
    page = search_templates(query="neon ot", sort="new", limit=2)
    assert names(page) == ["Neon otters 2", "Neon otters 1"]


@both_ways
def test_category_and_tags_narrow_together(alice: User) -> None:
    for name, category, tags in (
        ("A", "music", ["song", "Late Night"]),
        ("B", "music", ["song"]),
        ("C", "cinematic", ["song", "late-night"]),
    ):
        make_public(alice, **unlike({"name": name, "category": category, "tags": tags}))
    assert found(category="music") == {"A", "B"}
    assert found(tags=["song"]) == {"A", "B", "C"}
    assert found(tags=["late night"]) == {"A", "C"}
    assert found(tags=["LATE_NIGHT", "song"], category="music") == {"A"}
    assert found(tags=["late"]) == set()
    assert found(query="late", category="cinematic") == {"C"}
    assert found(query="music") == set()
    assert found(category="nothing") == set()
    assert found(tags=["!"]) == set()


HOSTILE = [
    "' OR 1=1 --",
    'a" OR "b',
    "a AND",
    "NEAR(a b)",
    "words:a",
    "^a*",
    "-(a",
    "a & b | !c:*",
    "\\'",
    "a\x00b",
    "%s %(x)s {join}",
    "#tag",
    "@music",
    "\ud800",
    "\u202e\u200b\u2066",
    "𝕗𝕚𝕝𝕞 ﷽ ﬃ",
    "é" * 5000,
    "a " * 5000,
    "🏳️‍🌈👩‍👩‍👧‍👦",
]


@both_ways
def test_no_text_breaks_the_search(alice: User) -> None:
    make_public(alice, name="Plain")
    for text in HOSTILE:
        for asked in ({"query": text}, {"tags": [text]}, {"category": text}, {"sort": text}):
            search_templates(**asked)  # type: ignore[arg-type]
        assert names(search_templates(after=text)) == ["Plain"], text[:60]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "‮txt.exe", "🦊" * 20, "w" * 200])
def test_hostile_names_are_found_as_written(alice: User, name: str) -> None:
    # Some of them were taken by earlier releases.
    name_as_before(make_public(alice), name)
    assert found(query=name) == {name}


def _after(*content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


UNREADABLE = [
    "x",
    "====",
    "a" * 5000,
    _after(),
    _after("heat", "1", 1),
    _after("heat", 1.5, -1),
    _after("heat", 1.5, True),
    _after("heat", 1.5, 2**70),
    _after("heat", float("nan"), 1),
    _after("heat", [], {}),
    _after("forks", 3, 1),
    base64.urlsafe_b64encode(b"[" * 140).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]
IMPOSSIBLE_TIMES = [_after("published_at", time, 1) for time in (2**62, -1, 1.5)]


def test_an_unreadable_place_is_the_first_page(alice: User) -> None:
    make_public(alice, name="Plain")
    for sort, places in (("trending", UNREADABLE), ("new", IMPOSSIBLE_TIMES)):
        for after in places:
            assert names(search_templates(sort=sort, after=after)) == ["Plain"], after[:60]


@pytest.fixture
def many(alice: User) -> list[int]:
    """60 public templates with few different counts and times, so that equals abound."""
    version = make_template(alice, name="Reel", tags=["reel"]).head
    now, chance = clock.now(), random.Random(7)
    made = Template.objects.bulk_create(
        Template(
            public_id=f"reel-{number}",
            owner=alice,
            name="Reel",
            visibility="public",
            head=version,
            published=version,
            published_at=now - timedelta(hours=chance.randrange(5)),
        )
        for number in range(60)
    )
    for template in made:
        gallery_index.refresh(template.pk)
        TemplateStats.objects.filter(pk=template.pk).update(
            forks=chance.randrange(4), heat=float(chance.randrange(6)), category="music"
        )
    return [template.pk for template in made]


@both_ways
def test_pages_follow_one_another_without_doubles_or_gaps(alice: User, many: list[int]) -> None:
    for sort, narrowed in product(SORTS, [{}, {"category": "music"}, {"query": "reel"}]):
        with transaction.atomic():
            pages, seen = _walk(alice, sort, narrowed)
            transaction.set_rollback(True)
        assert 9 <= pages <= 11, (sort, narrowed)
        assert len(seen) == len(set(seen)), (sort, narrowed)
        assert set(many) <= set(seen), (sort, narrowed)


def _walk(alice: User, sort: str, narrowed: dict[str, str]) -> tuple[int, list[int]]:
    """Turn pages while others publish and use templates: (pages, templates seen on them)."""
    if "category" in narrowed:
        Listing.objects.all().update(words=" @music reel #reel ")
    seen: list[int] = []
    after, pages = "", 0
    while True:
        page = search_templates(sort=sort, after=after, limit=7, **narrowed)
        seen += [found.template.pk for found in page.found]
        pages += 1
        if page.after is None:
            return pages, seen
        after = page.after
        make_public(alice, name=f"Late reel {pages}", category="music")
        gallery_index.note_run(seen[0])
        gallery_index.note_fork(seen[-1])


def test_orders(alice: User, bob: User) -> None:
    first, second, third = (make_public(alice, name=name) for name in ("one", "two", "three"))
    now = clock.now()
    for days, template in ((3, first), (2, second), (1, third)):
        Template.objects.filter(pk=template.pk).update(published_at=now - timedelta(days=days))
        TemplateStats.objects.filter(pk=template.pk).update(
            heat=gallery_index.heat_at(now - timedelta(days=days)),
            published_at=now - timedelta(days=days),
        )
    assert names(search_templates(sort="new")) == ["three", "two", "one"]
    assert names(search_templates()) == ["three", "two", "one"]
    forking.fork_template(actor=bob, public_id=second.public_id)
    assert names(search_templates(sort="forked"))[0] == "two"
    for _ in range(5):
        gallery_index.note_run(first.pk)
    assert names(search_templates(sort="trending")) == ["one", "two", "three"]
    page = search_templates(sort="forked")
    assert [(one.stats.runs, one.stats.forks) for one in page.found] == [(0, 1), (0, 0), (5, 0)]


def test_heat_is_the_logarithm_of_a_decayed_count(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = make_public(alice)
    start = clock.now()
    TemplateStats.objects.update(heat=gallery_index.heat_at(start))
    moment = start + timedelta(seconds=gallery_index.HALF_LIFE_S)
    monkeypatch.setattr("core.clock.now", lambda: moment)
    gallery_index.note_run(template.pk)
    # The first use counts half by now, the second whole.
    heat = TemplateStats.objects.get().heat
    assert heat == pytest.approx(gallery_index.heat_at(moment, 1.5), abs=1e-9)
    moment = start + timedelta(days=20_000)
    gallery_index.note_run(template.pk)
    assert TemplateStats.objects.get().heat == pytest.approx(
        gallery_index.heat_at(moment), abs=1e-9
    )
    TemplateStats.objects.update(heat=gallery_index.heat_at(moment + timedelta(days=20_000)))
    gallery_index.note_run(template.pk)
    assert TemplateStats.objects.get().runs == 3


def _hide(state: str) -> Callable[[Template], None]:
    def hide(template: Template) -> None:
        Template.objects.filter(pk=template.pk).update(moderation=state)

    return hide


def _delete(template: Template) -> None:
    services.delete_template(actor=template.owner, public_id=template.public_id)


def _withdraw(template: Template) -> None:
    _patch(template, visibility="private")


def _patch(template: Template, **changes: Any) -> None:
    services.patch_template(
        actor=template.owner, public_id=template.public_id, changes=changes, own_hosts=HOSTS
    )


@pytest.mark.parametrize(
    "end", [_hide("quarantined"), _hide("removed"), _delete, _withdraw], ids=range(4)
)
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "untold"])
def test_what_is_not_public_is_not_found(
    alice: User, end: Callable[[Template], None], is_told: bool
) -> None:
    template = make_public(alice, name="Marsh", tags=["fen"])
    assert found(query="marsh", tags=["fen"]) == {"Marsh"}
    end(template)
    if is_told:
        gallery_index.refresh(template.pk)
        assert not Listing.objects.exists()
    assert found(query="marsh", tags=["fen"]) == found() == found(sort="new") == set()


def test_private_templates_are_never_listed(alice: User) -> None:
    make_template(alice, name="Marsh")
    assert not TemplateStats.objects.exists()
    assert found() == set()


def test_published_again_it_keeps_its_counts_and_finds_its_new_words(alice: User) -> None:
    template = make_public(alice, **unlike({"name": "Marsh", "category": "music"}))
    gallery_index.note_run(template.pk)
    _withdraw(template)
    _patch(template, name="Fen", category="cinematic")
    assert found(query="fen") == set()
    _patch(template, visibility="public")
    assert found(query="marsh") == found(category="music") == set()
    assert found(query="fen", category="cinematic") == {"Fen"}
    assert TemplateStats.objects.get().runs == 1
    Template.objects.filter(pk=template.pk).update(moderation="quarantined")
    gallery_index.refresh(template.pk)
    Template.objects.filter(pk=template.pk).update(moderation="visible")
    gallery_index.refresh(template.pk)
    assert found(query="fen") == {"Fen"}


def test_a_change_in_public_changes_what_is_found(alice: User) -> None:
    template = make_public(alice, **unlike({"name": "Marsh"}))
    _patch(template, name="Fen", tags=["water"])
    assert found(query="marsh") == set()
    assert found(query="fen", tags=["water"]) == {"Fen"}


def test_the_index_forgets_rows_that_are_deleted(alice: User) -> None:
    make_public(alice, name="Marsh")
    Listing.objects.all().delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO templates_app_listing_fts(templates_app_listing_fts)"
                " VALUES ('integrity-check')"
            )
            cursor.execute("SELECT count(*) FROM templates_app_listing_fts('marsh')")
            assert cursor.fetchone() == (0,)


def test_a_page_costs_the_same_few_queries_however_many_it_shows(
    alice: User, many: list[int]
) -> None:
    counts = set()
    for limit in (1, 30):
        for asked in ({}, {"query": "reel"}, {"tags": ["reel"]}):
            with CaptureQueriesContext(connection) as queries:
                page = search_templates(limit=limit, **asked)  # type: ignore[arg-type]
                [one.template.owner.shown_name for one in page.found]
            counts.add(len(queries))
    assert max(counts) <= 4


def test_a_card_is_small_however_large_the_spec(alice: User) -> None:
    args = {"prompt": "$inputs.brief", "model": "m" * 400}
    stage = {"type": "fixed", "tool": "generate_image", "args": args}
    stages = [{"id": f"s{number}", **stage} for number in range(300)]
    template = make_public(alice, stages=stages, description="long " * 9000, brief="x" * 90_000)
    kept = Listing.objects.get(pk=template.pk)
    assert len(json.dumps(kept.card)) < 12_000
    assert len(kept.words) < 30_000
    assert kept.card["stageCount"] == 300
