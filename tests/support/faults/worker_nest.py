"""Workers of one data folder, forked from a process that has imported the server.

Run as a program it starts a worker for each line it reads, and answers with its process id. Forked
as the product forks its own, a worker costs a tenth of the CPU that a start from nothing does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType

from tests.support.program import ROOT
from tests.support.waiting import WAIT_S, Late, is_gone, wait_for


class WorkerNest:
    """`with WorkerNest(env) as nest:` `nest.start()` is the process id of one more worker."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.living: set[int] = set()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.faults.worker_nest"],
            cwd=ROOT,
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], WAIT_S)[0]:
            raise Late("no worker was forked")
        pid = int(self._process.stdout.readline())
        self.living.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Kill a worker and its children as the kernel does, and wait for its end."""
        self.living.remove(pid)
        os.killpg(pid, signal.SIGKILL)
        wait_for(lambda: is_gone(pid), f"the end of worker {pid}")

    def __enter__(self) -> WorkerNest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pid in list(self.living):
            with contextlib.suppress(ProcessLookupError):
                self.kill(pid)
        self._process.kill()
        self._process.communicate()


async def _serve() -> None:
    from builder.ops.server.preloaded import is_possible, preload
    from builder.ops.server.supervisor import Spawner

    launcher = preload() if is_possible() else Spawner()
    for _ in sys.stdin:
        # Those that were killed; the kernel gives all of them to this process.
        launcher.reap(set())
        command = [sys.executable, "manage.py", "worker"]
        started = await launcher.start(command, output=2, inherits=(), cwd=ROOT)
        print(started.pid, flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
