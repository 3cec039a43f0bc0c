"""A person deletes their own runs: hidden at once, gone half a minute later, with Undo before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from accounts import storage
from accounts.models import LedgerEntry, User
from core import clock
from runs.engine import retention
from runs.models import Artifact, IdempotencyKey, Run
from templates_app.models import Document
from tests.support.builders.factories import make_key
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
IMAGE = {"id": "a", "toolName": "note", "arguments": {"text": "a fox"}}
RUNS = "/v1/creative-agent/workflows"


def done(person: User) -> Run:
    run = start(person, [IMAGE])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    return run


def pass_half_a_minute() -> None:
    Run.objects.filter(deleting_at__isnull=False).update(
        deleting_at=F("deleting_at") - timedelta(seconds=30)
    )


def sweep() -> None:
    while retention.delete_wanted() == 0:
        pass


def undo_address(client: Client) -> str:
    page = client.get("/me/runs").content.decode()
    return re.findall(r'action="(/app/runs/keep/[^"]+)"', page)[0]


def test_a_run_is_hidden_at_once_and_gone_after_half_a_minute(alice: User, bob: User) -> None:
    run, kept = done(alice), done(bob)
    client = signed_in(alice)
    paid = LedgerEntry.objects.filter(user=alice).count()
    used = storage.used(alice.pk)[storage.ARTIFACTS]
    assert used > 0
    assert client.post(f"/app/runs/{kept.public_id}/delete").status_code == 404
    assert client.post(f"/app/runs/{run.public_id}/delete")["Location"] == "/me/runs"
    assert run.public_id not in client.get("/me/runs").content.decode()
    assert client.get(f"/runs/{run.public_id}").status_code == 404
    sweep()
    assert Run.objects.filter(pk=run.pk).exists()
    pass_half_a_minute()
    sweep()
    assert list(Run.objects.values_list("id", flat=True)) == [kept.pk]
    assert not Artifact.objects.filter(run_id=run.pk).exists()
    assert LedgerEntry.objects.filter(user=alice).count() == paid
    assert storage.used(alice.pk)[storage.ARTIFACTS] == 0


def test_undo_keeps_all_of_it_and_is_not_for_others(alice: User, bob: User) -> None:
    runs = [done(alice), done(alice)]
    client = signed_in(alice)
    client.post("/me/runs/delete", {"kind": "", "days": "0", "count": "2"})
    address = undo_address(client)
    signed_in(bob).post(address)
    assert Run.objects.filter(deleting_at__isnull=False).count() == 2
    client.post(address)
    assert Run.objects.filter(deleting_at=None).count() == 2
    assert runs[0].public_id in client.get("/me/runs").content.decode()
    client.post("/me/runs/delete", {"kind": "", "days": "0", "count": "2"})
    address = undo_address(client)
    pass_half_a_minute()
    assert "too late" in client.post(address, follow=True).content.decode()
    sweep()
    assert not Run.objects.exists()


def test_only_runs_of_the_kind_and_age_that_are_over_and_not_shown_go(alice: User) -> None:
    old, new, shown = done(alice), done(alice), done(alice)
    unfinished = start(alice, [IMAGE])
    Run.objects.filter(pk=old.pk).update(finished_at=clock.now() - timedelta(days=8))
    image = shown.artifacts.get()
    template = make_template(alice, inputs=[{"name": "look", "type": "image"}], stages=[])
    Document.objects.create(
        template=template,
        base=template.head,
        state={"inputs": {"look": {"default": f"reelgraph:object/{image.public_id}/a.png"}}},
    )
    client = signed_in(alice)
    old_alone, every = (
        client.get(f"/me/runs/delete{query}").content.decode() for query in ("?days=7", "")
    )
    assert "Delete 1 run" in old_alone
    assert re.findall(r'id="row-(\w+)"', old_alone) == [old.public_id]
    assert "Delete 2 runs" in every
    assert "1 other stay" in every
    assert set(re.findall(r'id="row-(\w+)"', every)) == {old.public_id, new.public_id}
    assert "No runs to delete" in client.get("/me/runs/delete?kind=failed").content.decode()
    assert client.get("/me/runs/delete?kind=x").status_code == 404
    client.post("/me/runs/delete", {"kind": "", "days": "7", "count": "1"})
    pass_half_a_minute()
    sweep()
    assert set(Run.objects.values_list("id", flat=True)) == {new.pk, shown.pk, unfinished.pk}
    refused = client.post(f"/app/runs/{shown.public_id}/delete", follow=True).content.decode()
    assert "shows a result of this run" in refused


def test_only_the_number_that_was_shown_for_these_filters_is_deleted(alice: User) -> None:
    for _ in range(3):
        done(alice)
    client = signed_in(alice)
    for kind, sent in (("failed", {"count": "3"}), ("", {"count": "2"}), ("", {})):
        answer = client.post("/me/runs/delete", {"kind": kind, "days": "0", **sent}, follow=True)
        page = answer.content.decode()
        assert "Nothing was deleted" in page
        assert ("No runs to delete" if kind else "Delete 3 runs") in page
        assert not Run.objects.filter(deleting_at__isnull=False).exists()
    client.post("/me/runs/delete", {"kind": "", "days": "0", "count": "3"})
    assert Run.objects.filter(deleting_at__isnull=False).count() == 3


def test_the_number_is_that_of_the_filters_that_are_shown(alice: User) -> None:
    run = done(alice)
    Run.objects.filter(pk=run.pk).update(finished_at=clock.now() - timedelta(days=31))
    page = signed_in(alice).get("/me/runs/delete?days=30").content.decode()
    filters = re.findall(r'<a class="chip"[^>]*href="([^"]+)"([^>]*)>\s*([^<]+?)\s*</a>', page)
    assert [name for _, state, name in filters if "aria-current" in state] == [
        "All",
        "Over 30 days",
    ]
    # Each filter keeps the other.
    addresses = {name: address for address, _, name in filters}
    assert addresses["Failed and stopped"] == "?kind=failed&amp;days=30"
    assert addresses["Over a year"] == "?kind=&amp;days=365"
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))
    assert sent.items() >= {"kind": "", "days": "30", "count": "1"}.items()
    # While another number is fetched, this one can't be pressed.
    assert 'hx-disabled-elt="#delete-these"' in page
    assert re.search(r'<button[^>]*id="delete-these"', page)


def test_over_the_api_a_run_is_gone_at_once(alice: User, api: Callable[..., Any]) -> None:
    run, unfinished = done(alice), start(alice, [IMAGE])
    rest = api(make_key(alice))
    answer = rest.delete(f"{RUNS}/{unfinished.public_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "run.not_over")
    answer = rest.delete(f"{RUNS}/{run.public_id}")
    assert answer.json()["data"] == {"workflowId": run.public_id, "deleted": True}
    assert rest.get(f"{RUNS}/{run.public_id}").status_code == 404
    assert rest.delete(f"{RUNS}/{run.public_id}").status_code == 404
    sweep()
    assert not Run.objects.filter(pk=run.pk).exists()


def test_a_start_that_is_repeated_is_never_made_again(alice: User) -> None:
    run = done(alice)
    IdempotencyKey.objects.create(
        owner=alice, endpoint="workflows", key="k", body_sha256="0" * 64, run=run
    )
    retention.delete_one(alice, run, can_undo=False)
    sweep()
    assert Run.objects.filter(pk=run.pk).exists()
    IdempotencyKey.objects.all().delete()
    sweep()
    assert not Run.objects.filter(pk=run.pk).exists()
