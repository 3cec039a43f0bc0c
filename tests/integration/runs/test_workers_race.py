"""Several workers, a reaper and a canceller at once on the same tables: no move is lost or doubled.

On Postgres each statement sees what was committed before it; what must not change in between is
under the run's lock. Whatever the threads' order, the same things hold at the end.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.db.models import Q

from accounts.models import LedgerEntry, User
from runs import states
from runs.engine import cancelling, reclaiming
from runs.engine.worker import Worker
from runs.models import Artifact, Event, Run, Step, StepEdge
from templates_app.graph.types import EVERY
from tests.support.builders.plans import batch, late, run_plan, step, takes
from tests.support.builders.running import start, status_of
from tests.support.examples import examples
from tests.support.fakes import tools
from tests.support.waiting import WAIT_S, wait_for

pytestmark = [pytest.mark.django_db(transaction=True)]
RUNS, WORKERS, CANCELLED = examples(12), 4, 2
# Fewer than would fail the step.
LOSSES = reclaiming.LOST_LEASES_THAT_FAIL - 2


def diamond(place: int) -> list[dict[str, Any]]:
    """Equal pictures in every run, in another order: their bytes meet in one blob."""
    words = ["red", "green", "blue"]
    words = words[place % 3 :] + words[: place % 3]

    def note(name: str, text: str, needs: list[str]) -> dict[str, Any]:
        arguments = {"text": text, "copies": 3, "seed": 7, "seconds": 0.02}
        return {"id": name, "toolName": "note", "arguments": arguments, "dependsOn": needs}

    sides = [f"side{number}" for number in range(3)]
    return [
        note("top", "top", []),
        *(note(name, word, ["top"]) for name, word in zip(sides, words, strict=True)),
        {"id": "shaky", "toolName": "fail", "arguments": {"times": 1}, "dependsOn": ["top"]},
        note("bottom", "bottom", [*sides, "shaky"]),
    ]


class Crowd:
    """Threads that end together; what goes wrong in one is raised at the end."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.problems: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def add(self, act: Callable[[], object]) -> None:
        """act: called again and again until all is over."""

        def live() -> None:
            try:
                while not self.over.is_set():
                    act()
                    self.over.wait(0.005)
            except BaseException as problem:
                self.problems.append(problem)
            finally:
                connections.close_all()

        self._threads.append(threading.Thread(target=live))

    def work(self, until: Callable[[], bool]) -> None:
        for thread in self._threads:
            thread.start()
        try:
            wait_for(lambda: bool(self.problems) or until(), "the end of all runs")
        finally:
            self.over.set()
            for thread in self._threads:
                thread.join(WAIT_S)
        assert not self.problems, self.problems


def take_from_random_workers(chance: random.Random) -> None:
    """As the supervisor does for a dead worker, though these live and commit late."""
    held = Step.objects.filter(status=states.RUNNING, lost_leases__lt=LOSSES)
    found = list(held.values_list("id", "run_id", "lease_owner"))
    if found and chance.random() < 0.3:
        step_id, run_id, owner = chance.choice(found)
        reclaiming.reclaim(step_id, run_id, lost_by=owner)


