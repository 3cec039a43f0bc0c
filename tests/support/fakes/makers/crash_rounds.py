"""Paid steps whose processes end at each moment of a request, and anywhere, by seed.

Run as a program (`python -m tests.support.fakes.makers.crash_rounds SEED KILLS`) it starts runs of
one step: for each kind of submit one whose process ends at each moment that the kind has, then
others whose processes end anywhere, until so many were killed. Some answers of the provider are
spoiled. Questions are answered by seed. It prints a line of JSON for each kind: how often a process
was killed, by what it did.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from importlib import import_module
from itertools import product
from typing import Any

from tests.support.fakes.makers.programs import COMPOSED, KINDS, spoil_answer
from tests.support.faults.crash_process import MOMENTS, Round, prepare

# So often an answer is spoiled, a step wants two results.
SPOILED, DOUBLE = 0.25, 0.2
# Of a moment, until a process has ended at it.
TRIES = 3
# How much time a pass over a run stands for.
PASS_S = 130.0
KIND_BY_NAME = {**KINDS, "composed": COMPOSED}
# An answer that is the result leaves no job to be parked.
NEVER = {"sync": {"while the job is parked"}}


def moments_of(kind: str) -> list[str]:
    """Return where a request of this kind may be when its process ends."""
    return [moment for moment in MOMENTS if moment not in NEVER.get(kind, ())]


class PaidRound(Round):
    """A run of a paid step."""

    no = 0.1

    def __init__(self, kind: str, name: str, chance: random.Random, killed: Counter[str]) -> None:
        self._kind = KIND_BY_NAME[kind]
        self.points = {"start": (34,), "work": self._kind.statements}
        steps = self._kind.steps(name, 2 if chance.random() < DOUBLE else 1)
        super().__init__(name, {"input": {"title": name, "steps": steps}}, chance, killed)

    def between(self) -> None:
        if self.chance.random() < SPOILED:
            url = json.loads(os.environ["PROVIDER_URLS"])[self._kind.server]
            spoil_answer(url, self._kind, self.chance)

    def let_time_pass(self, run: Any) -> None:
        from core import clock
        from runs.models import Attempt

        run.steps.filter(status__in=("ready", "parked")).update(not_before=clock.now())
        # As long as the job of a request is looked for that had no answer.
        for attempt in Attempt.objects.filter(step__run=run, outcome="", job_ref__isnull=False):
            job_ref = attempt.job_ref or {}
            if job_ref.get("request") and job_ref.get("looked_at"):
                job_ref["looked_at"] -= PASS_S
                Attempt.objects.filter(id=attempt.id).update(job_ref=job_ref)


def main(seed: int, kills: int) -> None:
    prepare()
    import_module("tools.providers.makers.call")
    for kind in KIND_BY_NAME:
        killed: Counter[str] = Counter()
        for moment, place in product(moments_of(kind), range(TRIES)):
            # Another one where an answer was late: its moment may not have come.
            if not killed[moment]:
                name = f"{kind} {seed} {moment} {place}"
                PaidRound(kind, name, random.Random(name), killed).carry_out(moment)
        number, wanted = 0, killed["work"] + kills
        while killed["work"] < wanted:
            number += 1
            name = f"{kind} {seed} {number}"
            PaidRound(kind, name, random.Random(name), killed).carry_out()
            if number % 50 == 0:
                print(json.dumps({"so far": killed, "kind": kind, "rounds": number}), flush=True)
        print(json.dumps({"killed": killed, "kind": kind, "rounds": number}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
