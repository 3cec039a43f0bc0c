"""A job at a provider holds no worker, any worker goes on with it, and it is submitted once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import LedgerEntry, User
from core import clock
from media.blobs import path_of
from runs import states
from runs.engine import (
    cancelling,
    claims,
    clock_changes,
    queue_order,
    reclaiming,
    remote_jobs,
    rerouting,
    retention,
    sweep,
)
from runs.engine.attempt_context import AttemptContext
from runs.models import Artifact, Attempt, Event, RemoteJob, Run, Step
from tests.support.builders.plans import batch, run_plan, step
from tests.support.builders.running import (
    events_of,
    finish,
    start,
    status_after_work,
    status_of,
    take,
    work_off,
)
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app
from tests.support.fakes.maker import AGES, Maker
from tests.support.faults.stopped_clock import stopped_clock
from tools import registry
from tools.providers.base import Stopped

pytestmark = pytest.mark.django_db(transaction=True)
# A look that finds nothing new; raising it needs a reason: hundreds of jobs are looked at at once.
LOOK_STATEMENTS = 16
PATH = "/v1/creative-agent/workflows"


def made(**arguments: Any) -> dict[str, Any]:
    return {"id": "a", "toolName": "made", "arguments": {"prompt": "a fox", **arguments}}


def parked(alice: User, **arguments: Any) -> Run:
    run = start(alice, [made(**arguments)])
    assert work_off("first") == 1
    assert step_of(run).status == states.PARKED
    return run


def step_of(run: Run) -> Step:
    return run.steps.get(key="a")


def make_due(run: Run) -> None:
    run.steps.update(not_before=clock.now() - timedelta(seconds=1))


def lose_lease(run: Run) -> None:
    run.steps.update(lease_until=clock.now() - timedelta(seconds=1))


def test_a_parked_job_holds_no_worker_and_another_one_goes_on(alice: User, maker: Maker) -> None:
    run = parked(alice, every=60)
    step, attempt = step_of(run), Attempt.objects.get()
    assert (step.lease_owner, step.lease_until) == ("", None)
    assert step.not_before > clock.now() + timedelta(seconds=50)
    assert (attempt.outcome, attempt.job_ref) == ("", {"id": "job-1"})
    assert attempt.parked_at is not None
    assert work_off("second") == 0
    maker.finish(maker.job_of(run.public_id))
    make_due(run)
    assert work_off("second") == 1
    run.refresh_from_db()
    attempt.refresh_from_db()
    assert run.status == "completed"
    assert (attempt.number, attempt.worker, attempt.outcome) == (1, "second", "done")
    assert set(maker.submitted.values()) == {1}
    assert events_of(run).count("step_started") == 1


def test_looks_add_to_the_log_only_what_changed(alice: User, maker: Maker) -> None:
    run = parked(alice)
    job = maker.job_of(run.public_id)
    job.fraction, job.note = 0.25, "Drawing"
    since = step_of(run).started_at
    for _ in range(5):
        make_due(run)
        work_off()
    job.fraction = 0.5
    make_due(run)
    work_off()
    told = Event.objects.filter(run=run, name="step_progress").order_by("seq")
    assert [(one.payload["progress"], one.payload["note"]) for one in told] == [
        (0.25, "Drawing"),
        (0.5, "Drawing"),
    ]
    assert step_of(run).progress == 0.5
    assert step_of(run).started_at == since


def test_a_parked_step_is_running_for_readers(alice: User, alice_key: str, maker: Maker) -> None:
    run = parked(alice)
    job = maker.job_of(run.public_id)
    job.fraction, job.note = 0.3, "Second in line"
    make_due(run)
    work_off()
    shown = Api(alice_key).get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    assert shown["status"] == "running"
    (step,) = shown["steps"]
    assert (step["status"], step["progress"]) == ("running", 0.3)


def test_a_provider_that_parks_without_a_job_is_not_asked_again(alice: User, maker: Maker) -> None:
    run = start(alice, [made(forgetful=True)])
    assert status_after_work(run) == "failed"
    error = step_of(run).error
    assert error is not None
    assert error["message"].startswith("Maker didn't say which job it's working on.")
    assert Attempt.objects.count() == 1


def test_a_lost_look_attaches_to_the_job(alice: User, maker: Maker) -> None:
    run = parked(alice)
    for losses in range(1, 9):
        make_due(run)
        claim = claims.claim(step_of(run).id, run.id, f"dies-{losses}")
        assert claim is not None
        lose_lease(run)
        assert sweep.sweep() == 1
        assert step_of(run).status == states.READY
        assert work_off() == 1
        # Each look that comes to its end begins the count of lost ones again.
        assert (step_of(run).status, step_of(run).lost_leases) == (states.PARKED, 0)
    maker.finish(maker.job_of(run.public_id))
    make_due(run)
    assert status_after_work(run) == "completed"
    assert set(maker.submitted.values()) == {1}
    assert Artifact.objects.filter(run=run).count() == 1


@pytest.mark.parametrize(
    ("status", "is_taken_over"),
    [(0, True), (429, False), (503, False)],
    ids=["away", "busy", "broken"],
)
def test_a_look_that_cannot_ask_forgets_no_job(
    alice: User, maker: Maker, status: int, is_taken_over: bool
) -> None:
    run = parked(alice)
    maker.status = status
    rests = []
    for looks in range(8):
        make_due(run)
        if is_taken_over and looks % 3 == 0:
            assert claims.claim(step_of(run).id, run.id, "dies") is not None
            lose_lease(run)
            sweep.sweep()
        # On a slow machine it may be due again by then.
        assert work_off() >= 1
        step = step_of(run)
        assert (step.status, step.failures) == (states.PARKED, 0)
        rests.append(round((step.not_before - clock.now()).total_seconds()))
    assert max(rests) <= 60
    if not is_taken_over:
        assert rests[0] < 10 < 30 < rests[-1]
    told = Event.objects.filter(run=run, name="step_progress").order_by("seq").last()
    assert told is not None
    assert told.payload["note"].startswith("Maker ")
    maker.status = None
    make_due(run)
    work_off()
    told = Event.objects.filter(run=run, name="step_progress").order_by("seq").last()
    assert told is not None
    assert "note" not in told.payload
    assert Attempt.objects.get(outcome="").error is None
    maker.finish(maker.job_of(run.public_id))
    make_due(run)
    assert status_after_work(run) == "completed"
    assert set(maker.submitted.values()) == {1}


@pytest.mark.parametrize("asks", [False, True])
def test_a_service_that_is_away_for_a_day_is_given_up_without_paying_again(
    alice: User, maker: Maker, asks: bool, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ASK_BEFORE_REPAYING = asks
    run = parked(alice)
    maker.status = 503
    make_due(run)
    work_off()
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    Step.objects.update(not_before=later - timedelta(days=2))
    work_off()
    run.refresh_from_db()
    step = step_of(run)
    assert set(maker.submitted.values()) == {1}
    if asks:
        assert (run.status, step.status) == ("waiting_for_user", states.WAITING)
        return
    assert run.status == "failed"
    assert step.error is not None
    assert step.error["code"] == "step.may_be_charged"
    assert step.error["message"].startswith("Maker couldn't be asked about this job for a day.")


def test_a_job_that_failed_is_submitted_again(alice: User, maker: Maker) -> None:
    run = parked(alice)
    make_due(run)
    # A worker that takes over from a lost one attaches, and finds that it failed.
    assert claims.claim(step_of(run).id, run.id, "dies") is not None
    lose_lease(run)
    sweep.sweep()
    maker.job_of(run.public_id).has_failed = True
    work_off()
    assert (step_of(run).status, step_of(run).failures) == (states.READY, 1)
    make_due(run)
    work_off()
    assert step_of(run).status == states.PARKED
    assert set(maker.submitted.values()) == {2}


def test_a_worker_that_stops_hands_its_look_back(alice: User, maker: Maker) -> None:
    run = parked(alice)
    job = maker.job_of(run.public_id)
    job.fraction, job.note = 0.5, "Drawing"
    make_due(run)
    work_off()
    make_due(run)
    claim = claims.claim(step_of(run).id, run.id, "stops")
    assert claim is not None
    told = events_of(run)
    assert reclaiming.release_worker("stops", handed_back=True) == 1
    step, attempt = step_of(run), Attempt.objects.get()
    assert (step.status, step.attempt, step.progress) == (states.PARKED, 1, 0.5)
    assert (step.lease_owner, step.lease_until) == ("", None)
    assert (attempt.outcome, attempt.ended_at) == ("", None)
    assert events_of(run) == told
    # It is too late for the worker that gave it back.
    maker.finish(job)
    finish(claim)
    assert step_of(run).status == states.PARKED
    # Due at once.
    assert work_off("second") == 1
    run.refresh_from_db()
    attempt.refresh_from_db()
    assert run.status == "completed"
    assert (attempt.worker, attempt.outcome) == ("second", "done")
    assert set(maker.submitted.values()) == {1}


def from_a_note(alice: User, **body: Any) -> Run:
    """A run whose parked step works on a file that an earlier one made."""
    note = {"id": "n", "toolName": "note", "arguments": {"text": "a fox"}}
    run = start(alice, [note, {**made(sourceImageIndex=0), "dependsOn": ["n"]}], **body)
    work_off()
    assert step_of(run).status == states.PARKED
    return run


def test_files_that_are_gone_by_now_do_not_lose_a_result(alice: User, maker: Maker) -> None:
    run = from_a_note(alice)
    blob = Artifact.objects.get(run=run).blob
    path_of(blob.sha256).unlink()
    maker.finish(maker.job_of(run.public_id))
    make_due(run)
    assert status_after_work(run) == "completed"
    assert step_of(run).reuse_key == ""


def test_a_look_costs_the_same_however_many_files_it_works_on(alice: User, maker: Maker) -> None:
    def statements(run: Run) -> int:
        with stopped_clock():
            # What the first look reads is known to the second.
            for _ in range(2):
                make_due(run)
                with CaptureQueriesContext(connection) as seen:
                    assert work_off() == 1
        assert step_of(run).status == states.PARKED
        return len(seen)

    assert statements(from_a_note(alice)) == statements(parked(alice)) <= LOOK_STATEMENTS


def test_time_limits_count_from_the_first_submit(alice: User, maker: Maker) -> None:
    run = parked(alice)
    Attempt.objects.update(submitting_at=clock.now() - timedelta(hours=2))
    make_due(run)
    lost = claims.claim(step_of(run).id, run.id, "dies")
    assert lost is not None
    lose_lease(run)
    sweep.sweep()
    for _ in range(2):
        work_off()
        make_due(run)
    assert Attempt.objects.count() == 2
    assert AGES[-2] == pytest.approx(7200, abs=60)
    assert AGES[-1] == pytest.approx(7200, abs=60)


def test_time_limits_leave_out_a_job_that_failed_before(alice: User, maker: Maker) -> None:
    run = parked(alice)
    Attempt.objects.update(submitting_at=clock.now() - timedelta(hours=2))
    maker.job_of(run.public_id).has_failed = True
    # The job fails, another one is submitted, and that one is looked at.
    for _ in range(3):
        make_due(run)
        work_off()
    assert set(maker.submitted.values()) == {2}
    assert step_of(run).status == states.PARKED
    assert AGES[-1] < 60


def test_cancelled_while_parked_asks_the_service_once(alice: User, maker: Maker) -> None:
    run = parked(alice)
    cancelling.cancel_run(run=run)
    assert step_of(run).status == states.CANCELLED
    for _ in range(3):
        sweep.sweep()
    assert set(maker.cancelled.values()) == {1}
    assert Attempt.objects.get().outcome == "stopped"


def submitting(run: Run, worker: str) -> AttemptContext:
    """The attempt of a worker whose request is under way."""
    context = AttemptContext(take(run, worker))
    context.provider = "maker"
    context.submitting()
    return context


def lost_while_submitting(alice: User) -> tuple[Run, AttemptContext]:
    """A run whose step is ready again, and the attempt that lost its lease with a request under
    way."""
    run = start(alice, [made()])
    late = submitting(run, "late")
    lose_lease(run)
    sweep.sweep()
    assert step_of(run).status == states.READY
    return run, late


def test_a_job_told_of_late_that_a_later_attempt_waits_for_is_kept(
    alice: User, maker: Maker
) -> None:
    run, late = lost_while_submitting(alice)
    work_off("second")
    job = maker.job_of(run.public_id)
    with pytest.raises(Stopped):
        # The service recognized the repeated request. What else a reference holds may differ.
        late.remember({"id": job.id, "looked_at": 12.5})
    sweep.sweep()
    maker.finish(job)
    make_due(run)
    assert status_after_work(run) == "completed"
    assert not maker.cancelled


def test_a_job_told_of_while_a_later_attempt_asks_for_it_is_kept(alice: User, maker: Maker) -> None:
    run, late = lost_while_submitting(alice)
    second = submitting(run, "second")
    job = maker.submit(second.claim.provider_key, -1)
    with pytest.raises(Stopped):
        late.remember({"id": job.id})
    second.remember({"id": job.id})
    sweep.sweep()
    assert not maker.cancelled


def test_a_job_told_of_late_is_called_off_where_a_later_attempt_has_another(
    alice: User, maker: Maker
) -> None:
    _, late = lost_while_submitting(alice)
    first = maker.submit("first", -1)
    work_off("second")
    with pytest.raises(Stopped):
        late.remember({"id": first.id})
    sweep.sweep()
    assert maker.cancelled == {"first": 1}


def test_a_job_told_of_after_the_others_were_stopped_is_called_off(
    alice: User, maker: Maker
) -> None:
    run = start(alice, [made()])
    late = submitting(run, "late")
    first, second = maker.submit("first", -1), maker.submit("second", -1)
    late.remember({"id": first.id})
    cancelling.cancel_run(run=run)
    sweep.sweep()
    for job_ref in ({"id": first.id, "looked_at": 12.5}, {"id": second.id}):
        with pytest.raises(Stopped):
            late.remember(job_ref)
        sweep.sweep()
    assert maker.cancelled == {"first": 1, "second": 1}
    assert Attempt.objects.get().outcome == "stopped"


def test_a_provider_that_is_not_configured_any_more_ends_its_jobs_in_words(
    alice: User, maker: Maker, settings: Any
) -> None:
    run = parked(alice)
    settings.EXTRA_TOOL_MODULES = [
        *settings.EXTRA_TOOL_MODULES[:-1],
        "tests.support.fakes.made_elsewhere",
    ]
    registry.rebuild()
    late = clock.now() - timedelta(seconds=rerouting.UNKNOWN_FOR_S + 1)
    run.steps.update(not_before=late)
    sweep.sweep()
    assert status_after_work(run) == "failed"
    assert "Its job is at maker, which was removed from this server" in str(step_of(run).error)


def test_a_clock_that_was_set_back_keeps_no_job_from_its_look(alice: User, maker: Maker) -> None:
    run = parked(alice, every=600)
    assert clock_changes.clamp_future_times() == 0
    run.steps.update(not_before=clock.now() + timedelta(days=1))
    assert clock_changes.clamp_future_times() == 1
    assert step_of(run).not_before <= clock.now()


def test_keys_of_jobs_that_are_over_are_forgotten(alice: User, maker: Maker) -> None:
    over, open_ = parked(alice), parked(alice)
    cancelling.cancel_run(run=over)
    sweep.prune()
    assert [job.step.run_id for job in RemoteJob.objects.all()] == [open_.id]


def test_credit_stays_reserved_while_a_job_is_parked(alice: User, maker: Maker) -> None:
    run = parked(alice)
    run.refresh_from_db()
    reserved = run.reserved_milli
    assert reserved > 0
    make_due(run)
    work_off()
    run.refresh_from_db()
    assert run.reserved_milli == reserved
    assert set(LedgerEntry.objects.values_list("kind", flat=True)) == {"reserve"}


def test_others_wait_while_a_step_of_theirs_is_due(alice: User, maker: Maker) -> None:
    start(alice, [made()])
    claim = claims.claim(Step.objects.get().id, Run.objects.get().id, "one")
    assert claim is not None
    assert not AttemptContext(claim).others_wait()
    start(alice, [made()])
    context = AttemptContext(claim)
    assert context.others_wait()
    with CaptureQueriesContext(connection) as seen:
        assert context.others_wait()
    assert len(seen) == 0


def test_a_person_who_leaves_has_their_jobs_stopped(alice: User, maker: Maker) -> None:
    parked(alice)
    parked(alice)
    assert retention.delete_runs(owner=alice) == 2
    assert sorted(maker.cancelled.values()) == [1, 1]
    assert not RemoteJob.objects.exists()


def test_parked_items_count_as_items_at_work(alice: User, maker: Maker) -> None:
    run = run_plan(alice, batch("all", step("", "made"), items=(1, 2, 3), concurrency=2))
    work_off()
    items = run.steps.exclude(parent=None)
    assert Counter(items.values_list("status", flat=True)) == {"parked": 2, "pending": 1}
    for job in list(maker.jobs.values()):
        maker.finish(job)
    run.steps.filter(status=states.PARKED).update(not_before=clock.now() - timedelta(seconds=1))
    work_off()
    assert Counter(items.values_list("status", flat=True)) == {"completed": 2, "parked": 1}


# -- webhooks -------------------------------------------------------------------------------------


def test_a_webhook_makes_a_parked_step_due(alice: User, maker: Maker) -> None:
    run = parked(alice, every=600)
    assert remote_jobs.wake("maker", ["job-1"]) == 1
    assert remote_jobs.wake("maker", ["job-1"]) == 0  # it is due already
    assert remote_jobs.wake("maker", ["job-2"]) == 0
    assert remote_jobs.wake("other", ["job-1"]) == 0
    maker.finish(maker.job_of(run.public_id))
    assert work_off() == 1
    assert status_of(run) == "completed"
    assert remote_jobs.wake("maker", ["job-1"]) == 0


def test_a_webhook_during_a_look_is_not_overlooked(alice: User, maker: Maker) -> None:
    run = parked(alice, every=600)
    make_due(run)
    claim = claims.claim(step_of(run).id, run.id, "slow")
    assert claim is not None
    assert remote_jobs.wake("maker", ["job-1"]) == 0
    finish(claim)
    step = step_of(run)
    assert step.status == states.PARKED
    assert step.not_before <= clock.now()
    # It was looked at since; the next look waits again.
    assert work_off() == 1
    assert step_of(run).not_before > clock.now() + timedelta(seconds=500)
    assert RemoteJob.objects.count() == 1


def test_a_job_with_news_is_looked_at_before_those_that_are_late(alice: User, maker: Maker) -> None:
    late, told = parked(alice), parked(alice)
    for run in (late, told):
        run.steps.update(not_before=clock.now() - timedelta(seconds=60))
    job = maker.job_of(told.public_id)
    assert remote_jobs.wake("maker", [job.id]) == 1
    assert queue_order.pick(frozenset({"remote"}))[0] == (step_of(told).id, told.id)


def test_a_step_that_is_not_parked_is_not_woken(alice: User, maker: Maker) -> None:
    run = parked(alice)
    step = step_of(run)
    later = clock.now() + timedelta(seconds=300)
    for status in set(states.STEP_STATES) - {states.PARKED}:
        lease_until = later if status == states.RUNNING else None
        Step.objects.filter(id=step.id).update(
            status=status, not_before=later, lease_until=lease_until
        )
        assert remote_jobs.wake("maker", ["job-1"]) == 0
        assert step_of(run).not_before == later


def unanswered(alice: User, maker: Maker, settings: Any) -> tuple[Run, str]:
    """Start a run whose paid request was taken without an answer; its webhook's path."""
    settings.PUBLIC_URL = "https://films.example"
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    maker.is_mute = True
    run = start(alice, [made(every=60)])
    work_off("first")
    assert step_of(run).status == states.READY
    assert maker.webhook.startswith("https://films.example/hooks/maker/")
    return run, maker.webhook.removeprefix("https://films.example")


