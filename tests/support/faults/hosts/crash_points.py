"""Runs whose processes end at the n-th statement, commit or change of a file, n by seed.

Run as a program (`python -m tests.support.faults.hosts.crash_points SEED ROUNDS SHAPE,SHAPE`) it
carries out so many rounds of each shape, and prints a line of JSON after each: how often a process
was killed so far, by what it did.

It imports no pytest, see `tests.support.faults.crash_process`.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from typing import Any

from tests.support.faults.crash_process import Round, in_a_process, prepare

# Points in a process: fewer than it takes to carry out a few steps. A run with stages in stages has
# up to 7,000, and some of its processes go on until its groups and batches end.
POINTS = {
    "flat": {"start": (30,), "work": (160,)},
    "nested": {"start": (90,), "work": (160, 640, 2560)},
}


class _Round(Round):
    """A run of steps, or of stages and templates inside stages."""

    def __init__(self, name: str, shape: str, chance: random.Random, counted: Counter[str]) -> None:
        from tests.support.faults.hosts.traffic import stages_of, steps_of, with_templates

        self.points = POINTS[shape]
        if shape == "nested":
            self._stages, self._templates = with_templates(stages_of(chance), name, chance)
            if in_a_process(lambda: self._save_templates(name), None):
                raise RuntimeError(f"{name} could not be saved")
            body: dict[str, Any] = {"workflow_id": name, "inputs": {}}
        else:
            body = {"input": {"title": name, "steps": steps_of(chance)}}
            for step in body["input"]["steps"]:
                if "seconds" in step["arguments"]:
                    # Done when it is looked at for the second time.
                    step["arguments"]["seconds"] = 0.001
        super().__init__(name, body, chance, counted)

    def _save_templates(self, name: str) -> None:
        from accounts.models import User
        from templates_app.lifecycle import services
        from tests.support.faults.hosts.traffic import INPUTS

        owner = User.objects.get(username="alice")
        whole = {"id": name, "name": name, "inputs": INPUTS, "stages": self._stages}
        for body in (*self._templates, whole):
            services.create_template(actor=owner, body=body, own_hosts=["127.0.0.1"])

    def let_time_pass(self, run: Any) -> None:
        """Webhooks come, and what waits for another try does not wait here."""
        from core import clock
        from runs.engine import remote_jobs
        from runs.models import RemoteJob

        for job in RemoteJob.objects.filter(step__run=run):
            remote_jobs.wake(job.provider, [job.key])
        run.steps.filter(status="ready", not_before__gt=clock.now()).update(not_before=clock.now())


def _main(seed: int, rounds: int, shapes: list[str]) -> None:
    prepare()
    counted: Counter[str] = Counter()
    for shape in shapes:
        for number in range(rounds):
            chance = random.Random(f"{seed} {number}")
            _Round(f"{shape}-{number}", shape, chance, counted).carry_out()
            print(json.dumps({"so far": counted}), flush=True)
    print(json.dumps({"counted": counted}), flush=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","))
