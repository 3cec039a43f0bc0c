"""A worker that is stopped between announcing a payment and making it, and wakes too late."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.support.fakes import tools
from tests.support.faults.workers import holder, rows
from tests.support.server import Site, finished, snapshot, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
PATH = "/v1/creative-agent/workflows"


def test_a_worker_that_wakes_without_its_step_pays_nothing(tmp_path: Path) -> None:
    home, pause = tmp_path / "home", tmp_path / "pause"
    home.mkdir()
    arguments = {"seconds": 0, "pause": str(pause)}
    with Site(home) as site, site.client(site.key("alice")) as alice:
        steps = [{"id": "a", "toolName": "paid", "arguments": arguments}]
        run = start(alice, {"input": {"steps": steps}})["id"]
        _, pid, held = holder(site, run)
        wait_for(pause.exists, "the payment to be announced")
        os.kill(pid, signal.SIGSTOP)
        try:
            asks = "waiting_for_user"
            wait_for(lambda: snapshot(alice, run)["status"] == asks, "the question", 40)
            pause.unlink()
        finally:
            os.kill(pid, signal.SIGCONT)
        # It has let go once it says so in its log.
        wait_for(lambda: said(site, "stopped"), "the worker to let go")
        assert payments(home) == 0
        answer = alice.post(
            f"{PATH}/{run}/resume", json={"resume_input": {"type": "approve_checkpoint"}}
        )
        assert answer.status_code == 202, answer.text
        wait_for(pause.exists, "the second try")
        pause.unlink()
        assert finished(alice, run)["status"] == "completed"
        assert payments(home) == 1
        (tried,) = rows(
            site, "SELECT max(number) AS tries FROM runs_attempt WHERE step_id = ?", held.step_id
        )
        assert tried["tries"] == 2


def payments(home: Path) -> int:
    return sum(entry.get("tool") == "paid" for entry in tools.asked(home))


def said(site: Site, message: str) -> bool:
    logs = (site.home / "logs").glob("worker-*.log")
    return any(f'"message": "{message}"' in log.read_text() for log in logs)
