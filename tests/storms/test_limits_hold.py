"""A provider's limits hold while workers of several machines are killed and it is paused.

The provider itself counts: what it was asked to do at once, in any minute, and while it was paused.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.fakes import maker as service
from tests.support.fakes.limited import BusyMaker, Machines
from tests.support.faults.workers import rows
from tests.support.postgres_server import PostgresServer
from tests.support.server import Site, snapshot, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
AT_ONCE, PER_MINUTE = 4, 20
# Eight workers of three machines; on SQLite four of one.
MACHINES = {"postgres": (3, 8), "sqlite": (1, 4)}
STEPS, KILLS = 8, 10
# Of a table, of which half of what a person may have at work waits at the provider.
ROWS = 30
# How much later than its claim a request may arrive; on a busy machine it may be more.
LATE_S = 5
# Claims whose request was not sent, or not noted yet.
UNSENT = """
SELECT count(*) AS claims FROM runs_step step
JOIN runs_attempt attempt ON attempt.step_id = step.id AND attempt.number = step.attempt
WHERE step.status = 'running' AND attempt.job_ref IS NULL
"""


@pytest.fixture
def maker() -> Iterator[BusyMaker]:
    with BusyMaker() as running:
        yield running


class Storm:
    """Runs of two people, the rows of a table, and the workers that do them."""

    def __init__(self, folder: Path, maker: BusyMaker, database: str, seed: int) -> None:
        self.maker = maker
        self.rng = random.Random(seed)
        machines, self._workers = MACHINES[database]
        self._homes = [folder / f"machine-{place + 1}" for place in range(machines)]
        self._database = database
        self._open = ExitStack()
        self.started: list[tuple[httpx.Client, str]] = []

    def __enter__(self) -> Storm:
        with ExitStack() as opening:
            for home in self._homes:
                home.mkdir()
            env = {service.URL: self.maker.url, "DATABASE_URL": ""}
            if self._database == "postgres":
                env["DATABASE_URL"] = opening.enter_context(PostgresServer()).url
            settings = "tests.support.settings.maker"
            site = Site(self._homes[0], workers=0, settings=settings, env=env)
            self.site = opening.enter_context(site)
            names = ("alice", "bob")
            self.people = [opening.enter_context(site.client(site.key(name))) for name in names]
            self._open = opening.pop_all()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._open.__exit__(*problem)

    def start(self, runs: int, shortest_s: float, longest_s: float) -> None:
        """So many runs of each person, with jobs of a length between these; then the workers.

        They begin within a second, in which they would not know a limit that is set meanwhile.
        """
        for client in runs * self.people:
            steps = []
            for place in range(STEPS):
                seconds = round(self.rng.uniform(shortest_s, longest_s), 2)
                given = {"prompt": "a fox", "seconds": seconds, "every": 0.25}
                steps.append({"id": f"m{place}", "toolName": "made", "arguments": given})
            self.started.append((client, start(client, {"input": {"steps": steps}})["id"]))
        machines = Machines(self.site, self._homes, workers=self._workers)
        self.machines = self._open.enter_context(machines)

    def start_rows(self, count: int) -> None:
        """A table of the first person's, of a job for each row."""
        [client, _] = self.people
        words = {"name": "words", "type": "text", "required": True}
        args = {"prompt": "$inputs.words", "seconds": 0.3, "every": 0.25}
        stage = {"id": "made", "type": "fixed", "tool": "made", "args": args}
        template = {"name": "Foxes", "inputs": [words], "stages": [stage]}
        saved = client.post("/v1/creative-agent/workflows/templates", json=template)
        rows = [{"words": f"Fox {place}"} for place in range(count)]
        body = {"workflow_id": saved.json()["data"]["template"]["id"], "rows": rows}
        answer = client.post("/v1/run-sets", json={**body, "at_once": 8, "start": True})
        assert answer.status_code == 201, answer.text
        self.table, self.rows = answer.json()["data"]["runSet"]["id"], count

    def kill(self, times: int, shortest_s: float = 0.2, longest_s: float = 1.5) -> None:
        """Kill workers, one after the other, with pauses of a length between these."""
        wait_for(lambda: self.maker.began, "the first job", 60)
        for _ in range(times):
            time.sleep(self.rng.uniform(shortest_s, longest_s))
            self.machines.kill_one(self.rng)

    def pause(self) -> None:
        """Pause the provider for a moment, in which it must be asked for nothing new."""
        self.site.manage("providers", "pause", "maker", "--reason", "Repairs")
        # It holds everywhere within a second; a claim of the last moment still has to be sent.
        time.sleep(1)
        wait_for(lambda: rows(self.site, UNSENT)[0]["claims"] == 0, "the end of earlier claims")
        since = time.monotonic()
        time.sleep(self.rng.uniform(1, 3))
        until = time.monotonic()
        self.site.manage("providers", "resume", "maker")
        assert self.maker.began_between(since, until) == 0

    def ends_well(self) -> None:
        """All runs end, nothing was lost and nothing made twice."""
        wait_for(lambda: all(_is_over(*one) for one in self.started), "the end of all runs", 150)
        assert {snapshot(*one)["status"] for one in self.started} == {"completed"}
        wait_for(self._is_table_done, "the end of all rows", 150)
        jobs = len(self.started) * STEPS + self.rows
        assert set(self.maker.submitted.values()) == {1}
        assert len(self.maker.submitted) == jobs
        made = rows(self.site, "SELECT step_id, count(*) AS count FROM runs_artifact GROUP BY 1")
        assert {row["count"] for row in made} == {1}
        assert len(made) == jobs

    def latest_s(self) -> float:
        """How much later than its claim the latest request came."""
        came = dict(self.maker.began)
        claimed: dict[str, list[float]] = {}
        for row in rows(self.site, "SELECT provider_key, started_at FROM runs_attempt"):
            claimed.setdefault(row["provider_key"], []).append(row["started_at"].timestamp())
        ahead_s = time.time() - time.monotonic()
        late = []
        for job, began in came.items():
            at = began + ahead_s
            late.append(min(at - one for one in claimed[self.maker.jobs[job].key] if one <= at))
        return max(late)

    def _is_table_done(self) -> bool:
        return self.row_counts() == {"completed": self.rows}

    def row_counts(self) -> dict[str, int]:
        """State → how many of the table's rows are in it."""
        [client, _] = self.people
        run_set = client.get(f"/v1/run-sets/{self.table}").json()["data"]["runSet"]
        return dict(run_set["counts"])


