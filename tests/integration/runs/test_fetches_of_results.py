"""A job that is paid for is looked at until its result is there, whatever a look is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from accounts.models import User
from core import clock
from runs.interaction import answers
from runs.models import Step
from tests.support.builders.paid_images import ASKED, begin, over
from tests.support.builders.running import (
    make_due,
    status_after_work,
    work_off,
)
from tests.support.fakes.http_server import Reply
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.configured import SERVERS
from tests.support.fakes.makers.jobs import Script
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

STATUSES = (401, 403, 404, 408, 429, 500, 502, 503)
# By kind, the requests by which a result is fetched: of a job's state, its answer and its file.
FETCHES: Mapping[str, Mapping[str, str]] = {
    "comfy-router": {
        "state": "GET /v2/models/*/status",
        "answer": "GET /v2/models/*/requests/*",
        "file": "GET /files/*",
    },
    "fal": {
        "state": "GET /queue/*/status",
        "answer": "GET /queue/*/requests/*",
        "file": "GET /media/files/*",
    },
    "runway": {"state": "GET /v1/tasks/*", "file": "GET /files/*"},
}
CASES = [(kind, fetch) for kind, fetches in FETCHES.items() for fetch in fetches]
HISTORY = "GET /api/v1/models/requests/*"
# Where both the state and the answer fit: the answer is asked for second.
SECOND = {("comfy-router", "answer"), ("fal", "answer")}
Serve = Callable[[str], ProviderServer]


# At the Router, a model whose result has a URL.
MORE = {"comfy-router": {"models": ["flux-2-pro"]}}


@pytest.fixture(name="serve")
def serve_results(serve: Callable[..., ProviderServer]) -> Serve:
    return lambda kind: serve(kind, **MORE.get(kind, {}))


def answers_of(server: ProviderServer, status: int) -> list[Reply]:
    """List what a status may come with: a page, a gateway's JSON, the maker's own words of a
    failure that isn't the job's."""
    bodies = (b"<html>No.</html>", b'{"detail": "No.", "error": "No.", "message": "no"}')
    own = {401: "unauthorized", 429: "rate_limited"}.get(status)
    replies: list[Reply] = [Fault(status, body) for body in bodies]
    return [*replies, server.failure(status, "No.", own)] if own else replies


def late(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Have it be so much later: what is parked is due."""
    now = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: now)
    make_due(Step.objects.all())


@pytest.mark.parametrize(("kind", "fetch"), CASES)
def test_no_status_of_a_fetch_ends_a_job_whose_result_is_there(
    alice: User, serve: Serve, kind: str, fetch: str
) -> None:
    server = serve(kind)
    faults = [reply for status in STATUSES for reply in answers_of(server, status)]
    pattern = FETCHES[kind][fetch]
    if kind == "fal":
        # Else the first 404 would lead to the result.
        server.replies[HISTORY].extend([Reply(200, {"items": []})] * len(answers_of(server, 404)))
    if (kind, fetch) in SECOND:
        # Each look asks for the state first.
        held = Fault(accepts=True)
        server.replies[pattern].extend(one for fault in faults for one in (held, fault))
    else:
        server.replies[pattern].extend(faults)
    run = over(begin(alice))
    assert not server.replies[pattern]
    assert len(server.submissions()) == 1
    assert run.status == "completed", (run.waiting_reason, run.error)
    assert run.artifacts.count() == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_result_that_fal_does_not_give_for_an_hour_is_asked_about(
    alice: User, serve: Serve, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve("fal")
    pattern = FETCHES["fal"]["answer"]
    held, missing = Fault(accepts=True), Fault(status, b"<html>No.</html>")
    server.replies[HISTORY].extend([Reply(200, {"items": []})] * 2)
    server.replies[pattern].extend([held, missing, held, missing])
    run = begin(alice)
    work_off()
    late(monkeypatch, timedelta())
    work_off()
    late(monkeypatch, timedelta(minutes=61))
    assert (status_after_work(run), run.waiting_reason) == ASKED
    assert len(server.submissions()) == 1
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert over(run).status == "completed"
    # It is sent again where its job isn't known any more; else the job that is there is gone on
    # with.
    assert len(server.submissions()) == (2 if status == 404 else 1)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_job_that_its_maker_does_not_know_for_an_hour_is_asked_about(
    alice: User, serve: Serve, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(kind)
    # On a busy machine a look may be due before the job is forgotten.
    server.script = Script(looks=-1)
    run = begin(alice)
    work_off()
    server.jobs.clear()
    late(monkeypatch, timedelta())
    assert status_after_work(run) == "running"
    late(monkeypatch, timedelta(minutes=61))
    assert (status_after_work(run), run.waiting_reason) == ASKED
    message = run.waits.get(answered_at=None).message
    assert "doesn't know this job any more" in message
    assert "may already have been charged" in message
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("kind", SERVERS)
def test_a_file_that_is_gone_for_an_hour_is_asked_about(
    alice: User, serve: Serve, kind: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(kind)
    missing = server.replies[FETCHES[kind]["file"]]
    missing.extend([Fault(status, b"<html>No.</html>")] * 9)
    run = begin(alice)
    work_off()
    late(monkeypatch, timedelta())
    assert status_after_work(run) == "running"
    late(monkeypatch, timedelta(minutes=61))
    assert (status_after_work(run), run.waiting_reason) == ASKED
    message = run.waits.get(answered_at=None).message
    assert f"couldn't be downloaded: {registry.provider_named(kind).title} has this file" in message
    assert len(server.submissions()) == 1
    missing.clear()
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert over(run).status == "completed"
    assert len(server.submissions()) == 2


@pytest.mark.parametrize("fetch", ["state", "answer"])
def test_a_result_that_is_in_fals_history_alone_is_taken_from_there(
    alice: User, serve: Serve, fetch: str
) -> None:
    server = serve("fal")
    unknown = server.failure(404, "Request not found", "request_not_found")
    faults = [unknown] if fetch == "state" else [Fault(accepts=True), unknown]
    server.replies[FETCHES["fal"][fetch]].extend(faults)
    run = begin(alice)
    if fetch == "state":
        # It is over by then.
        server.script.looks = 0
    run = over(run)
    assert run.status == "completed", run.error
    (asked,) = server.calls("/api/v1/models/requests/*", "GET")
    assert asked.query["expand"] == "payloads"
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("error", ["internal_error", "generation_timeout", "value_error"])
def test_a_failure_in_fals_own_words_is_not_bought_again(
    alice: User, serve: Serve, error: str
) -> None:
    server = serve("fal")
    server.script = Script(looks=1, error=error)
    run = over(begin(alice))
    assert run.status == "failed"
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("kind", SERVERS)
def test_a_job_that_works_for_too_long_is_asked_about_and_gone_on_with(
    alice: User, serve: Serve, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(kind)
    server.jobs_may_end.clear()
    run = begin(alice)
    work_off()
    for _ in range(40):
        late(monkeypatch, timedelta(minutes=2))
        work_off()
        run.refresh_from_db()
        if run.status == "waiting_for_user":
            break
    assert (run.status, run.waiting_reason) == ASKED
    server.jobs_may_end.set()
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert over(run).status == "completed"
    assert len(server.submissions()) == 1