def test_many_workers_on_the_same_runs(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.01
    runs = [start(alice, diamond(place)) for place in range(RUNS)]
    unwanted = [run.id for run in runs[1::3]][:CANCELLED]
    crowd = Crowd()
    for number in range(WORKERS):
        crowd.add(Worker(f"racer-{number}").run_until_idle)
    reaper, canceller = random.Random(1), random.Random(2)
    crowd.add(lambda: take_from_random_workers(reaper))

    def cancel_in_the_middle() -> None:
        begun = Run.objects.filter(id__in=unwanted, status=states.RUNNING, last_seq__gt=8)
        for run in begun:
            if canceller.random() < 0.5:
                cancelling.cancel_run(run=run)

    crowd.add(cancel_in_the_middle)
    crowd.work(lambda: not Run.objects.filter(finished_at=None).exists())

    for run in runs:
        run.refresh_from_db()
        check(run, may_be_cancelled=run.id in unwanted)
    assert Step.objects.filter(attempts__outcome="lost").exists()
    heard = {entry["key"] for entry in tools.asked() if "key" in entry}
    for run in runs:
        own = {key for key in heard if key.startswith(f"{run.public_id}:")}
        assert own <= {f"{run.public_id}:{step['id']}:1" for step in diamond(0)}


def test_many_workers_on_the_same_batches(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.01
    item = step("", "note", late=(late("text", "$item.value"), late("seconds", "$item.s")))
    words = tuple({"value": f"{place}", "s": 0.01} for place in range(6))

    def one(place: int) -> Run:
        return run_plan(
            alice,
            batch("some", item, items=words, concurrency=3),
            batch("same", item, items=words[: place % 3], concurrency=2),
            step("shaky", "fail", "same", arguments={"times": 1}),
            step("last", "note", takes("some", "sourceImageIndex", pick=EVERY), "shaky"),
        )

    runs = [one(place) for place in range(examples(6))]
    crowd, reaper = Crowd(), random.Random(3)
    for number in range(WORKERS):
        crowd.add(Worker(f"batcher-{number}").run_until_idle)
    crowd.add(lambda: take_from_random_workers(reaper))
    crowd.work(lambda: not Run.objects.filter(finished_at=None).exists())
    for place, run in enumerate(runs):
        assert status_of(run) == "completed", run.error
        log = list(Event.objects.filter(run=run).order_by("seq"))
        assert [event.seq for event in log] == list(range(1, run.last_seq + 1))
        names = Counter(event.name for event in log)
        count = 6 + place % 3
        assert (names["step_expanded"], names["step_completed"]) == (2, count + 4)
        assert run.steps.filter(item_index__gte=0).count() == count
        assert (run.actual_milli, run.reserved_milli) == (1000 * (count + 1) + 5000, 0)
        owned = Q(ref__startswith=f"run:{run.id}:") | Q(ref=f"run:{run.id}")
        for step_id in run.steps.values_list("id", flat=True):
            owned |= Q(ref__startswith=f"step:{step_id}:")
        entries = LedgerEntry.objects.filter(owned)
        assert sum(entries.values_list("milli", flat=True)) == -run.actual_milli


def check(run: Run, *, may_be_cancelled: bool) -> None:
    """The log tells one story, the tables tell the same, and the ledger adds up."""
    log = list(Event.objects.filter(run=run).order_by("seq"))
    assert [event.seq for event in log] == list(range(1, run.last_seq + 1))
    allowed = {"completed", "cancelled"} if may_be_cancelled else {"completed"}
    assert run.status in allowed, run.error
    assert [event.run_status for event in log if event.run_status in states.RUN_TERMINAL] == [
        run.status
    ]
    assert log[-1].run_status == run.status
    done = Counter(event.step_id for event in log if event.name == "step_completed")
    finished = set(run.steps.filter(status="completed").values_list("id", flat=True))
    assert done == dict.fromkeys(finished, 1)
    if run.status == "completed":
        assert len(finished) == len(diamond(0))
        assert Artifact.objects.filter(run=run).count() == 3 * 5
    ended_at = {event.step_id: event.seq for event in log if event.name == "step_completed"}
    for edge in StepEdge.objects.filter(step__run=run, source__isnull=False):
        begun = [e.seq for e in log if e.name == "step_started" and e.step_id == edge.step_id]
        assert all(ended_at[edge.source_id] < seq for seq in begun)
    attempts = Counter(event.step_id for event in log if event.name == "step_started")
    for row in run.steps.all():
        assert attempts[row.id] == row.attempt == row.attempts.count()
        assert not row.attempts.filter(outcome="").exists()
    entries = LedgerEntry.objects.filter(ref=f"run:{run.id}") | LedgerEntry.objects.filter(
        ref__regex=rf"^step:({'|'.join(str(step.id) for step in run.steps.all())}):"
    )
    assert sum(entries.values_list("milli", flat=True)) == -run.actual_milli
