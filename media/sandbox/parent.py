"""The parent's side: start children, feed one job to each, listen, and end them.

Raises only what `media.sandbox.run_in_sandbox` documents.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import math
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from django.conf import settings

from core.errors import ProviderError, ProviderTimeout
from media.sandbox import Context

logger = logging.getLogger(__name__)

ALLOWED_PREFIXES = ("media.sandbox.", "tools.providers.studio.jobs.")
# Cancelling must be felt within two seconds, and a lost lease sooner.
CHECK_EVERY_S = 0.1
MAX_REPLY_BYTES = 8 << 20
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
class Limits:
    """memory_bytes: address space, which counts mappings, so well above what is really used.
    file_bytes: of each file written. open_files: descriptors."""

    memory_bytes: int
    file_bytes: int
    open_files: int


class Child:
    """A started child process that has not had its job yet."""

    def __init__(self, limits: Limits) -> None:
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
            }
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                # -P: never import from the folder the child stands in, a job's files lie there.
                [sys.executable, "-P", "-s", "-m", "media.sandbox", json.dumps(options)],
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
        """How it ended by itself, given a moment; None when it did not."""
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


class Nursery:
    """Keeps one child warm. All children are started by one thread that lives as long as we do:
    Linux sends a child its parent-death signal when the *thread* that started it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: Future[Child] | None = None
        self._orders: SimpleQueue[tuple[Limits, Future[Child]]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def take(self, limits: Limits) -> Child:
        """The warm child, else a new one; the next starts warming at once."""
        with self._lock:
            spare, self._spare = self._spare, None
            mine = spare or self._order(limits)
        child = mine.result()
        if child.limits != limits or not child.alive():
            child.end()
            with self._lock:
                mine = self._order(limits)
            child = mine.result()
        self.warm(limits)
        return child

    def warm(self, limits: Limits) -> None:
        with self._lock:
            if self._spare is None:
                self._spare = self._order(limits)

    def close(self) -> None:
        """End the spare child, if any."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            with contextlib.suppress(OSError):
                spare.result().end()

    def _order(self, limits: Limits) -> Future[Child]:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._start, name="sandbox", daemon=True)
            self._thread.start()
        order: Future[Child] = Future()
        self._orders.put((limits, order))
        return order

    def _start(self) -> None:
        while True:
            limits, order = self._orders.get()
            try:
                order.set_result(Child(limits))
            except Exception as error:
                order.set_exception(error)


_nursery = Nursery()
atexit.register(_nursery.close)


def prewarm() -> None:
    _nursery.warm(_limits())


def close() -> None:
    """End the waiting child. The next job starts a new one."""
    _nursery.close()


def run(
    function: str, arguments: Mapping[str, Any], *, timeout_s: float, context: Context
) -> dict[str, Any]:
    prefixes = (*ALLOWED_PREFIXES, *settings.SANDBOX_PREFIXES)
    if not function.startswith(prefixes):
        raise ValueError(f"{function} is not a function the sandbox may run.")
    request = {"function": function, "arguments": dict(arguments), "timeout_s": float(timeout_s)}
    deadline = time.monotonic() + timeout_s

    def pulse() -> None:
        context.check()
        if time.monotonic() > deadline:
            raise ProviderTimeout(
                f"This took longer than {timeout_s:g} seconds and was stopped.",
                error_type="GPU_WORKER_FAILED",
            )

    child = _nursery.take(_limits())
    try:
        child.send(request, pulse)
        reply = _listen(child, pulse, context)
        if reply is None:
            raise _ended(function, child.exit_code())
    finally:
        child.end()
    return _read(function, reply)


def _limits() -> Limits:
    given = settings.SANDBOX
    return Limits(given["memory_bytes"], given["file_bytes"], given["open_files"])


def _listen(child: Child, pulse: Callable[[], None], context: Context) -> dict[str, Any] | None:
    """The job's last reply, or None when the child went without one. Calls pulse all the while."""
    for line in _lines(child.replies):
        pulse()
        if line is None:
            continue
        message = _parse(line)
        if message is None:
            return None
        if "progress" not in message:
            return message
        fraction, text = _progress(message["progress"])
        context.progress(fraction, text)
    return None


def _lines(descriptor: int) -> Iterator[bytes | None]:
    """Lines as they come, None at least every CHECK_EVERY_S, until the other end is closed."""
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if not selector.select(CHECK_EVERY_S):
                yield None
                continue
            chunk = os.read(descriptor, 65536)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            yield from lines
            if len(buffer) > MAX_REPLY_BYTES:
                return
            yield None


def _parse(line: bytes) -> dict[str, Any] | None:
    """A reply, or None for what no child of ours would say: it may have been taken over."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _progress(value: Any) -> tuple[float, str]:
    match value:
        case [int() | float() as fraction, str() as text] if math.isfinite(fraction):
            return min(max(float(fraction), 0.0), 1.0), text[:200]
    return 0.0, ""


def _read(function: str, reply: dict[str, Any]) -> dict[str, Any]:
    match reply:
        case {"result": dict() as result}:
            return result
        case {"refused": str() as message, "error_type": str() as error_type}:
            raise ProviderError(message, error_type=error_type, retryable=False)
        case {"exhausted": "memory"}:
            raise ProviderError(
                "This needs more memory than a step may use. Use smaller or shorter media.",
                error_type="PARAMETER_INVALID",
                retryable=False,
            )
        case {"exhausted": "file"}:
            raise ProviderError(
                "The result is larger than a file may be. Ask for a smaller or shorter one.",
                error_type="PARAMETER_INVALID",
                retryable=False,
            )
        case {"failed": str() as trace}:
            logger.error("%s failed in the sandbox:\n%s", function, trace)
        case _:
            logger.error("%s answered the sandbox with something else than a dict", function)
    raise ProviderError("The media worker failed on this.", error_type="GPU_WORKER_FAILED")


def _ended(function: str, code: int | None) -> ProviderError:
    """What it means that the child ended, or fell silent, without an answer."""
    logger.error("%s ended the sandbox with %s", function, code)
    if code == -signal.SIGXCPU:
        return ProviderTimeout(
            "This used more computing time than allowed and was stopped.",
            error_type="GPU_WORKER_FAILED",
        )
    if code == -signal.SIGKILL:
        return ProviderError(
            "The machine ran out of memory for this.", error_type="GPU_WORKER_FAILED"
        )
    return ProviderError("The media worker crashed on this.", error_type="GPU_WORKER_FAILED")
