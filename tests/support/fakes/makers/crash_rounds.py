"""Paid steps whose processes end at the n-th statement, commit or change of a file, n by seed.

Run as a program (`python -m tests.support.fakes.makers.crash_rounds KIND,KIND SEED KILLS`) it
starts runs of one step and has each worked on by processes that end at such a point, until so many
were killed for each kind of submit. Some answers of the provider are spoiled. Questions are
answered by seed. It prints a line of JSON for each kind: how often a process was killed, by what it
did.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from importlib import import_module
from typing import Any

from tests.support.fakes.makers.programs import COMPOSED, KINDS, spoil_answer
from tests.support.faults.crash_process import in_a_process, prepare

# Of a run, before one process may finish it: one less than make a step fail for good.
DEATHS = 4
START_POINTS = 34
# So often an answer is spoiled, a step wants two results, a person says no.
SPOILED, DOUBLE, NO = 0.25, 0.2, 0.1
# Of passes over a run until it is over, and how much time each stands for.
PASSES, PASS_S = 60, 130.0
KIND_BY_NAME = {**KINDS, "composed": COMPOSED}


class Round:
    """One run from its start to its end."""

    def __init__(self, kind: str, name: str, chance: random.Random, killed: Counter[str]) -> None:
        self._name, self._chance, self._killed = name, chance, killed
        self._kind = KIND_BY_NAME[kind]
        results = 2 if chance.random() < DOUBLE else 1
        steps = self._kind.steps(name, results)
        self._body = {"input": {"title": name, "steps": steps}}
        self._lives: list[str] = []

    def carry_out(self) -> None:
        if self._chance.random() < SPOILED:
            url = json.loads(os.environ["PROVIDER_URLS"])[self._kind.server]
            spoil_answer(url, self._kind, self._chance)
        if self._chance.random() < 0.3:
            last = self._chance.randint(1, START_POINTS)
            self._count("start", in_a_process(self._start, last))
        if in_a_process(self._start, None):
            raise RuntimeError(f"{self._name} could not be started")
        for _ in range(DEATHS):
            last = self._chance.randint(1, self._chance.choice(self._kind.statements))
            self._count("work", self._worked(last))
        if self._worked(None):
            raise RuntimeError(f"{self._name} could not be finished")

    def _count(self, what: str, status: int) -> None:
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self._killed[what] += 1
        elif status:
            self._killed["broken"] += 1

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
        """Do what a supervisor, a worker and a person do."""
        from runs.engine import reclaiming, sweep
        from runs.engine.worker import Worker
        from runs.models import Run

        *dead, own = self._lives
        chance = random.Random(own)
        for life in dead:
            reclaiming.release_worker(life)
        run = Run.objects.get(title=self._name)
        worker = Worker(own)
        for _ in range(PASSES):
            worker.run_until_idle()
            run.refresh_from_db()
            if run.finished_at is not None:
                sweep.sweep()
                return
            self._answer(run, chance)
            self._let_time_pass(run)
        raise RuntimeError(f"{self._name} is {run.status}: {list(run.steps.values())}")

    def _answer(self, run: Any, chance: random.Random) -> None:
        from runs.interaction import answers

        for wait in run.waits.filter(answered_at=None):
            given = {"type": "approve_checkpoint", "stepId": wait.step.key}
            if chance.random() < NO:
                given = {"type": "cancel"}
            answers.answer(run=run, actor=run.owner, resume_input=given)

    def _let_time_pass(self, run: Any) -> None:
        from core import clock
        from runs.models import Attempt

        run.steps.filter(status__in=("ready", "parked")).update(not_before=clock.now())
        # As long as the job of a request is looked for that had no answer.
        for attempt in Attempt.objects.filter(step__run=run, outcome="", job_ref__isnull=False):
            job_ref = attempt.job_ref or {}
            if job_ref.get("request") and job_ref.get("looked_at"):
                job_ref["looked_at"] -= PASS_S
                Attempt.objects.filter(id=attempt.id).update(job_ref=job_ref)


def main(kinds: list[str], seed: int, kills: int) -> None:
    prepare()
    import_module("runs.interaction.answers")
    import_module("tools.providers.makers.call")
    for kind in kinds:
        killed: Counter[str] = Counter()
        number = 0
        while killed["work"] + killed["start"] < kills:
            number += 1
            name = f"{kind} {seed} {number}"
            Round(kind, name, random.Random(name), killed).carry_out()
            if number % 50 == 0:
                print(json.dumps({"so far": killed, "kind": kind, "rounds": number}), flush=True)
        print(json.dumps({"killed": killed, "kind": kind, "rounds": number}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1].split(","), int(sys.argv[2]), int(sys.argv[3]))
