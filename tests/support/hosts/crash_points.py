"""Processes that end at the n-th statement, commit or change of a file, n by seed.

Run as a program (`python -m tests.support.hosts.crash_points SEED ROUNDS`) it has a process for
each thing that is done to a run: it is started, worked on, answered. Most of those processes are
killed on their way by themselves, and another one goes on. It prints a line of JSON after each run:
how often a process was killed so far, by what it did. `checks.check_tables` says from outside
what became of the runs.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import psycopg.rows

from tests.support.hosts.service import PaidService
from tests.support.hosts.tools import PATIENCE_S, SERVICE_URL
from tests.support.postgres_server import PostgresServer
from tests.support.program import ROOT, Program

# Of a run, before one process may finish it: one less than make a step fail for good.
DEATHS = 4
# Points in a process: fewer than it takes to carry out a few steps.
START_POINTS, WORK_POINTS = 30, 160
# Changes of files that end a process as well as statements do.
_FILE_EVENTS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class CrashSite:
    """What checks.check_tables looks at: the tables and the paid service.

    home: the data folder. `with CrashSite(home) as site:` has a database with all tables.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.workers: dict[str, tuple[str, ...]] = {}
        self.service = PaidService()
        self._postgres = PostgresServer()

    def __enter__(self) -> CrashSite:
        self.service.__enter__()
        self._postgres.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._postgres.__exit__(*problem)
        self.service.__exit__(*problem)

    @property
    def env(self) -> dict[str, str]:
        return {
            "REELGRAPH_HOME": str(self.home),
            "DATABASE_URL": self._postgres.url,
            "DJANGO_SETTINGS_MODULE": "tests.support.hosts.settings",
            "REELGRAPH_WORKER_LABELS": "cpu,remote,gpu",
            SERVICE_URL: self.service.origin,
            # Every job that is not done at once.
            PATIENCE_S: "0",
        }

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self._postgres.url, row_factory=psycopg.rows.dict_row) as server:
            return server.execute(sql, values).fetchall()  # type: ignore[arg-type]

    def crash(self, seed: int, rounds: int, within_s: float) -> dict[str, int]:
        """Have so many runs worked on by processes that end at some point. Counts by kind."""
        command = [sys.executable, "-m", __name__, str(seed), str(rounds)]
        with Program(command, self.env, cwd=ROOT) as program:
            line = program.line_with('{"counted"', within_s)
            program.wait(20)
        found: dict[str, int] = json.loads(line)["counted"]
        return found


# -- in the program -------------------------------------------------------------------------------


class _Points:
    """Ends this process at the n-th of its statements, commits and changes of files."""

    def __init__(self, last: int, folder: str) -> None:
        self._left = last
        self._folder = folder

    def pass_one(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self.pass_one()
        result = execute(sql, params, many, context)
        self.pass_one()
        return result

    def hear(self, event: str, details: tuple[Any, ...]) -> None:
        writes = event in _FILE_EVENTS or (event == "open" and int(details[2] or 0) & _WRITES)
        if writes and str(details[0]).startswith(self._folder):
            self.pass_one()

    @contextmanager
    def watched(self) -> Iterator[None]:
        from django.db import connection

        commit = connection._commit

        def counted() -> Any:
            self.pass_one()
            result = commit()
            self.pass_one()
            return result

        connection._commit = counted  # type: ignore[method-assign]
        sys.addaudithook(self.hear)
        with connection.execute_wrapper(self.statement):
            yield


def _in_a_process(work: Callable[[], None], last: int | None) -> int:
    """Carry it out in a process of its own that ends at its `last` point. Returns its status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        if last is None:
            work()
        else:
            with _Points(last, os.environ["REELGRAPH_HOME"]).watched():
                work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


class _Round:
    """One run from its start to its end."""

    def __init__(self, number: int, chance: random.Random, counted: Counter[str]) -> None:
        from tests.support.hosts.traffic import steps_of

        self._name = f"round-{number}"
        self._chance = chance
        self._counted = counted
        self._body = {"input": {"title": self._name, "steps": steps_of(chance)}}
        for step in self._body["input"]["steps"]:
            if "seconds" in step["arguments"]:
                # Done when it is looked at for the second time.
                step["arguments"]["seconds"] = 0.001
        self._lives: list[str] = []

    def carry_out(self) -> None:
        for _ in range(self._chance.randint(0, 2)):
            self._count("start", _in_a_process(self._start, self._upto(START_POINTS)))
        if _in_a_process(self._start, None):
            raise RuntimeError(f"{self._name} could not be started")
        for _ in range(DEATHS):
            self._count("work", self._worked(self._upto(WORK_POINTS)))
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
        return _in_a_process(self._work, last)

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


def _main(seed: int, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.support.factories import make_user

    def prepare() -> None:
        from accounts.models import User

        call_command("migrate", verbosity=0)
        if not User.objects.filter(username="alice").exists():
            make_user("alice")

    if _in_a_process(prepare, None):
        raise SystemExit("the database could not be prepared")
    # Loaded once, not in every process.
    import_module("runs.admission.start")
    import_module("runs.engine.worker")
    from tools import registry

    registry.table()
    registry.providers()
    connections.close_all()
    counted: Counter[str] = Counter()
    for number in range(rounds):
        _Round(number, random.Random(f"{seed} {number}"), counted).carry_out()
        name = "counted" if number + 1 == rounds else "so far"
        print(json.dumps({name: counted}), flush=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
