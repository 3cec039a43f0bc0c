"""A worker that is stopped in the middle of a look at a job, or between announcing a payment and
making it, and wakes too late; a run that is cancelled between two looks. With the product's own
processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.fakes import maker as service
from tests.support.fakes import tools
from tests.support.fakes.maker import Maker
from tests.support.faults.workers import holder, rows
from tests.support.server import Site, finished, snapshot, start
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow]
PATH = "/v1/creative-agent/workflows"


@pytest.fixture(scope="module")
def maker() -> Iterator[Maker]:
    with Maker() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, maker: Maker) -> Iterator[Site]:
    home: Path = tmp_path_factory.mktemp("home")
    env = {service.URL: maker.url}
    with Site(home, workers=2, settings="tests.support.settings.maker", env=env) as running:
        yield running


def test_a_look_of_a_frozen_worker_is_taken_over_with_one_result(site: Site, maker: Maker) -> None:
    with site.client(site.key("alice")) as alice:
        steps = [{"id": "a", "toolName": "made", "arguments": {"every": 0.3}}]
        run = start(alice, {"input": {"steps": steps}})["id"]
        wait_for(lambda: status(site, run) == "parked", "the job is parked")
        maker.answers.clear()
        # A worker that is only now given an answer holds the step, too, and parks it again.
        wait_for(lambda: maker.waiting == 1, "a look that waits for its answer")
        _, pid, held = holder(site, run)
        before = stops(site)
        os.kill(pid, signal.SIGSTOP)
        try:
            maker.finish(maker.job_of(run))
            maker.answers.set()
            assert finished(alice, run)["status"] == "completed"
        finally:
            maker.answers.set()
            os.kill(pid, signal.SIGCONT)
        # It has let go once it says so in its log.
        wait_for(lambda: stops(site) > before, "the frozen worker to let go")
        assert counted(site, "runs_attempt", held.step_id) == 2
        assert counted(site, "runs_artifact", held.step_id) == 1
        key = maker.job_of(run).key
        assert (maker.submitted[key], maker.cancelled[key]) == (1, 0)


def test_a_worker_that_wakes_without_its_step_pays_nothing(site: Site, tmp_path: Path) -> None:
    pause = tmp_path / "pause"
    with site.client(site.key("alice")) as alice:
        arguments = {"seconds": 0, "pause": str(pause)}
        steps = [{"id": "a", "toolName": "paid", "arguments": arguments}]
        run = start(alice, {"input": {"steps": steps}})["id"]
        _, pid, held = holder(site, run)
        wait_for(pause.exists, "the payment to be announced")
        before = stops(site)
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda: asks(alice, run), "the question")
            pause.unlink()
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_for(lambda: stops(site) > before, "the worker to let go")
        assert payments(site) == 0
        body = {"resume_input": {"type": "approve_checkpoint"}}
        answer = alice.post(f"{PATH}/{run}/resume", json=body)
        assert answer.status_code == 202, answer.text
        wait_for(pause.exists, "the second try")
        pause.unlink()
        assert finished(alice, run)["status"] == "completed"
        assert payments(site) == 1
        assert counted(site, "runs_attempt", held.step_id) == 2


def asks(client: httpx.Client, run: str) -> bool:
    return bool(snapshot(client, run)["status"] == "waiting_for_user")


def payments(site: Site) -> int:
    return sum(entry.get("tool") == "paid" for entry in tools.asked(site.home))


def stops(site: Site) -> int:
    """Count how often workers have said that they let go of a step."""
    logs = (site.home / "logs").glob("worker-*.log")
    return sum(log.read_text().count('"message": "stopped"') for log in logs)


def test_a_run_that_is_cancelled_between_two_looks_asks_the_service_once(
    site: Site, maker: Maker
) -> None:
    with site.client(site.key("alice")) as alice:
        steps = [{"id": "a", "toolName": "made", "arguments": {"every": 0.3}}]
        run = start(alice, {"input": {"steps": steps}})["id"]
        wait_for(lambda: status(site, run) == "parked", "the job is parked")
        job = maker.job_of(run)
        assert alice.post(f"{PATH}/{run}/cancel").status_code in (200, 202)
        wait_for(lambda: maker.cancelled[job.key] == 1, "the service is asked")
        looks = maker.looked[job.key]
        # Long enough for others: a second job comes and goes.
        other = start(alice, {"input": {"steps": [{**steps[0], "arguments": {"seconds": 0.0}}]}})
        assert finished(alice, other["id"])["status"] == "completed"
        assert maker.looked[job.key] == looks
        assert maker.cancelled[job.key] == 1


def status(site: Site, run: str) -> str:
    (row,) = rows(
        site,
        "SELECT step.status FROM runs_step step JOIN runs_run run ON run.id = step.run_id"
        " WHERE run.public_id = ?",
        run,
    )
    return str(row["status"])


def counted(site: Site, table: str, step_id: int) -> int:
    (row,) = rows(site, f"SELECT count(*) AS found FROM {table} WHERE step_id = ?", step_id)
    return int(row["found"])
