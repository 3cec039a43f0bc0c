"""A suspension acts with the next request, hides what was published, and gives all of it back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts import tokens
from accounts.models import ApiKey, User
from comments import services as comments
from comments.models import Comment
from comments.services import Place
from core import clock
from creations import likes, sharing
from creations.models import Like, Remix, Share
from moderation.models import Case
from notices.models import Notice
from runs.models import Artifact, Run
from templates_app.models import Invitation, Template
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import make_moderator
from tests.support.builders.running import start
from tests.support.builders.sharing import make_plain_run, make_run, make_share
from tests.support.builders.suspending import lift, suspend
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
API = "/v1/creative-agent/workflows"


def closed(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def reopen(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)


@pytest.mark.usefixtures("committed")
def test_what_they_published_is_gone_for_others_and_comes_back_whole() -> None:
    alice, bob, mo = make_user("alice"), make_user("bob"), make_moderator(make_user("mo"))
    share = make_share(alice, title="Dawn over reeds")
    template = make_public(alice, name="Marsh maker")
    theirs = make_share(bob, title="Of bob")
    comments.comment_on_share(actor=alice, share=theirs, text="A fine heron", place=Place())
    comments.comment_on_share(actor=bob, share=share, text="Well drawn", place=Place())
    likes.like(actor=bob, share=share)
    for kind, row in (("share", share), ("template", template)):
        picked = {"kind": kind, "id": row.public_id, "pick": "on"}
        signed_in(mo).post("/admin/moderation/picks", picked)
    medium = share.media.get()
    page, author = f"/s/{share.public_id}", f"/u/{alice.public_id}"
    file = f"/media/s/{share.public_id}/{medium.blob_id}/{medium.filename}"
    own_pages = [page, f"/embed/{share.public_id}", f"/t/{template.public_id}", author]
    own_pages += [f"/oembed?url=http://testserver{page}", f"/t/{template.public_id}/poster.svg"]
    lists = {
        "/creations": share.public_id,
        "/creations?q=reeds": share.public_id,
        "/creations?picked=on": share.public_id,
        "/": template.public_id,
        "/?q=marsh": template.public_id,
        "/?sort=new": template.public_id,
        f"/s/{theirs.public_id}": "A fine heron",
    }
    api = Client(headers={"Authorization": f"Bearer {make_key(bob)}"})

    def seen() -> dict[str, bool]:
        """What others see, by address; all of them see the same."""
        visitors = [Client(), signed_in(bob)]
        found: dict[str, set[bool]] = {}
        for visitor in visitors:
            for address in own_pages:
                found.setdefault(address, set()).add(visitor.get(address).status_code == 200)
            for address, there in lists.items():
                answer = visitor.get(address)
                assert answer.status_code == 200, address
                found.setdefault(address, set()).add(there in answer.content.decode())
        one = api.get(f"{API}/templates/{template.public_id}")
        listed = api.get(f"{API}/templates?visibility=public").content.decode()
        found["one"] = {one.status_code == 200}
        found["listed"] = {template.public_id in listed}
        found["searched"] = {
            template.public_id in api.get(f"{API}/templates?q=marsh").content.decode()
        }
        found["file"] = {request_app("GET", file).status == 200}
        return {address: all(each) if len(each) == 1 else None for address, each in found.items()}

    before = seen()
    assert set(before.values()) == {True}, before
    shown = signed_in(bob).get(page).content.decode()
    for end, undo in ((suspend, lift), (closed, reopen)):
        end(alice)
        hidden = seen()
        assert set(hidden.values()) == {False}, hidden
        undo(alice)
        assert seen() == before
    share.refresh_from_db()
    assert share.likes == 1
    assert share.listing.picked_at
    assert template.listing.picked_at
    again = signed_in(bob).get(page).content.decode()
    assert again.count("Well drawn") == shown.count("Well drawn") > 0


def test_it_ends_when_its_time_is_over(alice: User, bob: User) -> None:
    share, template = make_share(alice), make_public(alice)
    key = make_key(alice)
    suspend(alice, lasts=timedelta(seconds=-1))
    for address in (f"/s/{share.public_id}", f"/t/{template.public_id}", f"/u/{alice.public_id}"):
        assert signed_in(bob).get(address).status_code == 200
    assert Client(headers={"api-key": key}).get("/v1/account/me").status_code == 200
    assert signed_in(alice).post("/me/keys", {"name": "New"}).status_code == 302


def test_their_own_work_stays_theirs_to_see_with_a_note(alice: User) -> None:
    share, template = make_share(alice, title="Mine alone"), make_public(alice)
    until = suspend(alice)
    client = signed_in(alice)
    for address in (f"/s/{share.public_id}", f"/t/{template.public_id}", "/me/templates", "/me"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert f"suspended until {until.day} {until:%b %Y}" in answer.content.decode(), address
    lift(alice)
    assert "suspended until" not in client.get(f"/s/{share.public_id}").content.decode()


def test_what_is_left_of_deleted_people_and_of_the_samples_stays(alice: User, bob: User) -> None:
    samples = make_public(accounts.ensure_system_user(), name="A sample")
    left = make_public(alice, name="Left behind")
    accounts.erase_user(user=alice)
    for template in (samples, left):
        assert Client().get(f"/t/{template.public_id}").status_code == 200
        assert template.public_id in Client().get("/").content.decode()
        assert template.public_id in Client().get("/?q=sample").content.decode() or template is left


# -- keys and tokens -------------------------------------------------------------------------------


def test_keys_and_tokens_are_refused_from_the_next_request(alice: User) -> None:
    run = start(alice, [{"toolName": "noop"}])
    pair = tokens.start_family(user=alice)
    ways = [
        Client(headers={"api-key": make_key(alice)}),
        Client(headers={"Authorization": f"Bearer {pair.access}"}),
    ]
    asked = ["/v1/account/me", "/v1/account/balance", f"{API}/{run.public_id}", f"{API}/templates"]
    for api in ways:
        for path in asked:
            assert api.get(path).status_code == 200, path
    until = suspend(alice)
    for api in ways:
        for path in asked:
            answer = api.get(path)
            assert answer.status_code == 403, path
            said = answer.json()
            assert said["error"]["code"] == "account.suspended", path
            assert said["details"]["suspendedUntil"] == clock.iso(until)
            assert f"{until.day} {until:%b %Y}" in said["message"]
        assert api.post(f"{API}/{run.public_id}/cancel").status_code == 403
    lift(alice)
    assert {api.get(path).status_code for api in ways for path in asked} == {200}
    assert not ApiKey.objects.get().revoked_at


@pytest.mark.usefixtures("committed")
def test_streams_and_downloads_are_refused_to_keys(alice: User) -> None:
    run = make_plain_run(alice)
    medium = Artifact.objects.get(run=run).public_id
    key = make_key(alice)
    said = json.dumps({"messages": [{"role": "user", "content": "Hello"}], "stream": True})
    asked = [
        ("GET", f"{API}/{run.public_id}/events/stream", ""),
        ("GET", f"/runs/{run.public_id}/download", ""),
        ("GET", f"/runs/{run.public_id}/download?clean=1", ""),
        ("GET", f"/me/media/download?pick={medium}", ""),
        ("POST", "/v1/chat/completions", said),
    ]
    ways = [{"api-key": key}, {"authorization": f"Bearer {tokens.start_family(user=alice).access}"}]

    def answers() -> list[Answer]:
        json_body = {"content-type": "application/json"}
        return [
            request_app(method, path, {**way, **json_body}, body.encode())
            for way in ways
            for method, path, body in asked
        ]

    def served() -> list[int]:
        found = answers()
        assert all(len(one.body) > 20 for one in found)
        return [one.status for one in found]

    assert served() == [200] * 10
    suspend(alice)
    for answer in answers():
        assert answer.status == 403, answer.text
        assert answer.json()["error"]["code"] == "account.suspended"
    lift(alice)
    assert served() == [200] * 10


# -- their own pages -------------------------------------------------------------------------------


def test_they_add_change_and_tell_others_nothing(alice: User, bob: User) -> None:
    mine = make_share(alice, title="Mine", visibility="unlisted")
    draft, public = make_template(alice), make_public(alice)
    others, offered = make_public(bob), make_share(bob, make_run(bob), allows_remix=True)
    run = make_plain_run(alice)
    said = comments.comment_on_share(actor=alice, share=offered, text="Fine", place=Place())
    Notice.objects.all().delete()
    client = signed_in(alice)
    client.get(f"/app/documents/{draft.public_id}")
    suspend(alice)
    choices = {"title": "New", "visibility": "public", "license": "cc0"}
    comment = {"text": "Hello"}
    changed = {"name": "New", "description": "New", "tags": "", "category": "other"}
    on = f"/app/creations/{offered.public_id}/comments"
    document = f"/app/documents/{draft.public_id}"
    forms: dict[str, dict[str, Any]] = {
        f"/app/runs/{run.public_id}/share": choices,
        f"/app/runs/{mine.run.public_id}/share": choices,
        f"/app/runs/{run.public_id}/again": {},
        f"/t/{draft.public_id}/publish": {"preview": "none"},
        f"/t/{public.public_id}/details": changed,
        f"/t/{draft.public_id}/details": changed,
        f"/s/{offered.public_id}/like": {},
        f"/s/{offered.public_id}/remix": {},
        f"/s/{offered.public_id}/report": {"reason": "spam"},
        f"/t/{others.public_id}": {"say": "x"},
        f"/t/{others.public_id}/fork": {},
        f"/t/{others.public_id}/report": {"reason": "spam"},
        on: comment,
        f"/app/comments/{said.pk}/edit": comment,
        f"/app/comments/{said.pk}/answer": comment,
        "/me/keys": {"name": "New"},
        "/app/compose": {"brief": "a fox"},
    }
    for path, sent in forms.items():
        assert client.post(path, sent).status_code in (302, 403, 422), path
    in_json: dict[str, dict[str, Any]] = {
        f"{document}/changes": {"base": 0, "clientId": "c" * 8, "changes": []},
        f"{document}/versions": {"label": ""},
        f"{document}/publish": {"number": 1},
        f"{document}/people": {"username": "bob"},
        f"{document}/runs": {},
        f"{document}/comments": comment,
        "/v1/realtime/tickets": {"path": "/ws/notices"},
        f"{API}/templates/{others.public_id}/fork": {},
        f"{API}/templates": {"name": "New"},
        API: {"input": {"steps": [{"toolName": "noop"}]}},
    }
    same = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    for path, sent in in_json.items():
        answer = client.post(path, sent, "application/json", **same)  # type: ignore[arg-type]
        assert answer.status_code == 403, path
        assert answer.json()["error"]["code"] == "account.suspended", path
    assert Share.objects.filter(visibility="public", owner=alice).count() == 0
    assert not Template.objects.filter(visibility="public", owner=alice).exclude(pk=public.pk)
    assert Template.objects.get(pk=draft.pk).name == draft.name
    assert not Template.objects.filter(source__template=others).exists()
    assert Comment.objects.get().text == "Fine"
    assert Run.objects.filter(owner=alice).count() == 2
    for rows in (Like, Remix, Case, Invitation, Notice, ApiKey):
        assert not rows.objects.exists(), rows


def test_they_may_take_away_what_is_theirs(alice: User, bob: User) -> None:
    mine, public, draft = make_share(alice), make_public(alice), make_template(alice)
    theirs = make_share(bob)
    said = comments.comment_on_share(actor=alice, share=theirs, text="Fine", place=Place())
    likes.like(actor=alice, share=theirs)
    make_key(alice)
    run = start(alice, [{"toolName": "noop"}])
    suspend(alice)
    client = signed_in(alice)
    assert client.post(f"/app/comments/{said.pk}/remove").status_code == 302
    assert client.post(f"/s/{theirs.public_id}/like", {"unlike": "on"}).status_code == 302
    assert client.post(f"/app/runs/{mine.run.public_id}/unshare").status_code == 302
    assert client.post(f"/t/{public.public_id}/unpublish").status_code == 302
    assert client.post(f"/me/templates/{draft.public_id}/delete").status_code == 302
    assert client.post(f"/me/keys/{ApiKey.objects.get().lookup}/revoke").status_code == 302
    assert client.post(f"/app/runs/{run.public_id}/cancel").status_code == 302
    assert not Comment.objects.exists()
    assert not Like.objects.exists()
    assert not Template.objects.filter(pk=draft.pk, deleted_at=None).exists()
    run.refresh_from_db()
    assert run.status == "cancelled"
    lift(alice)
    assert Client().get(f"/s/{mine.public_id}").status_code == 404
    assert Client().get(f"/t/{public.public_id}").status_code == 404
    assert sharing.selectors.lasting_share(mine.run) is None


def test_their_account_stays_in_their_hands(alice: User) -> None:
    suspend(alice)
    client = signed_in(alice)
    sent = {"display_name": "Alice A", "email": ""}
    assert client.post("/me/profile", sent).status_code == 302
    assert "account.json" in export_of(alice)
    assert client.get("/me/notices").status_code == 200
    assert client.post("/me/notices/read", {"all": "on"}).status_code in (200, 204, 302)
    assert client.post("/sign-out").status_code == 302
    client.force_login(alice)
    assert client.post("/me/password", {}).status_code == 422
    assert client.post("/me/delete", {"proof": "alice"}).status_code == 302
    assert not User.objects.filter(username="alice").exists()


# -- what pages offer them -------------------------------------------------------------------------


def test_pages_offer_them_only_what_takes_away_or_reads(alice: User, bob: User) -> None:
    mine, public, draft = make_share(alice), make_public(alice), make_template(alice)
    run, theirs = make_plain_run(alice), make_public(bob)
    offered = make_share(bob, make_run(bob), allows_remix=True)
    comments.comment_on_share(actor=alice, share=offered, text="Fine", place=Place())
    comments.comment_on_share(actor=bob, share=offered, text="Thanks", place=Place())
    make_key(alice)
    page = f"/s/{offered.public_id}"
    # By page: what is offered, but not while they are suspended, and what is offered all the time.
    offers: dict[str, tuple[list[str], list[str]]] = {
        "/": (["Describe it", f'#run" aria-label="Run {theirs.name}'], ["Search templates"]),
        "/me/templates": (
            ["New template", 'name="import"', "Describe it", "#run", "/edit", ">Publish</a>"],
            ["Unpublish</a>", f'"Delete {draft.name}"', "Export"],
        ),
        f"/t/{public.public_id}": (
            ["data-run-form", "fixed-run-bar", "Duplicate", "/publish", "Edit details", "/edit"],
            ["/unpublish", "/delete"],
        ),
        f"/t/{theirs.public_id}": (
            ["data-run-form", "fixed-run-bar", "/fork", "/report"],
            ["How it works"],
        ),
        f"/t/{draft.public_id}/publish": (["</svg>Publish</button>"], ["Cancel"]),
        f"/runs/{run.public_id}": (["Run again", "/share"], ["/download", 'class="stage-table"']),
        page: (
            ["/remix", "Run with my own text", "/like", "data-comment-form", "Reply", "/report"],
            ["/remove", "Mute", "Fine"],
        ),
        f"/s/{mine.public_id}": (["Change</a>", "data-comment-form"], ["/share", "Open the run"]),
        f"/app/runs/{mine.run.public_id}/share": (['name="title"', "Save"], ["/unshare"]),
        "/me/keys": (["New key", "/budget"], ["/revoke"]),
        f"/u/{bob.public_id}": (["/report"], ["/block"]),
    }
    client = signed_in(alice)

    def check(is_suspended: bool) -> None:
        wrong = []
        for address, (makes, keeps) in offers.items():
            answer = client.get(address)
            assert answer.status_code == 200, address
            shown = flat(answer.content).split("<body", 1)[1]
            wrong += [(address, one) for one in makes if (one in shown) == is_suspended]
            wrong += [(address, one) for one in keeps if one not in shown]
            if ("Your account is suspended until" in shown) != is_suspended:
                wrong.append((address, "banner"))
        assert wrong == []

    check(is_suspended=False)
    suspend(alice)
    check(is_suspended=True)
    lift(alice)
    check(is_suspended=False)
