"""Folders: how a person arranges the templates that they own or work on, seen by no one else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from core import errors, short_text
from templates_app import selectors
from templates_app.models import Collaborator, Folder, FolderEntry, Template

NAME_LENGTH: Final = 80
FOLDERS_PER_PERSON: Final = 100


def folders_of(person: User) -> list[Folder]:
    """A person's folders by name, as people order names."""
    rows = Folder.objects.filter(owner=person)
    return sorted(rows, key=lambda folder: (folder.name.casefold(), folder.pk))


def own_folder(person: User, folder_id: int) -> Folder:
    """Raises NotFound alike for what is not there and for another person's."""
    folder = Folder.objects.filter(owner=person, pk=folder_id).first()
    if folder is None:
        raise errors.NotFound("Folder not found.", code="folder.not_found")
    return folder


def places_of(person: User) -> dict[int, int]:
    """Template → the folder that this person keeps it in, both by primary key."""
    return dict(FolderEntry.objects.filter(person=person).values_list("template_id", "folder_id"))


def create_folder(*, actor: User, name: str) -> Folder:
    """Raises InvalidInput for what is no name, Conflict for one that is taken and when
    FOLDERS_PER_PERSON are there."""
    name = _name(name)
    with transaction.atomic():
        # Two at once are counted one after the other.
        User.objects.select_for_update().only("pk").get(pk=actor.pk)
        if Folder.objects.filter(owner=actor).count() >= FOLDERS_PER_PERSON:
            raise errors.Conflict(
                f"Limit reached: {FOLDERS_PER_PERSON} folders. Delete one first.",
                code="folder.too_many",
            )
        if Folder.objects.filter(owner=actor, name=name).exists():
            raise _name_conflict(name)
        return Folder.objects.create(owner=actor, name=name)


def rename_folder(*, actor: User, folder_id: int, name: str) -> Folder:
    """Raises NotFound, and what `create_folder` raises for a name."""
    folder = own_folder(actor, folder_id)
    folder.name = _name(name)
    try:
        with transaction.atomic():
            folder.save(update_fields=["name"])
    except IntegrityError as clash:
        raise _name_conflict(folder.name) from clash
    return folder


def delete_folder(*, actor: User, folder_id: int) -> Folder:
    """The folder alone: its templates stay, in no folder. Raises NotFound."""
    folder = own_folder(actor, folder_id)
    Folder.objects.filter(pk=folder.pk).delete()
    return folder


def move(*, actor: User, template_ids: Collection[int], folder_id: int | None) -> int:
    """Put templates that the actor owns or works on into one of their folders, or into none.

    template_ids: primary keys; others' and unknown ones are passed over. Harmless to repeat.
    Returns how many are there now. Raises NotFound for a folder that is not the actor's.
    """
    with transaction.atomic():
        if folder_id is not None:
            # Locked, so that deleting it comes before or after.
            Folder.objects.select_for_update().filter(pk=folder_id).first()
            own_folder(actor, folder_id)
        theirs = Exists(Collaborator.objects.filter(user=actor, template=OuterRef("pk")))
        rows = Template.objects.filter(
            selectors.LIVE, Q(owner=actor) | theirs, pk__in=template_ids
        ).values_list("pk", flat=True)
        ids = list(rows)
        if folder_id is None:
            FolderEntry.objects.filter(person=actor, template__in=ids).delete()
        else:
            FolderEntry.objects.bulk_create(
                [
                    FolderEntry(folder_id=folder_id, person=actor, template_id=template_id)
                    for template_id in ids
                ],
                update_conflicts=True,
                unique_fields=["person", "template"],
                update_fields=["folder"],
            )
    return len(ids)


def _name(text: str) -> str:
    name = short_text.clean(text, field="name")
    if not name or len(name) > NAME_LENGTH:
        raise errors.InvalidInput(
            f"Give the folder a name of 1–{NAME_LENGTH} characters.", code="folder.name"
        )
    return name


def _name_conflict(name: str) -> errors.Conflict:
    return errors.Conflict(f"You already have a folder “{name}”.", code="folder.name_taken")
