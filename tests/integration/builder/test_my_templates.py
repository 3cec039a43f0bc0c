"""`/me/templates`: a person's own, and no one else's."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from builder.web.account_pages import my_templates as page_module
from core import clock
from runs.models import Run
from templates_app.documents import invitations
from templates_app.lifecycle import forking
from templates_app.models import Template, TemplateVersion
from tests.support.builders.collaborating import let_in
from tests.support.builders.running import start_template
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import list_pages, signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
PATH = "/me/templates"


def names_on(content: bytes) -> list[str]:
    return re.findall(r'<h2 class="clip" dir="auto"><a href="[^"]+">([^<]*)</a>', flat(content))


def test_my_templates_are_listed_changed_last_first(alice: User, bob: User) -> None:
    first = make_template(alice, name="First")
    make_template(alice, name="Second")
    make_public(bob, name="Of bob")
    patched(first, description="New")
    page = signed_in(alice).get(PATH)
    assert names_on(page.content) == ["First", "Second"]
    assert f'href="/t/{first.public_id}"' in page.content.decode()
    assert "0.0.2" in page.content.decode()
    assert page.content.count(b"Not run yet") == 2


def test_the_filters_show_remixes_and_what_is_public(alice: User, bob: User) -> None:
    make_template(alice, name="Plain")
    make_public(alice, name="Shown")
    forking.fork_template(actor=alice, public_id=make_public(bob).public_id, name="Mixed")
    client = signed_in(alice)
    assert names_on(client.get(PATH).content) == ["Mixed", "Shown", "Plain"]
    assert names_on(client.get(f"{PATH}?show=remixes").content) == ["Mixed"]
    assert names_on(client.get(f"{PATH}?show=public").content) == ["Shown"]
    assert len(names_on(client.get(f"{PATH}?show=nonsense").content)) == 3


def test_a_remix_says_when_its_original_moved_on(alice: User, bob: User) -> None:
    original = make_public(bob, name="Original")
    forking.fork_template(actor=alice, public_id=original.public_id, name="Mixed")
    client = signed_in(alice)
    assert b"Original updated" not in client.get(PATH).content
    patched(original, description="Better")
    page = client.get(PATH).content.decode()
    assert "Original updated" in page
    assert f'href="/t/{original.public_id}"' in page
    # What is hidden moves nothing, and a withdrawn original is no one's business any more.
    for gone, there in (
        ({"moderation": "quarantined"}, {"moderation": "visible"}),
        ({"deleted_at": clock.now()}, {"deleted_at": None}),
    ):
        Template.objects.filter(pk=original.pk).update(**gone)
        assert b"Original updated" not in client.get(PATH).content
        Template.objects.filter(pk=original.pk).update(**there)
    patched(original, visibility="private")
    page = client.get(PATH).content.decode()
    assert "Original updated" not in page
    assert original.public_id not in page


def test_a_row_shows_the_last_run_and_the_issues(alice: User) -> None:
    template = make_template(alice)
    first, last = (start_template(alice, template, brief="x") for _ in range(2))
    page = signed_in(alice).get(PATH).content.decode()
    assert f"/runs/{last.public_id}" in page
    assert f"/runs/{first.public_id}" not in page
    assert "issue" not in page
    assert template.head is not None
    spec = {**template.head.spec, "stages": [{"id": "a", "type": "fixed", "tool": "gone"}]}
    TemplateVersion.objects.filter(template=template).update(spec=spec)
    assert re.search(r"\d (error|warning)", signed_in(alice).get(PATH).content.decode())


def test_the_last_run_is_never_that_of_someone_else(alice: User, bob: User) -> None:
    template = make_public(alice)
    start_template(bob, template, brief="bob's words")
    page = signed_in(alice).get(PATH).content.decode()
    assert Run.objects.get().public_id not in page
    assert "Not run yet" in page


def test_hidden_and_removed_templates_say_so(alice: User) -> None:
    make_public(alice, name="One")
    make_public(alice, name="Two")
    Template.objects.filter(name="One").update(moderation="quarantined")
    Template.objects.filter(name="Two").update(moderation="removed")
    page = signed_in(alice).get(PATH).content
    assert b"Hidden pending review" in page
    assert b"Taken down" in page


def test_a_new_template_is_empty_and_opens(alice: User) -> None:
    response = signed_in(alice).post(PATH, {"name": " Night train "})
    template = Template.objects.get()
    editor = f"/t/{template.public_id}/edit"
    assert (response.status_code, response["Location"]) == (302, editor)
    assert f'href="{editor}"' in signed_in(alice).get(PATH).content.decode()
    assert (template.name, template.owner, template.visibility) == ("Night train", alice, "private")
    assert template.head is not None
    assert template.head.spec["stages"] == []


@pytest.mark.parametrize("name", ["", "  "])
def test_a_template_that_no_one_named_is_called_something(alice: User, name: str) -> None:
    assert signed_in(alice).post(PATH, {"name": name}).status_code == 302
    assert Template.objects.get().name == "Untitled template"


@pytest.mark.parametrize("name", ["x" * 201, "a\x00b"])
def test_a_name_that_cannot_be_one_makes_no_template(alice: User, name: str) -> None:
    response = signed_in(alice).post(PATH, {"name": name})
    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert not Template.objects.exists()


def test_a_full_shelf_says_what_to_do(alice: User, settings: object) -> None:
    settings.TEMPLATES_PER_USER = 1  # type: ignore[attr-defined]
    make_template(alice)
    response = signed_in(alice).post(PATH, {"name": "One more"})
    assert response.status_code == 422
    assert b"Delete one you no longer need" in response.content


def test_deleting_takes_it_off_the_list_and_keeps_its_runs(alice: User) -> None:
    template = make_template(alice, name="Old")
    run = start_template(alice, template, brief="x")
    client = signed_in(alice)
    assert b"Delete <bdi>Old</bdi>?" in client.get(PATH).content
    response = client.post(f"{PATH}/{template.public_id}/delete")
    assert response["Location"] == PATH
    assert b"No templates yet" in client.get(PATH).content
    assert Run.objects.get(pk=run.pk).template_version is not None
    assert client.post(f"{PATH}/{template.public_id}/delete").status_code == 404


def test_without_signing_in_nothing_happens(alice: User) -> None:
    template = make_template(alice)
    assert Client().get(PATH)["Location"] == f"/sign-in?next={PATH}"
    assert Client().post(PATH, {"name": "x"})["Location"].startswith("/sign-in")
    assert signed_in(alice).get(f"{PATH}/{template.public_id}/delete").status_code == 405
    assert Template.objects.filter(deleted_at=None).count() == 1


def test_pages_follow_each_other_without_gaps_or_repeats(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "SHOWN", 3)
    made = [make_template(alice, name=f"T{number}").pk for number in range(8)]
    # Changed in the same instant, as one bulk change would leave them.
    moment = Template.objects.get(pk=made[0]).updated_at
    Template.objects.filter(pk__in=made[:5]).update(updated_at=moment)
    pages = list_pages(signed_in(alice), PATH)
    seen = [name for page in pages for name in names_on(page.encode())]
    assert seen == [f"T{number}" for number in (7, 6, 5, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize("place", ["x", "9" * 40, f"{'9' * 17}.1"])
def test_an_odd_place_in_the_list_breaks_nothing(alice: User, place: str) -> None:
    make_template(alice)
    assert signed_in(alice).get(f"{PATH}?after={place}").status_code == 200


def test_an_empty_list_points_to_a_start(alice: User, bob: User) -> None:
    client = signed_in(alice)
    assert b"Describe or create one above" in client.get(PATH).content
    public = make_public(bob, name="A start").public_id
    assert f'Start from <a class="link" href="/t/{public}">' in flat(client.get(PATH).content)
    assert b"No remixes yet" in client.get(f"{PATH}?show=remixes").content
    assert b"Nothing published yet" in client.get(f"{PATH}?show=public").content


def test_hostile_names_harm_no_row(alice: User) -> None:
    for name in ("<script>alert(1)</script>", "\u202egnirts", "🎬" * 100, "x" * 200, "\"'&</h2>"):
        # Some of them were taken by earlier releases.
        made = make_template(alice, name="old")
        Template.objects.filter(pk=made.pk).update(name=name)
    page = signed_in(alice).get(PATH).content
    assert b"<script>alert" not in page
    assert page.count(b"<li>") == 5
    assert page.count(b'<dialog class="dialog" id="delete-') == 6


@pytest.mark.parametrize("role", ["viewer", "commenter", "editor"])
def test_what_others_share_with_me_is_in_the_list_with_owner_and_role(
    alice: User, bob: User, role: str
) -> None:
    shared = make_template(alice, name="Of alice").public_id
    make_template(alice, name="Hers alone")
    make_template(bob, name="Of bob")
    client = signed_in(bob)
    invitations.invite(actor=alice, public_id=shared, username="bob")
    # Who has no name for others is known by the one they sign in with.
    page = client.get(PATH).content.decode()
    assert "<bdi>alice</bdi></strong> invites you to" in page
    let_in(alice, shared, bob)
    invitations.invite(actor=alice, public_id=shared, username="bob", role=role)

    page = client.get(f"{PATH}?show=shared").content.decode()

    assert names_on(page.encode()) == ["Of alice"]
    assert f'href="/t/{shared}/edit">Of alice<' in page
    assert f">{role.capitalize()}</span>" in page
    assert ('aria-label="Edit Of alice"' in page) is (role == "editor")
    assert "Delete Of alice" not in page
    assert "Anonymous" not in page
    assert names_on(client.get(PATH).content) == ["Of bob", "Of alice"]
    assert names_on(client.get(f"{PATH}?show=mine").content) == ["Of bob"]
    invitations.remove(actor=alice, public_id=shared, username="bob")
    assert "Of alice" not in client.get(PATH).content.decode()
