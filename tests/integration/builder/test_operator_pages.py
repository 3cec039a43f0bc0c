"""Staff see everyone's runs, what is stuck and why; what they do is in the audit log."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from builder.ops.server.processes import ProcessBook
from builder.staff.operator import selectors, services
from core import clock, errors
from moderation.models import AuditEntry
from moderation.moderators import MODERATOR, give
from runs.engine import lease
from runs.engine.cancelling import cancel_run
from runs.engine.worker_registry import Registration
from runs.models import Attempt, Event, Run, Step, Worker
from tests.support.builders.running import chain, events_of, finish, start, take, work_off

pytestmark = pytest.mark.django_db
LIST = "/admin/runs/"
PAGES = ("/admin/", LIST, "/admin/workers", "/admin/data/notices/mail/")


def lost(owner: User, **more: Any) -> Run:
    """A run whose worker has died where no one noticed."""
    run = start(owner, [{"toolName": "noop", "title": "Storm shot"}], **more)
    take(run, "worker-gone")
    Step.objects.filter(run=run).update(lease_until=clock.now() - timedelta(minutes=9))
    return run


def page_of(client: Client, run: Run) -> str:
    answer = client.get(f"{LIST}{run.public_id}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_staff_learn_that_it_is_there(alice: User) -> None:
    run = start(alice, chain("noop", 1))
    client = Client()
    paths = (*PAGES, f"{LIST}{run.public_id}", "/admin", "/admin/runs")
    for path in paths:
        assert client.get(path)["Location"].startswith("/sign-in")
    client.force_login(alice)
    for path in paths:
        assert client.get(path).status_code == 404
    assert client.post(f"{LIST}{run.public_id}/cancel").status_code == 404
    with pytest.raises(errors.Forbidden):
        services.cancel(actor=alice, run=run)
    assert events_of(run)[-1] != "workflow_cancelled"


def test_the_index_leads_to_every_console(staff: Client, alice: User, mo: User) -> None:
    lost(alice)
    text = staff.get("/admin/").content.decode()
    for said in (f'href="{LIST}"', 'href="/admin/workers"', "1 unfinished", "1 stuck"):
        assert said in text
    assert "/admin/moderation/audit" not in text
    give(user=mo, role=MODERATOR)
    text = staff.get("/admin/").content.decode()
    assert 'href="/admin/moderation/"' in text
    assert 'href="/admin/moderation/audit"' in text
    for typed, page in (
        ("/admin", "/admin/"),
        ("/admin/runs?show=stuck", f"{LIST}?show=stuck"),
        ("/admin/workers/", "/admin/workers"),
        ("/admin/runs/workers", "/admin/workers"),
        ("/admin/moderation", "/admin/moderation/"),
    ):
        assert staff.get(typed)["Location"] == page


def test_all_shows_finished_runs_and_each_status_has_a_filter(
    staff: Client, alice: User, bob: User
) -> None:
    stuck = lost(alice, title="Rain over the harbour")
    done, failed = start(bob, chain("noop", 1)), start(bob, chain("fail", 1, retryable=False))
    work_off()
    old = start(bob, chain("fail", 1, retryable=False))
    work_off()
    Run.objects.filter(pk=old.pk).update(finished_at=clock.now() - timedelta(days=8))
    waits = start(bob, chain("noop", 2))
    stopped = start(bob, chain("noop", 1))
    # Of an earlier release: a name that differs by case alone.
    other = start(User.objects.create(username="Alice"), chain("noop", 1))
    for run in (stopped, other):
        cancel_run(run=run)
    listed = selectors.list_runs()
    every = [other, stopped, waits, old, failed, done, stuck]
    assert [row.run.pk for row in listed.rows] == [run.pk for run in every]
    assert listed.counts["stuck"] == 1
    for query, expected in (
        ("?show=stuck", {stuck}),
        ("?show=failed", {failed, old}),
        ("?show=done", {done}),
        ("?show=stopped", {stopped, other}),
        ("?owner=ALICE", {stuck, other}),
        ("?owner=alice", {stuck}),
        ("?owner=Alice", {other}),
        ("?owner=alice&show=failed", set()),
        ("?show=nonsense&before=abc", set(every)),
        (f"?before={stuck.pk}", set()),
        ("?before=99999999999999999999", set(every)),
    ):
        answer = staff.get(LIST + query)
        assert answer.status_code == 200
        shown = {row["run"] for row in answer.context["rows"]}
        assert shown == expected, query
    text = staff.get(f"{LIST}?show=stuck").content.decode()
    assert "its worker has been offline for 9 min" in text
    assert "No workers running" in text


def test_a_queued_run_was_created_and_a_running_one_started(staff: Client, alice: User) -> None:
    queued = start(alice, chain("noop", 1))
    Run.objects.filter(pk=queued.pk).update(created_at=clock.now() - timedelta(hours=3))
    for page in (staff.get(LIST).content.decode(), page_of(staff, queued)):
        assert "created <time" in page
        assert "started <time" not in page
    take(queued, "worker-one")
    Event.objects.filter(run=queued, name="workflow_started").update(
        created_at=clock.now() - timedelta(minutes=2)
    )
    for page in (staff.get(LIST).content.decode(), page_of(staff, queued)):
        assert "2 min ago</time>" in page.partition("started <time")[2][:160]
        assert "3 h ago" not in page


def test_what_happened_is_said_in_words(staff: Client, alice: User) -> None:
    run = lost(alice)
    page = page_of(staff, run)
    for said in ("Storm shot started", "Latest events", "attempt 1"):
        assert said in page
    listed = staff.get(LIST).content.decode()
    assert "</time>: <bdi>Storm shot started</bdi>" in listed
    assert "step_started" not in listed


def test_a_stuck_step_is_released_and_done_by_another_worker(
    staff: Client, alice: User, mo: User
) -> None:
    run = lost(alice)
    text = page_of(staff, run)
    for said in ("worker-gone", "Storm shot", "Release to another worker", "workflow_started"):
        assert said in text
    [step] = run.steps.all()
    answer = staff.post(f"{LIST}{run.public_id}/retry", {"step": step.key, "note": "hangs"})
    assert answer["Location"] == f"{LIST}{run.public_id}"
    step.refresh_from_db()
    assert (step.status, step.lost_leases) == ("ready", 0)
    assert Attempt.objects.get(step=step).outcome == "returned"
    assert work_off() == 1
    run.refresh_from_db()
    assert run.status == "completed"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject_kind) == (mo, "run.retry_step", "run")
    assert entry.subject_id == run.public_id
    assert (entry.data["step"], entry.data["note"]) == (step.key, "hangs")
    again = staff.post(f"{LIST}{run.public_id}/retry", {"step": step.key}, follow=True)
    assert "already continued" in again.content.decode()
    assert staff.post(f"{LIST}{run.public_id}/retry", {"step": "\x00no"}).status_code == 404
    assert AuditEntry.objects.count() == 1


def test_a_late_worker_keeps_nothing_of_a_released_step(alice: User, mo: User) -> None:
    run = start(alice, [{"toolName": "note", "arguments": {"text": "late"}}])
    claim = take(run, "slow")
    assert services.retry_step(actor=mo, run=run, key=claim.step.key)
    assert not lease.renew(claim)
    finish(claim)
    assert not run.artifacts.exists()
    work_off()
    assert run.artifacts.count() == 1


def test_a_step_that_retries_later_is_tried_at_once(alice: User, mo: User) -> None:
    run = start(alice, chain("noop", 1))
    Step.objects.filter(run=run).update(not_before=clock.now() + timedelta(hours=1))
    assert work_off() == 0
    key = run.steps.get().key
    assert services.retry_step(actor=mo, run=run, key=key)
    assert work_off() == 1
    assert not services.retry_step(actor=mo, run=run, key=key)


def test_cancelling_is_told_to_its_owner_and_logged_once(
    staff: Client, alice: User, mo: User
) -> None:
    run = lost(alice)
    assert staff.get(f"{LIST}{run.public_id}/cancel").status_code == 405
    for _ in range(2):
        assert staff.post(f"{LIST}{run.public_id}/cancel", {"note": "x"}).status_code == 302
    run.refresh_from_db()
    assert run.status == "cancelled"
    entry = AuditEntry.objects.get()
    assert entry.data["before"] == {"status": "running"}
    assert entry.data["after"] == {"status": "cancelled"}
    assert entry.data["owner"] == alice.public_id
    refused = staff.post(f"{LIST}{lost(alice).public_id}/cancel", {"note": "x" * 1001})
    assert refused.status_code == 422
    assert "1001 of 1000 characters" in refused.content.decode()
    assert staff.post(f"{LIST}nothing/cancel").status_code == 404


def test_a_failed_run_is_done_again_for_its_owner(staff: Client, alice: User) -> None:
    run = start(alice, chain("fail", 2, retryable=False))
    work_off()
    text = page_of(staff, run)
    assert "Retry failed steps" in text
    # Stages without a label are named by their tools.
    assert "<bdi>Fail</bdi></h3>" in text
    assert "Fail failed" in text
    assert "s0 failed" not in text
    assert "The test provider refuses." in text
    assert "Stop run" not in text
    assert staff.post(f"{LIST}{run.public_id}/resume").status_code == 302
    run.refresh_from_db()
    assert run.status in ("queued", "running")
    assert AuditEntry.objects.get().action == "run.resume"


def test_the_workers_page_shows_who_holds_what(staff: Client, alice: User) -> None:
    Registration("worker-alive").refresh()
    run = lost(alice)
    start(alice, chain("noop", 3))
    text = staff.get("/admin/workers").content.decode()
    for said in ("worker-alive", "worker-gone", "never seen", run.public_id):
        assert said in text
    assert "1 step with an expired lease" in text


def test_the_audit_log_says_what_staff_did(staff: Client, alice: User, mo: User) -> None:
    run = lost(alice)
    services.cancel(actor=mo, run=run, note="It hung since Monday")
    give(user=mo, role=MODERATOR)
    text = staff.get("/admin/moderation/audit?action=run.cancel").content.decode()
    assert "It hung since Monday" in text
    assert "Running → Stopped" in text


def test_a_run_of_many_steps_is_shown_in_part(
    staff: Client, alice: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(selectors, "STEPS_SHOWN", 3)
    run = start(alice, chain("noop", 5))
    with django_assert_max_num_queries(30):
        assert "2 more steps" in page_of(staff, run)


def test_the_workers_page_shows_the_web_processes(
    staff: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.RUN_DIR, settings.WEB = tmp_path, 2
    book = ProcessBook(tmp_path)
    book.remember("web-2", os.getpid(), "web-2-0a1b2c3d")
    book.remember("worker-1", os.getpid(), "worker-1-0a1b2c3d")
    book.note_death("web-1", "web-1-4e5f6a7b", "killed by SIGKILL", 3)
    text = " ".join(staff.get("/admin/workers").content.decode().split())
    shown = text.partition("Web processes")[2]
    assert "2 on this machine" in shown
    assert shown.index("web-1") < shown.index("Restarting") < shown.index("web-2")
    assert "times (killed by SIGKILL)" in shown
    assert f'process <span class="num">{os.getpid()}</span>' in shown
    assert "worker-1" not in shown


def test_a_waiting_step_says_why_on_its_runs_page(staff: Client, alice: User) -> None:
    Registration("worker-one").refresh()
    run = start(alice, chain("noop", 1))
    Step.objects.filter(run=run).update(label="gpu", not_before=clock.now() - timedelta(hours=1))
    Run.objects.filter(pk=run.pk).update(created_at=clock.now() - timedelta(hours=1))
    page = page_of(staff, run)
    assert "Waiting for a worker with label gpu" in page
    assert "manage.py worker --labels gpu" in page
    assert "no online worker has label gpu" in staff.get(f"{LIST}?show=stuck").content.decode()


def test_workers_are_listed_by_machine_with_their_labels(staff: Client, alice: User) -> None:
    for name, host, labels in (
        ("one", "render-1", ["cpu", "remote"]),
        ("two", "render-2", ["gpu"]),
        ("gone", "render-3", ["big"]),
    ):
        Worker.objects.create(name=name, host=host, labels=labels)
    Worker.objects.filter(name="gone").update(seen_at=clock.now() - timedelta(hours=1))
    run = start(alice, chain("noop", 1))
    take(run, "two")
    hosts = staff.get("/admin/workers").context["hosts"]
    assert [(one["name"], one["online"]) for one in hosts] == [
        ("render-1", 1),
        ("render-2", 1),
        ("render-3", 0),
    ]
    [two] = hosts[1]["workers"]
    assert (two["labels"], two["holds"][0].run) == (("gpu",), run.public_id)


def test_labels_show_their_steps_and_their_living_workers(staff: Client, alice: User) -> None:
    Worker.objects.create(name="one", host="here", labels=["cpu"])
    run = start(alice, [{"toolName": "noop"}] * 3)
    first, second, third = run.steps.order_by("sequence")
    since = clock.now() - timedelta(minutes=9)
    Step.objects.filter(pk=first.pk).update(label="gpu", not_before=since)
    later = clock.now() + timedelta(hours=1)
    Step.objects.filter(pk=second.pk).update(label="gpu", not_before=later)
    Step.objects.filter(pk=third.pk).update(label="remote", status="parked", not_before=later)
    answer = staff.get("/admin/workers", headers={"HX-Request": "true"})
    rows = {row.name: row for row in answer.context["labels"]}
    assert set(rows) == {"cpu", "gpu", "remote"}
    gpu, remote = rows["gpu"], rows["remote"]
    assert (gpu.load.ready, gpu.load.oldest, gpu.living, gpu.is_missing) == (2, since, 0, True)
    assert (remote.load.parked, remote.is_missing, rows["cpu"].living) == (1, False, 1)
    text = answer.content.decode()
    assert "2 steps waiting for a worker with label gpu." in text
    assert "manage.py worker --labels gpu" in text
    assert "9 min ago" in text
    # What htmx asks for every few seconds is the part that changes, and it asks again.
    assert text.count('hx-trigger="every 5s"') == 1
    assert "<html" not in text
