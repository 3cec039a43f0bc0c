"""`/me/templates`: searched, ordered, in folders, and several changed at once."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from builder.web.account_pages import my_templates as page_module
from core import clock
from templates_app import folders
from templates_app.models import Folder, Template, TemplateVersion
from tests.support.builders.collaborating import let_in
from tests.support.builders.running import start_template
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import list_pages, signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
PATH = "/me/templates"
CHANGE = f"{PATH}/change"


def names_at(client: Client, query: str) -> list[str]:
    answer = client.get(f"{PATH}{query}")
    assert answer.status_code == 200
    page = flat(answer.content)
    return re.findall(r'<h2 class="clip" dir="auto"><a href="[^"]+">([^<]*)</a>', page)


def follow(client: Client, data: dict[str, Any]) -> str:
    """What the page says after a change."""
    return client.post(CHANGE, data, follow=True).content.decode()


def test_words_are_found_in_name_tags_category_and_the_owners_name(alice: User, bob: User) -> None:
    make_template(alice, name="Night Train", tags=["Sci-Fi"], category="cinematic")
    make_template(alice, name="Écran bleu", tags=[], category="music")
    shared = make_template(bob, name="Loaned", tags=[], category="other")
    let_in(bob, shared.public_id, alice)
    make_template(bob, name="Night alone")
    client = signed_in(alice)
    for query, found in {
        "night": ["Night Train"],
        "tra nig": ["Night Train"],
        "sci": ["Night Train"],
        "CINE": ["Night Train"],
        "ecran": ["Écran bleu"],
        "bob": ["Loaned"],
        "train bleu": [],
        "'\";--": [],
        "%_": [],
        "x" * 5_000: [],
    }.items():
        assert names_at(client, f"?q={query}") == found, query
    assert len(names_at(client, "?q=%20")) == 3


def test_each_order_is_kept_over_all_pages(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "SHOWN", 2)
    now = clock.now()
    for name, created, changed in (
        ("beta", 5, 1),
        ("Alpha", 4, 2),
        ("ärger", 3, 3),
        ("Alpha", 2, 4),
        ("🎬" * 200, 1, 5),
    ):
        made = make_template(alice, name="x")
        Template.objects.filter(pk=made.pk).update(
            name=name,
            created_at=now - timedelta(days=created),
            updated_at=now - timedelta(days=changed),
        )
    first, second = Template.objects.order_by("pk")[:2]
    start_template(alice, second, brief="x")
    start_template(alice, first, brief="x")
    client = signed_in(alice)

    def walk(sort: str) -> list[str]:
        pages = "".join(list_pages(client, f"{PATH}?sort={sort}"))
        return [name[:5] for name in re.findall(r'aria-label="Select ([^"]*)"', pages)]

    film = "🎬" * 5
    assert walk("changed") == ["beta", "Alpha", "ärger", "Alpha", film]
    assert walk("created") == [film, "Alpha", "ärger", "Alpha", "beta"]
    assert walk("name") == ["Alpha", "Alpha", "beta", "ärger", film]
    assert walk("run")[:2] == ["beta", "Alpha"]
    assert len(walk("run")) == 5
    assert walk("nonsense") == walk("changed")


def test_a_folder_shows_what_is_in_it_with_the_filters(alice: User, bob: User) -> None:
    inside, public, outside = (
        make_template(alice, name="Inside"),
        make_public(alice, name="Shown"),
        make_template(alice, name="Outside"),
    )
    client = signed_in(alice)
    said = follow(client, {"do": "new-folder", "name": " Films ", "pick": [inside.pk, public.pk]})
    assert "Moved 2 templates to Films." in said
    folder = Folder.objects.get()
    assert names_at(client, f"?folder={folder.pk}") == ["Shown", "Inside"]
    assert names_at(client, f"?folder={folder.pk}&show=public") == ["Shown"]
    assert names_at(client, f"?folder={folder.pk}&q=outside") == []
    assert folder.name in client.get(PATH).content.decode()
    assert folder.name not in signed_in(bob).get(f"{PATH}?folder={folder.pk}").content.decode()

    said = follow(client, {"do": "move", "to": folder.pk, "pick": outside.pk})
    assert "Moved 1 template to Films." in said
    said = follow(client, {"do": "move", "to": "", "pick": [inside.pk, public.pk]})
    assert "Took 2 templates out of their folder." in said
    assert names_at(client, f"?folder={folder.pk}") == ["Outside"]

    client.post(f"{PATH}/folders/{folder.pk}/rename", {"name": "Movies"})
    assert "Movies" in client.get(PATH).content.decode()
    client.post(f"{PATH}/folders/{folder.pk}/delete")
    assert len(names_at(client, "")) == 3


def test_a_folder_that_cannot_be_made_is_explained(alice: User) -> None:
    folder = folders.create_folder(actor=alice, name="Films")
    other = folders.create_folder(actor=alice, name="Other")
    client = signed_in(alice)
    address = f"{PATH}/folders/{other.pk}/rename"
    back = f"{PATH}?folder={other.pk}"
    for name in ("", "x" * 81, "Films"):
        reason = "already have" if name == "Films" else "1–80 characters"
        assert reason in follow(client, {"do": "new-folder", "name": name}), name
        answer = client.post(address, {"name": name, "back": back})
        assert answer["Location"] == back, name
        assert reason in client.get(back).content.decode(), name
        assert {one.name for one in Folder.objects.all()} == {folder.name, "Other"}, name


def test_several_are_deleted_and_made_private_and_others_stay(alice: User, bob: User) -> None:
    first, second, kept = (make_public(alice, name=name) for name in "abc")
    shared = make_public(bob, name="Of bob")
    let_in(bob, shared.public_id, alice)
    client = signed_in(alice)
    said = follow(client, {"do": "private", "pick": [first.pk, shared.pk, 2**70]})
    assert "1 template is private now. 1 is not yours to change." in said
    said = follow(client, {"do": "delete", "pick": [first.pk, second.pk, shared.pk]})
    assert "Deleted 2 templates. 1 is not yours to change." in said
    left = Template.objects.filter(deleted_at=None, visibility="public")
    assert set(left.values_list("pk", flat=True)) == {kept.pk, shared.pk}
    # Sent twice, as by a second press.
    assert "Deleted 0 templates." in follow(client, {"do": "delete", "pick": [first.pk]})


def test_several_are_downloaded_as_import_reads_them(alice: User, bob: User) -> None:
    own = [make_template(alice, name="Same"), make_template(alice, name="Same")]
    foreign = make_public(bob)
    client = signed_in(alice)
    answer = client.post(CHANGE, {"do": "download", "pick": [*(t.pk for t in own), foreign.pk]})
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    records = [json.loads(archive.read(name)) for name in archive.namelist()]
    assert {record["id"] for record in records} == {template.public_id for template in own}
    assert all(record["stages"] for record in records)
    assert "your own templates" in follow(client, {"do": "download", "pick": [foreign.pk]})


def test_a_change_that_makes_no_sense_changes_nothing(alice: User) -> None:
    make_template(alice)
    client = signed_in(alice)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"do": "delete"}, "Select one or more"),
        ({"do": "delete", "pick": "x"}, "Select one or more"),
        ({"do": "delete", "pick": [str(n) for n in range(201)]}, "at most 200"),
        ({"do": "move", "to": "9999999", "pick": "1"}, "Folder not found"),
        ({"do": "move", "to": "²", "pick": "1"}, "Folder not found"),
        ({"do": "move", "to": "9" * 30, "pick": "1"}, "Folder not found"),
        ({"do": "explode", "pick": "1"}, "Choose what to do"),
        ({}, "Choose what to do"),
    ]
    for sent, reason in cases:
        assert reason in follow(client, sent), sent
        assert Template.objects.filter(deleted_at=None).count() == 1, sent


def test_a_change_leads_back_to_the_list_alone(alice: User) -> None:
    client = signed_in(alice)
    for back in ("https://evil.example/?q=1", "//evil.example", "/me/templates?q=sky&next=//evil"):
        answer = client.post(CHANGE, {"do": "explode", "back": back})
        assert answer["Location"].startswith(PATH), back
        assert "evil" not in answer["Location"], back


def test_only_with_a_session_and_by_a_form(alice: User) -> None:
    template = make_template(alice)
    sent = {"do": "delete", "pick": template.pk}
    folder = folders.create_folder(actor=alice, name="Films")
    for path in (
        CHANGE,
        f"{PATH}/folders/{folder.pk}/delete",
        f"{PATH}/folders/{folder.pk}/rename",
    ):
        assert Client().post(path, sent)["Location"].startswith("/sign-in")
        assert signed_in(alice).get(path).status_code == 405
    assert Template.objects.filter(deleted_at=None).exists()


def test_three_hundred_templates_take_as_many_queries_as_thirty(alice: User) -> None:
    model = make_template(alice, name="Model")
    assert model.head is not None
    client = signed_in(alice)

    def fill(count: int) -> None:
        made = Template.objects.bulk_create(
            Template(public_id=f"wf_{count}_{n}", owner=alice, name=f"Reel {n}", category="custom")
            for n in range(count)
        )
        versions = TemplateVersion.objects.bulk_create(
            TemplateVersion(
                template=one, number=1, semver="1", spec=model.head.spec, created_by=alice
            )
            for one in made
        )
        for one, version in zip(made, versions, strict=True):
            one.head = version
        Template.objects.bulk_update(made, ["head"])

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(names_at(client, query)) == page_module.SHOWN
        return len(seen)

    fill(30)
    asked = ["", "?q=reel", "?sort=name", "?sort=run", "?show=mine"]
    # The first request of a process looks up what stays, such as content types.
    queries("")
    before = [queries(query) for query in asked]
    fill(270)
    assert [queries(query) for query in asked] == before
    assert max(before) < 25
