"""Comments: who reads and writes them where, what is refused, and what ends them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments.models import Comment
from core import clock
from creations.models import Share
from notices.models import Notice
from templates_app.documents import invitations
from templates_app.models import Collaborator, Document
from tests.support.builders.commenting import (
    Commenter,
    join,
    make_run,
    make_share,
    on_draft,
    on_run,
    on_share,
    open_draft,
)
from tests.support.builders.factories import make_user
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ids(module_db: None) -> dict[str, int]:
    """The rows that all tests here begin with."""
    alice, bob = make_user("alice"), make_user("bob")
    return {"alice": alice.pk, "bob": bob.pk, "share": make_share(alice).pk}


@pytest.fixture
def alice(db: None, ids: dict[str, int]) -> User:
    return User.objects.get(pk=ids["alice"])


@pytest.fixture
def bob(db: None, ids: dict[str, int]) -> User:
    return User.objects.get(pk=ids["bob"])


@pytest.fixture
def share(db: None, ids: dict[str, int]) -> Share:
    return Share.objects.get(pk=ids["share"])


def texts(threads: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in threads]


def issue(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 422, answer.content
    [found] = answer.json()["data"]["issues"]
    return dict(found)


def suspend(person: User) -> None:
    person.suspended_until = clock.now() + timedelta(days=1)
    person.save(update_fields=["suspended_until"])


# On creations


def test_a_creation_that_others_cant_see_takes_no_comments_of_its_owner(
    share: Share, alice: User, bob: User
) -> None:
    made = Commenter(bob).wrote(on_share(share), text="Nice")
    hers = Commenter(alice)
    for moderation in ("quarantined", "removed"):
        Share.objects.filter(pk=share.pk).update(moderation=moderation)
        page = hers.client.get(f"/s/{share.public_id}").content.decode()
        assert ">Nice<" in page, moderation
        assert "Add a comment" not in page, moderation
        assert ">Reply<" not in page, moderation
        for refused in (
            hers.send(on_share(share), text="Hi"),
            hers.change(made, "answer", text="Hi"),
        ):
            assert refused.status_code == 403, moderation
            assert refused.json()["error"]["code"] == "share.taken_down", moderation
    assert Comment.objects.count() == 1


def test_a_remark_at_a_moment_is_read_by_everyone_with_the_address(
    share: Share, bob: User, alice: User
) -> None:
    bob.display_name = "Bob B"
    bob.save(update_fields=["display_name"])
    made = Commenter(bob).wrote(on_share(share), text=" Too dark \r\nhere ", atMs=2_000, x=0.5, y=1)
    for reader in (Commenter(), Commenter(alice), Commenter(make_user("carol"))):
        [found] = reader.read(on_share(share))
        assert found["text"] == "Too dark \nhere"
        assert (found["time"], found["x"], found["y"]) == ("0:02", 0.5, 1.0)
        assert (found["number"], found["position"], found["author"]) == (1, 0, "Bob B")
        assert not found["canEdit"]
    page = Client().get(f"/s/{share.public_id}").content.decode()
    assert f'id="comment-{made}"' in page
    assert "Too dark" in page
    notice = Notice.objects.get(person=alice)
    assert notice.url == f"/s/{share.public_id}?comment={made}#comment-{made}"
    assert "Too dark" not in notice.text
    assert not Notice.objects.filter(person=bob).exists()


def test_a_visitor_reads_and_is_sent_to_sign_in(share: Share, bob: User) -> None:
    made = Commenter(bob).wrote(on_share(share), text="Nice")
    assert Commenter().send(on_share(share), text="Hi").status_code == 401
    sent = Client().post(on_share(share), {"text": "Hi"})
    assert sent.status_code == 302
    assert sent["Location"] == f"/sign-in?next=%2Fs%2F{share.public_id}%23comments"
    sent = Client().post(f"/app/comments/{made}/answer?of={share.public_id}", {"text": "Hi"})
    assert sent["Location"].startswith(f"/sign-in?next=%2Fs%2F{share.public_id}")
    assert Client().post("/app/comments/9999999/answer", {"text": "Hi"})["Location"] == (
        "/sign-in?next=%2F"
    )
    page = html.unescape(Client().get(f"/s/{share.public_id}").content.decode())
    assert f'href="/sign-in?next=%2Fs%2F{share.public_id}%23comments"' in page
    assert texts(Commenter().read(on_share(share))) == ["Nice"]


def test_a_form_without_scripts_writes_and_returns_to_its_comment(share: Share, bob: User) -> None:
    client = signed_in(bob)
    sent = client.post(on_share(share), {"text": "Nice", "atMs": "", "x": "", "position": ""})
    made = Comment.objects.get()
    assert sent["Location"] == f"/s/{share.public_id}#comment-{made.pk}"
    sent = client.post(f"/app/comments/{made.pk}/edit", {"text": "x" * 2_001})
    assert sent.status_code == 422
    page = html.unescape(sent.content.decode())
    assert "Use at most 2,000 characters. This has 2,001." in page
    sent = client.post(f"/app/comments/{made.pk}/remove", {})
    assert sent["Location"] == f"/s/{share.public_id}#comments"
    assert not Comment.objects.exists()


def test_words_are_shown_as_they_are(share: Share, bob: User) -> None:
    bad = "<script>alert(1)</script> <img src=x onerror=y> https://example.org/ \"q' ${x} {{ y }}"
    bob.display_name = "<b>Bob</b>"
    bob.save(update_fields=["display_name"])
    made = Commenter(bob).wrote(on_share(share), text=bad)
    Commenter(bob).change(made, "answer", text=bad)
    page = signed_in(bob).get(f"/s/{share.public_id}").content.decode()
    listed = page[page.index('id="comments"') :]
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>Bob" not in page
    assert html.unescape(listed).count(bad) >= 2
    assert not re.search(r'href="https?://example', page)


def test_answers_belong_to_the_remark_and_tell_those_who_spoke(
    share: Share, alice: User, bob: User
) -> None:
    carol = make_user("carol")
    remark = Commenter(bob).wrote(on_share(share), text="First", atMs=1_000)
    reply = Commenter(alice).change(remark, "answer", text="Thanks").json()["data"]["id"]
    # An answer to an answer is one to the remark.
    Commenter(carol).change(reply, "answer", text="Indeed")
    [thread] = Commenter().read(on_share(share))
    assert texts(thread["answers"]) == ["Thanks", "Indeed"]
    assert "number" not in thread["answers"][0]
    assert Notice.objects.filter(person=bob).count() == 2
    assert Notice.objects.filter(person=alice).count() == 2
    assert not Notice.objects.filter(person=carol).exists()
    Commenter(bob).change(remark, "remove")
    assert Comment.objects.count() == 0


def test_only_its_author_changes_a_comment_and_its_owner_may_delete_it(
    share: Share, alice: User, bob: User
) -> None:
    carol = make_user("carol")
    made = Commenter(bob).wrote(on_share(share), text="Frist")
    for person in (alice, carol):
        assert Commenter(person).change(made, "edit", text="Mine").status_code == 403
    assert Commenter(carol).change(made, "resolve").status_code == 403
    assert Commenter(carol).change(made, "remove").status_code == 403
    assert Commenter(bob).change(made, "edit", text="First").status_code == 200
    [found] = Commenter(bob).read(on_share(share))
    assert (found["text"], found["isEdited"], found["canEdit"]) == ("First", True, True)
    for _ in range(2):
        assert Commenter(alice).change(made, "resolve").status_code == 200
    assert Commenter().read(on_share(share))[0]["isResolved"]
    assert Commenter(bob).change(made, "reopen").status_code == 200
    assert not Commenter().read(on_share(share))[0]["isResolved"]
    assert Commenter(bob).change(made, "explode").status_code == 404
    assert Commenter(alice).change(made, "remove").status_code == 200
    assert Commenter(alice).change(made, "remove").status_code == 404


def test_numbers_of_comments_open_no_unlisted_creation(
    share: Share, alice: User, bob: User
) -> None:
    path = f"/app/comments/{Commenter(alice).wrote(on_share(share), text='SECRET')}/answer"
    for of in ("", "?of=", f"?of={make_share(alice).public_id}"):
        assert Commenter(bob).send(f"{path}{of}", text="Hi").status_code == 404
        assert Client().post(f"{path}{of}")["Location"] == "/sign-in?next=%2F"
    sent = Commenter(bob).send(f"{path}?of={share.public_id}", text="Hi")
    assert sent.status_code == 200


def test_an_answer_is_resolved_with_its_remark(share: Share, alice: User, bob: User) -> None:
    remark = Commenter(bob).wrote(on_share(share), text="First")
    reply = Commenter(bob).change(remark, "answer", text="More").json()["data"]["id"]
    assert Commenter(bob).change(reply, "resolve").status_code == 422


def test_bad_input_names_its_field(share: Share, bob: User) -> None:
    his = Commenter(bob)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"text": "  \n"}, "text"),
        ({"text": "x" * 2_001}, "text"),
        ({"text": "a", "x": 0.5}, "y"),
        ({"text": "a", "x": 0.5, "y": 1.5}, "y"),
        ({"text": "a", "x": -1, "y": 0}, "x"),
        ({"text": "a", "x": "nan", "y": "0"}, "x"),
        ({"text": "a", "position": 7}, "position"),
        ({"text": "a", "position": 1, "atMs": 0}, "atMs"),
        ({"text": "a", "atMs": 9_000}, "atMs"),
    ]
    for sent, field in cases:
        found = issue(his.send(on_share(share), **sent))
        assert found["path"] == field, sent
        assert found["message"], sent
        assert not Comment.objects.exists(), sent


def test_what_is_no_comment_is_refused_with_its_field(share: Share, bob: User) -> None:
    his = Commenter(bob)
    cases: list[dict[str, Any]] = [
        {},
        {"text": 5},
        {"text": "a", "atMs": -1},
        {"text": "a", "atMs": True},
        {"text": "a", "atMs": "2.5"},
        {"text": "a", "atMs": 10**30},
        {"text": "a", "position": "9" * 400},
        {"text": "a", "x": [1], "y": 1},
        {"text": "a", "x": "left", "y": 1},
        {"text": "a", "stage": {}},
    ]
    for sent in cases:
        answer = his.send(on_share(share), **sent)
        assert answer.status_code in (400, 422), (sent, answer.content)
        assert not Comment.objects.exists(), sent
    broken = his.client.post(on_share(share), b"{", content_type="application/json")
    assert broken.status_code == 400


def test_twenty_a_minute(share: Share, bob: User, alice: User) -> None:
    writer = Commenter(bob)
    made = [writer.wrote(on_share(share), text=f"No {n}") for n in range(20)]
    refused = writer.send(on_share(share), text="One more")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "20 comments a minute" in refused.json()["message"]
    assert writer.change(made[0], "answer", text="Me too").status_code == 429
    assert writer.change(made[0], "edit", text="Me too").status_code == 429
    form = signed_in(bob).post(on_share(share), {"text": "keep these words"})
    assert "keep these words" in form.content.decode()
    assert Commenter(alice).send(on_share(share), text="Hi").status_code == 200


def test_what_moderators_hid_is_gone_with_its_answers(share: Share, alice: User, bob: User) -> None:
    remark = Commenter(bob).wrote(on_share(share), text="SECRET words")
    reply = Commenter(alice).change(remark, "answer", text="SECRET answer").json()["data"]["id"]
    Comment.objects.filter(pk=remark).update(moderation="quarantined")
    for reader in (Commenter(), Commenter(bob), Commenter(alice)):
        answer = reader.answer(on_share(share))
        assert b"SECRET" not in answer.content
        assert answer.json()["data"]["count"] == 0
    assert b"SECRET" not in signed_in(alice).get(f"/s/{share.public_id}").content
    for one in (remark, reply):
        for action in ("answer", "edit", "resolve", "remove"):
            assert Commenter(bob).change(one, action, text="Again").status_code == 404
    Comment.objects.filter(pk=remark).update(moderation="visible")
    assert len(Commenter().read(on_share(share))) == 1


def test_an_ended_or_hidden_creation_takes_its_comments_along(
    share: Share, alice: User, bob: User
) -> None:
    made = Commenter(bob).wrote(on_share(share), text="SECRET")
    other = make_user("carol")
    for fields in ({"moderation": "quarantined"}, {"ended_at": clock.now()}):
        Share.objects.filter(pk=share.pk).update(moderation="visible", ended_at=None)
        Share.objects.filter(pk=share.pk).update(**fields)
        for reader in (Commenter(), Commenter(bob), Commenter(other)):
            assert reader.answer(on_share(share)).status_code == 404
        for person in (bob, other):
            assert Commenter(person).send(on_share(share), text="Hi").status_code == 404
            for action in ("answer", "edit", "resolve", "remove"):
                assert Commenter(person).change(made, action, text="Hi").status_code == 404
        of = f"?of={share.public_id}"
        kept = Client().post(f"/app/comments/{made}/answer{of}", {"text": "Hi"})
        assert kept["Location"] == "/sign-in?next=%2F"
    Share.objects.filter(pk=share.pk).update(moderation="visible", ended_at=None)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert Commenter(bob).answer(on_share(share)).status_code == 404
    assert Commenter(bob).change(made, "edit", text="Hi").status_code == 404


def test_someone_suspended_reads_and_deletes_only(share: Share, bob: User) -> None:
    made = Commenter(bob).wrote(on_share(share), text="Hi")
    suspend(bob)
    for answer in (
        Commenter(bob).send(on_share(share), text="More"),
        Commenter(bob).change(made, "answer", text="More"),
        Commenter(bob).change(made, "edit", text="More"),
        Commenter(bob).change(made, "resolve"),
    ):
        assert answer.status_code == 403
        assert "suspended" in answer.json()["message"]
    assert texts(Commenter(bob).read(on_share(share))) == ["Hi"]
    assert Commenter(bob).change(made, "remove").status_code == 200


def test_outsiders_do_not_read_what_a_closed_account_wrote(
    share: Share, alice: User, bob: User
) -> None:
    remark = Commenter(bob).wrote(on_share(share), text="SECRET")
    Commenter(alice).change(remark, "answer", text="Yes")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert Commenter().read(on_share(share)) == []
    assert b"SECRET" not in Client().get(f"/s/{share.public_id}").content
    User.objects.filter(pk=bob.pk).delete()
    assert Comment.objects.count() == 0


def test_an_unchanged_list_is_not_sent_again(share: Share, bob: User, alice: User) -> None:
    writer = Commenter(bob)
    made = writer.wrote(on_share(share), text="Hi")
    Commenter(alice).wrote(on_share(share), text="Ho")
    client = Client()
    seen = client.get(on_share(share))["ETag"]
    for act in (
        lambda: writer.change(made, "answer", text="Yes"),
        lambda: writer.change(made, "edit", text="Hey"),
        lambda: writer.change(made, "resolve"),
        lambda: writer.change(made, "reopen"),
        lambda: writer.change(made, "remove"),
    ):
        assert client.get(on_share(share), headers={"If-None-Match": seen}).status_code == 304
        act()
        fresh = client.get(on_share(share), headers={"If-None-Match": seen})
        assert fresh.status_code == 200
        seen = fresh["ETag"]
    # Another person's list has other buttons.
    assert writer.client.get(on_share(share))["ETag"] != seen


def test_a_long_list_has_pages_and_a_link_finds_its_page(share: Share, bob: User) -> None:
    made = [
        Comment.objects.create(share=share, author=bob, text=f"Remark {n}") for n in range(1, 131)
    ]
    newest = Commenter().answer(on_share(share)).json()["data"]
    assert [one["number"] for one in newest["comments"]] == list(range(31, 131))
    assert newest["count"] == 130
    page = Client().get(f"/s/{share.public_id}?comment={made[4].pk}").content.decode()
    assert f'id="comment-{made[4].pk}"' in page
    assert f'id="comment-{made[129].pk}"' not in page
    older = Commenter().read(f"{on_share(share)}?before={newest['earlier']}")
    assert [one["number"] for one in older] == list(range(1, 31))
    for odd in ("x", "-1", "9" * 40, "²"):
        assert Client().get(f"/s/{share.public_id}?comment={odd}&before={odd}").status_code == 200


# On results of a template's runs


def test_members_discuss_what_a_run_made(alice: User, bob: User) -> None:
    template = open_draft(alice)
    run, artifact = make_run(alice, template)
    carol = make_user("carol")
    join(template, bob, "commenter")
    join(template, carol, "viewer")
    sent = {"artifact": artifact.public_id, "atMs": 2_000, "x": 0.25, "y": 0.75}
    made = Commenter(bob).wrote(on_run(run), text="Too fast", **sent)
    notice = Notice.objects.get(person=alice, kind="comment")
    assert notice.url == f"/runs/{run.public_id}?comment={made}#comment-{made}"
    assert notice.text == "bob commented on “Harbor”."
    reply = Commenter(alice).change(made, "answer", text="Slower now").json()["data"]["id"]
    told = Notice.objects.get(person=bob, about__startswith=f"comment:{reply}:")
    assert told.url == f"/runs/{run.public_id}?comment={reply}#comment-{reply}"
    [thread] = Commenter(carol).read(on_run(run))
    assert thread["artifact"] == artifact.public_id
    assert texts(thread["answers"]) == ["Slower now"]
    assert not thread["canResolve"]
    page = signed_in(bob).get(f"/runs/{run.public_id}?comment={made}").content.decode()
    assert "Too fast" in page
    # It is about a result: the draft's own list has none of it.
    assert Commenter(alice).read(on_draft(template)) == []


def test_viewers_read_a_runs_comments_and_do_not_write(alice: User, bob: User) -> None:
    template = open_draft(alice)
    run, artifact = make_run(alice, template)
    made = Commenter(alice).wrote(on_run(run), text="Mine", artifact=artifact.public_id)
    join(template, bob, "viewer")
    viewer = Commenter(bob)
    assert texts(viewer.read(on_run(run))) == ["Mine"]
    refused = viewer.send(on_run(run), text="Hi", artifact=artifact.public_id)
    assert refused.status_code == 403
    assert viewer.change(made, "answer", text="Hi").status_code == 403
    assert viewer.change(made, "resolve").status_code == 403
    assert viewer.change(made, "remove").status_code == 403
    assert viewer.client.get(f"/runs/{run.public_id}").status_code == 200
    assert b"Add a comment" not in viewer.client.get(on_run(run)).content


def test_another_role_shows_at_the_next_look(alice: User, bob: User) -> None:
    """Pages ask each 10 s whether the list changed: what one may do there belongs to it."""
    template = open_draft(alice)
    run, artifact = make_run(alice, template)
    Commenter(alice).wrote(on_run(run), text="Mine", artifact=artifact.public_id)
    join(template, bob, "editor")
    client, page = signed_in(bob), on_run(run)
    seen = client.get(page)["ETag"]
    for role in ("commenter", "viewer", "editor"):
        assert client.get(page, headers={"If-None-Match": seen}).status_code == 304
        Collaborator.objects.filter(user=bob).update(role=role)
        fresh = client.get(page, headers={"If-None-Match": seen})
        assert fresh.status_code == 200, role
        assert (b"Resolve" in fresh.content) == (role == "editor")
        seen = fresh["ETag"]


def test_an_artifact_must_be_of_the_run(alice: User) -> None:
    template = open_draft(alice)
    run, _ = make_run(alice, template)
    _, foreign = make_run(alice, template)
    for name in ("", "art_nothing", foreign.public_id):
        refused = Commenter(alice).send(on_run(run), text="Hi", artifact=name)
        assert refused.status_code in (400, 422)
        assert "artifact" in refused.content.decode()


def test_outsiders_learn_nothing_of_a_runs_comments(alice: User, bob: User) -> None:
    template = open_draft(alice)
    run, artifact = make_run(alice, template)
    made = Commenter(alice).wrote(on_run(run), text="SECRET", artifact=artifact.public_id)
    outsider = Commenter(bob)
    assert outsider.answer(on_run(run)).status_code == 404
    assert outsider.send(on_run(run), text="Hi", artifact=artifact.public_id).status_code == 404
    for action in ("answer", "edit", "resolve", "reopen", "remove"):
        refused = outsider.change(made, action, text="Hi")
        missing = outsider.change(99_999_999, action, text="Hi")
        assert (refused.status_code, missing.status_code) == (404, 404)
        assert refused.json()["message"] == missing.json()["message"]
        assert b"alice" not in refused.content
    assert Commenter().answer(on_run(run)).status_code in (302, 401)
    assert outsider.change(10**30, "remove").status_code == 404


def test_a_run_of_no_shared_template_has_no_comments(alice: User, bob: User) -> None:
    """Those who run a public template keep their results to themselves."""
    template = make_public(alice, name="Harbor")
    run, artifact = make_run(bob, template)
    assert Commenter(bob).answer(on_run(run)).status_code == 404
    assert Commenter(alice).answer(on_run(run)).status_code == 404
    page = signed_in(bob).get(f"/runs/{run.public_id}")
    assert page.status_code == 200
    assert 'id="comments"' not in page.content.decode()
    refused = Commenter(alice).send(on_run(run), text="Hi", artifact=artifact.public_id)
    assert refused.status_code == 404


def test_someone_removed_reads_and_hears_nothing_more(alice: User, bob: User) -> None:
    template = open_draft(alice)
    run, artifact = make_run(alice, template)
    join(template, bob, "editor")
    on_stage = Commenter(bob).wrote(on_draft(template), text="Here", stage="keyframe")
    on_film = Commenter(bob).wrote(on_run(run), text="There", artifact=artifact.public_id)
    invitations.remove(actor=alice, public_id=template.public_id, username="bob")
    assert Commenter(bob).answer(on_draft(template)).status_code == 404
    assert Commenter(bob).answer(on_run(run)).status_code == 404
    for made in (on_stage, on_film):
        for action in ("answer", "edit", "resolve", "remove"):
            assert Commenter(bob).change(made, action, text="Hi").status_code == 404
        Commenter(alice).change(made, "answer", text="SECRET")
    assert not Notice.objects.filter(person=bob, kind="comment").exists()


def test_a_removed_members_run_is_theirs_again(alice: User, bob: User) -> None:
    template = open_draft(alice, visibility="public")
    join(template, bob, "editor")
    run, artifact = make_run(bob, template)
    made = Commenter(alice).wrote(on_run(run), text="Good", artifact=artifact.public_id)
    invitations.remove(actor=alice, public_id=template.public_id, username="bob")
    assert Commenter(alice).answer(on_run(run)).status_code == 404
    assert Commenter(alice).change(made, "answer", text="Hi").status_code == 404


# On stages of a draft


def test_stages_of_a_draft(alice: User, bob: User) -> None:
    template = open_draft(alice)
    carol = make_user("carol")
    join(template, bob, "commenter")
    join(template, carol, "viewer")
    made = Commenter(bob).wrote(on_draft(template), text="Wider", stage="keyframe")
    Commenter(alice).wrote(on_draft(template), text="About all of it")
    first, second = Commenter(carol).read(on_draft(template))
    assert (first["stage"], second["stage"]) == ("keyframe", "")
    assert first["author"] == "bob"
    notice = Notice.objects.get(person=alice, kind="comment")
    assert notice.url == f"/t/{template.public_id}/edit?comment={made}"
    assert Commenter(carol).send(on_draft(template), text="Hi").status_code == 403
    assert issue(Commenter(bob).send(on_draft(template), text="Hi", stage="gone"))["path"] == (
        "stage"
    )
    assert issue(Commenter(bob).send(on_draft(template), text="Hi", atMs=1))["path"] == "atMs"
    assert not Commenter(carol).answer(on_draft(template)).json()["data"]["mayWrite"]
    join(template, bob, "viewer")
    assert Commenter(bob).change(made, "edit", text="Hi").status_code == 403
    assert Commenter(bob).change(made, "resolve").status_code == 403


def test_outsiders_in_the_editor_get_no_comments(alice: User, bob: User) -> None:
    template = open_draft(alice, visibility="public")
    Commenter(alice).wrote(on_draft(template), text="SECRET", stage="keyframe")
    assert Commenter(bob).answer(on_draft(template)).status_code == 404
    assert Commenter(bob).send(on_draft(template), text="Hi").status_code == 404


def test_a_comment_outlives_its_stage(alice: User) -> None:
    template = open_draft(alice)
    made = Commenter(alice).wrote(on_draft(template), text="Wider", stage="keyframe")
    document = Document.objects.get(template=template)
    del document.state["stages"]["rows"]["keyframe"]
    document.save(update_fields=["state"])
    [found] = Commenter(alice).read(on_draft(template))
    assert found["stage"] == "keyframe"
    assert Commenter(alice).change(made, "answer", text="Gone").status_code == 200


def test_a_deleted_template_takes_its_comments_along(alice: User, bob: User) -> None:
    template = open_draft(alice)
    join(template, bob, "editor")
    made = Commenter(bob).wrote(on_draft(template), text="Wider", stage="keyframe")
    template.deleted_at = clock.now()
    template.save(update_fields=["deleted_at"])
    for person in (alice, bob):
        assert Commenter(person).answer(on_draft(template)).status_code == 404
        assert Commenter(person).change(made, "answer", text="Hi").status_code == 404