def tell(path: str, job: str, **headers: str) -> int:
    return request_app("POST", path, headers, json.dumps({"id": job}).encode()).status


def test_a_webhook_tells_of_a_job_whose_request_had_no_answer(
    alice: User, maker: Maker, settings: Any
) -> None:
    run, path = unanswered(alice, maker, settings)
    assert tell(path, "job-1", **{"x-maker": "signed"}) == 204
    # The first job that is named at an address stays.
    assert tell(path, "job-2", **{"x-maker": "signed"}) == 204
    work_off("second")
    assert step_of(run).status == states.PARKED
    maker.finish(maker.job_of(run.public_id))
    make_due(run)
    work_off("third")
    assert status_of(run) == "completed", run.error
    assert set(maker.submitted.values()) == {1}


def test_a_webhook_that_is_forged_or_at_another_address_names_no_job(
    alice: User, maker: Maker, settings: Any
) -> None:
    run, path = unanswered(alice, maker, settings)
    secret, _, token = path.rpartition("/")
    assert tell(path, "job-9") == 404
    assert tell(f"{secret[:-1]}x/{token}", "job-9", **{"x-maker": "signed"}) == 404
    assert tell(f"{secret}/{token[::-1]}", "job-9", **{"x-maker": "signed"}) == 204
    assert tell(secret, "job-9", **{"x-maker": "signed"}) == 204
    assert set(RemoteJob.objects.values_list("webhook_job_id", flat=True)) == {""}
    assert work_off("second") == 0
    assert step_of(run).status == states.READY
