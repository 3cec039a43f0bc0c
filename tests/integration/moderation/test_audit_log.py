"""The audit log is append-only: not by good manners, by the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from moderation import moderators
from moderation.models import AuditEntry

pytestmark = pytest.mark.django_db

CHANGES: dict[str, Callable[[AuditEntry], Any]] = {
    "an update of one": lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(action="x"),
    "an update of all": lambda _entry: AuditEntry.objects.update(actor=None),
    "an update that changes nothing": lambda entry: entry.save(),
    "a deletion of one": lambda entry: entry.delete(),
    "a deletion of all": lambda _entry: AuditEntry.objects.all().delete(),
    "SQL that updates": lambda _entry: _run("UPDATE moderation_auditentry SET action = 'x'"),
    "SQL that deletes": lambda _entry: _run("DELETE FROM moderation_auditentry"),
}


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_database_refuses(change: Callable[[AuditEntry], Any], bob: User) -> None:
    moderators.give(user=bob, role=moderators.MODERATOR)
    moderators.take(user=bob, role=moderators.MODERATOR)
    before = list(AuditEntry.objects.order_by("pk").values())
    assert len(before) == 2
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(AuditEntry.objects.earliest("pk"))
    assert list(AuditEntry.objects.order_by("pk").values()) == before
