"""Blocking and muting: what each does for either of the two, that it ends whole, and its limits."""

from __future__ import annotations

import html
import json
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts import blocks, rate_limits
from accounts.models import Block, User
from accounts.services import ensure_system_user
from comments.models import Comment
from creations.models import Like, Share
from moderation.models import Case
from notices.models import Mail, Notice
from templates_app.models import Template
from tests.support.at_once import at_once
from tests.support.builders.commenting import (
    Commenter,
    join,
    make_share,
    on_draft,
    on_share,
    open_draft,
)
from tests.support.builders.exports import account_data
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import make_moderator
from tests.support.builders.sharing import make_share as share_publicly
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(db: None) -> User:
    return make_user("carol")


def press(person: User, other: User, what: str, **sent: str) -> Any:
    """Block, mute or undo, as the buttons do."""
    return signed_in(person).post(f"/u/{other.public_id}/{what}", sent)


def texts(reader: Commenter, path: str) -> list[str]:
    found = []
    for thread in reader.read(path):
        found += [thread["text"], *(one["text"] for one in thread["answers"])]
    return found


def says(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def notices_of(person: User) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


# -- what a block does -----------------------------------------------------------------------------


@pytest.mark.parametrize("is_blocker", [False, True])
def test_a_block_keeps_both_from_commenting_liking_and_remixing(
    alice: User, bob: User, *, is_blocker: bool
) -> None:
    share = make_share(alice)
    said = Commenter(alice).wrote(on_share(share), text="Look")
    press(*((bob, alice) if is_blocker else (alice, bob)), "block")
    his = Commenter(bob)
    for refused in (
        his.send(on_share(share), text="Hi"),
        his.change(said, "answer", text="Hi"),
    ):
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "blocked"
        because = ", because you've blocked this person." if is_blocker else "."
        assert refused.json()["message"] == f"You can't comment here{because}"
    assert his.client.post(f"/s/{share.public_id}/like").status_code == 403
    assert not Like.objects.exists()
    sent = his.client.post(f"/s/{share.public_id}/remix", follow=True)
    assert "You can't remix this" in sent.content.decode().replace("&#x27;", "'")
    assert not Template.objects.filter(owner=bob).exists()
    page = says(his.client, f"/s/{share.public_id}")
    assert f"You can't comment here{because}" in page
    assert "Add a comment" not in page

    press(*((bob, alice) if is_blocker else (alice, bob)), "undo")
    assert his.send(on_share(share), text="Hi").status_code == 200
    assert his.change(said, "answer", text="Hi").status_code == 200
    assert his.client.post(f"/s/{share.public_id}/like").status_code == 302
    assert Like.objects.count() == 1


def test_a_template_of_someone_who_blocked_you_cant_be_remixed_but_read_and_run(
    alice: User, bob: User
) -> None:
    template = make_public(alice, name="Harbor")
    press(alice, bob, "block")
    path = f"/v1/creative-agent/workflows/templates/{template.public_id}"
    refused = Api(make_key(bob)).post(f"{path}/fork", {})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "blocked"
    assert Api(make_key(bob)).get(path).status_code == 200
    assert "Harbor" in says(signed_in(bob), f"/t/{template.public_id}")
    press(alice, bob, "undo")
    assert Api(make_key(bob)).post(f"{path}/fork", {}).status_code == 201


def test_neither_of_two_reads_the_others_comments_on_creations(
    alice: User, bob: User, carol: User
) -> None:
    share = make_share(carol)
    hers = Commenter(alice).wrote(on_share(share), text="Hers")
    his = Commenter(bob).wrote(on_share(share), text="His")
    Commenter(bob).change(hers, "answer", text="His reply to hers")
    Commenter(carol).change(his, "answer", text="Carol's reply to his")
    everything = ["Hers", "His reply to hers", "His", "Carol's reply to his"]
    press(alice, bob, "block")
    assert texts(Commenter(alice), on_share(share)) == ["Hers"]
    assert texts(Commenter(bob), on_share(share)) == ["His", "Carol's reply to his"]
    for reader in (Commenter(), Commenter(carol)):
        assert texts(reader, on_share(share)) == everything
    page = says(signed_in(alice), f"/s/{share.public_id}")
    assert ">Hers<" in page
    assert ">His" not in page
    press(alice, bob, "undo")
    for person in (alice, bob):
        assert texts(Commenter(person), on_share(share)) == everything


@pytest.mark.parametrize("is_owner_blocking", [True, False])
def test_on_the_creation_of_one_of_them_no_one_but_its_author_reads_the_others_comments(
    alice: User, bob: User, carol: User, *, is_owner_blocking: bool
) -> None:
    share = make_share(alice)
    his = Commenter(bob).wrote(on_share(share), text="His")
    Commenter(carol).change(his, "answer", text="Carol's reply")
    press(*((alice, bob) if is_owner_blocking else (bob, alice)), "block")
    for reader in (Commenter(), Commenter(carol), Commenter(alice)):
        assert texts(reader, on_share(share)) == []
    assert texts(Commenter(bob), on_share(share)) == ["His", "Carol's reply"]
    press(*((alice, bob) if is_owner_blocking else (bob, alice)), "undo")
    assert texts(Commenter(), on_share(share)) == ["His", "Carol's reply"]


def test_a_blocked_person_sends_no_notices_and_gets_none(
    alice: User, bob: User, carol: User
) -> None:
    share = make_share(carol)
    remark = Commenter(alice).wrote(on_share(share), text="Hers")
    draft = open_draft(carol)
    join(draft, alice, "editor")
    join(draft, bob, "editor")
    press(alice, bob, "block")
    before = notices_of(alice), notices_of(bob)
    on = Commenter(alice).wrote(on_draft(draft), text="Warmer")
    Commenter(bob).change(on, "answer", text="No")
    Commenter(alice).change(on, "answer", text="Yes")
    assert (notices_of(alice), notices_of(bob)) == before
    # Carol, who answers both, reaches both.
    Commenter(carol).change(on, "answer", text="Perhaps")
    Commenter(carol).change(remark, "answer", text="Fine")
    assert notices_of(alice)[-2:] == ["comment", "comment"]
    assert notices_of(bob)[-1:] == ["comment"]
    assert not Mail.objects.exists()


def test_a_block_stops_invitations_both_ways_and_says_nothing_of_it(alice: User, bob: User) -> None:
    hers, his = open_draft(alice), open_draft(bob)

    def invite(owner: User, template: Template, name: str) -> Any:
        return signed_in(owner).post(
            f"/app/documents/{template.public_id}/people",
            json.dumps({"username": name, "role": "editor"}),
            content_type="application/json",
        )

    press(alice, bob, "block")
    # As for a name that does not exist.
    sent, unknown = invite(bob, his, "alice"), invite(bob, his, "no-such-name")
    assert (sent.status_code, unknown.status_code) == (200, 200)
    assert not notices_of(alice)
    assert "Accept" not in says(signed_in(alice), "/me/templates")
    refused = invite(alice, hers, "bob")
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "blocked"
    assert not notices_of(bob)


def test_an_open_invitation_is_out_of_sight_while_the_block_lasts(alice: User, bob: User) -> None:
    template = open_draft(alice)
    signed_in(alice).post(
        f"/app/documents/{template.public_id}/people",
        json.dumps({"username": "bob", "role": "editor"}),
        content_type="application/json",
    )
    assert "Accept" in says(signed_in(bob), "/me/templates")
    offer = template.invitations.get()
    press(bob, alice, "block")
    assert "Accept" not in says(signed_in(bob), "/me/templates")
    path = f"/me/templates/invitations/{offer.pk}/accept"
    signed_in(bob).post(path)
    assert not template.collaborators.exists()
    press(bob, alice, "undo")
    signed_in(bob).post(path)
    assert template.collaborators.count() == 1


def test_work_on_one_draft_goes_on_and_the_dialog_leads_there(alice: User, bob: User) -> None:
    template = open_draft(alice)
    join(template, bob, "editor")
    dialog = says(signed_in(alice), f"/u/{bob.public_id}/block")
    assert "You still work together on 1 draft." in dialog
    assert f"/t/{template.public_id}/edit" in dialog
    press(alice, bob, "block")
    said = Commenter(bob).wrote(on_draft(template), text="Warmer")
    assert texts(Commenter(alice), on_draft(template)) == ["Warmer"]
    assert Commenter(alice).change(said, "answer", text="Yes").status_code == 200
    path = f"/v1/creative-agent/workflows/templates/{template.public_id}/fork"
    assert Api(make_key(bob)).post(path, {}).status_code == 201


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["block", "mute"])
def test_lists_and_search_leave_out_their_work_for_one_of_the_two_alone(
    alice: User, bob: User, kind: str
) -> None:
    bob.display_name = "Robert"
    bob.save(update_fields=["display_name"])
    share = share_publicly(bob, title="Nocturne #harbor")
    template = make_public(bob, name="Lanterns")
    mine = share_publicly(alice, title="Morning #harbor")
    press(alice, bob, kind)
    hers = signed_in(alice)
    for path in ("/creations", "/creations?q=harbor", "/creations?sort=new"):
        listed = says(hers, path)
        assert "Nocturne" not in listed, path
        assert "Morning" in listed, path
    for path in ("/", "/?q=lanterns", "/?sort=new"):
        assert "Lanterns" not in says(hers, path), path
    assert "Robert" not in says(hers, "/creations?q=robert")
    # By their addresses, all is as for visitors.
    assert "Nocturne" in says(hers, f"/s/{share.public_id}")
    assert "Lanterns" in says(hers, f"/t/{template.public_id}")
    assert "Nocturne" in says(hers, f"/u/{bob.public_id}")
    for client in (signed_in(bob), Client()):
        assert "Robert" in says(client, "/creations?q=robert")
        assert "Lanterns" in says(client, "/")
    public = "/v1/creative-agent/workflows/templates?visibility=public"
    assert template.public_id not in json.dumps(Api(make_key(alice)).get(public).json())
    # Of alice, bob sees all that visitors see.
    assert "Morning" in says(signed_in(bob), f"/s/{mine.public_id}")
    press(alice, bob, "undo")
    assert "Nocturne" in says(hers, "/creations")
    assert "Lanterns" in says(hers, "/")


