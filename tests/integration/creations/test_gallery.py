"""The gallery of creations, pages of authors, and what was made with a template."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts
from accounts.models import User
from core import clock
from creations.models import Share
from media.models import Blob
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.listed_creations import make_share
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
MORE = {**HTMX, "HTTP_HX_TARGET": "more"}
GALLERY = "/creations"


@pytest.fixture
def ada(db: None) -> User:
    """Has a name that others see."""
    ada = make_user("ada-lovelace")
    accounts.change_profile(user=ada, display_name="Ada Lovelace", email="")
    return ada


def shown(text: str) -> list[str]:
    """The names of a list, without those of what is new this week, which are in it too."""
    text = re.sub(r'(?s)<section aria-labelledby="new">.*?</section>', "", text)
    return re.findall(r'<h3[^>]*><a href="[^"]*"><bdi>(.*?)</bdi>', text)


def page(client: Client, address: str = GALLERY, **headers: Any) -> str:
    answer = client.get(address, **headers)
    assert answer.status_code == 200, address
    return flat(answer.content)


def path_of(person: User) -> str:
    return f"/u/{person.public_id}"


def next_of(text: str) -> str | None:
    link = re.search(r'<a class="btn" href="([^"]*after=[^"]*)"', text)
    return html.unescape(link[1]) if link else None


# -- the gallery ---------------------------------------------------------------------------------


def test_a_visitor_sees_cards_that_lead_to_the_creation_and_its_author(ada: User) -> None:
    share = make_share(ada, "Dawn over the marsh", kind="video", likes=3)
    text = page(Client())
    assert shown(text) == ["Dawn over the marsh"]
    assert f'href="/s/{share.public_id}"' in text
    assert f'href="{path_of(ada)}"' in text
    assert f'data-preview="/media/s/{share.public_id}/' in text
    assert "/poster.webp" in text
    assert "1:05" in text
    assert re.search(r"3<span class=\"visually-hidden\">likes</span>", text)
    # Nothing of the run, and of the person only what they chose to show.
    assert share.run.public_id not in text
    assert "ada-lovelace" not in text


def test_only_what_can_be_seen_is_a_picture(ada: User) -> None:
    for kind in ("audio", "model"):
        make_share(ada, kind=kind)
    assert "<img" not in page(Client())
    make_share(ada, kind="image")
    assert page(Client()).count("<img") == 1


def test_the_tabs_lead_from_one_gallery_to_the_other_with_the_words(client: Client) -> None:
    assert 'href="/?q=blue+sea"' in page(client, f"{GALLERY}?q=blue+sea").replace("%20", "+")
    assert 'href="/creations?q=blue+sea"' in page(client, "/?q=blue+sea").replace("%20", "+")


def test_the_front_shows_what_is_new_this_week_and_not_among_its_first_cards(ada: User) -> None:
    now = clock.now()
    for number in range(24):
        old = make_share(ada, f"Old {number}", created_at=now - timedelta(days=8))
        Share.objects.filter(pk=old.pk).update(heat=10_000)
    assert "New this week" not in page(Client())
    make_share(ada, "Fresh", created_at=now - timedelta(days=6))
    make_share(ada, "Older", created_at=now - timedelta(days=7, minutes=1))
    text = page(Client())
    section = text[text.index("New this week") : text.index("More creations")]
    assert "<bdi>Fresh</bdi>" in section
    assert "<bdi>Old" not in section
    assert 'href="/creations?sort=new"' in section
    # The list itself goes on around it.
    assert len(shown(text)) == 24
    for narrowed in ("?sort=new", "?kind=image", "?q=old"):
        assert "New this week" not in page(Client(), GALLERY + narrowed)
    # What is seen already is not shown twice.
    Share.objects.filter(title="Fresh").update(heat=20_000)
    assert "New this week" not in page(Client())


def test_each_order_is_another(ada: User) -> None:
    now = clock.now()
    for title, days, likes, heat in (("old", 9, 5, 3.0), ("mid", 5, 9, 1.0), ("new", 1, 1, 2.0)):
        make_share(ada, title, created_at=now - timedelta(days=days), likes=likes, heat=heat)
    client = Client()
    assert shown(page(client)) == ["old", "new", "mid"]
    assert shown(page(client, f"{GALLERY}?sort=new")) == ["new", "mid", "old"]
    assert shown(page(client, f"{GALLERY}?sort=liked")) == ["mid", "old", "new"]
    assert shown(page(client, f"{GALLERY}?sort=nonsense")) == ["old", "new", "mid"]


def test_more_leads_through_everything_once_while_new_ones_come(ada: User) -> None:
    for number in range(55):
        make_share(ada, f"Reel {number}", likes=number % 3)
    for sort, scripts in product(("trending", "new", "liked"), (True, False)):
        with transaction.atomic():
            client, seen, text = Client(), [], page(Client(), f"{GALLERY}?sort={sort}")
            while True:
                seen += shown(text)
                link = next_of(text)
                if link is None:
                    break
                make_share(ada, f"Late {len(seen)}", likes=9)
                text = page(client, link, **(MORE if scripts else {}))
                assert ("<html" in text) != scripts, (sort, scripts)
            transaction.set_rollback(True)
        wanted = sorted(f"Reel {number}" for number in range(55))
        assert sorted(seen) == wanted, (sort, scripts)


def test_a_page_is_full_though_much_of_what_comes_first_is_hidden(ada: User, bob: User) -> None:
    for number in range(25):
        make_share(bob, f"Hidden {number}")
    old = clock.now() - timedelta(days=1)
    for number in range(26):
        make_share(ada, f"Reel {number}", created_at=old)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    text = page(Client())
    assert len(shown(text)) == 24
    assert len(shown(page(Client(), next_of(text) or ""))) == 2


def test_what_is_taken_down_between_two_pages_leaves_no_gap(ada: User) -> None:
    shares = [make_share(ada, f"Reel {number}") for number in range(30)]
    text = page(Client(), f"{GALLERY}?sort=new")
    seen = shown(text)
    Share.objects.filter(pk=shares[5].pk).update(moderation="removed")
    seen += shown(page(Client(), next_of(text) or ""))
    assert seen == [f"Reel {number}" for number in range(29, -1, -1) if number != 5]


def test_kinds_narrow_it(ada: User) -> None:
    for kind in ("video", "image", "audio", "model"):
        make_share(ada, f"a {kind}", kind=kind)
    for kind in ("video", "image", "audio", "model"):
        assert shown(page(Client(), f"{GALLERY}?kind={kind}")) == [f"a {kind}"]
    assert len(shown(page(Client(), f"{GALLERY}?kind=nonsense"))) == 4


def test_htmx_gets_the_part_that_changes_and_a_clean_address(ada: User) -> None:
    make_share(ada, "Marsh")
    answer = Client().get(f"{GALLERY}?q=marsh&kind=&sort=trending", **HTMX)
    text = answer.content.decode()
    assert "<html" not in text
    assert shown(text) == ["Marsh"]
    assert answer["HX-Push-Url"] == f"{GALLERY}?q=marsh"
    assert "HX-Request" in answer["Vary"]
    restored = Client().get(f"{GALLERY}?q=marsh", HTTP_HX_HISTORY_RESTORE_REQUEST="true", **HTMX)
    assert "<html" in restored.content.decode()


def test_an_address_can_be_shared_whole(ada: User) -> None:
    template = make_public(ada, name="Marsh maker")
    make_share(ada, "Marsh", kind="video", note="#Late-Night", template=template)
    make_share(ada, "Marsh", kind="video", note="#late_night")
    make_share(ada, "Marsh", kind="image", note="#late-night", template=template)
    asked = f"q=marsh&kind=video&tag=late+night&template={template.public_id}"
    text = page(Client(), f"{GALLERY}?{asked}&sort=liked")
    assert shown(text) == ["Marsh"]
    for kept in ('name="kind" value="video"', 'name="tag" value="late night"', 'value="liked"'):
        assert kept in text
    assert f'name="template" value="{template.public_id}"' in text
    # Each can be taken away again, and all else stays.
    without = f"{GALLERY}?q=marsh&kind=video&tag=late+night&sort=liked"
    assert f'href="{html.escape(without)}"' in text
    assert "Made with Marsh maker" in text


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    for address, words in (
        (GALLERY, "No public creations yet"),
        (f"{GALLERY}?q=otters", "No results for “<bdi>otters</bdi>”"),
        (f"{GALLERY}?kind=audio", "No creations here"),
        (f"{GALLERY}?after=WyJoZWF0IiwxLjUsMV0", "That's all"),
    ):
        text = page(client, address)
        assert words in text, address
        clears = f'<a class="btn" href="{GALLERY}">Clear filters</a>' in text
        assert clears == (address != GALLERY), address


def test_no_address_breaks_the_page(ada: User, client: Client) -> None:
    make_share(ada, "Marsh")
    wrong = []
    for query in (
        "q=%ED%A0%80",
        "q=%22",
        "q=%23",
        "q=%E2%80%AE",
        "q=" + "a+" * 4000,
        "q=" + "%23a+" * 4000,
        "tag=" + "x" * 9000,
        "&".join(["tag=a"] * 500),
        "sort=x",
        "after=x",
        "after=" + "A" * 5000,
        "kind=<script>",
    ):
        asked = [(f"{GALLERY}?{query}", headers) for headers in ({}, HTMX, MORE)]
        for address, headers in [*asked, (f"{path_of(ada)}?{query}", {})]:
            if (status := client.get(address, **headers).status_code) != 200:
                wrong.append((address[:60], headers, status))
    assert wrong == []


def test_hostile_names_are_text(client: Client) -> None:
    names = ("<script>alert(1)</script>", "‮gnp.exe", "🦊" * 70, "w" * 70, '"><img src=x>')
    people = [make_user(f"person{number}") for number in range(len(names))]
    for person, name in zip(people, names, strict=True):
        make_share(person, name, note=f"{name} #{name}")
        User.objects.filter(pk=person.pk).update(display_name=name[:80])
    searches = [f"{GALLERY}?q={name}" for name in names]
    for address in (GALLERY, f"{GALLERY}?q=w", *searches, *map(path_of, people)):
        text = page(client, address)
        assert "<script>alert" not in text, address
        assert "<img src=x>" not in text, address


def test_the_page_costs_few_queries_and_little_weight(ada: User) -> None:
    for number in range(25):
        make_share(ada, f"Reel {number} " + "w" * 150, note="#reel " * 200, kind="video")
    for address, most in ((GALLERY, 7), (f"{GALLERY}?tag=reel&sort=new", 5), (path_of(ada), 7)):
        with CaptureQueriesContext(connection) as queries:
            text = page(Client(), address)
        assert len(queries) <= most, [one["sql"] for one in queries]
        assert len(text.encode()) <= 100_000


# -- an author's page ----------------------------------------------------------------------------


def test_an_author_page_shows_what_everyone_may_see(ada: User) -> None:
    make_public(ada, name="Marsh maker")
    make_template(ada, name="Secret fen")
    make_share(ada, "Dawn")
    make_share(ada, "Only with the link", visibility="unlisted")
    for client in (Client(), signed_in(ada)):
        assert shown(page(client, path_of(ada))) == ["Dawn"]
        assert shown(page(client, f"{path_of(ada)}?show=templates")) == ["Marsh maker"]
    assert "ada-lovelace" not in page(Client(), path_of(ada))


def test_an_author_of_templates_alone_shows_them_at_once(ada: User) -> None:
    make_public(ada, name="Marsh maker")
    assert shown(page(Client(), path_of(ada))) == ["Marsh maker"]


def test_more_of_an_author_leads_through_everything_once(ada: User, client: Client) -> None:
    for number in range(26):
        make_share(ada, f"Reel {number}")
        make_public(ada, name=f"Reel {number}")
    for tab in ("creations", "templates"):
        text = page(client, f"{path_of(ada)}?show={tab}")
        for headers in (MORE, {}):
            seen = shown(text) + shown(page(client, next_of(text) or "", **headers))
            assert seen == [f"Reel {number}" for number in range(25, -1, -1)], (tab, headers)


def test_who_shares_nothing_has_a_page_for_themselves_alone(ada: User, bob: User) -> None:
    make_share(ada, visibility="unlisted")
    make_template(ada)
    assert "Nothing shared yet" in page(signed_in(ada), path_of(ada))
    for client in (Client(), signed_in(bob)):
        assert client.get(path_of(ada)).status_code == 404


def test_no_page_of_someone_unknown(ada: User, client: Client) -> None:
    make_share(ada)
    for person in ("usr_0000000000000000", "usr_x", "ada-lovelace", "%00"):
        assert client.get(f"/u/{person}").status_code == 404, person


def test_the_author_of_the_samples_has_a_page(db: None) -> None:
    system = accounts.ensure_system_user()
    make_public(system, name="The last lamp")
    assert shown(page(Client(), path_of(system))) == ["The last lamp"]


def test_a_template_names_its_author_with_a_link_where_there_is_a_page(ada: User) -> None:
    template = make_public(ada)
    assert f'href="{path_of(ada)}"' in page(Client(), f"/t/{template.public_id}")
    accounts.erase_user(user=ada)
    assert path_of(ada) not in page(Client(), f"/t/{template.public_id}")


# -- made with a template ------------------------------------------------------------------------


def test_a_template_shows_what_was_made_with_any_version_of_it(ada: User, bob: User) -> None:
    template = make_public(ada, name="Marsh maker")
    make_share(bob, "Of the first version", template=template)
    # The next version is published by its page.
    signed_in(ada).post(
        f"/t/{template.public_id}/details",
        {"name": "Marsh maker", "description": "Reeds.", "tags": "", "category": "other"},
    )
    template.refresh_from_db()
    make_share(bob, "Of the second", template=template)
    make_share(ada, "Of my draft", draft_of=template)
    make_share(bob, "Of another's draft", draft_of=template)
    make_share(bob, "Of nothing")
    assert template.versions.count() == 2
    text = page(Client(), f"/t/{template.public_id}")
    assert sorted(shown(text)) == ["Of my draft", "Of the first version", "Of the second"]
    assert "Made with it" in text
    for number in range(3):
        make_share(bob, f"More {number}", template=template)
    text = page(Client(), f"/t/{template.public_id}")
    assert len(shown(text)) == 4
    assert 'Made with it <span class="faint num">6</span>' in text
    assert f'href="{GALLERY}?template={template.public_id}"' in text
    assert len(shown(page(Client(), f"{GALLERY}?template={template.public_id}"))) == 6


def test_creations_do_not_lead_to_a_private_template(ada: User, bob: User) -> None:
    template = make_template(ada, name="Secret fen")
    share = make_share(ada, "Dawn", template=template)
    for client in (Client(), signed_in(bob)):
        for address in (GALLERY, path_of(ada), f"/s/{share.public_id}"):
            text = page(client, address)
            assert template.public_id not in text
            assert "Secret fen" not in text
        # As for an id that does not exist.
        for wanted in (template.public_id, "wf_no-such_00000000", "x" * 500):
            assert client.get(f"{GALLERY}?template={wanted}").status_code == 404
    assert shown(page(signed_in(ada), f"{GALLERY}?template={template.public_id}")) == ["Dawn"]


def test_a_template_that_is_withdrawn_shows_nothing_any_more(ada: User) -> None:
    template = make_public(ada)
    make_share(ada, "Dawn", template=template)
    Template.objects.filter(pk=template.pk).update(moderation="quarantined")
    assert Client().get(f"{GALLERY}?template={template.public_id}").status_code == 404


# -- what must not be seen -----------------------------------------------------------------------

SOON, LONG_AGO = timedelta(days=1), timedelta(days=-1)
STATES: dict[str, dict[str, Any]] = {
    "public": {"is_seen": True},
    "unlisted": {"share": {"visibility": "unlisted"}},
    "quarantined": {"share": {"moderation": "quarantined"}},
    "removed": {"share": {"moderation": "removed"}},
    "ended": {"share": {"ended_at": LONG_AGO}},
    "suspended": {"person": {"suspended_until": SOON}},
    "suspended until yesterday": {"person": {"suspended_until": LONG_AGO}, "is_seen": True},
    "closed account": {"person": {"is_active": False}},
    "blocked media": {"blob": {"blocked_at": LONG_AGO}},
}


def test_what_is_hidden_is_gone_from_every_list_count_and_search_at_once(bob: User) -> None:
    template = make_public(bob, name="Marsh maker")
    make_share(bob, "Always there", template=template)
    now = clock.now()

    def moved(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            name: now + value if isinstance(value, timedelta) else value
            for name, value in fields.items()
        }

    # One person for each state, with one creation.
    people: dict[str, User] = {}
    for number, change in enumerate(STATES.values()):
        ada = people[f"Dawn{number}"] = make_user(f"ada{number}")
        accounts.change_profile(user=ada, display_name="Ada Lovelace", email="")
        share = make_share(
            ada, f"Dawn{number}", note="over reeds #marsh", kind="video", template=template
        )
        # Past every service: lists ask the rows themselves.
        fields = change.get("share", {}) | {"likes": 1}
        Share.objects.filter(pk=share.pk).update(**moved(fields))
        if "person" in change:
            User.objects.filter(pk=ada.pk).update(**moved(change["person"]))
        if "blob" in change:
            Blob.objects.filter(pk=share.media.get().blob_id).update(**moved(change["blob"]))
    seen = {f"Dawn{place}" for place, one in enumerate(STATES.values()) if one.get("is_seen")}
    addresses = [
        *(f"{GALLERY}?sort={sort}" for sort in ("trending", "new", "liked")),
        *(f"{GALLERY}?{asked}" for asked in ("q=dawn", "q=reeds", "q=ada", "q=%23marsh")),
        *(f"{GALLERY}?{asked}" for asked in ("tag=marsh", "kind=video", "q=lovelace&sort=new")),
        f"{GALLERY}?template={template.public_id}",
        f"/t/{template.public_id}",
    ]
    wrong = []
    for client in (Client(), signed_in(bob)):
        for address in addresses:
            text = page(client, address)
            found = {
                "titles": {one for one in shown(text) if one != "Always there"},
                "authors": {title for title, ada in people.items() if path_of(ada) in text},
            }
            wrong += [(address, what, one) for what, one in found.items() if one != seen]
        count = re.search(r'Made with it <span class="faint num">(\d+)', text)
        assert count
        assert count[1] == str(1 + len(seen))
        for title, ada in people.items():
            if client.get(path_of(ada)).status_code != (200 if title in seen else 404):
                wrong.append((title, "page", title in seen))
    assert wrong == []
