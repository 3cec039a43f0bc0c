"""What the editor forgets, some at a time, while no one waits."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from core import clock
from runs.engine import periodic
from templates_app import uses
from templates_app.documents import pruning
from templates_app.lifecycle import services as templates
from templates_app.models import Change, Document, Template, TemplateUse, TemplateVersion
from tests.support.builders.drafts import note
from tests.support.builders.editing import apply, edit, log_of, make_document, template_of
from tests.support.builders.stage_bodies import stage
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in

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


def test_what_a_stage_may_be_goes_when_nothing_names_it(alice: User, settings: Any) -> None:
    settings.PATCHES_JOINED_S = 0
    film = make_template(alice, id="film", name="Film", inputs=[], stages=[])
    page, path = signed_in(alice), "/app/documents/film"
    names = ("version", "draft", "change", "run", "nothing", "again", "young")
    for name in names:
        make_template(alice, id=name, name="Shot", inputs=[], stages=[note("n")])
        uses.add_use(actor=alice, holder=film, public_id=name)
    for stages in ([stage("template:version", "a")], []):
        patched(film, stages=stages)
    page.get(path)
    document = Document.objects.get(template=film)

    def put(name: str) -> dict[str, Any]:
        value = stage(f"template:{name}@0.0.1", name)
        return {"op": "put", "table": "stages", "key": name, "value": value}

    def remove(name: str) -> dict[str, Any]:
        return {"op": "remove", "table": "stages", "key": name}

    apply(alice, document, put("run"))
    body = {"inputs": {}, "key": "first"}
    answer = page.post(f"{path}/runs", json.dumps(body), "application/json")
    assert answer.status_code == 201, answer.content
    apply(alice, document, remove("run"))
    Change.objects.all().delete()
    apply(alice, document, put("draft"))
    apply(alice, document, put("change"))
    apply(alice, document, remove("change"))
    rows = TemplateUse.objects.filter(holder=film)
    past = clock.now() - timedelta(days=settings.CHANGES_KEPT_DAYS, minutes=1)
    rows.exclude(version__template__public_id="young").update(created_at=past)
    # An editor that was opened now offers nothing that may be gone when it is inserted.
    opened = page.get(path).json()["uses"]
    assert {one["template"] for one in opened} == {"version", "draft", "young"}
    # Asked for again, it is as young as a new one.
    uses.add_use(actor=alice, holder=film, public_id="again")
    while not periodic._registered["unnamed uses"]():
        pass
    ids = set(rows.values_list("version__template__public_id", flat=True))
    assert ids == {*names} - {"nothing"}