def test_a_visitor_asks_nothing_about_blocks_and_a_person_once(
    alice: User, bob: User, django_assert_max_num_queries: Any
) -> None:
    share_publicly(bob, title="Nocturne")
    hers = signed_in(alice)
    for path in ("/creations", "/"):
        for client, most in ((Client(), 0), (hers, 1)):
            with django_assert_max_num_queries(100) as asked:
                says(client, path)
            found = [one for one in asked.captured_queries if "accounts_block" in one["sql"]]
            assert len(found) == most, path


# -- what a mute does ------------------------------------------------------------------------------


def test_a_mute_is_felt_by_who_mutes_alone(alice: User, bob: User) -> None:
    share = make_share(alice)
    his = Commenter(bob)
    his.wrote(on_share(share), text="First")
    before = notices_of(alice)
    press(alice, bob, "mute")
    assert texts(Commenter(alice), on_share(share)) == []
    # Nothing is refused to bob, and nothing of alice's is out of his sight.
    said = his.wrote(on_share(share), text="Second")
    assert his.client.post(f"/s/{share.public_id}/like").status_code == 302
    assert texts(his, on_share(share)) == texts(Commenter(), on_share(share)) == ["First", "Second"]
    assert notices_of(alice) == before
    Commenter(alice).change(said, "answer", text="Hers")
    assert notices_of(bob) == ["comment"]
    press(alice, bob, "undo")
    assert texts(Commenter(alice), on_share(share)) == ["First", "Second", "Hers"]


