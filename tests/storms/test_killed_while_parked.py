"""Workers and webhooks are killed at any SQL statement while jobs are parked: no job is lost, none
is submitted twice, none stays where it is.

A process is forked for each kill and ends itself with SIGKILL, before or after its n-th statement:
before one that follows a commit, that commit is the last thing it did. By hand, more of them:
`PARKED_KILLS=1000 .venv/bin/python -m pytest -n 0 -s tests/storms/test_killed_while_parked.py`.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import LedgerEntry, User
from core import clock
from runs import states
from runs.engine import reclaiming, remote_jobs, sweep
from runs.engine.worker import Worker
from runs.models import Artifact, Attempt, Event, Run, Step
from tests.support.builders.running import start
from tests.support.fakes import maker as service
from tests.support.fakes.maker import Maker
from tools import registry

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("PARKED_KILLS", "60"))
RUNS = 3
# The last statement that is chosen, of each act: somewhat more than it has. Workers do most.
LAST_STATEMENT = {"work": 45, "wake": 5, "sweep": 20}
WEIGHTS = {"work": 4, "wake": 2, "sweep": 1}


@pytest.fixture
def maker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    settings.EXTRA_TOOL_MODULES = [*settings.EXTRA_TOOL_MODULES, "tests.support.fakes.maker"]
    settings.RETRY_BASE_S = 0.0
    registry.rebuild()
    with Maker() as running:
        monkeypatch.setenv(service.URL, running.url)
        yield running
    settings.EXTRA_TOOL_MODULES = settings.EXTRA_TOOL_MODULES[:-1]
    registry.rebuild()


class CrashPoint:
    """Ends this process at its n-th SQL statement, before or after it is executed."""

    def __init__(self, number: int, *, is_after: bool) -> None:
        self.left, self.is_after = number, is_after

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = execute(*statement)
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def in_child(act: Callable[[], object], crash: CrashPoint | None = None) -> bool:
    """Do this in a process of its own. Whether that was killed on the way."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if crash is not None:
                connection.execute_wrappers.append(crash)
            act()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(pid, 0)
    assert ended in (0, signal.SIGKILL), ended
    return ended != 0


def time_passes() -> None:
    """Parked steps are due, and the leases of the killed have run out."""
    past = clock.now() - timedelta(seconds=1)
    Step.objects.filter(status__in=(states.PARKED, states.READY)).update(not_before=past)
    Step.objects.filter(status=states.RUNNING).update(lease_until=past)


class Storm:
    """Random acts on the jobs of some runs, most of them killed on the way."""

    def __init__(self, alice: User, maker: Maker, chance: random.Random) -> None:
        self.alice, self.maker, self.chance = alice, maker, chance
        self.kills: Counter[str] = Counter()
        self.open: list[Run] = []
        self.all: list[Run] = []

    def blow(self) -> None:
        while self.kills.total() < KILLS:
            self._open_some()
            (name,) = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            number = self.chance.randint(1, LAST_STATEMENT[name])
            crash = CrashPoint(number, is_after=self.chance.random() < 0.5)
            if in_child(getattr(self, name), crash):
                self.kills[name] += 1
            if name != "wake":
                time_passes()
            in_child(self.sweep)
            self._give_a_break()
            if self.chance.random() < 0.1:
                self._end_one()
        for _ in list(self.open):
            self._end_one()

    def work(self) -> None:
        Worker(f"worker-{os.getpid()}-{secrets.token_hex(4)}").run_until_idle()

    def wake(self) -> None:
        remote_jobs.wake("maker", [job.id for job in self.maker.jobs.values()])

    def sweep(self) -> None:
        for name in Step.objects.filter(status=states.RUNNING).values_list("lease_owner"):
            reclaiming.release_worker(*name)
        sweep.sweep()

    def _open_some(self) -> None:
        while len(self.open) < RUNS:
            run = start(self.alice, [{"id": "a", "toolName": "made", "arguments": {}}])
            self.open.append(run)
            self.all.append(run)

    def _give_a_break(self) -> None:
        """Five lost leases in a row fail a step on purpose."""
        if Step.objects.filter(
            status=states.READY, lost_leases__gte=reclaiming.LOST_LEASES_THAT_FAIL - 2
        ).exists():
            in_child(self.work)
            time_passes()

    def _end_one(self) -> None:
        run = self.open.pop(0)
        in_child(self.work)
        self.maker.finish(self.maker.job_of(run.public_id))
        time_passes()
        in_child(self.work)


@pytest.mark.timeout(3600 if KILLS > 60 else 180)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_kills_at_every_statement_lose_nothing_and_pay_nothing_twice(
    seed: int, alice: User, maker: Maker
) -> None:
    storm = Storm(alice, maker, random.Random(seed))
    storm.blow()
    print(f"seed {seed}: {dict(storm.kills)} killed, {len(storm.all)} jobs")
    ids = [run.id for run in storm.all]
    assert set(Run.objects.filter(id__in=ids).values_list("status", flat=True)) == {"completed"}
    assert maker.submitted.total() == len(ids)
    assert set(maker.submitted.values()) == {1}
    assert not maker.cancelled
    assert Artifact.objects.count() == len(ids)
    assert Event.objects.filter(name="step_completed").count() == len(ids)
    assert LedgerEntry.objects.filter(kind="settle").count() == len(ids)
    assert not Attempt.objects.filter(outcome="").exists()
    for run_id in ids:
        found = Event.objects.filter(run_id=run_id).order_by("seq").values_list("seq", flat=True)
        assert list(found) == list(range(1, len(found) + 1))
