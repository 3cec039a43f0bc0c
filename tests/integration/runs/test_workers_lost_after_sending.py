"""Five workers in a row died with a step that may be paid for: its person hears so, and decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from runs.engine import reclaiming
from runs.engine.attempt_context import AttemptContext
from runs.engine.unknown_charges import MAY_BE_CHARGED
from runs.interaction import answers
from runs.models import Run
from tests.support.builders.paid_images import ASKED
from tests.support.builders.running import (
    start,
    status_after_looks,
    status_after_work,
    take,
)
from tests.support.fakes.openai_server import KEY, OpenAIServer, film

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CLUE = (
    r"stopped 5 times in a row after sending this to Art\. It may already have been charged\."
    r" Look there for a job \(about [\d.]+ credits?\) at [\d:]{8} UTC\."
)
Configure = Callable[..., None]


@pytest.fixture
def configure(server: OpenAIServer, provide: Callable[..., None]) -> Configure:
    server.honours_keys = True
    usual = {"kind": "openai", "title": "Art", "base_url": server.url, "key": KEY, "poll_s": 0.05}
    models = {"images": ["gpt-image-1"], "videos": ["sora-2"]}
    return lambda **options: provide({"art": {**usual, **models, **options}})


def begin(alice: User, tool: str, **arguments: Any) -> Run:
    return start(alice, [{"id": "a", "toolName": tool, "arguments": {"prompt": "a", **arguments}}])


def lose_workers(run: Run, count: int, job_ref: dict[str, Any] | None = None) -> None:
    """Let workers send the request, perhaps learn of its job, and die."""
    for number in range(count):
        context = AttemptContext(take(run, f"worker-{number}"))
        context.provider = "art"
        if number == 0 or job_ref is None:
            context.submitting({"place": 0})
        if job_ref is not None:
            context.remember(job_ref)
        reclaiming.release_worker(f"worker-{number}")
    run.refresh_from_db()


def test_a_request_that_is_known_there_goes_on_as_the_same(
    alice: User, server: OpenAIServer, configure: Configure
) -> None:
    configure(idempotency_key=True)
    run = begin(alice, "generate_image", model="gpt-image-1")
    lose_workers(run, 5)
    assert (run.status, run.waiting_reason) == ASKED
    assert re.search(CLUE, run.waits.get().message), run.waits.get().message
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    # A yes is a new beginning: one more worker that dies is not asked about.
    lose_workers(run, 1)
    assert run.status == "running"
    assert status_after_work(run) == "completed", run.error
    keys = [call.headers["idempotency-key"] for call in server.calls("/images/generations")]
    assert keys == [f"{run.public_id}:a:1:0"]


def test_a_job_that_is_there_is_collected_after_a_yes(
    alice: User, server: OpenAIServer, configure: Configure
) -> None:
    configure()
    run = begin(alice, "generate_video", videoModel="sora-2")
    server.jobs["video_1"] = {"id": "video_1", "object": "video", "status": "completed"}
    server.jobs["video_1"] |= {"progress": 100, "looked": 0, "file": film()}
    lose_workers(run, 5, {"videos": ["video_1"]})
    assert (run.status, run.waiting_reason) == ASKED
    assert re.search(CLUE, run.waits.get().message), run.waits.get().message
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert status_after_looks(run) == "completed", run.error
    assert server.calls("/videos") == []


def test_a_failure_where_no_one_is_asked_has_the_same_words(
    alice: User, configure: Configure, settings: Any
) -> None:
    settings.ASK_BEFORE_REPAYING = False
    configure(idempotency_key=True)
    run = begin(alice, "generate_image", model="gpt-image-1")
    lose_workers(run, 5)
    error = run.steps.get().error
    assert error is not None
    assert (run.status, error["code"], error["provider"]) == ("failed", MAY_BE_CHARGED, "art")
    assert re.search(CLUE, error["message"]), error["message"]


def test_the_fifth_worker_that_sent_to_a_blind_service_is_asked_about(
    alice: User, server: OpenAIServer, configure: Configure
) -> None:
    configure()
    run = begin(alice, "generate_image", model="gpt-image-1")
    for number in range(4):
        take(run, f"early-{number}")
        reclaiming.release_worker(f"early-{number}")
    lose_workers(run, 1)
    assert (run.status, run.waiting_reason) == ASKED
    assert "right after sending this to Art. It may already have been charged." in (
        run.waits.get().message
    )
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert status_after_work(run) == "completed", run.error
    assert len(server.calls("/images/generations")) == 1