# -- the buttons and the list ----------------------------------------------------------------------


def test_the_list_names_them_and_undoes_each(alice: User, bob: User, carol: User) -> None:
    for person, name in ((bob, "Robert"), (carol, "Caroline")):
        person.display_name = name
        person.save(update_fields=["display_name"])
    client = signed_in(alice)
    assert "No one is blocked or muted" in says(client, "/me/people")
    answer = press(alice, bob, "block", next="/creations")
    assert answer["Location"] == "/creations"
    press(alice, carol, "mute")
    page = says(client, "/me/people")
    assert "Unblock Robert" in page
    assert "Unmute Caroline" in page
    press(alice, bob, "undo")
    press(alice, bob, "undo")
    page = says(client, "/me/people")
    assert "Robert" not in page
    assert "Caroline" in page
    assert "No one is blocked or muted" in says(signed_in(bob), "/me/people")


def test_after_blocking_the_page_says_so_and_offers_to_undo(alice: User, bob: User) -> None:
    client = signed_in(alice)
    sent = client.post(f"/u/{bob.public_id}/block", {"next": "/creations"}, follow=True)
    page = html.unescape(sent.content.decode())
    assert "Blocked bob." in page
    assert f'action="/u/{bob.public_id}/undo"' in page
    assert 'name="next" value="/creations"' in page
    sent = client.post(f"/u/{bob.public_id}/undo", {"next": "/creations"}, follow=True)
    assert "Unblocked bob." in sent.content.decode()


def test_a_comments_author_is_blocked_without_having_a_page(alice: User, bob: User) -> None:
    share = make_share(alice)
    said = Commenter(bob).wrote(on_share(share), text="Hi")
    client = signed_in(alice)
    assert client.get(f"/u/{bob.public_id}").status_code == 404
    page = says(client, f"/s/{share.public_id}")
    assert f"/app/comments/{said}/author/block?of={share.public_id}" in page
    assert "/author/block" not in says(signed_in(bob), f"/s/{share.public_id}")
    assert "/author/block" not in says(Client(), f"/s/{share.public_id}")
    dialog = says(client, f"/app/comments/{said}/author/block?of={share.public_id}")
    assert f'action="/u/{bob.public_id}/block"' in dialog
    assert f'value="/s/{share.public_id}#comments"' in dialog
    # Who can't read the comment learns nothing of who wrote it.
    assert signed_in(make_user("eve")).get(f"/app/comments/{said}/author/block").status_code == 404
    sent = client.post(
        f"/app/comments/{said}/author/mute?of={share.public_id}",
        {"next": f"/s/{share.public_id}#comments"},
    )
    assert sent.status_code == 302
    assert Block.objects.get().kind == "mute"


