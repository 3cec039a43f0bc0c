"""Folders of templates: one person's own order, which others never see."""

from __future__ import annotations

import pytest

from accounts.models import User
from core import errors
from templates_app import folders, library
from templates_app.documents import invitations
from templates_app.lifecycle import services
from templates_app.models import FolderEntry
from tests.support.builders.collaborating import let_in
from tests.support.builders.templates import make_template

pytestmark = pytest.mark.django_db


def test_a_template_is_in_at_most_one_folder_of_each_person(alice: User, bob: User) -> None:
    template = make_template(alice)
    let_in(alice, template.public_id, bob)
    first, second = (folders.create_folder(actor=alice, name=name) for name in ("One", "Two"))
    his = folders.create_folder(actor=bob, name="One")
    for person, folder in ((alice, first), (alice, second), (alice, second), (bob, his)):
        assert folders.move(actor=person, template_ids=[template.pk], folder_id=folder.pk) == 1
    assert folders.places_of(alice) == {template.pk: second.pk}
    assert folders.places_of(bob) == {template.pk: his.pk}
    folders.move(actor=alice, template_ids=[template.pk], folder_id=None)
    assert folders.places_of(alice) == {}
    assert folders.places_of(bob) == {template.pk: his.pk}


def test_only_what_a_person_works_on_goes_into_their_folders(alice: User, bob: User) -> None:
    hers, gone = make_template(alice), make_template(bob)
    services.delete_template(actor=bob, public_id=gone.public_id)
    folder = folders.create_folder(actor=bob, name="Mine")
    picked = [hers.pk, gone.pk, 2**60]
    assert folders.move(actor=bob, template_ids=picked, folder_id=folder.pk) == 0
    assert not FolderEntry.objects.exists()


def test_another_persons_folder_is_not_there(alice: User, bob: User) -> None:
    folder = folders.create_folder(actor=alice, name="Hers")
    template = make_template(bob)
    with pytest.raises(errors.NotFound):
        folders.move(actor=bob, template_ids=[template.pk], folder_id=folder.pk)
    with pytest.raises(errors.NotFound):
        folders.rename_folder(actor=bob, folder_id=folder.pk, name="His")
    with pytest.raises(errors.NotFound):
        folders.delete_folder(actor=bob, folder_id=folder.pk)
    assert [one.name for one in folders.folders_of(alice)] == ["Hers"]
    assert folders.folders_of(bob) == []


def test_deleting_a_folder_keeps_its_templates(alice: User) -> None:
    template = make_template(alice)
    folder = folders.create_folder(actor=alice, name="Old")
    folders.move(actor=alice, template_ids=[template.pk], folder_id=folder.pk)
    folders.delete_folder(actor=alice, folder_id=folder.pk)
    assert [entry.folder_id for entry in library.entries_of(alice)] == [None]
    with pytest.raises(errors.NotFound):
        folders.delete_folder(actor=alice, folder_id=folder.pk)


def test_what_was_shared_leaves_the_library_with_the_role(alice: User, bob: User) -> None:
    template = make_template(alice)
    let_in(alice, template.public_id, bob)
    folder = folders.create_folder(actor=bob, name="Shared")
    folders.move(actor=bob, template_ids=[template.pk], folder_id=folder.pk)
    invitations.remove(actor=alice, public_id=template.public_id, username="bob")
    assert library.entries_of(bob) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\u202eb"])
def test_what_is_no_name_makes_no_folder(alice: User, name: str) -> None:
    kept = folders.create_folder(actor=alice, name="Kept")
    with pytest.raises(errors.InvalidInput):
        folders.create_folder(actor=alice, name=name)
    with pytest.raises(errors.InvalidInput):
        folders.rename_folder(actor=alice, folder_id=kept.pk, name=name)
    assert [one.name for one in folders.folders_of(alice)] == ["Kept"]


def test_a_name_is_taken_once(alice: User, bob: User) -> None:
    folders.create_folder(actor=alice, name="Films")
    other = folders.create_folder(actor=alice, name="songs")
    folders.create_folder(actor=bob, name="Films")
    with pytest.raises(errors.Conflict, match="already have"):
        folders.create_folder(actor=alice, name=" Films ")
    with pytest.raises(errors.Conflict, match="already have"):
        folders.rename_folder(actor=alice, folder_id=other.pk, name="Films")
    assert [one.name for one in folders.folders_of(alice)] == ["Films", "songs"]


def test_there_is_an_end_to_folders(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "FOLDERS_PER_PERSON", 1)
    folders.create_folder(actor=alice, name="One")
    with pytest.raises(errors.Conflict, match="Limit reached: 1 folders"):
        folders.create_folder(actor=alice, name="Two")
