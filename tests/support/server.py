"""The whole product in a home of its own, as `make run` starts it: real processes, real sockets."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import psutil

from scripts.ports import free_port
from tests.support import forked_commands
from tests.support.commands import Commands
from tests.support.prepared_home import bring_home
from tests.support.program import Program
from tests.support.template_database import bring_tables
from tests.support.waiting import WAIT_S, wait_for

# Its line per request hides what a failing test has to say.
logging.getLogger("httpx").setLevel(logging.WARNING)
# Reading the machine's certificates takes 18 ms; one context serves all clients.
TLS = httpx.create_ssl_context()
LIMIT_S = WAIT_S
# What a module of the browser tests says that needs no server to itself, or only services.
SHARED = "shared"
SHARED_SERVICES = "shared, with services"
TERMINAL = {"completed", "partial_failure", "failed", "cancelled"}


class Site:
    """`with Site(home) as server:` runs web and workers; `server.url` answers.

    home: an empty folder. settings: the Django settings module of all its processes.
    is_forked: otherwise a Python of its own starts it, where starting is what a test is about.
    """

    def __init__(
        self,
        home: Path,
        *,
        workers: int = 2,
        web: int = 1,
        settings: str = "tests.support.settings",
        env: Mapping[str, str] | None = None,
        is_forked: bool = True,
    ) -> None:
        self.home = home
        self._is_forked = is_forked
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Where it looks for Ollama, LM Studio and llama.cpp.
        self.model_ports = [free_port() for _ in range(3)]
        self.env = {
            "REELGRAPH_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": settings,
            "PORT": str(self.port),
            "REELGRAPH_WORKERS": str(workers),
            "REELGRAPH_WEB": str(web),
            "PYTHONUNBUFFERED": "1",
            "TEST_MODEL_PORTS": " ".join(map(str, self.model_ports)),
            **(env or {}),
        }
        self.program: Program | None = None
        self.commands = Commands(self.env, forked_commands.start)

    def __enter__(self) -> Site:
        bring = bring_home if self._is_forked else bring_tables
        bring(self.home, self.env)
        words, env = ["serve"], {**os.environ, **self.env}
        process = forked_commands.start_server(words, env) if self._is_forked else None
        command = [sys.executable, "manage.py", *words]
        self.program = Program(command, self.env, process=process)
        try:
            self.program.line_with("Reelgraph is ready", 90)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Fault all of it, the supervisor first: nothing in this home is wanted any more."""
        self.commands.__exit__()
        assert self.program is not None
        self.program.__exit__(kind, problem, trace)
        for pid in [pid for pid in (self.pid(name.stem) for name in self._pid_files()) if pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def manage(self, *command: str) -> str:
        """What a management command prints. All of a server's commands share one process."""
        return self.commands.run(*command)

    def key(self, user: str) -> str:
        """A new API key for a person, who is created if needed."""
        return self.manage("key", "--new", "--user", user).strip().splitlines()[-1]

    def signin_link(self) -> str:
        """The one-click link that the start printed."""
        assert self.program is not None
        line = self.program.line_with("/sign-in/")
        found = re.search(r"http\S+", line)
        assert found, line
        return found[0]

    def client(self, key: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=LIMIT_S, verify=TLS)

    def pid(self, name: str) -> int | None:
        """The process id of `web`, `web-1`, `worker-1` … as its pid file says."""
        path = self.home / "run" / f"{name}.pid"
        found = re.search(r"\d+", path.read_text()) if path.exists() else None
        return int(found[0]) if found else None

    def workers(self) -> list[int]:
        """Process ids of the workers that live."""
        return self._living("worker")

    def webs(self) -> list[int]:
        """Process ids of the web processes that live."""
        return self._living("web")

    def _living(self, kind: str) -> list[int]:
        names = [path.stem for path in self._pid_files()]
        pids = [self.pid(name) for name in names if name.partition("-")[0] == kind]
        return [pid for pid in pids if pid and psutil.pid_exists(pid)]

    def _pid_files(self) -> list[Path]:
        return sorted((self.home / "run").glob("*.pid"))


def start(client: httpx.Client, body: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    """Start a run over REST; its first snapshot."""
    answer = client.post("/v1/creative-agent/workflows", json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["data"]["workflow"]


def snapshot(client: httpx.Client, run_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/creative-agent/workflows/{run_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["workflow"]


def finished(client: httpx.Client, run_id: str, within_s: float = 90) -> dict[str, Any]:
    """The snapshot of a run once it is over."""

    def look() -> dict[str, Any] | None:
        shown = snapshot(client, run_id)
        return shown if shown["status"] in TERMINAL else None

    found = wait_for(look, f"the end of {run_id}", within_s)
    assert found is not None
    return found


def cancel_all(client: httpx.Client) -> None:
    """Stop what this person's runs still do."""
    path = "/v1/creative-agent/workflows"
    while runs := client.get(f"{path}?status=queued,running&limit=100").json()["data"]["workflows"]:
        for run in runs:
            client.post(f"{path}/{run['id']}/cancel")


def stream(
    client: httpx.Client, run_id: str, after: int | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Frames of a run's event stream as (event name, data), until the server closes."""
    path = f"/v1/creative-agent/workflows/{run_id}/events/stream"
    params = {} if after is None else {"after": str(after)}
    with client.stream("GET", path, params=params) as answer:
        assert answer.status_code == 200, answer.read()
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
