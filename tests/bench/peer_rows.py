"""Rows about Celery and DBOS on the same steps as ours.

`make bench-peers` measures them: they need an environment of their own, which no other command
makes. They have no targets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.bench.costs import CHAINS, READY, standing_still
from tests.bench.engine import RUNS, STEPS
from tests.bench.figures import Figure, middle, number
from tests.bench.ground import Ground, NotHere, cpu_s
from tests.bench.meters import Used, family_cpu_s, flushes_logged, flushes_of
from tests.support.program import ROOT, Program
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_for

PYTHON = ROOT / ".peers" / "bin" / "python"
FOLDER = Path(__file__).parent / "peers"
# As durable as Redis gets: a reply comes when what it tells is on the disk.
REDIS = ("--appendonly", "yes", "--appendfsync", "always")
POSTGRES = ("max_connections=200",)
LONG_STEPS = 5
WORKERS = 2
# How long the steps of a killed worker are waited for.
PATIENCE_S = 30


@dataclass
class Peer:
    """One of them, with its server and two worker processes.

    program: of FOLDER, the client and the worker. log: of the server's flushes, where these are
    counted. Its client runs all the time: while it was being started, idle workers would use CPU
    time that no step needs.
    """

    name: str
    program: str
    env: dict[str, str]
    server: psutil.Process
    log: Path | None = None
    workers: list[Program] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = subprocess.Popen(
            [str(PYTHON), str(FOLDER / self.program)],
            env={**os.environ, **self.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ask(self, command: str, argument: object) -> dict[str, Any]:
        """What its client answers. Raises RuntimeError with the client's last words."""
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        self._client.stdin.write(f"{command} {argument}\n")
        self._client.stdin.flush()
        said = "it said nothing"
        for line in self._client.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
            said = line.strip() or said
        raise RuntimeError(f"{self.name}'s client ended: {said}")

    def start_worker(self, command: list[str], ready: str) -> Program:
        """A worker process that has said that it is ready."""
        worker = Program(command, self.env, cwd=FOLDER)
        self.workers.append(worker)
        worker.line_with(ready, 60)
        return worker

    def pids(self) -> list[int]:
        """Of all worker processes, the parents of a pool included."""
        found = []
        for worker in self.workers:
            if worker.process.poll() is None:
                process = psutil.Process(worker.process.pid)
                found += [process.pid, *(one.pid for one in process.children(recursive=True))]
        return found

    def used(self) -> Used:
        """What its workers and its server have used so far."""
        return Used(
            workers=cpu_s(self.pids()),
            server=family_cpu_s(self.server),
            flushes=flushes_of(self.log) if self.log else 0,
        )

    def end(self) -> None:
        self._client.kill()
        self._client.communicate()
        for worker in self.workers:
            worker.__exit__(None, None, None)


def celery(ground: Ground) -> Iterator[Figure]:
    """Celery with two pool processes and Redis that flushes each write (`appendfsync always`),
    `acks_late`, results kept: a chain of 100 tasks that do nothing, 1,000 single ones started in a
    process, and 1,000 ready at once, as `chain`, `thousand` and `ready` measure ours; CPU time of
    all worker processes and of Redis; flushes, on a second server. Then kill -9 in the third of
    five tasks of 2 s: of its pool process, and of the whole worker, which is started again.
    """
    yield from _costs(ground, _celery)
    with _celery(ground) as peer:
        yield _killed(peer, "its pool process is killed", lambda pid: os.kill(pid, signal.SIGKILL))

    def kill_worker(_: int) -> None:
        _kill(peer.pids())
        _celery_worker(peer)

    with _celery(ground) as peer:
        yield _killed(peer, "the worker is killed and started again", kill_worker)


def dbos(ground: Ground) -> Iterator[Figure]:
    """DBOS with two worker processes on a Postgres as ours, which look at their queue every 0.1 s:
    a workflow of 100 steps that do nothing, 1,000 workflows of one step started in a process, and
    1,000 ready at once, as `chain`, `thousand` and `ready` measure ours; CPU time of the workers
    and of Postgres; flushes, on a second server. Beside it 1,000 executed by the process that
    starts them. Then kill -9 of the worker in the third of five steps of 2 s: the other one goes
    on running, or the killed one is started again.
    """
    yield from _costs(ground, _dbos)
    with _dbos(ground, workers=0) as peer:
        found = peer.ask("inside", RUNS)
        yield _thousand("1,000 one-step runs, executed where they are started, DBOS", found)
    with _dbos(ground) as peer:
        yield _killed(peer, "the worker is killed, another one runs", lambda pid: _kill([pid]))

    def restart(pid: int) -> None:
        name = next(f"worker-{n}" for n, one in enumerate(peer.workers) if one.process.pid == pid)
        _kill([pid])
        _dbos_worker(peer, name)

    with _dbos(ground) as peer:
        yield _killed(peer, "the worker is killed and started again", restart)


@contextmanager
def _celery(ground: Ground, *, counts: bool = False) -> Iterator[Peer]:
    _check()
    with ExitStack() as stack:
        log, env = stack.enter_context(flushes_logged("rg-redis-")) if counts else (None, {})
        try:
            redis = stack.enter_context(RedisServer(*REDIS, env=env))
        except pytest.skip.Exception as problem:
            raise NotHere(str(problem)) from problem
        server = psutil.Process(redis.pid)
        peer = Peer("Celery", "celery_peer.py", {"PEERS_URL": redis.url}, server, log)
        stack.callback(peer.end)
        _celery_worker(peer)
        yield peer


