"""Forget what is old of documents, some at a time, so that no one who writes is held up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from accounts import storage
from core import clock
from templates_app.models import Change, Document

PRUNE_AT_ONCE = 1_000
TEND_EVERY_S = 3600.0


def tend() -> float:
    """Forget some of what is old. Returns in how many seconds to ask again, 0 at once.

    A chore, see `runs.engine.periodic`.
    """
    count = prune_changes(older_than_days=settings.CHANGES_KEPT_DAYS, keep=settings.CHANGES_KEPT)
    count += prune_deleted(older_than_days=settings.DELETED_DOCUMENTS_KEPT_DAYS)
    return 0 if count else TEND_EVERY_S


def prune_changes(*, older_than_days: int, keep: int) -> int:
    """Forget old changes but for the newest `keep` of each document. Returns how many went.

    An editor that was away for longer takes the document again; versions keep the history.
    """
    before = clock.now() - timedelta(days=older_than_days)
    old = Change.objects.filter(created_at__lt=before, rev__lte=F("document__rev") - keep)
    return forget(old)


def prune_deleted(*, older_than_days: int) -> int:
    """Forget documents of templates deleted long ago. Returns how many rows went."""
    before = clock.now() - timedelta(days=older_than_days)
    # Its changes first, some at a time: all at once would hold up everyone who writes.
    count = forget(Change.objects.filter(document__template__deleted_at__lt=before))
    if count:
        return count
    documents = Document.objects.filter(template__deleted_at__lt=before)
    ids = list(documents.values_list("pk", flat=True)[:PRUNE_AT_ONCE])
    Document.objects.filter(pk__in=ids).delete()
    return len(ids)


def forget(old: QuerySet[Change]) -> int:
    """Delete the oldest of these changes and give their bytes back. Returns how many went."""
    with transaction.atomic():
        rows = list(
            old.order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", "bytes", "document__template__owner_id")[:PRUNE_AT_ONCE]
        )
        Change.objects.filter(pk__in=[pk for pk, _, _ in rows]).delete()
        bytes_by_owner: Counter[int] = Counter()
        for _, size, owner_id in rows:
            bytes_by_owner[owner_id] += size
        for owner_id in sorted(bytes_by_owner):
            storage.add(owner_id, storage.CHANGES, -bytes_by_owner[owner_id])
    return len(rows)
