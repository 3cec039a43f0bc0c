"""Workers of two labels, killed and started again: each step is only ever given to its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.faults.workers import rows
from tests.support.operator_commands import manage
from tests.support.program import ROOT
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
SETTINGS = "tests.support.settings.labelled"
RUNS, STEPS_EACH, KILLS = 17, 12, 3


class LabelledWorker:
    """A worker process of one label, started by hand as on another machine."""

    def __init__(self, site: Site, label: str) -> None:
        self.site, self.label, self.lives = site, label, 0
        self.begin()

    def begin(self) -> None:
        self.lives += 1
        name = f"{self.label}-{self.lives}"
        command = ["manage.py", "worker", "--name", name, "--labels", self.label]
        env = {**os.environ, **self.site.env}
        self.process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def worker(site: Site, label: str) -> Iterator[LabelledWorker]:
    running = LabelledWorker(site, label)
    try:
        yield running
    finally:
        running.kill()


def drawn(place: int, model: str, seconds: float = 0.05) -> dict[str, Any]:
    arguments = {"model": model, "seconds": seconds}
    return {"id": f"p{place}", "toolName": "drawn", "arguments": arguments}


def done(site: Site) -> int:
    (row,) = rows(site, "SELECT count(*) AS steps FROM runs_step WHERE status = 'completed'")
    return int(row["steps"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("home"), workers=0, settings=SETTINGS) as running:
        yield running


# First: a worker that was killed counts as living for a while.
def test_a_step_waits_for_its_label_and_is_done_when_a_worker_has_it(site: Site) -> None:
    with site.client(site.key("alice")) as alice, worker(site, "cpu"):
        run = start(alice, {"input": {"steps": [drawn(0, "oil"), drawn(1, "pencil")]}})["id"]
        wait_for(lambda: done(site) == 1, "the step of the usual label")
        said = manage(site.home, "doctor", code=None, **site.env)
        assert "1 step is ready and no living worker has label gpu" in said
        assert "manage.py worker --labels gpu" in said
        assert done(site) == 1
        with worker(site, "gpu"):
            assert finished(alice, run)["status"] == "completed"


def test_killed_workers_of_two_labels_do_each_their_own_steps(site: Site) -> None:
    chance = random.Random(7)
    with (
        site.client(site.key("alice")) as alice,
        worker(site, "gpu") as gpu,
        worker(site, "cpu") as cpu,
    ):
        started = [
            start(
                alice,
                {
                    "input": {
                        "steps": [
                            drawn(place, chance.choice(("oil", "pencil")))
                            for place in range(STEPS_EACH)
                        ]
                    }
                },
            )["id"]
            for _ in range(RUNS)
        ]
        for _ in range(KILLS):
            for one in (gpu, cpu):
                before = done(site)
                wait_for(lambda before=before: done(site) >= before + 5, "some steps", 60)
                one.kill()
                one.begin()
        for run in started:
            assert finished(alice, run, within_s=120)["status"] == "completed"
        attempts = rows(
            site,
            "SELECT step.label AS label, attempt.worker AS worker FROM runs_attempt attempt"
            " JOIN runs_step step ON step.id = attempt.step_id",
        )
        assert len(attempts) >= RUNS * STEPS_EACH
        assert {one["label"] for one in attempts} == {"cpu", "gpu"}
        for one in attempts:
            assert one["worker"].startswith(f"{one['label']}-")
