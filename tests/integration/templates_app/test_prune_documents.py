"""What the editor forgets, some at a time, while no one waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from core import clock
from runs.engine import periodic
from templates_app.documents import pruning
from templates_app.lifecycle import services as templates
from templates_app.models import Change, Document, Template, TemplateVersion
from tests.support.builders.editing import edit, log_of, make_document, template_of

pytestmark = pytest.mark.django_db


def aged(document: Document, days: int) -> None:
    Change.objects.filter(document=document).update(
        created_at=clock.now() - timedelta(days=days, minutes=1)
    )


def deleted(document: Document, owner: User, days: int) -> None:
    templates.delete_template(actor=owner, public_id=template_of(document).public_id)
    Template.objects.filter(pk=document.template_id).update(
        deleted_at=clock.now() - timedelta(days=days, minutes=1)
    )


def test_old_changes_go_but_for_the_newest_of_each_document(alice: User) -> None:
    busy, quiet = make_document(alice), make_document(alice)
    edit(alice, busy, *"abcde")
    edit(alice, quiet, *"ab")
    aged(busy, 90)
    aged(quiet, 90)

    assert pruning.prune_changes(older_than_days=90, keep=3) == 2

    assert [row.rev for row in log_of(busy)] == [3, 4, 5]
    assert [row.rev for row in log_of(quiet)] == [1, 2]
    assert pruning.prune_changes(older_than_days=90, keep=3) == 0


def test_young_changes_stay(alice: User) -> None:
    document = make_document(alice)
    edit(alice, document, *"abcde")
    aged(document, 89)

    assert pruning.prune_changes(older_than_days=90, keep=0) == 0


def test_a_document_lives_on_after_its_log_was_pruned(alice: User) -> None:
    document = make_document(alice)
    edit(alice, document, *"abc")
    aged(document, 90)
    pruning.prune_changes(older_than_days=90, keep=0)

    assert edit(alice, document, "d") == 4
    document.refresh_from_db()
    assert document.state["stages"]["rows"]["s0"]["args"]["prompt"] == "d"


def test_the_document_of_a_deleted_template_goes_and_its_versions_stay(alice: User) -> None:
    gone, young, alive = (make_document(alice) for _ in range(3))
    for document in (gone, young, alive):
        edit(alice, document, *"ab")
    deleted(gone, alice, 30)
    deleted(young, alice, 29)

    while pruning.prune_deleted(older_than_days=30):
        pass

    assert set(Document.objects.values_list("pk", flat=True)) == {young.pk, alive.pk}
    assert not Change.objects.filter(document=gone).exists()
    assert TemplateVersion.objects.filter(template=gone.template_id).exists()


def test_it_is_done_a_part_at_a_time_and_then_rests(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANGES_KEPT = 1
    monkeypatch.setattr(pruning, "PRUNE_AT_ONCE", 2)
    document = make_document(alice)
    edit(alice, document, *"abcdef")
    aged(document, settings.CHANGES_KEPT_DAYS)

    assert [pruning.tend() for _ in range(4)] == [0, 0, 0, pruning.TEND_EVERY_S]
    assert [row.rev for row in log_of(document)] == [6]


def test_idle_workers_do_it() -> None:
    assert periodic._registered["documents"] is pruning.tend
