"""400 rows of a table, while web and workers are killed ten times: 400 runs, none twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.builders.asking_templates import stage
from tests.support.faults.workers import rows
from tests.support.server import Site
from tests.support.waiting import wait_for

ROWS, FAILURES, KILLS = 400, (17, 200, 399), 10
SETS = "/v1/run-sets"
TEMPLATE = {
    "name": "Cards",
    "inputs": [
        {"name": "words", "type": "text", "required": True},
        {"name": "times", "type": "number", "default": 0},
    ],
    "stages": [
        stage("note", args={"text": "$inputs.words"}),
        {
            "id": "trial",
            "type": "fixed",
            "tool": "fail",
            "args": {"times": "$inputs.times", "retryable": False},
        },
    ],
}
REPAIR = """
from runs.models import Step
steps = Step.objects.filter(key="trial", status="failed")
print(steps.update(arguments={"times": 0, "retryable": False}))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Caller:
    """A program that repeats what isn't answered."""

    def __init__(self, site: Site, key: str) -> None:
        self.site, self.key = site, key

    def send(self, method: str, path: str, body: Any = None) -> Any:
        def answer() -> Any:
            with contextlib.suppress(httpx.TransportError), self.site.client(self.key) as client:
                response = client.request(method, path, json=body)
                if response.status_code < 500:
                    assert response.is_success, response.text
                    return response.json()["data"]
            return None

        return wait_for(answer, f"{method} {path}", 120)

    def read(self, set_id: str) -> Any:
        return self.send("GET", f"{SETS}/{set_id}")["runSet"]

    def over(self, set_id: str) -> Any:
        """The set once all its rows have ended; None before."""
        run_set = self.read(set_id)
        assert run_set["status"] != "paused", run_set
        return run_set if run_set["status"] == "completed" else None


def kill_one(site: Site, chance: random.Random) -> None:
    pids = [*site.webs(), *site.workers()]
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(pids), signal.SIGKILL)


def bills(site: Site) -> dict[int, int]:
    """Run → how many of its steps were settled."""
    run_of = {row["id"]: row["run_id"] for row in rows(site, "SELECT id, run_id FROM runs_step")}
    refs = rows(site, "SELECT ref FROM accounts_ledgerentry WHERE kind = 'settle'")
    return dict(Counter(run_of[int(row["ref"].split(":")[1])] for row in refs))


def test_every_row_runs_once_and_a_retry_bills_what_failed(tmp_path: Path) -> None:
    chance = random.Random(42)
    with Site(tmp_path, workers=2, web=1) as site:
        caller = Caller(site, site.key("alice"))
        saved = caller.send("POST", "/v1/creative-agent/workflows/templates", TEMPLATE)
        # No two rows fail, or don't, by the same arguments: then one would make it for all, or
        # pause the set for all.
        table = [
            {"words": f"Card {at}", "times": at if at in FAILURES else -at} for at in range(ROWS)
        ]
        body = {"workflow_id": saved["template"]["id"], "rows": table, "at_once": 8, "start": True}
        set_id = caller.send("POST", SETS, body)["runSet"]["id"]
        for _ in range(KILLS):
            time.sleep(2)
            kill_one(site, chance)
        done = wait_for(lambda: caller.over(set_id), "the end of all rows", 600)
        assert done["counts"] == {"completed": ROWS - len(FAILURES), "failed": len(FAILURES)}
        before = bills(site)
        assert Counter(before.values()) == {2: ROWS - len(FAILURES), 1: len(FAILURES)}

        assert site.manage("shell", "-v0", "-c", REPAIR).strip().endswith(str(len(FAILURES)))
        repeat = caller.send("POST", f"{SETS}/{set_id}/retry", {})
        assert repeat["rowCount"] == len(FAILURES)
        again = wait_for(lambda: caller.over(set_id), "the end of the retry", 120)
        assert again["counts"] == {"completed": ROWS}
        # Nothing but the failed stages was billed, each once.
        assert bills(site) == dict.fromkeys(before, 2)
        requests = [row["request"] for row in rows(site, "SELECT request FROM runs_run")]
        assert len(requests) == len(set(requests)) == ROWS
