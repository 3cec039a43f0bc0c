"""How often what is acknowledged waits for the disk. Whether it is there after a power cut is told
by tests/storms."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core import durable
from runs.engine import lease
from runs.engine.attempt_context import AttemptContext
from tests.support.builders.running import chain, start, start_template, take, work_off
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.clients.streams import Stream, close_pool_connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        os.environ.get("DATABASE_URL", "").startswith("postgres"),
        reason="Postgres flushes by itself",
    ),
]
ApiFactory = Callable[..., Api]
RUNS = "/v1/creative-agent/workflows"
BODY = {"input": {"steps": [{"toolName": "noop", "arguments": {}}]}}


def syncs_of(act: Callable[[], object]) -> int:
    """How many flushes something takes. What was committed before it is on the disk already."""
    durable.flush()
    before = durable.syncs()
    act()
    return durable.syncs() - before


def test_an_acknowledged_start_is_flushed_once(api: ApiFactory, alice_key: str) -> None:
    client = api(alice_key)
    assert syncs_of(lambda: client.post(RUNS, BODY)) == 1
    connection.close()
    assert syncs_of(lambda: client.post(RUNS, BODY)) == 1


def test_a_start_that_is_sent_again_is_flushed_if_the_first_was_not(
    api: ApiFactory, alice_key: str, settings: Any
) -> None:
    client = api(alice_key)

    def send() -> str:
        answer = client.post(RUNS, BODY, idempotency_key="once")
        return str(answer.json()["data"]["workflow"]["workflowId"])

    def both() -> None:
        settings.FLUSH_BEFORE_TELLING = False
        first = send()
        settings.FLUSH_BEFORE_TELLING = True
        assert send() == first

    assert syncs_of(both) == 1
    assert syncs_of(send) == 0


def test_reading_flushes_nothing_though_it_notes_when_a_key_was_used(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    start(alice, chain("noop", 1))
    assert syncs_of(lambda: api(alice_key).get(RUNS)) == 0
    assert alice.api_keys.get().last_used_at is not None


def test_progress_leases_and_claims_are_never_flushed(alice: User) -> None:
    run = start(alice, chain("noop", 1))

    def work() -> None:
        claim = take(run)
        AttemptContext(claim).renew()
        assert lease.report_progress(claim, 0.5, "half of it")

    assert syncs_of(work) == 0


def test_steps_that_are_not_watched_are_not_flushed(alice: User) -> None:
    stages = [
        {
            "id": f"s{place}",
            "type": "fixed",
            "tool": "noop",
            "args": {},
            "produces": [f"a{place}"],
            "requiredArtifactsIn": [f"a{place - 1}"] if place else [],
        }
        for place in range(12)
    ]
    run = start_template(alice, make_template(alice, inputs=[], stages=stages))
    assert syncs_of(work_off) == 0
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_service_is_asked_after_the_mark_and_its_job_is_kept_before_the_next_look(
    alice: User,
) -> None:
    work = AttemptContext(take(start(alice, chain("paid", 1))))
    assert syncs_of(work.submitting) == 1
    assert syncs_of(lambda: work.remember({"job": "1"})) == 1


def test_events_that_are_read_are_flushed_once_and_not_again(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    durable.flush()
    run = start(alice, chain("noop", 3))
    client = api(alice_key)
    path = f"{RUNS}/{run.public_id}/events"
    before = durable.syncs()
    assert client.get(path).json()["data"]["events"]
    assert durable.syncs() == before + 1
    assert syncs_of(lambda: client.get(path)) == 0


def test_all_events_of_one_look_at_the_log_share_a_flush(alice: User, alice_key: str) -> None:

    run = start(alice, chain("noop", 12))
    work_off()

    async def scene() -> None:
        async with Stream(run.public_id, alice_key) as opened:
            assert len(await opened.to_the_end()) > 12

    try:
        durable.flush()
        start(alice, chain("noop", 1))
        before = durable.syncs()
        asyncio.run(scene())
        assert durable.syncs() == before + 1
    finally:
        close_pool_connections()
