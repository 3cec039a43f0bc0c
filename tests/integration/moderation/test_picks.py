"""Staff picks: who makes them, where they show, and when they end."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from creations import sharing
from creations.models import Share
from moderation.models import AuditEntry
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.listed_creations import make_share
from tests.support.builders.moderation import make_moderator
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db

PICKS = "/admin/moderation/picks"
NAME = re.compile(r'<h3[^>]*><a href="[^"]*"><bdi>(.*?)</bdi>')


@pytest.fixture
def moderator(mo: User) -> Client:
    return signed_in(make_moderator(mo))


@pytest.fixture
def harbor(alice: User) -> Template:
    make_public(alice, name="Marsh")
    return make_public(alice, name="Harbor")


@pytest.fixture
def dawn(alice: User) -> Share:
    make_share(alice, "Dusk")
    return make_share(alice, "Dawn")


def send(client: Client, kind: str, public_id: str, **more: str) -> int:
    return client.post(PICKS, {"kind": kind, "id": public_id, **more}).status_code


def names(address: str) -> list[str]:
    answer = Client().get(address)
    assert answer.status_code == 200
    return NAME.findall(answer.content.decode())


@pytest.mark.parametrize(
    ("kind", "gallery", "name"),
    [("template", "/", "Harbor"), ("share", "/creations", "Dawn")],
)
def test_a_moderator_picks_and_takes_it_back(
    moderator: Client, harbor: Template, dawn: Share, kind: str, gallery: str, name: str
) -> None:
    public_id = harbor.public_id if kind == "template" else dawn.public_id
    page = "/t/" if kind == "template" else "/s/"
    assert "Staff picks" not in Client().get(gallery).content.decode()
    assert "Make it a staff pick" in moderator.get(page + public_id).content.decode()
    assert send(moderator, kind, public_id) == 302
    assert send(moderator, kind, public_id) == 302
    text = Client().get(gallery).content.decode()
    assert f'href="{gallery}?picked=1"' in text
    assert text.count(">Staff pick</span>") == 1
    assert names(f"{gallery}?picked=1") == [name]
    assert names(f"{gallery}?picked=1&q=nothing") == []
    assert "Not a staff pick" in moderator.get(page + public_id).content.decode()
    assert send(moderator, kind, public_id, unpick="1") == 302
    assert names(f"{gallery}?picked=1") == []
    assert len(names(gallery)) == 2
    log = AuditEntry.objects.filter(action__startswith="pick.").order_by("pk")
    assert list(log.values_list("action", "actor__username")) == [
        ("pick.add", "mo"),
        ("pick.remove", "mo"),
    ]
    assert "Made a staff pick" in moderator.get("/admin/moderation/audit").content.decode()


def test_others_neither_pick_nor_see_how(harbor: Template, dawn: Share, bob: User) -> None:
    staff = make_user("staff", is_staff=True)
    for client, status in ((Client(), 302), (signed_in(bob), 404), (signed_in(staff), 404)):
        assert send(client, "template", harbor.public_id) == status
        for page in (f"/t/{harbor.public_id}", f"/s/{dawn.public_id}"):
            assert "staff pick" not in client.get(page).content.decode()
    assert names("/?picked=1") == []


def test_no_one_picks_their_own(mo: User, moderator: Client) -> None:
    own = make_public(mo, name="Mine")
    assert send(moderator, "template", own.public_id) == 403
    assert "staff pick" not in moderator.get(f"/t/{own.public_id}").content.decode()


def test_only_what_everyone_sees_is_picked(alice: User, moderator: Client) -> None:
    private = make_template(alice, name="Secret fen")
    unlisted = make_share(alice, visibility="unlisted")
    hidden = make_share(alice, moderation="quarantined")
    for kind, public_id in (
        ("template", private.public_id),
        ("share", unlisted.public_id),
        ("share", hidden.public_id),
        ("share", "\x00"),
        ("comment", "1"),
        ("", ""),
    ):
        assert send(moderator, kind, public_id) == 404, (kind, public_id)
    assert not AuditEntry.objects.filter(action="pick.add").exists()


def test_a_pick_stays_through_changes_and_ends_when_it_is_withdrawn(
    alice: User, moderator: Client, dawn: Share
) -> None:
    send(moderator, "share", dawn.public_id)
    choices = sharing.Choices(title="Dawn, again", visibility="public")
    dawn.refresh_from_db()
    changed = sharing.change_share(actor=alice, share=dawn, choices=choices)
    assert names("/creations?picked=1") == ["Dawn, again"]
    for visibility in ("unlisted", "public"):
        choices = sharing.Choices(title="Dawn", visibility=visibility)
        changed = sharing.change_share(actor=alice, share=changed, choices=choices)
    assert names("/creations?picked=1") == []
    assert "Dawn" in names("/creations")