@pytest.mark.parametrize(
    ("database", "seed"),
    [
        ("postgres", 1),
        pytest.param("postgres", 2, marks=pytest.mark.thorough),
        ("sqlite", 3),
    ],
)
def test_no_more_jobs_at_once_through_kills_and_a_pause(
    tmp_path: Path, maker: BusyMaker, database: str, seed: int
) -> None:
    with Storm(tmp_path, maker, database, seed) as storm:
        numbers = ("--at-once", str(AT_ONCE), "--person-share", "0.5")
        storm.site.manage("providers", "limit", "maker", *numbers)
        storm.start_rows(ROWS)
        storm.start(3, 0.2, 2.5)
        storm.kill(KILLS // 2)
        storm.pause()
        storm.kill(KILLS // 2)
        storm.ends_well()
        # Reached, and not passed.
        assert maker.most_at_once() == AT_ONCE


def test_no_minute_has_more_jobs_than_the_limit(tmp_path: Path, maker: BusyMaker) -> None:
    with Storm(tmp_path, maker, "postgres", 3) as storm:
        storm.site.manage("providers", "limit", "maker", "--per-minute", str(PER_MINUTE))
        storm.start_rows(ROWS)
        storm.start(1, 0.05, 0.3)
        storm.kill(KILLS, 1, 4)
        wait_for(lambda: len(maker.began) > PER_MINUTE + 2, "more jobs than a minute has", 120)
        # The two runs have fewer jobs than that: the rest are rows'. No row failed for waiting.
        assert len(storm.started) * STEPS < PER_MINUTE
        assert storm.row_counts().keys() <= {"pending", "running", "completed"}
        assert maker.busiest(60) >= 0.8 * PER_MINUTE
        # What is counted is claims. The requests come later, by seconds while the machine is busy.
        assert maker.busiest(60 - max(LATE_S, storm.latest_s())) <= PER_MINUTE


def _is_over(client: httpx.Client, run: str) -> bool:
    return snapshot(client, run)["status"] not in ("queued", "running")