def _celery_worker(peer: Peer) -> None:
    command = [str(PYTHON), "-m", "celery", "-A", "celery_peer", "worker", "-c", str(WORKERS)]
    peer.start_worker([*command, "-n", f"w{len(peer.workers)}@peers"], "celery is ready")


@contextmanager
def _dbos(ground: Ground, *, counts: bool = False, workers: int = WORKERS) -> Iterator[Peer]:
    _check()
    with ExitStack() as stack:
        log, env = stack.enter_context(flushes_logged("rg-postgres-")) if counts else (None, {})
        url = stack.enter_context(ground.postgres(POSTGRES, env))
        database = stack.enter_context(psycopg.connect(url, autocommit=True))
        server = psutil.Process(database.info.backend_pid).parent()
        assert server is not None
        name = url.replace("postgres://", "postgresql://")
        peer = Peer("DBOS", "dbos_peer.py", {"PEERS_URL": name}, server, log)
        stack.callback(peer.end)
        for place in range(workers):
            _dbos_worker(peer, f"worker-{place}")
        yield peer


def _dbos_worker(peer: Peer, name: str) -> None:
    command = [str(PYTHON), "-u", str(FOLDER / peer.program), "work", name]
    peer.start_worker(command, f"{name} is ready")


def _check() -> None:
    if not PYTHON.exists():
        raise NotHere("`make bench-peers` sets up what this needs")


def _kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _costs(ground: Ground, opened: Callable[..., Any]) -> Iterator[Figure]:
    with opened(ground) as peer:
        used, samples = _chains(peer)
        found = peer.ask("all", RUNS)
        ready, took_s = _ready(peer)
    with opened(ground, counts=True) as peer:
        chain_flushes = _chains(peer)[0].flushes / CHAINS / STEPS
        ready_flushes = _ready(peer)[0].flushes / READY
    name = peer.name
    yield middle(
        f"a no-op step in a chain of 100, {name}",
        samples,
        None,
        beside=_cpu(used, CHAINS * STEPS, chain_flushes),
    )
    yield _thousand(f"1,000 one-step runs, started in process, {name}", found)
    yield Figure(
        f"1,000 one-step runs, ready at once, {name}",
        {"seconds": took_s},
        unit="s",
        beside=_cpu(ready, READY, ready_flushes),
    )


def _cpu(used: Used, count: int, flushes: float) -> str:
    workers, server = 1000 * used.workers / count, 1000 * used.server / count
    return (
        f"ms of CPU each: workers {number(workers)}, server {number(server)},"
        f" together {number(workers + server)}; {number(flushes)} flushes each"
    )


def _thousand(row: str, found: dict[str, Any]) -> Figure:
    return Figure(
        row,
        {"seconds": found["ended_at"] - found["began_at"]},
        unit="s",
        beside=f"started within {found['started_s']:.1f} s",
    )


def _chains(peer: Peer) -> tuple[Used, list[float]]:
    """What the chains used, and milliseconds a step of each."""
    peer.ask("chains", 1)
    before = peer.used()
    samples = peer.ask("chains", CHAINS)["step_ms"]
    return peer.used() - before, samples


def _ready(peer: Peer) -> tuple[Used, float]:
    """What the runs used, and the seconds from when the workers go on to the last run's end."""
    with standing_still(peer.pids()):
        peer.ask("start", READY)
        before, began_at = peer.used(), time.time()
    ended_at = peer.ask("ended", READY)["ended_at"]
    return peer.used() - before, ended_at - began_at


def _killed(peer: Peer, what: str, kill: Callable[[int], None]) -> Figure:
    """How long after the kill, which has the pid of who does the step, the next step began."""
    row = f"{peer.name}, {what}"
    with tempfile.TemporaryDirectory(prefix="rg-peers-") as home:
        log = Path(home) / "steps"
        log.touch()

        def lines() -> list[tuple[int, int, float]]:
            found = [line.split() for line in log.read_text().splitlines()]
            return [(int(place), int(pid), float(at)) for place, pid, at in found]

        def third() -> list[int]:
            return [pid for place, pid, _ in lines() if place == 2]

        peer.ask("slow", log)
        pid = wait_for(third, "the third step", 60)[0]
        killed_at = time.time()
        kill(pid)
        try:
            wait_for(lambda: lines()[-1][2] > killed_at, "a step after the kill", PATIENCE_S)
            wait_for(lambda: lines()[-1][0] == LONG_STEPS - 1, "the last step", 60)
        except AssertionError:
            return Figure(
                row, {}, reason=f"no further step within {PATIENCE_S} s; {_times(lines())}"
            )
        again = next(at for _, _, at in lines() if at > killed_at)
        return Figure(row, {"seconds": again - killed_at}, unit="s", beside=_times(lines()))


def _times(lines: list[tuple[int, int, float]]) -> str:
    counts = [sum(place == one for one, _, _ in lines) for place in range(LONG_STEPS)]
    return f"the steps ran {', '.join(map(str, counts))} times"
