"""A suspension ends publishing. What was published before stays, until a decision of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments import services as comments
from comments.models import Comment
from comments.services import Place
from core import clock
from creations import likes, sharing
from creations.models import Like, Remix, Share
from moderation.models import Case
from notices.models import Notice
from templates_app.models import Invitation, Template
from tests.support.asgi_requests import request_app
from tests.support.factories import make_key, make_user
from tests.support.moderation import forget_the_log, make_moderator
from tests.support.sharing import make_plain_run, make_run, make_share
from tests.support.templates import make_public, make_template
from tests.support.visitors import signed_in

pytestmark = pytest.mark.django_db
API = "/v1/creative-agent/workflows"


def suspend(person: User) -> None:
    User.objects.filter(pk=person.pk).update(suspended_until=clock.now() + timedelta(days=1))


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Media are answered beside Django, by connections of their own."""
    yield
    forget_the_log()


@pytest.mark.usefixtures("committed")
def test_what_they_shared_stays_everywhere_until_it_is_decided_about() -> None:
    alice, bob, mo = make_user("alice"), make_user("bob"), make_moderator(make_user("mo"))
    share = make_share(alice, title="Dawn over reeds")
    template = make_public(alice, name="Marsh maker")
    theirs = make_share(bob, title="Of bob")
    comments.comment_on_share(actor=alice, share=theirs, text="A fine heron", place=Place())
    likes.like(actor=alice, share=theirs)
    suspend(alice)
    medium = share.media.get()
    page, author = f"/s/{share.public_id}", f"/u/{alice.public_id}"
    file = f"/media/s/{share.public_id}/{medium.blob_id}/{medium.filename}"
    where = {
        page: "Dawn over reeds",
        f"/embed/{share.public_id}": "Dawn over reeds",
        f"/oembed?url=http://testserver{page}": "Dawn over reeds",
        "/creations": share.public_id,
        "/creations?q=reeds": share.public_id,
        author: share.public_id,
        f"/t/{template.public_id}": "Marsh maker",
        "/": template.public_id,
        "/?q=marsh": template.public_id,
        f"/s/{theirs.public_id}": "A fine heron",
    }
    for visitor in (Client(), signed_in(bob), signed_in(alice)):
        for address, there in where.items():
            answer = visitor.get(address)
            assert answer.status_code == 200, address
            assert there in answer.content.decode(), address
    theirs.refresh_from_db()
    assert theirs.likes == 1
    assert request_app("GET", file).status == 200
    # A decision of its own takes it away, as always.
    assert signed_in(bob).post(f"{page}/report", {"reason": "spam"}).status_code == 302
    case = Case.objects.get()
    sent = {"version": case.version, "action": "take_down", "reason": "spam"}
    path = f"/admin/moderation/cases/{case.pk}/decide"
    assert signed_in(mo).post(path, sent).status_code == 302
    for address in (page, f"/embed/{share.public_id}"):
        assert Client().get(address).status_code == 404
    assert share.public_id not in Client().get("/creations").content.decode()
    assert request_app("GET", file).status == 404
    assert Client().get(f"/t/{template.public_id}").status_code == 200


def test_they_publish_and_tell_others_nothing_new(alice: User, bob: User) -> None:
    mine = make_share(alice, title="Mine", visibility="unlisted")
    draft, public = make_template(alice), make_public(alice)
    others, offered = make_public(bob), make_share(bob, make_run(bob), allows_remix=True)
    run, key = make_plain_run(alice), make_key(alice)
    said = comments.comment_on_share(actor=alice, share=offered, text="Fine", place=Place())
    Notice.objects.all().delete()
    suspend(alice)
    client, api = signed_in(alice), Client(headers={"Authorization": f"Bearer {key}"})
    choices = {"title": "New", "visibility": "public", "license": "cc0"}
    comment = {"text": "Hello"}
    changed = {"name": "New", "description": "New", "tags": "", "category": "other"}
    on = f"/app/creations/{offered.public_id}/comments"
    tried: list[tuple[Client, str, dict[str, Any]]] = [
        (client, f"/app/runs/{run.public_id}/share", choices),
        (client, f"/app/runs/{mine.run.public_id}/share", choices),
        (client, f"/t/{draft.public_id}/publish", {"preview": "none"}),
        (client, f"/t/{public.public_id}/details", changed),
        (client, f"/s/{offered.public_id}/like", {}),
        (client, f"/s/{offered.public_id}/remix", {}),
        (client, f"/s/{offered.public_id}/report", {"reason": "spam"}),
        (client, f"/t/{others.public_id}/fork", {}),
        (client, f"/t/{others.public_id}/report", {"reason": "spam"}),
        (client, on, comment),
        (client, f"/app/comments/{said.pk}/edit", comment),
        (client, f"/app/comments/{said.pk}/answer", comment),
        (client, f"/app/documents/{draft.public_id}/people", {"username": "bob"}),
        (api, f"{API}/templates/{others.public_id}/fork", {}),
    ]
    before = Template.objects.get(pk=public.pk).published_id
    for who, path, sent in tried:
        is_json = who is api or path.endswith("/people")
        answer = who.post(path, sent, "application/json") if is_json else who.post(path, sent)
        assert answer.status_code in (302, 403, 422), path
        if is_json:
            assert answer.json()["error"]["code"] == "account.suspended", path
    assert Share.objects.filter(visibility="public", owner=alice).count() == 0
    assert not Template.objects.filter(visibility="public", owner=alice).exclude(pk=public.pk)
    assert Template.objects.get(pk=public.pk).published_id == before
    assert not Template.objects.filter(source__template=others).exists()
    assert Comment.objects.get().text == "Fine"
    for rows in (Like, Remix, Case, Invitation, Notice):
        assert not rows.objects.exists(), rows


def test_they_may_take_away_what_is_theirs(alice: User, bob: User) -> None:
    mine, public = make_share(alice), make_public(alice)
    theirs = make_share(bob)
    said = comments.comment_on_share(actor=alice, share=theirs, text="Fine", place=Place())
    likes.like(actor=alice, share=theirs)
    suspend(alice)
    client = signed_in(alice)
    assert client.post(f"/app/comments/{said.pk}/remove").status_code == 302
    assert client.post(f"/s/{theirs.public_id}/like", {"unlike": "on"}).status_code == 302
    assert client.post(f"/app/runs/{mine.run.public_id}/unshare").status_code == 302
    assert client.post(f"/t/{public.public_id}/unpublish").status_code == 302
    assert not Comment.objects.exists()
    assert not Like.objects.exists()
    assert Client().get(f"/s/{mine.public_id}").status_code == 404
    assert Client().get(f"/t/{public.public_id}").status_code == 404
    assert sharing.selectors.lasting_share(mine.run) is None
