"""500 jobs at a service on two workers: they cost hardly any memory and processor time, and the end
of each is seen within two seconds of its webhook.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.fakes import maker as service
from tests.support.fakes import webhooks
from tests.support.fakes.maker import MadeJob, Maker
from tests.support.faults.workers import rows
from tests.support.postgres_server import PostgresServer
from tests.support.server import Site, start
from tests.support.waiting import family, queued_s, queued_since, wait_for

pytestmark = pytest.mark.slow
WORKERS, PEOPLE, RUNS, STEPS = 2, 5, 10, 10
JOBS = PEOPLE * RUNS * STEPS
LOOK_EVERY_S = 20.0
WOKEN = 40


@contextmanager
def site_on(database: str, home: Path, maker: Maker) -> Iterator[Site]:
    env = {service.URL: maker.url}
    settings = "tests.support.settings.maker"
    if database == "sqlite":
        with Site(home, workers=WORKERS, settings=settings, env=env) as site:
            yield site
        return
    with PostgresServer() as server:
        env["DATABASE_URL"] = server.url
        with Site(home, workers=WORKERS, settings=settings, env=env) as site:
            yield site


def memory(site: Site) -> float:
    """Of all workers together, in MB."""
    return sum(psutil.Process(pid).memory_info().rss for pid in site.workers()) / 2**20


def cpu_s(site: Site) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in site.workers()]
    return sum(time.user + time.system for time in times)


def parallel(count: int, **arguments: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"s{place}", "toolName": "made", "arguments": arguments} for place in range(count)
    ]


def parked(site: Site) -> int:
    (row,) = rows(site, "SELECT count(*) AS steps FROM runs_step WHERE status = 'parked'")
    return int(row["steps"])


def completed(site: Site) -> dict[str, float]:
    """Key of a job → when its step completed, Unix seconds."""
    found = rows(
        site,
        "SELECT a.provider_key, e.created_at FROM runs_event e JOIN runs_attempt a"
        " ON a.step_id = e.step_id WHERE e.name = 'step_completed'",
    )
    return {row["provider_key"]: _unix(row["created_at"]) for row in found}


def _unix(stored: Any) -> float:
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def tell(site: Site, url: str, job: MadeJob) -> None:
    status = webhooks.send(url, json.dumps({"id": job.id}).encode(), {"X-Maker": "signed"})
    assert status == 204


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_500_parked_jobs_on_two_workers(database: str, tmp_path: Path) -> None:
    with (
        Maker() as maker,
        site_on(database, tmp_path, maker) as site,
        ExitStack() as opened,
    ):
        keys = [site.key(f"person-{number}") for number in range(PEOPLE)]
        people = [opened.enter_context(site.client(key)) for key in keys]
        path = site.manage("webhooks").split("/hooks/", 1)[1].split()[0]
        url = f"{site.url}/hooks/{path}"
        # Both have worked: what a first step loads is no cost of parking.
        start(people[0], {"input": {"steps": parallel(4, every=0.3, seconds=1.0)}})
        wait_for(lambda: len(completed(site)) == 4, "the first jobs", 60)
        idle = memory(site)

        began = time.monotonic()
        for _ in range(RUNS):
            for person in people:
                start(person, {"input": {"steps": parallel(STEPS, every=LOOK_EVERY_S)}})
        wait_for(lambda: parked(site) == JOBS, "all jobs are parked", 120)
        print(f"{database}: {JOBS} jobs parked after {time.monotonic() - began:.1f} s")
        looks, spent, since = maker.looked.total(), cpu_s(site), time.monotonic()
        wait_for(lambda: maker.looked.total() >= looks + JOBS, "each is looked at again", 60)
        looks, spent = maker.looked.total() - looks, cpu_s(site) - spent
        grown = memory(site) - idle
        print(
            f"{database}: {1000 * spent / looks:.1f} ms CPU a look, {looks} looks in"
            f" {time.monotonic() - since:.1f} s; {grown:.1f} MB more"
        )
        (events,) = rows(site, "SELECT count(*) AS told FROM runs_event")

        waiting = [job for job in maker.jobs.values() if job.state() == "working"]
        chosen = random.Random(1).sample(waiting, WOKEN)
        took = []
        for job in chosen:
            pids = family(os.getpid())
            before = queued_s(pids)
            maker.finish(job)
            tell(site, url, job)
            wait_for(lambda job=job: job.key in completed(site), "the job is kept")
            # Without the time in which the machine was busy with other work.
            queued = queued_since(before, queued_s(pids))
            took.append(max(0.0, completed(site)[job.key] - maker.finished[job.key] - queued))
        took.sort()
        p95 = took[round(0.95 * len(took)) - 1]
        print(
            f"{database}: seen {statistics.median(took):.2f} s after the job's end (median),"
            f" p95 {p95:.2f}, max {took[-1]:.2f}"
        )

        began = time.monotonic()
        rest = [job for job in waiting if job not in chosen]
        for job in rest:
            maker.finish(job)
            tell(site, url, job)
        wait_for(lambda: len(completed(site)) == JOBS + 4, "all jobs are kept", 120)
        print(f"{database}: {len(rest)} webhooks and results in {time.monotonic() - began:.1f} s")
        (after,) = rows(
            site, "SELECT count(*) AS told FROM runs_event WHERE name = 'step_progress'"
        )
        assert after["told"] == 0, events
        assert set(maker.submitted.values()) == {1}
        assert grown <= 60
        assert p95 <= 2.0
