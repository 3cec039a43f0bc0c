"""POST …/resume of runs that ended or got lost: what is done is kept, the rest goes again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from accounts import ledger
from accounts.models import LedgerEntry, User
from core import clock
from runs.interaction import retry
from runs.models import Run, Step
from tests.support.at_once import at_once
from tests.support.builders.running import (
    events_of,
    generations,
    principal_of,
    start,
    start_template,
    status_after_work,
    status_of,
    statuses,
    take,
    work_off,
)
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api
from tests.support.clients.streams import Frame, Stream
from tests.support.fakes import tools

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
# Works, then fails once for good, then would go on.
STEPS = [
    {"id": "one", "toolName": "note", "arguments": {"text": "a"}},
    {
        "id": "two",
        "toolName": "fail",
        "arguments": {"times": 1, "retryable": False},
        "dependsOn": ["one"],
    },
    {"id": "three", "toolName": "note", "arguments": {"text": "c"}, "dependsOn": ["two"]},
]


def failed(alice: User, **body: Any) -> Run:
    run = start(alice, STEPS, **body)
    assert status_after_work(run) == "failed"
    assert statuses(run) == {"one": "completed", "two": "failed", "three": "skipped"}
    return run


def fix(run: Run) -> None:
    """From now on the step that failed works: the provider counts by key, which is new."""
    Step.objects.filter(run=run, key="two").update(arguments={"times": 0, "retryable": False})


def test_a_failed_run_goes_on_where_it_failed(mine: Api, alice: User) -> None:
    run = failed(alice)
    fix(run)
    path = f"{PATH}/{run.public_id}/resume"
    body = {"token_type": "sogni", "billing_mode": "tokens", "app_source": "cli"}
    answer = mine.post(path, body)
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert data["resumed"] is True
    shown = data["workflow"]
    assert (shown["status"], shown.get("error"), shown.get("completedAt")) == (
        "running",
        None,
        None,
    )
    assert (shown["tokenType"], shown["billingMode"], shown["appSource"]) == (
        "sogni",
        "tokens",
        "cli",
    )
    assert status_after_work(run) == "completed"
    assert set(statuses(run).values()) == {"completed"}
    keys = [entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")]
    assert keys == [f"{run.public_id}:{end}" for end in ("one:1", "two:1", "two:2", "three:2")]
    # What it did is paid for once, and nothing stays held back.
    assert ledger.balance(alice) == -run.actual_milli
    assert run.actual_milli == run.estimated_milli > 0
    refs = LedgerEntry.objects.filter(user=alice, kind__in=("reserve", "release"))
    assert set(refs.values_list("ref", "kind")) == {
        (f"run:{run.id}", "reserve"),
        (f"run:{run.id}", "release"),
        (f"run:{run.id}:resume:1", "reserve"),
    }
    log = events_of(run)
    assert log.count("workflow_failed") == log.count("workflow_resumed") == 1
    assert log.count("step_resumed") == 2
    assert log[-1] == "workflow_completed"


def test_it_may_fail_again_and_be_retried_again(alice: User) -> None:
    run = failed(alice)
    Step.objects.filter(run=run, key="two").update(arguments={"retryable": False})
    principal = principal_of(alice)
    for count in (1, 2):
        run.refresh_from_db()
        assert retry.retry_or_answer(run=run, actor=principal, body={})
        assert (status_after_work(run), run.resume_count, run.reserved_milli) == (
            "failed",
            count,
            0,
        )
        assert ledger.balance(alice) == -run.actual_milli
    assert run.error is not None
    assert Step.objects.get(run=run, key="two").generation == 3


def test_a_replay_after_a_retry_ends_at_the_new_end(mine: Api, alice: User, alice_key: str) -> None:
    run = failed(alice)
    fix(run)
    end_of_first = Run.objects.get(pk=run.pk).last_seq
    mine.post(f"{PATH}/{run.public_id}/resume")
    work_off()
    for after in (0, end_of_first - 1, end_of_first):
        frames = read(run, alice_key, after)
        assert frames[0].data["sequence"] == after + 1
        statuses_seen = [frame.data.get("status") for frame in frames]
        assert "failed" not in statuses_seen
        assert statuses_seen[-2:] == ["completed", "completed"]
        undone = [
            frame.data["previousStatus"] for frame in frames if "previousStatus" in frame.data
        ]
        assert undone == ([] if after == end_of_first else ["failed"])
    listed = mine.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    assert [event["sequence"] for event in listed] == list(range(1, len(listed) + 1))


def test_a_run_whose_worker_is_gone_is_found_at_once(mine: Api, alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "note"}])
    take(run)
    path = f"{PATH}/{run.public_id}/resume"
    assert mine.post(path).json()["data"]["resumed"] is False
    Step.objects.filter(run=run).update(lease_until=clock.now() - timedelta(seconds=1))
    assert mine.post(path).json()["data"]["resumed"] is True
    assert statuses(run) == {"a": "ready"}
    assert status_after_work(run) == "completed"


def test_of_two_at_once_one_retries(alice: User) -> None:
    run = failed(alice)
    principal = principal_of(alice)
    both = [Run.objects.get(pk=run.pk) for _ in range(2)]
    answers = at_once(
        [partial(retry.retry_or_answer, run=mine, actor=principal, body={}) for mine in both]
    )
    assert sorted(answers) == [False, True]
    assert events_of(run).count("workflow_resumed") == 1
    assert Run.objects.get(pk=run.pk).resume_count == 1


def test_it_counts_as_an_unfinished_run_again(mine: Api, alice: User, settings: Any) -> None:
    run = failed(alice)
    settings.ACTIVE_RUNS_PER_USER = 1
    start(alice, [{"toolName": "sleep"}])
    answer = mine.post(f"{PATH}/{run.public_id}/resume")
    assert answer.status_code == 409
    assert answer.json()["details"]["activeWorkflows"] == 1
    assert status_of(run) == "failed"


def test_what_cannot_be_read_is_named(mine: Api, alice: User) -> None:
    run = failed(alice)
    body: Any
    for body, named in (
        (b"[]", "object"),
        ({"token_type": "gold"}, "token_type"),
        ({"billing_mode": 7}, "billing_mode"),
        ({"resume_input": "yes"}, "resume_input"),
    ):
        answer = mine.post(f"{PATH}/{run.public_id}/resume", body)
        assert (answer.status_code, named in answer.json()["message"]) == (400, True), body


def read(run: Run, key: str, after: int) -> list[Frame]:
    """The whole stream after a sequence number, until the server closes."""

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, key, query=f"after={after}") as opened:
            return await opened.to_the_end()

    return asyncio.run(scene())


@pytest.mark.parametrize("partial", [True, False])
def test_of_a_batch_only_the_items_that_failed_go_again(
    mine: Api, alice: User, partial: bool
) -> None:
    args = {"times": "$item", "retryable": False}
    more = {"concurrency": 2, "partialExecutionEnabled": partial}
    batch = batch_stage("shots", "$inputs.failures", "fail", args, **more)
    many = {"name": "failures", "type": "number", "multiple": {"min": 1, "max": 9}}
    after = {"id": "end", "type": "fixed", "tool": "noop", "dependsOn": ["shots"]}
    template = make_public(alice, inputs=[many], stages=[batch, after])
    run = start_template(alice, template, failures=[0, 1, 0, 1])
    work_off()
    run.refresh_from_db()
    before = statuses(run)
    assert run.status == ("partial_failure" if partial else "failed"), before
    path = f"{PATH}/{run.public_id}/resume"
    # Each failed once: with its new key it works.
    Step.objects.filter(run=run, status__in=("failed", "skipped"), tool="fail").update(
        arguments={"times": 0, "retryable": False}, late=None
    )
    shown = mine.post(path).json()["data"]["workflow"]
    assert shown["status"] == "running"
    assert status_after_work(run) == "completed", statuses(run)
    again = generations(run)
    assert again["shots_0"] == 1
    assert again["shots_1"] == 2
    assert again["end"] == (1 if partial else 2)
    assert again["shots_3"] == 2
    assert ledger.balance(alice) == -run.actual_milli
    keys = [entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")]
    assert len(keys) == len(set(keys))


def test_it_asks_for_credit_again(mine: Api, alice: User, settings: Any) -> None:
    run = failed(alice)
    settings.LIMIT_CREDIT = True
    path = f"{PATH}/{run.public_id}/resume"
    answer = mine.post(path)
    assert (answer.status_code, answer.json()["errorCode"]) == (402, 4020)
    assert (status_of(run), run.resume_count) == ("failed", 0)
    call_command("grant", "alice", "100")
    fix(run)
    assert mine.post(path).json()["data"]["resumed"] is True
    assert status_after_work(run) == "completed"
    assert ledger.balance(alice) == 100_000 - run.actual_milli
