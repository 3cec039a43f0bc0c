"""The product on several machines, with Postgres behind a relay and a paid service beside it.

with Cluster(tmp_path) as cluster:
    cluster.start()
    status, said = cluster.machine("web-1").ask("GET", "/healthz")
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import psycopg.rows

from tests.support.commands import Commands
from tests.support.faults.hosts.namespaces import Network, inside
from tests.support.faults.hosts.relay import Relay
from tests.support.faults.hosts.service import PaidService
from tests.support.faults.hosts.tools import PATIENCE_S, SERVICE_URL
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.waiting import WAIT_S, wait_for

DATABASE, SERVICE = "db", "service"
# In a namespace of its own every machine may use the same one.
WEB_PORT = 8000
DATABASE_PORT, POOLED_PORT = 5432, 6432
# As systemd's RestartSec.
RESTART_AFTER_S = 0.5
WEBS = ("web-1", "web-2")
# Which labels the workers of each machine have.
WORKERS: Mapping[str, tuple[str, ...]] = {
    "cpu-1": ("cpu,remote",),
    "gpu-1": ("gpu",),
    "mixed-1": ("cpu,remote,gpu",),
}


@dataclass
class Machine:
    """One machine: `programs` maps a name to the command that is to run under it."""

    name: str
    address: str
    network: Network
    env: dict[str, str]
    programs: Mapping[str, Callable[[], list[str]]]
    running: dict[str, Program] = field(default_factory=dict)
    # Nothing is started again before this, by the monotonic clock.
    off_until: float = 0.0
    # Everything that was said by the programs that have ended.
    earlier: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def namespace(self) -> str:
        return self.network.namespace(self.name)

    @property
    def home(self) -> Path:
        return Path(self.env["REELGRAPH_HOME"])

    def start(self) -> None:
        """Start what should run and doesn't."""
        with self.lock, inside(self.namespace):
            for name, command in self.programs.items():
                old = self.running.get(name)
                if old is not None and old.process.poll() is None:
                    continue
                if old is not None:
                    old.wait(10)
                    self.earlier += [f"-- {name} ended: {old.process.returncode}", *old.lines[-60:]]
                named = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name)
                self.running[name] = Program([*named, *command()], self.env)

    def pid(self, name: str) -> int | None:
        """The process id of a program, or of a web process by its pid file; None: none lives."""
        if name in self.programs:
            program = self.running.get(name)
            lives = program is not None and program.process.poll() is None
            return program.process.pid if program is not None and lives else None
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.home / "run" / f"{name}.pid").read_text())
            if pid in self.network.processes(self.name):
                return pid
        return None

    def signal(self, name: str, number: signal.Signals) -> int | None:
        """Send a program a signal. Returns its process id; None: it doesn't live."""
        pid = self.pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def wake(self, pid: int) -> None:
        """Let a stopped process go on, if it is still there."""
        if pid in self.network.processes(self.name):
            os.kill(pid, signal.SIGCONT)

    def die(self, off_s: float) -> None:
        """Lose its power: no process ends in order, and no peer is told. It is back after off_s."""
        self.off_until = time.monotonic() + off_s
        self.network.cut(self.name)
        with self.lock:
            for pid in self.network.processes(self.name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        within_s: float = WAIT_S,
        **headers: str,
    ) -> tuple[int, Any]:
        """Status and JSON of what its web process answers. Raises OSError or HTTPException."""
        sent = {"Content-Type": "application/json", **headers}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        with inside(self.namespace):
            line = http.client.HTTPConnection("127.0.0.1", WEB_PORT, timeout=within_s)
            line.connect()
        try:
            line.request(method, path, None if body is None else json.dumps(body), sent)
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text.decode(errors="replace")

    def said(self) -> str:
        """The last lines of its programs and of their logs."""
        lines = self.earlier[-200:]
        for name, program in self.running.items():
            lines += [f"-- {name}", *program.lines[-80:]]
        for log in sorted((self.home / "logs").glob("*.log")):
            lines += [f"-- {log.name}", *log.read_text().splitlines()[-60:]]
        return f"==== {self.name}\n" + "\n".join(lines)


