"""Versions of a template that are kept.

Versions are immutable, so a busy program would fill the disk with them. The oldest that nothing
refers to go; labelled and published ones, those that runs and forks came from, and those that other
templates use, stay.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet, Sum

from accounts import storage
from core import clock
from templates_app.models import Document, Template, TemplateVersion

# So many go with one write: the rest with the next ones.
AT_ONCE = 20


def free_versions(template: Template) -> QuerySet[TemplateVersion]:
    """The template's versions that no run, fork, other template, open app, run set, document, head
    or publication rests on.

    Runs, their sets and apps are named by their reverse relations: this layer does not know them.
    """
    templates = Template.objects.filter(
        Q(head=OuterRef("pk")) | Q(published=OuterRef("pk")) | Q(source=OuterRef("pk"))
    )
    documents = Document.objects.filter(base=OuterRef("pk"))
    own = TemplateVersion.objects.filter(template=template, runs=None, uses=None, label="")
    if template.deleted_at is None:
        own = own.exclude(apps__ended_at=None, apps__isnull=False).filter(run_sets=None)
    return own.exclude(Exists(templates)).exclude(Exists(documents))


def forget_old(template: Template) -> int:
    """Forget the oldest unreferenced versions beyond those that are kept. Returns how many went.

    Part of the transaction that added a version and holds the template's lock.
    """
    count = TemplateVersion.objects.filter(template=template).count()
    beyond = min(count - settings.VERSIONS_KEPT, AT_ONCE)
    if beyond <= 0:
        return 0
    return _forget(template, free_versions(template).order_by("number")[:beyond])


def forget_all(template: Template) -> int:
    """Forget what nothing refers to of a deleted template. Returns how many versions went."""
    return _forget(template, free_versions(template).order_by("number"))


def is_same_burst(head: TemplateVersion, actor_id: int) -> bool:
    """Tell whether a PATCH of this person now belongs to the one that made the head."""
    since = clock.now() - timedelta(seconds=settings.PATCHES_JOINED_S)
    return head.cause == "patch" and head.created_by_id == actor_id and head.created_at > since


def replace(template: Template, old: TemplateVersion) -> bool:
    """Forget a version that a quick second PATCH took the place of, if nothing refers to it."""
    return bool(_forget(template, free_versions(template).filter(pk=old.pk)))


def _forget(template: Template, versions: QuerySet[TemplateVersion]) -> int:
    count = size = 0
    for version in versions.defer("spec"):
        try:
            with transaction.atomic():
                version.delete()
        except ProtectedError:
            # Named by a row this layer does not know.
            continue
        count += 1
        size += version.bytes
    storage.add(template.owner_id, storage.VERSIONS, -size)
    return count


def stored_bytes(owner_id: int) -> int:
    """Sum what a person's versions take; see `accounts.storage`."""
    rows = TemplateVersion.objects.filter(template__owner=owner_id)
    return rows.aggregate(total=Sum("bytes"))["total"] or 0
