"""The gallery's page and its parts, as a browser with and without scripts asks for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from templates_app.models import TemplateStats
from tests.support.builders.templates import make_public, make_template, name_as_before
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def shown(html: str) -> list[str]:
    """The names of a list, without those of what is new this week, which are in it too."""
    html = re.sub(r'(?s)<section aria-labelledby="new">.*?</section>', "", html)
    return re.findall(r'<h3[^>]*><a href="[^"]*"><bdi>(.*?)</bdi>', html)


def page(client: Client, address: str = "/", **headers: Any) -> str:
    answer = client.get(address, **headers)
    assert answer.status_code == 200
    return flat(answer.content)


def test_a_visitor_sees_what_is_public_and_where_to_run_it(client: Client, alice: User) -> None:
    template = make_public(alice, name="Marsh")
    make_template(alice, name="Secret fen")
    html = page(client)
    assert shown(html) == ["Marsh"]
    assert f'href="/t/{template.public_id}#run"' in html
    assert f'src="/t/{template.public_id}/poster.svg"' in html
    assert "<bdi>alice</bdi>" in html
    assert html.count("<h1") == 1


def test_the_front_shows_what_is_new_this_week_and_not_among_its_first_cards(
    client: Client, alice: User
) -> None:
    for number in range(25):
        make_public(alice, name=f"Marsh {number}")
    new = TemplateStats.objects.filter(template__name="Marsh 3")
    TemplateStats.objects.exclude(template__name="Marsh 3").update(
        published_at=clock.now() - timedelta(days=8)
    )
    new.update(heat=0)
    html = page(client)
    section = html[html.index("New this week") : html.index("More templates")]
    assert re.findall("<bdi>(Marsh .*?)</bdi>", section) == ["Marsh 3"]
    assert 'href="/?sort=new"' in section
    assert len(shown(html)) == 24
    assert "New this week" not in page(client, "/?sort=new")
    # What continues the list is in no section.
    link = re.search(r'hx-get="([^"]*after=[^"]*)"', html)
    assert link
    more = page(client, link[1].replace("&amp;", "&"), **HTMX, HTTP_HX_TARGET="more")
    assert len(shown(more)) == 1
    # What is seen already is not shown twice.
    new.update(heat=10_000)
    assert "New this week" not in page(client)


def test_an_address_can_be_shared_whole(client: Client, alice: User) -> None:
    make_public(alice, name="Marsh song", category="music", tags=["Late Night"])
    make_public(alice, name="Marsh film", category="cinematic", tags=["late-night"])
    html = page(client, "/?q=marsh&category=music&tag=late+night&sort=new")
    assert shown(html) == ["Marsh song"]
    assert 'value="marsh"' in html
    for kept in ('name="category" value="music"', 'name="tag" value="late night"', 'value="new"'):
        assert kept in html
    # The tag can be taken away again, and all else stays.
    assert 'href="/?q=marsh&amp;category=music&amp;sort=new"' in html


def test_htmx_gets_the_part_that_changes_and_a_clean_address(client: Client, alice: User) -> None:
    make_public(alice, name="Marsh")
    answer = client.get("/?q=marsh&category=&sort=trending", **HTMX)
    html = answer.content.decode()
    assert "<html" not in html
    assert shown(html) == ["Marsh"]
    assert answer["HX-Push-Url"] == "/?q=marsh"
    assert "HX-Request" in answer["Vary"]
    restored = client.get("/?q=marsh", HTTP_HX_HISTORY_RESTORE_REQUEST="true", **HTMX)
    assert "<html" in restored.content.decode()


def test_more_leads_through_everything_once(client: Client, alice: User) -> None:
    for number in range(25):
        make_public(alice, name=f"Reel {number}")
    for headers in ({**HTMX, "HTTP_HX_TARGET": "more"}, {}):
        seen, html = [], page(client)
        while True:
            seen += shown(html)
            link = re.search(r'<a class="btn" href="([^"]*after=[^"]*)"', html)
            if link is None:
                break
            html = page(client, link[1].replace("&amp;", "&"), **headers)
        assert sorted(seen) == sorted(f"Reel {number}" for number in range(25)), headers


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "No public templates yet"),
        ("/?q=otters", "No results for “<bdi>otters</bdi>”"),
        ("/?category=music", "No templates here"),
        ("/?after=WyJoZWF0IiwxLjUsMV0", "That's all"),
    ],
)
def test_an_empty_list_says_what_to_do(client: Client, db: None, address: str, words: str) -> None:
    html = page(client, address)
    assert words in html
    assert ('<a class="btn" href="/">Clear filters</a>' in html) == (address != "/")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>'])
def test_hostile_names_are_text(client: Client, alice: User, name: str) -> None:
    # Some of them were taken by earlier releases.
    name_as_before(make_public(alice), name, [name], description=name)
    for address in ("/", "/?q=w", f"/?tag={name}"):
        html = page(client, address)
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
    User.objects.filter(pk=alice.pk).update(display_name=name[:80])
    assert "<script>alert" not in page(client)


def test_the_page_costs_few_queries_and_little_weight(client: Client, alice: User) -> None:
    stage = {"type": "fixed", "tool": "generate_image", "args": {"prompt": "$inputs.brief"}}
    stages = [{"id": f"s{number}", **stage} for number in range(30)]
    for number in range(25):
        make_public(alice, name=f"Reel {number} " + "w" * 150, stages=stages, tags=["reel"])
    for address, most in (("/", 5), ("/?q=reel", 4), ("/?tag=reel&sort=new", 4)):
        with CaptureQueriesContext(connection) as queries:
            html = page(client, address)
        assert len(queries) <= most
        assert len(html.encode()) <= 100_000
