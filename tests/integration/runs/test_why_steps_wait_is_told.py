"""The owner of a run reads why its steps wait: on its page, on the canvas and in the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from runs.models import Attempt, QueueLimit, Run, Step, Worker
from tests.support.builders.running import start, take, work_off
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db
RUNS = "/v1/creative-agent/workflows"


@pytest.fixture
def page(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def paused(owner: User) -> Run:
    Worker.objects.create(name="one", host="here", labels=["cpu"])
    QueueLimit.objects.create(
        name="provider:slow", paused_at=clock.now(), reason="Maintenance until noon."
    )
    run = start(owner, [{"toolName": "noop", "title": "Dusk"}])
    run.steps.update(assigned_provider="slow", label="cpu")
    return run


def note_of(client: Client, run: Run) -> str:
    [stage] = client.get(f"/runs/{run.public_id}").context["stages"]
    return str(stage["note"])


def told(client: Client, run: Run) -> dict[str, str]:
    """The notes that the page's scripts read, by step."""
    stages = client.get(f"/app/runs/{run.public_id}/page").json()["page"]["stages"]
    return {key: stage["note"] for key, stage in stages.items() if stage["note"]}


def test_a_pause_is_said_on_the_page_the_canvas_and_in_the_api(
    alice: User, page: Client, api: Callable[..., Api], alice_key: str
) -> None:
    run = paused(alice)
    said = "Paused by the operator: Maintenance until noon."
    assert note_of(page, run) == said
    [step] = page.get(f"/app/runs/{run.public_id}/state").json()["steps"]
    assert (step["status"], step["message"]) == ("ready", said)
    assert told(page, run) == {step["key"]: said}
    [shown] = api(alice_key).get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]["steps"]
    # The contract's states stay.
    assert (shown["status"], shown["message"]) == ("pending", said)
    assert shown["queueReason"] == "provider_paused"


def test_a_label_without_a_worker_is_said(alice: User, page: Client) -> None:
    Worker.objects.create(name="one", host="here", labels=["cpu"])
    run = start(alice, [{"toolName": "noop"}])
    run.steps.update(label="gpu")
    assert note_of(page, run) == "Waiting for a worker with label gpu"


def test_a_job_at_its_provider_is_running_and_says_where(
    alice: User, page: Client, api: Callable[..., Api], alice_key: str
) -> None:
    Worker.objects.create(name="one", host="here", labels=["cpu"])
    run = start(alice, [{"toolName": "noop"}])
    claim = take(run)
    Attempt.objects.filter(pk=claim.attempt_id).update(parked_at=clock.now())
    Step.objects.filter(pk=claim.step.pk).update(
        status="parked",
        lease_owner="",
        lease_until=None,
        progress=0.25,
        not_before=clock.now() + timedelta(minutes=1),
    )
    assert note_of(page, run).startswith("At the provider since ")
    assert note_of(page, run).endswith(", 25%")
    [shown] = api(alice_key).get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]["steps"]
    assert (shown["status"], shown["queueReason"]) == ("running", "at_provider")


def test_what_is_next_is_simply_queued(alice: User, page: Client) -> None:
    Worker.objects.create(name="one", host="here", labels=["cpu"])
    run = start(alice, [{"toolName": "noop"}])
    run.steps.update(label="cpu")
    assert told(page, run) == {}
    assert note_of(page, run) == ""


def test_once_nothing_waits_no_one_reads_the_queue(alice: User, page: Client) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    told(page, run)
    with CaptureQueriesContext(connection) as found:
        assert told(page, run) == {}
    read = [one["sql"] for one in found if "runs_worker" in one["sql"] or "limit" in one["sql"]]
    assert read == []


def test_only_its_owner_is_told(bob: User, page: Client) -> None:
    run = paused(bob)
    assert page.get(f"/app/runs/{run.public_id}/page").status_code == 404
    assert Client().get(f"/app/runs/{run.public_id}/page").status_code == 401


def test_the_answer_to_a_start_does_not_read_the_queue(
    alice: User, api: Callable[..., Api], alice_key: str
) -> None:
    body = {"input": {"steps": [{"toolName": "noop"}]}}
    with CaptureQueriesContext(connection) as found:
        answer = api(alice_key).post(RUNS, body)
    assert answer.status_code == 201
    read = [one["sql"] for one in found if "runs_worker" in one["sql"]]
    assert read == []
