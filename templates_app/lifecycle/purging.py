"""Taking a person's templates away when they leave, but for what they gave to everyone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, ProtectedError, Q

from accounts import storage
from accounts.models import User
from core import clock
from templates_app import schemas
from templates_app.documents import pruning
from templates_app.graph.template_stages import references_in
from templates_app.models import (
    Change,
    Collaborator,
    Document,
    Folder,
    Invitation,
    Template,
    TemplateUse,
    TemplateVersion,
)

SHOWN_FIELDS = ("name", "category", "tags_text", "agent_rank")


def delete_private(*, owner: User) -> int:
    """Delete a person's private templates and the drafts of their public ones, their roles in
    others' templates, and their folders.

    A public template stays as outsiders see it, its published version only. Versions that other
    people's runs, forks or templates point at stay, without their template being there. Call it
    after the person's own runs are gone. One transaction for each template; harmless to repeat.
    Returns how many templates went.
    """
    count = 0
    # Their owners go on seeing them as sent.
    Invitation.objects.filter(user=owner).update(user=None)
    Collaborator.objects.filter(user=owner).delete()
    Folder.objects.filter(owner=owner).delete()
    _forget_uses(owner)
    for template_id in list(Template.objects.filter(owner=owner).values_list("id", flat=True)):
        with transaction.atomic():
            template = Template.objects.select_for_update().get(pk=template_id)
            # Drafts are no one's but theirs, and hold the versions they rest on.
            while pruning.forget(Change.objects.filter(document__template=template)):
                pass
            Document.objects.filter(template=template).delete()
            if template.visibility == "public" and template.deleted_at is None:
                _keep_published(template)
            else:
                _delete(template)
                count += 1
    return count


def _forget_uses(owner: User) -> None:
    """Delete what the person's templates use, but for what is in templates that stay: those that
    are public, and versions that templates of others use, with what is inside them."""
    own = TemplateVersion.objects.filter(template__owner=owner).select_related("template")
    is_public = Q(template__visibility="public", template__deleted_at=None)
    by_others = TemplateUse.objects.filter(version=OuterRef("pk")).exclude(holder__owner=owner)
    versions = list(own.filter((is_public & Q(template__published=F("pk"))) | Exists(by_others)))
    kept_pks: set[int] = set()
    version_pks = {version.pk for version in versions}
    while versions:
        version = versions.pop()
        rows = TemplateUse.objects.filter(
            holder=version.template_id, reference__in=references_in(version.spec)
        )
        for pk, inside in rows.values_list("pk", "version"):
            kept_pks.add(pk)
            if inside not in version_pks:
                version_pks.add(inside)
                versions += own.filter(pk=inside)
    TemplateUse.objects.filter(holder__owner=owner).exclude(pk__in=kept_pks).delete()


def _keep_published(template: Template) -> None:
    version = template.published
    assert version is not None  # noqa: S101  the database refuses public ones without
    _show_fields_of(template, version)
    template.head = version
    template.save(update_fields=["head", *SHOWN_FIELDS])
    _delete_versions(template, keep=version.pk)


def _delete(template: Template) -> None:
    changes: dict[str, Any] = {"visibility": "private", "head": None, "published": None}
    if template.deleted_at is None:
        changes |= {"deleted_at": clock.now()}
    Template.objects.filter(pk=template.pk).update(**changes)
    _delete_versions(template)
    last = TemplateVersion.objects.filter(template=template).order_by("-number").first()
    if last is None:
        try:
            with transaction.atomic():
                template.delete()
            return
        except ProtectedError:
            # A record that outlives accounts, such as a moderator's, points at the row.
            Template.objects.filter(pk=template.pk).update(name="", tags_text="")
            return
    _show_fields_of(template, last)
    template.save(update_fields=SHOWN_FIELDS)


def _delete_versions(template: Template, *, keep: int | None = None) -> None:
    """Delete the versions that no other person's run or fork points at, nor a use that stays."""
    fork = Template.objects.filter(source=OuterRef("pk")).exclude(owner=template.owner_id)
    # Named by its reverse relation: this layer does not know runs.
    versions = TemplateVersion.objects.filter(template=template, runs=None, uses=None)
    if keep is not None:
        versions = versions.exclude(pk=keep)
    for version in versions.exclude(Exists(fork)):
        try:
            with transaction.atomic():
                version.delete()
                storage.add(template.owner_id, storage.VERSIONS, -version.bytes)
        except ProtectedError:
            continue


def _show_fields_of(template: Template, version: TemplateVersion) -> None:
    """Take what lists show of the row from a version that others know, not from a draft."""
    template.name = version.spec["name"]
    template.category = version.spec["category"]
    template.tags_text = "\n".join(version.spec.get("tags", ()))
    template.agent_rank = schemas.agent_rank(version.spec)
