"""Processes that end themselves at a moment, or at the n-th statement, commit or change of a file.

A `Round` has a process for each thing that is done to a run: it is started, worked on, answered.
Most of those are killed on their way, and another one goes on.

It imports no pytest: the settings of the tests give each process that has it a home of its own.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

# Changes of files that end a process as well as statements do.
_FILE_EVENTS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_PARKED = "reelgraph.tests.parked"
# Where a paid request may be when its process ends: after the last of these events, in this order.
# "announced": it is noted that the request is sent. "taken": a provider's journal has a new line.
MOMENTS: Mapping[str, tuple[str, ...]] = {
    "before it is sent": ("announced", "commit"),
    "before its answer is written": ("taken", "statement"),
    "after its answer is written": ("taken", "commit"),
    "while the job is parked": ("taken", "parked"),
    "while the file is written": ("taken", "media"),
    "before the file is noted": ("taken", "media", "statement"),
}
# A process ends at its n-th point, by the events of a moment, or when it is done.
End: TypeAlias = int | tuple[str, ...] | None
# Of a run, before one process may finish it: one less than make a step fail for good.
DEATHS = 4
# Of passes over a run until it is over.
PASSES = 60


class _Points:
    """Ends this process where it is told to."""

    def __init__(self, end: End) -> None:
        self._left = end if isinstance(end, int) else sys.maxsize
        self._expected = [*end] if isinstance(end, tuple) else []
        self._folder = os.environ["REELGRAPH_HOME"]
        self._media = f"{self._folder}/media/"
        file = os.environ.get("REELGRAPH_PROVIDERS_FILE")
        self._journals = Path(file).parent if file else None
        self._taken = self._journal_bytes()

    def _journal_bytes(self) -> int:
        paths = self._journals.glob("*.jsonl") if self._journals else ()
        return sum(path.stat().st_size for path in paths)

    def _happen(self, event: str) -> None:
        if self._expected[:1] == ["taken"] and self._journal_bytes() > self._taken:
            self._expected.pop(0)
        if self._expected[:1] == [event]:
            self._expected.pop(0)
            if not self._expected:
                os.kill(os.getpid(), signal.SIGKILL)

    def _pass(self, event: str = "") -> None:
        self._happen(event)
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self._pass("statement")
        result = execute(sql, params, many, context)
        self._pass("announced" if sql.startswith("UPDATE") and '"submitting_at" =' in sql else "")
        return result

    def hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event == _PARKED:
            self._happen("parked")
        writes = event in _FILE_EVENTS or (event == "open" and int(details[2] or 0) & _WRITES)
        if writes and str(details[0]).startswith(self._folder):
            self._pass("media" if str(details[0]).startswith(self._media) else "")

    @contextmanager
    def watched(self) -> Iterator[None]:
        from django.db import connection

        commit = connection._commit

        def counted() -> Any:
            self._pass()
            result = commit()
            self._pass("commit")
            return result

        connection._commit = counted  # type: ignore[method-assign]
        sys.addaudithook(self.hear)
        with connection.execute_wrapper(self.statement):
            yield


def in_a_process(work: Callable[[], None], end: End) -> int:
    """Carry it out in a process of its own that ends there. Returns its status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        if end is None:
            work()
        else:
            with _Points(end).watched():
                work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


class Round:
    """One run from its start to its end. body: of its start.

    points: a process that starts or works on it has passed at most so many, one of these numbers by
    chance. no: how often a person says no. counted: ends of processes by what they did.
    """

    points: Mapping[str, tuple[int, ...]] = {}
    no = 0.0

    def __init__(
        self, name: str, body: dict[str, Any], chance: random.Random, counted: Counter[str]
    ) -> None:
        self.name, self.chance, self.counted = name, chance, counted
        self._body = body
        self._lives: list[str] = []

    def carry_out(self, moment: str = "") -> None:
        """Have the run done. moment: of MOMENTS, at which the first process that works on it ends;
        none: processes end anywhere."""
        for _ in range(0 if moment else self.chance.randint(0, 2)):
            self._count("start", in_a_process(self._start, self._anywhere("start")))
        if in_a_process(self._start, None):
            raise RuntimeError(f"{self.name} could not be started")
        if moment:
            self._count(moment, self._worked(MOMENTS[moment]))
        self.between()
        for _ in range(1 if moment else DEATHS):
            self._count("work", self._worked(self._anywhere("work")))
        if self._worked(None):
            raise RuntimeError(f"{self.name} could not be finished")

    def between(self) -> None:
        """Do what comes between a moment and ends anywhere."""

    def _anywhere(self, what: str) -> int:
        return self.chance.randint(1, self.chance.choice(self.points[what]))

    def _count(self, what: str, status: int) -> None:
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.counted[what] += 1
        elif status:
            self.counted["broken"] += 1
        else:
            self.counted["survived"] += 1

    def _start(self) -> None:
        from accounts.auth import Principal
        from accounts.models import User
        from runs.admission.start import start_run

        user = User.objects.get(username="alice")
        principal = Principal(user=user, api_key=None, via="session")
        start_run(actor=principal, body=self._body, key=self.name)

    def _worked(self, end: End) -> int:
        self._lives.append(f"{self.name}-{len(self._lives)}")
        return in_a_process(self._work, end)

    def _work(self) -> None:
        """Do what a supervisor, a worker, the services and a person do."""
        from runs.engine import reclaiming, sweep
        from runs.engine.worker import Worker
        from runs.models import Run

        *dead, own = self._lives
        chance = random.Random(own)
        for life in dead:
            reclaiming.release_worker(life)
        run = Run.objects.get(title=self.name)
        worker = Worker(own)
        for _ in range(PASSES):
            worker.run_until_idle()
            run.refresh_from_db()
            if run.finished_at is not None:
                sweep.sweep()
                return
            self._answer(run, chance)
            if run.steps.filter(status="parked").exists():
                sys.audit(_PARKED)
            self.let_time_pass(run)
        raise RuntimeError(f"{self.name} is {run.status}: {list(run.steps.values())}")

    def _answer(self, run: Any, chance: random.Random) -> None:
        from runs.interaction import answers

        for wait in run.waits.filter(answered_at=None):
            given = {"type": "approve_checkpoint", "stepId": wait.step.key}
            if chance.random() < self.no:
                given = {"type": "cancel"}
            answers.answer(run=run, actor=run.owner, resume_input=given)

    def let_time_pass(self, run: Any) -> None:
        """Bring what the run waits for."""
        raise NotImplementedError


def prepare() -> None:
    """Set Django up, with the person who starts runs, and load what processes need."""
    import django

    django.setup()
    from django.db import connections

    from tests.support.builders.factories import make_user

    def make_alice() -> None:
        from accounts.models import User

        if not User.objects.filter(username="alice").exists():
            make_user("alice")

    if in_a_process(make_alice, None):
        raise SystemExit("the database could not be prepared")
    # Loaded once, not in every process.
    for module in ("runs.admission.start", "runs.engine.worker", "runs.interaction.answers"):
        import_module(module)
    from tools import registry

    registry.table()
    registry.providers()
    connections.close_all()
