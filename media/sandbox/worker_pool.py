"""Child processes for media jobs: start one ahead of time, send it its job, end it."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings

CHILD = "media.sandbox"
# Cancelling must be felt within two seconds, and a lost lease sooner.
CHECK_EVERY_S = 0.1
# A web process only ever probes, a worker repeats the tools of its runs. All would take 0.3 s of
# computing for each child.
RECENT_MODULES = 4
# A waiting child holds 41 MB, 24 of which no other process shares; to start one takes 0.25 s. Who
# is at work asks for the next job sooner than this, and a server at rest keeps none.
SPARE_IDLE_S = 60.0
EXIT_GRACE_S = 1.0
# All a child gets to see: no secrets, no home, one thread for each numeric library. Otherwise two
# jobs on two cores make eight threads. The hash seed is fixed: equal seeds give equal pictures.
ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(40_000_000),
}


@dataclass(frozen=True, slots=True)
class JobLimits:
    """memory_bytes: address space, which counts mappings, so well above what is really used.
    file_bytes: of each file written. open_files: descriptors."""

    memory_bytes: int
    file_bytes: int
    open_files: int


class SandboxChild:
    """A started child process that has not had its job yet. imports: modules of jobs that are
    likely to come, imported while it waits."""

    def __init__(self, limits: JobLimits, imports: Sequence[str] = ()) -> None:
        self.limits = limits
        request_read, self._request = os.pipe()
        self.replies, reply_write = os.pipe()
        try:
            options = {
                "request": request_read,
                "reply": reply_write,
                "parent": os.getpid(),
                "memory_bytes": limits.memory_bytes,
                "file_bytes": limits.file_bytes,
                "open_files": limits.open_files,
                "imports": list(imports),
            }
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                # -P: never import from the folder the child is in, a job's files lie there.
                [sys.executable, "-P", "-s", "-m", CHILD, json.dumps(options)],
                env={**ENVIRONMENT, "PYTHONPATH": str(settings.BASE_DIR)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(request_read, reply_write),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._request)
            os.close(self.replies)
            raise
        finally:
            os.close(request_read)
            os.close(reply_write)

    def alive(self) -> bool:
        return self.process.poll() is None

    def send(self, request: Mapping[str, Any], pulse: Callable[[], None]) -> None:
        """Hand over the request. A large one waits until the child's imports are over."""
        data = memoryview(json.dumps(request, allow_nan=False).encode() + b"\n")
        os.set_blocking(self._request, False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._request, selectors.EVENT_WRITE)
            # A child that died at its start is told by its missing reply.
            with contextlib.suppress(BrokenPipeError):
                while data:
                    pulse()
                    if selector.select(CHECK_EVERY_S):
                        data = data[os.write(self._request, data) :]

    def exit_code(self) -> int | None:
        """Its exit code, waited for a moment; None while it runs on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(EXIT_GRACE_S)
        return None

    def end(self) -> None:
        """Kill the whole process group, reap the child, close the pipes."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for descriptor in (self._request, self.replies):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class WorkerPool:
    """Keeps one child warm between jobs, and ends it once it has waited unused for `idle_s`.

    All children are started by one thread that lives as long as we do: Linux sends a child its
    parent-death signal when the *thread* that started it ends.
    """

    def __init__(self, idle_s: float = SPARE_IDLE_S) -> None:
        self._idle_s = idle_s
        # Whoever takes a child out of `_spare` under this lock is the only one to use or end it.
        self._lock = threading.Lock()
        self._spare: Future[SandboxChild] | None = None
        self._spare_until = 0.0
        self._orders: SimpleQueue[tuple[JobLimits, Future[SandboxChild]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        # The modules of the last jobs: what was asked for is likely to be asked for again.
        self._recent: deque[str] = deque(maxlen=RECENT_MODULES)

    def remember(self, function: str) -> None:
        """The next child imports this job's module while it waits."""
        module = function.rpartition(".")[0]
        with self._lock:
            if module in self._recent:
                self._recent.remove(module)
            self._recent.append(module)

    def take(self, limits: JobLimits) -> SandboxChild:
        """The warm child, else a new one."""
        with self._lock:
            spare, self._spare = self._spare, None
            mine = spare or self._order(limits)
        child = mine.result()
        if child.limits != limits or not child.alive():
            child.end()
            with self._lock:
                mine = self._order(limits)
            child = mine.result()
        return child

    def warm(self, limits: JobLimits) -> None:
        """Have a child wait for the next job, counted from now."""
        with self._lock:
            self._spare_until = time.monotonic() + self._idle_s
            if self._spare is None:
                self._spare = self._order(limits)

    def close(self) -> None:
        """End the spare child, if any."""
        with self._lock:
            spare, self._spare = self._spare, None
        _end(spare)

    def _order(self, limits: JobLimits) -> Future[SandboxChild]:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._start, name="sandbox", daemon=True)
            self._thread.start()
        order: Future[SandboxChild] = Future()
        self._orders.put((limits, order))
        return order

    def _start(self) -> None:
        while True:
            limits, order = self._next_order()
            with self._lock:
                imports = tuple(self._recent)
            try:
                order.set_result(SandboxChild(limits, imports))
            except Exception as error:
                order.set_exception(error)

    def _next_order(self) -> tuple[JobLimits, Future[SandboxChild]]:
        """Wait for an order. Meanwhile end a spare child that no one has used."""
        while True:
            spare, wait_s = None, None
            with self._lock:
                # One that is not started yet is among the orders.
                if self._spare is not None and self._spare.done():
                    wait_s = self._spare_until - time.monotonic()
                    if wait_s <= 0:
                        spare, self._spare, wait_s = self._spare, None, None
            _end(spare)
            with contextlib.suppress(Empty):
                return self._orders.get(timeout=wait_s)


def _end(spare: Future[SandboxChild] | None) -> None:
    # It may have failed to start.
    if spare is not None and spare.exception() is None:
        spare.result().end()