def test_a_block_takes_the_place_of_a_mute_and_a_mute_not_that_of_a_block(
    alice: User, bob: User
) -> None:
    for what, kind in (("mute", "mute"), ("block", "block"), ("mute", "block")):
        press(alice, bob, what)
        assert Block.objects.get().kind == kind


def test_oneself_the_samples_author_and_unknown_people_are_refused(alice: User) -> None:
    client = signed_in(alice)
    for other, said in (
        (alice, "You can't block or mute yourself."),
        (ensure_system_user(), "The author of the samples can't be blocked or muted."),
    ):
        sent = client.post(f"/u/{other.public_id}/block", follow=True)
        assert said in html.unescape(sent.content.decode())
    for wrong in ("usr_0000000000000000", "x", "%00"):
        for what in ("block", "mute", "undo"):
            assert client.post(f"/u/{wrong}/{what}").status_code == 404
    sent = client.post(f"/u/{alice.public_id}/block", "{}", content_type="application/json")
    assert sent.status_code == 400
    assert not Block.objects.exists()
    assert Client().post(f"/u/{alice.public_id}/block")["Location"].startswith("/sign-in")


def test_a_next_elsewhere_is_not_followed(alice: User, bob: User) -> None:
    assert press(alice, bob, "block", next="https://example.org/")["Location"] == "/"


# -- limits ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_row(alice: User, bob: User) -> None:
    clicks = [partial(signed_in(alice).post, f"/u/{bob.public_id}/block") for _ in range(4)]
    assert [answer.status_code for answer in at_once(clicks)] == [302] * 4
    assert Block.objects.count() == 1


def test_no_more_than_a_thousand_people(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert blocks.MOST == 1_000
    monkeypatch.setattr(blocks, "MOST", 3)
    others = User.objects.bulk_create(User(username=f"other-{n}") for n in range(blocks.MOST))
    Block.objects.bulk_create(Block(person=alice, other=one, kind="mute") for one in others)
    sent = signed_in(alice).post(f"/u/{bob.public_id}/block", follow=True)
    assert "You've blocked or muted 3 people" in html.unescape(sent.content.decode())
    assert Block.objects.filter(person=alice).count() == blocks.MOST
    # One of them can still be blocked instead, and lists go on.
    press(alice, others[0], "block")
    assert Block.objects.get(other=others[0]).kind == "block"
    assert signed_in(alice).get("/creations").status_code == 200
    press(alice, others[1], "undo")
    press(alice, bob, "block")
    assert Block.objects.filter(person=alice, other=bob).exists()


def test_changes_are_limited_by_the_minute(alice: User, bob: User) -> None:
    client = signed_in(alice)
    for _ in range(rate_limits.PEOPLE_CHANGES_PER_MINUTE):
        assert client.post(f"/u/{bob.public_id}/block").status_code == 302
    answer = client.post(f"/u/{bob.public_id}/undo")
    assert answer.status_code == 429
    assert Block.objects.count() == 1


# -- what else there is ----------------------------------------------------------------------------


def test_moderators_decide_about_people_who_blocked_them(alice: User, bob: User) -> None:
    mo = make_moderator(make_user("mo"))
    share = make_share(alice, visibility="public")
    said = Commenter(bob).wrote(on_share(share), text="Very rude words")
    reported = signed_in(alice).post(
        f"/s/{share.public_id}/comments/{said}/report", {"reason": "spam", "text": ""}
    )
    assert reported.status_code in (200, 302)
    press(bob, mo, "block")
    press(mo, bob, "mute")
    case = Case.objects.get()
    assert "Very rude words" in says(signed_in(mo), f"/admin/moderation/cases/{case.pk}")


def test_the_export_holds_it_and_leaving_deletes_it(alice: User, bob: User, carol: User) -> None:
    press(alice, bob, "block")
    press(carol, alice, "mute")
    [row] = account_data(alice)["blockedAndMuted"]
    assert (row["userId"], row["kind"]) == (bob.public_id, "block")
    signed_in(alice).post("/me/delete", {"proof": "alice"})
    assert not User.objects.get(pk=alice.pk).is_active
    assert not Block.objects.exists()


def test_what_was_said_before_a_block_is_kept(alice: User, bob: User) -> None:
    share = make_share(alice)
    Commenter(bob).wrote(on_share(share), text="His")
    signed_in(bob).post(f"/s/{share.public_id}/like")
    press(alice, bob, "block")
    assert Comment.objects.count() == 1
    assert Share.objects.get().likes == 1
