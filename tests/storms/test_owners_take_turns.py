"""Two worker processes: a second person waits for one step of each, whatever is ready before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.builders.running import chain
from tests.support.faults.workers import rows
from tests.support.server import Site, cancel_all, finished, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
WORKERS = 2


def parallel() -> list[dict[str, Any]]:
    return [
        {"id": f"p{place}", "toolName": "sleep", "arguments": {"seconds": 0.2}}
        for place in range(12)
    ]


def start_rows(client: httpx.Client) -> None:
    """1,000 rows of a table, whose runs are a step each."""
    fixed = {"id": "nap", "type": "fixed", "tool": "sleep", "args": {"seconds": 0.2}}
    words = {"name": "words", "type": "text"}
    template = {"name": "Naps", "inputs": [words], "stages": [fixed]}
    saved = client.post("/v1/creative-agent/workflows/templates", json=template)
    rows = [{"words": f"Row {place}"} for place in range(1_000)]
    body = {"workflow_id": saved.json()["data"]["template"]["id"], "rows": rows}
    answer = client.post("/v1/run-sets", json={**body, "at_once": 8, "start": True})
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("home"), workers=WORKERS) as running:
        yield running


@pytest.mark.parametrize("how", ["parallel", "chains", "rows"])
def test_a_second_persons_first_step_waits_for_one_step_of_each_worker(
    site: Site, how: str
) -> None:
    steps = parallel() if how == "parallel" else chain("sleep", 12, seconds=0.2)
    with site.client(site.key("alice")) as alice, site.client(site.key("bob")) as bob:
        if how == "rows":
            start_rows(alice)
        for _ in range(0 if how == "rows" else 20):
            start(alice, {"input": {"steps": steps}})
        for _ in range(3):
            before = claims(site)
            wait_for(lambda before=before: claims(site) > before + WORKERS, "work of alice", 60)
            run = finished(bob, start(bob, {"input": {"steps": chain("noop", 1)}})["id"])
            assert run["status"] == "completed"
            assert overtaken_by(site, run["id"]) <= WORKERS
        # The rows come last: each that is cancelled is followed by another.
        if how != "rows":
            cancel_all(alice)


def claims(site: Site) -> int:
    (row,) = rows(site, "SELECT count(*) AS claims FROM runs_attempt")
    return int(row["claims"])


def overtaken_by(site: Site, run: str) -> int:
    """How many steps were claimed after this run's only step was ready and before its claim."""
    (row,) = rows(
        site,
        "SELECT count(*) AS steps FROM runs_attempt other, runs_attempt own"
        " JOIN runs_step step ON step.id = own.step_id JOIN runs_run run ON run.id = step.run_id"
        " WHERE run.public_id = ? AND own.number = 1 AND other.id < own.id"
        " AND other.started_at > step.not_before",
        run,
    )
    return int(row["steps"])
