"""Starting runs that tell someone, and sending what is due."""

from __future__ import annotations

import time
from typing import Any

from core import clock
from tests.support.clients.api import Api
from tests.support.waiting import WAIT_S, Late
from webhooks.models import Delivery
from webhooks.sending import Sender

STEP = {"toolName": "generate_image", "arguments": {"prompt": "a fox"}}
WORKFLOWS = "/v1/creative-agent/workflows"


def start_run_of(key: str, **body: Any) -> str:
    """Start a run of one picture over HTTP. Return its public id."""
    answer = Api(key).post(WORKFLOWS, {"input": {"title": "Fox", "steps": [STEP]}, **body})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["data"]["workflow"]["workflowId"])


def secret_of(key: str) -> str:
    """Read the secret that signs what the runs of a key tell."""
    return str(Api(key).get("/v1/webhooks/secret").json()["data"]["secret"])


def send_due(sender: Sender | None = None) -> Sender:
    """Send all that is due now, and wait for what comes of it."""
    sender = sender or Sender()
    end = time.monotonic() + WAIT_S
    while sender() == 0 or Delivery.objects.filter(due_at__lte=clock.now()).exists():
        if time.monotonic() > end:
            raise Late("Deliveries are still due.")
    return sender


def come_due() -> None:
    """All pauses are over."""
    Delivery.objects.filter(due_at__isnull=False).update(due_at=clock.now())
