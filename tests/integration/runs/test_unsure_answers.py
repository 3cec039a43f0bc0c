"""A service was asked and its answer never came: who decides, and who is asked again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from core import clock
from runs.engine import reclaiming
from runs.engine.attempt_context import AttemptContext
from runs.engine.unknown_charges import MAY_BE_CHARGED
from runs.interaction import answers
from runs.models import Attempt, Run
from tests.support.builders.running import (
    start,
    status_after_looks,
    status_after_work,
    take,
    work_off,
)
from tests.support.fakes.openai_server import KEY, OpenAIServer, Reply, film, png
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = "/images/generations"
FOX = {"prompt": "a fox", "model": "gpt-image-1"}
Configure = Callable[..., None]


@pytest.fixture
def configure(server: OpenAIServer, provide: Callable[..., None]) -> Configure:
    """The server as services of these names; keywords are further settings of all of them."""
    usual = {"kind": "openai", "base_url": server.url, "key": KEY, "poll_s": 0.05}
    models = {"images": ["gpt-image-1"], "videos": ["sora-2"]}
    return lambda *names, **options: provide(
        {name: {**usual, **models, **options} for name in names}
    )


def begin(alice: User, tool: str = "generate_image", **more: Any) -> Run:
    arguments = FOX if tool == "generate_image" else {"prompt": "x", "videoModel": "sora-2"}
    return start(alice, [{"id": "a", "toolName": tool, "arguments": arguments} | more])


PAGE = Reply(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    "reply",
    [
        PAGE,
        Reply(200, b"[]", {"Content-Type": "application/json"}),
        Reply(200, {"data": []}),
        Reply(200, {"data": [{"b64_json": "aGVsbG8="}]}),
        Reply(500, b"<html>Error</html>"),
    ],
    ids=["a page", "a list", "no image", "a file that is no image", "a page of 500"],
)
def test_an_unreadable_answer_to_a_paid_request_may_be_charged(
    alice: User, server: OpenAIServer, configure: Configure, reply: Reply
):
    configure("art")
    server.replies[PICTURES].append(reply)
    run = begin(alice)
    assert (status_after_work(run), run.waiting_reason) == (
        "waiting_for_user",
        "permission_required",
    )
    assert len(server.calls(PICTURES)) == 1


def test_a_job_without_an_id_may_be_charged(
    alice: User, server: OpenAIServer, configure: Configure
):
    configure("art")
    server.replies["/videos"].append(Reply(200, {"status": "queued"}))
    run = begin(alice, "generate_video")
    assert (status_after_work(run), run.waiting_reason) == (
        "waiting_for_user",
        "permission_required",
    )
    assert len(server.calls("/videos")) == 1


def test_a_damaged_picture_takes_no_other_of_its_answer_with_it(
    alice: User, server: OpenAIServer, configure: Configure
):
    configure("art")
    image = base64.b64encode(png((64, 64), "a fox")).decode()
    entries = [{"b64_json": "ä%"}, {"b64_json": image}]
    server.replies[PICTURES].append(Reply(200, {"data": entries}))
    run = begin(alice, arguments={**FOX, "numberOfVariations": 2})
    assert status_after_work(run) == "completed", run.error
    step = run.steps.get()
    assert step.artifacts.count() == 1
    assert any("Some results are missing" in warning for warning in step.result["warnings"])


def test_a_blind_services_owner_is_asked(alice: User, server: OpenAIServer, configure: Configure):
    configure("art")
    server.replies[PICTURES].append(Reply(drop=True))
    run = begin(alice)
    assert (status_after_work(run), run.waiting_reason) == (
        "waiting_for_user",
        "permission_required",
    )
    [attempt] = Attempt.objects.filter(step__run=run)
    assert (attempt.provider, attempt.outcome) == ("art", "held")
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert status_after_work(run) == "completed", run.error
    assert len(server.calls(PICTURES)) == 2


def test_a_blind_service_fails_the_step_where_no_one_is_to_be_asked(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    settings.ASK_BEFORE_REPAYING = False
    configure("art")
    server.replies[PICTURES].append(Reply(drop=True))
    run = begin(alice, onError="retry_once")
    work_off()
    step = run.steps.get()
    assert (step.status, step.error["code"]) == ("failed", MAY_BE_CHARGED)
    assert (step.provider, step.error["error_type"]) == ("art", "PERMISSION_REQUIRED")
    assert len(server.calls(PICTURES)) == 1, "wanting two tries is no leave to pay twice"


def test_a_service_that_knows_repeated_requests_is_asked_again(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    settings.RETRY_BASE_S = 0.0
    server.honours_keys = True
    configure("art", idempotency_key=True)
    server.replies[PICTURES].append(Reply(drop=True))
    run = begin(alice)
    assert status_after_work(run) == "completed", run.error
    keys = [asked.headers["idempotency-key"] for asked in server.calls(PICTURES)]
    assert keys == [f"{run.public_id}:a:1:0"] * 2


def test_a_job_is_taken_up_where_it_was_begun_anyone_who_is_chosen_by_then(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    configure("art", "other")
    run = begin(alice, "generate_video")
    lose_its_worker(run, "art", {"videos": ["video_1"]}, server)
    settings.PROVIDER_CHOICE = {"generate_video": "other"}
    registry.rebuild()
    assert status_after_work(run) == "completed", run.error
    assert run.steps.get().provider == "art"
    assert server.calls("/videos") == []
    settings.PROVIDER_CHOICE = {}


def test_a_job_outlasts_a_key_that_the_service_rejects_meanwhile(
    alice: User, server: OpenAIServer, configure: Configure
):
    configure("art", key="sk-replaced-by-another")
    run = begin(alice, "generate_video")
    lose_its_worker(run, "art", {"videos": ["video_1"]}, server)
    work_off()
    assert run.steps.get().status == "parked"
    configure("art")
    assert status_after_looks(run) == "completed", run.error
    assert server.calls("/videos") == []


def test_a_job_at_a_service_that_is_gone_is_not_begun_elsewhere(
    alice: User, server: OpenAIServer, configure: Configure
):
    configure("art")
    run = begin(alice, "generate_video")
    lose_its_worker(run, "gone", {"videos": ["video_1"]}, server)
    work_off()
    step = run.steps.get()
    assert step.status == "failed"
    assert "Its job is at gone, which was removed from this server" in step.error["message"]
    assert server.calls("/videos") == []


def test_a_crash_at_a_service_that_is_gone_may_have_been_charged(
    alice: User, server: OpenAIServer, configure: Configure
):
    configure("art")
    run = begin(alice)
    claim = take(run, "one")
    Attempt.objects.filter(id=claim.attempt_id).update(submitting_at=clock.now(), provider="gone")
    reclaiming.release_worker("one")
    run.refresh_from_db()
    assert run.waiting_reason == "permission_required"


def lose_its_worker(run: Run, provider: str, job_ref: dict[str, Any], server: OpenAIServer) -> None:
    """An attempt that submitted a job, and whose worker died."""
    claim = take(run, "one")
    server.jobs["video_1"] = server_job()
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=clock.now(), job_ref=job_ref, provider=provider
    )
    reclaiming.release_worker("one")


def server_job() -> dict[str, Any]:
    return {
        "id": "video_1",
        "object": "video",
        "status": "completed",
        "progress": 100,
        "looked": 0,
        "file": film(),
    }


def test_a_repeated_request_goes_to_the_service_that_was_asked(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    server.honours_keys = True
    settings.PROVIDER_CHOICE = {"generate_image": "art"}
    configure("art", "other", idempotency_key=True)
    server.replies[PICTURES].append(Reply(drop=True))
    run = begin(alice)
    work_off()
    settings.PROVIDER_CHOICE = {"generate_image": "other"}
    registry.rebuild()
    make_due(run)
    assert status_after_work(run) == "completed", run.error
    asked = Attempt.objects.filter(step__run=run).order_by("number")
    assert [attempt.provider for attempt in asked] == ["art", "art"]
    keys = {call.headers["idempotency-key"] for call in server.calls(PICTURES)}
    assert keys == {f"{run.public_id}:a:1:0"}
    settings.PROVIDER_CHOICE = {}


def test_a_request_whose_worker_died_goes_to_the_service_that_was_asked(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    configure("art", "other", idempotency_key=True)
    run = begin(alice)
    crash_while_sending(run, clock.now())
    settings.PROVIDER_CHOICE = {"generate_image": "other"}
    registry.rebuild()
    assert status_after_work(run) == "completed", run.error
    assert run.steps.get().provider == "art"
    settings.PROVIDER_CHOICE = {}


def test_a_definite_answer_leaves_the_next_attempt_its_choice(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    settings.PROVIDER_CHOICE = {"generate_image": "art"}
    configure("art", "other", idempotency_key=True)
    busy = {"error": {"message": "Busy", "code": "rate_limit_exceeded"}}
    server.replies[PICTURES].append(Reply(429, busy))
    run = begin(alice)
    work_off()
    settings.PROVIDER_CHOICE = {"generate_image": "other"}
    registry.rebuild()
    make_due(run)
    work_off()
    assert run.steps.get().provider == "other"
    settings.PROVIDER_CHOICE = {}


@pytest.mark.parametrize(
    ("hours", "calls", "waits_for"), [(22.0, 1, ""), (23.5, 0, "permission_required")]
)
def test_a_request_older_than_the_services_keys_may_be_charged(
    alice: User,
    server: OpenAIServer,
    configure: Configure,
    hours: float,
    calls: int,
    waits_for: str,
):
    configure("art", idempotency_key=True, key_lifetime_s=24 * 3_600)
    run = begin(alice)
    crash_while_sending(run, clock.now() - timedelta(hours=hours))
    work_off()
    run.refresh_from_db()
    assert run.waiting_reason == waits_for
    assert len(server.calls(PICTURES)) == calls


def test_a_request_that_grew_old_before_its_repeat_may_be_charged(
    alice: User, server: OpenAIServer, configure: Configure, settings: Any
):
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    configure("art", idempotency_key=True, key_lifetime_s=24 * 3_600)
    server.replies[PICTURES].append(Reply(drop=True))
    run = begin(alice)
    work_off()
    sent_at = clock.now() - timedelta(hours=25)
    Attempt.objects.filter(step__run=run).update(submitting_at=sent_at)
    make_due(run)
    work_off()
    run.refresh_from_db()
    assert run.waiting_reason == "permission_required"
    assert len(server.calls(PICTURES)) == 1
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert status_after_work(run) == "completed", run.error


def make_due(run: Run) -> None:
    """Let the next attempt begin without waiting for the usual delay."""
    run.steps.update(not_before=clock.now() - timedelta(seconds=1))


def crash_while_sending(run: Run, at: datetime) -> None:
    """Lose the worker of an attempt that has sent a request and had no answer."""
    claim = take(run, "one")
    context = AttemptContext(claim)
    context.provider = "art"
    context.submitting({"place": 0})
    Attempt.objects.filter(id=claim.attempt_id).update(submitting_at=at)
    reclaiming.release_worker("one")
