"""The owner of a run reads why its steps wait: on its page, on the canvas and in the API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from runs.models import QueueLimit, Run, Worker
from tests.support.builders.running import start, work_off
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
RUNS = "/v1/creative-agent/workflows"


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


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
    alice: User, page: Client, mine: Api
) -> None:
    run = paused(alice)
    said = "Paused by the operator: Maintenance until noon."
    assert note_of(page, run) == said
    [step] = page.get(f"/app/runs/{run.public_id}/state").json()["steps"]
    assert (step["status"], step["message"]) == ("ready", said)
    assert told(page, run) == {step["key"]: said}
    [shown] = mine.get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]["steps"]
    # The contract's states stay.
    assert (shown["status"], shown["message"]) == ("pending", said)
    assert shown["queueReason"] == "provider_paused"


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


def test_the_answer_to_a_start_does_not_read_the_queue(mine: Api) -> None:
    body = {"input": {"steps": [{"toolName": "noop"}]}}
    with CaptureQueriesContext(connection) as found:
        answer = mine.post(RUNS, body)
    assert answer.status_code == 201
    read = [one["sql"] for one in found if "runs_worker" in one["sql"]]
    assert read == []
