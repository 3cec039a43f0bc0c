"""Processes that end at the n-th statement, commit or change of a file, n by seed.

Run as a program (`python -m tests.support.faults.hosts.crash_points SEED ROUNDS`) it has a process
for each thing that is done to a run: it is started, worked on, answered. Most of those processes
are killed on their way by themselves, and another one goes on. It prints a line of JSON after each
run: how often a process was killed so far, by what it did.

It imports no pytest, see `tests.support.faults.crash_process`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from typing import Any

from tests.support.faults.crash_process import in_a_process, prepare

# Of a run, before one process may finish it: one less than make a step fail for good.
DEATHS = 4
# Points in a process: fewer than it takes to carry out a few steps. A run with stages in stages has
# up to 7,000, and some of its processes go on until its groups and batches end.
START_POINTS = {"flat": 30, "nested": 90}
WORK_POINTS = {"flat": (160,), "nested": (160, 640, 2560)}


class _Round:
    """One run from its start to its end."""

    def __init__(
        self, number: int, chance: random.Random, counted: Counter[str], shape: str
    ) -> None:
        from tests.support.faults.hosts.traffic import stages_of, steps_of, with_templates

        self._name = name = f"round-{number}"
        self._chance = chance
        self._counted = counted
        self._start_points, self._work_points = START_POINTS[shape], WORK_POINTS[shape]
        self._stages = stages_of(chance) if shape == "nested" else []
        self._stages, self._templates = with_templates(self._stages, name, chance)
        if self._stages:
            self._body: dict[str, Any] = {"workflow_id": self._name, "inputs": {}}
        else:
            self._body = {"input": {"title": self._name, "steps": steps_of(chance)}}
            for step in self._body["input"]["steps"]:
                if "seconds" in step["arguments"]:
                    # Done when it is looked at for the second time.
                    step["arguments"]["seconds"] = 0.001
        self._lives: list[str] = []

    def _save_template(self) -> None:
        from accounts.models import User
        from templates_app.lifecycle import services
        from tests.support.faults.hosts.traffic import INPUTS

        owner = User.objects.get(username="alice")
        whole = {"id": self._name, "name": self._name, "inputs": INPUTS, "stages": self._stages}
        for body in (*self._templates, whole):
            services.create_template(actor=owner, body=body, own_hosts=["127.0.0.1"])

    def carry_out(self) -> None:
        if self._stages and in_a_process(self._save_template, None):
            raise RuntimeError(f"{self._name} could not be saved")
        chance = self._chance
        for _ in range(chance.randint(0, 2)):
            self._count("start", in_a_process(self._start, self._upto(self._start_points)))
        if in_a_process(self._start, None):
            raise RuntimeError(f"{self._name} could not be started")
        for _ in range(DEATHS):
            self._count("work", self._worked(self._upto(chance.choice(self._work_points))))
        if self._worked(None):
            raise RuntimeError(f"{self._name} could not be finished")

    def _upto(self, most: int) -> int:
        return self._chance.randint(1, most)

    def _count(self, what: str, status: int) -> None:
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self._counted[what] += 1
        elif status:
            self._counted["broken"] += 1
        else:
            self._counted["survived"] += 1

    def _start(self) -> None:
        from accounts.auth import Principal
        from accounts.models import User
        from runs.admission.start import start_run

        user = User.objects.get(username="alice")
        principal = Principal(user=user, api_key=None, via="session")
        start_run(actor=principal, body=self._body, key=self._name)

    def _worked(self, last: int | None) -> int:
        self._lives.append(f"{self._name}-{len(self._lives)}")
        return in_a_process(self._work, last)

    def _work(self) -> None:
        """What a supervisor, a worker, the service's webhooks and a person do."""
        from runs.engine import reclaiming, sweep
        from runs.engine.worker import Worker
        from runs.models import Run

        *dead, own = self._lives
        for life in dead:
            reclaiming.release_worker(life)
        run = Run.objects.get(title=self._name)
        worker = Worker(own)
        for _ in range(60):
            worker.run_until_idle()
            run.refresh_from_db()
            if run.finished_at is not None:
                sweep.sweep()
                return
            self._answer(run)
            self._wake(run)
        raise RuntimeError(f"{self._name} is {run.status}: {list(run.steps.values())}")

    def _answer(self, run: Any) -> None:
        from runs.interaction import answers

        for wait in run.waits.filter(answered_at=None):
            given = {"type": "approve_checkpoint", "stepId": wait.step.key}
            answers.answer(run=run, actor=run.owner, resume_input=given)

    def _wake(self, run: Any) -> None:
        from core import clock
        from runs.engine import remote_jobs
        from runs.models import RemoteJob

        for job in RemoteJob.objects.filter(step__run=run):
            remote_jobs.wake(job.provider, [job.key])
        # What waits for another try does not wait here.
        run.steps.filter(status="ready", not_before__gt=clock.now()).update(not_before=clock.now())


def _main(seed: int, rounds: int, shape: str) -> None:
    prepare()
    counted: Counter[str] = Counter()
    for number in range(rounds):
        _Round(number, random.Random(f"{seed} {number}"), counted, shape).carry_out()
        name = "counted" if number + 1 == rounds else "so far"
        print(json.dumps({name: counted}), flush=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "flat")