class Cluster:
    """Postgres and the paid service on machines of their own, and those of `webs` and `workers`.

    home: an empty folder; all machines share its `media`. env: for all of the product's processes.
    pooled_port: a port in the namespace of Postgres that the relay passes POOLED_PORT on to.
    """

    def __init__(
        self,
        home: Path,
        *,
        webs: tuple[str, ...] = WEBS,
        workers: Mapping[str, tuple[str, ...]] = WORKERS,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.network = Network()
        self.postgres = PostgresServer(started=False, options="-c max_connections=400")
        self.machines: dict[str, Machine] = {}
        self.webs, self.workers, self._env = webs, workers, dict(env or {})
        self._secret = secrets.token_urlsafe(50)
        self._stack = contextlib.ExitStack()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> Cluster:
        with self._stack as stack:
            stack.enter_context(self.network)
            for name in (DATABASE, SERVICE):
                self.network.add(name)
            with self.at_database():
                stack.enter_context(self.postgres)
                self.postgres.start()
            self.service = stack.enter_context(
                PaidService(self.network.namespace(SERVICE), self.network.addresses[SERVICE])
            )
            ports = {DATABASE_PORT: self.postgres.port, **self.further_ports(stack)}
            address = self.network.addresses[DATABASE]
            self.relay = stack.enter_context(
                Relay(self.network.namespace(DATABASE), address, ports)
            )
            for name in self.webs:
                self._add(name, {"serve": lambda: [sys.executable, "-u", "manage.py", "serve"]})
            for name, labels in self.workers.items():
                own = {f"worker-{number}": one for number, one in enumerate(labels, 1)}
                self._add(name, {key: _worker(name, key, one) for key, one in own.items()})
            stack.callback(self._end)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if problem is not None:
            for machine in self.machines.values():
                print(machine.said())
        self._stack.close()

    def further_ports(self, stack: contextlib.ExitStack) -> dict[int, int]:
        """What else the relay passes on, besides Postgres; the stack ends what is started here."""
        return {}

    def env_of(self, name: str) -> dict[str, str]:
        """What the product's processes on a machine have in their environment."""
        home = self.home / name
        home.mkdir(exist_ok=True)
        database = self.network.addresses[DATABASE]
        return {
            "REELGRAPH_HOME": str(home),
            "REELGRAPH_MEDIA_DIR": str(self.home / "media"),
            "REELGRAPH_SECRET_KEY": self._secret,
            "DATABASE_URL": f"postgres://reelgraph@{database}:{DATABASE_PORT}/postgres",
            "DJANGO_SETTINGS_MODULE": "tests.support.faults.hosts.settings",
            "PORT": str(WEB_PORT),
            "REELGRAPH_WORKERS": "0",
            "REELGRAPH_CHANNEL_LAYER": "postgres",
            "PYTHONUNBUFFERED": "1",
            SERVICE_URL: self.service.origin,
            PATIENCE_S: "0.3",
            **self._env,
        }

    def _add(self, name: str, programs: Mapping[str, Callable[[], list[str]]]) -> None:
        address = self.network.add(name)
        env = self.env_of(name)
        self.machines[name] = Machine(name, address, self.network, env, programs)

    def start(self) -> None:
        """Start everything, the first web process before the others: it migrates the database."""
        first, *others = [self.machines[name] for name in self.webs]
        first.start()
        first.running["serve"].line_with("Reelgraph is ready", 90)
        for machine in [*others, *(self.machines[name] for name in self.workers)]:
            machine.start()
        for machine in others:
            machine.running["serve"].line_with("Reelgraph is ready", 90)
        for name in self.workers:
            for program in self.machines[name].running.values():
                program.line_with("is ready", 90)
        self._keeper.start()

    def _keep(self) -> None:
        """Start again what has ended, as systemd does on each machine."""
        while not self._ended.wait(RESTART_AFTER_S):
            for machine in self.machines.values():
                if machine.off_until:
                    if time.monotonic() < machine.off_until:
                        continue
                    machine.off_until = 0.0
                    machine.network.join(machine.name)
                machine.start()

    def _end(self) -> None:
        self._ended.set()
        if self._keeper.ident is not None:
            self._keeper.join(30)
        for machine in self.machines.values():
            for program in machine.running.values():
                program.__exit__(None, None, None)

    def at_database(self) -> contextlib.AbstractContextManager[None]:
        return inside(self.network.namespace(DATABASE))

    def restart_database(self) -> None:
        """Postgres ends at once, and starts again."""
        with self.at_database():
            self.postgres.stop()
            self.postgres.start()

    def empty_procrastinate(self) -> bool:
        """Take away all of its rows, as an operator may by mistake. False: it has no tables."""
        names = self.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate_%%'")
        if not names:
            return False
        tables = ", ".join(row["tablename"] for row in names)
        while True:
            # Workers lock the same tables in another order; Postgres ends either side.
            with contextlib.suppress(psycopg.errors.DeadlockDetected):
                self.rows(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
                return True

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What Postgres answers; `%s` stands for a value."""
        with self.at_database():
            server = psycopg.connect(self.postgres.url, row_factory=psycopg.rows.dict_row)
        with server:
            found = server.execute(sql, values)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    @contextlib.contextmanager
    def commands(self, name: str) -> Iterator[Commands]:
        """Management commands on a machine."""
        machine = self.machines[name]
        with inside(machine.namespace), Commands(machine.env) as commands:
            yield commands

    def key(self, user: str) -> str:
        """A new API key for a person, who is created if needed."""
        with self.commands(self.webs[0]) as commands:
            return commands.run("key", "--new", "--user", user).strip().splitlines()[-1]

    def answering(self) -> None:
        """Wait until every web process answers."""
        for name in self.webs:
            wait_for(lambda name=name: self._is_healthy(name), f"an answer of {name}", 60)

    def _is_healthy(self, name: str) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.machines[name].ask("GET", "/healthz", within_s=5)[0] == 200
        return False


def _worker(machine: str, name: str, labels: str) -> Callable[[], list[str]]:
    def command() -> list[str]:
        life = f"{machine}-{name}-{secrets.token_hex(4)}"
        python = (sys.executable, "-u", "manage.py", "worker", "--name", life)
        return [*python, "--labels", labels]

    return command
