"""The parent's side: start children, feed one job to each, listen, and end them.

Raises only what `media.sandbox.run_in_sandbox` documents.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
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
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.conf import settings

from core import outages
from core.errors import ProviderError, ProviderTimeout
from media.sandbox import Context
from media.sandbox.confine import Confinement, available, not_inspectable

logger = logging.getLogger(__name__)

CHILD = "media.sandbox"
ALLOWED_PREFIXES = ("media.sandbox.", "studio.jobs.")
# Cancelling must be felt within two seconds, and a lost lease sooner.
CHECK_EVERY_S = 0.1
WEIGH_EVERY_S = 1.0
# Of an empty file or folder: each takes room, and a name, too.
LEAST_FILE_BYTES = 4096
# A web process only ever probes, a worker repeats the tools of its runs. All would take 0.3 s of
# computing for each child.
RECENT_MODULES = 4
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


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of a child. reads: files it may open. out: the folder it may write to, or
    None. timeout_s: of its whole work."""

    function: str
    arguments: Mapping[str, Any]
    reads: tuple[Path, ...]
    out: Path | None
    timeout_s: float

    def request(self) -> dict[str, Any]:
        out = {} if self.out is None else {"out": str(self.out)}
        return {
            "function": self.function,
            "arguments": {**self.arguments, **out},
            "reads": [str(path) for path in self.reads],
            "out": out.get("out"),
            "timeout_s": self.timeout_s,
            "required": settings.SANDBOX_REQUIRED,
        }


class Child:
    """A started child process that has not had its job yet. imports: modules of jobs that are
    likely to come, imported while it waits."""

    def __init__(self, limits: Limits, imports: Sequence[str] = ()) -> None:
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
        # The modules of the last jobs: what was asked for is likely to be asked for again.
        self._recent: deque[str] = deque(maxlen=RECENT_MODULES)

    def remember(self, function: str) -> None:
        """The next child imports this job's module while it waits."""
        module = function.rpartition(".")[0]
        with self._lock:
            if module in self._recent:
                self._recent.remove(module)
            self._recent.append(module)

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
            with self._lock:
                imports = tuple(self._recent)
            try:
                order.set_result(Child(limits, imports))
            except Exception as error:
                order.set_exception(error)


_nursery = Nursery()
atexit.register(_nursery.close)


_warned = threading.Event()


def prewarm() -> None:
    _nursery.warm(_limits())


def protect() -> None:
    not_inspectable()
    _warn_of(available())


def _warn_of(confinement: Confinement) -> None:
    """Once in a process."""
    missing = confinement.missing()
    if missing and not _warned.is_set():
        _warned.set()
        logger.warning(
            "The media sandbox is incomplete on this machine: %s. Limits of time, memory and size"
            " hold. See `manage.py doctor`.",
            "; ".join(missing),
        )


def close() -> None:
    """End the waiting child. The next job starts a new one."""
    _nursery.close()


def run(
    function: str,
    arguments: Mapping[str, Any],
    *,
    reads: Iterable[Path],
    out: Path | None,
    timeout_s: float,
    context: Context,
) -> dict[str, Any]:
    prefixes = (*ALLOWED_PREFIXES, *settings.SANDBOX_PREFIXES)
    if not function.startswith(prefixes):
        raise ValueError(f"{function} is not a function the sandbox may run.")
    task = Task(function, arguments, tuple(reads), out, float(timeout_s))
    if not all(path.is_absolute() for path in (*task.reads, *([out] if out else []))):
        raise ValueError("The sandbox takes absolute paths only: its folder is another.")
    deadline = time.monotonic() + timeout_s
    weigh = _scales(out)

    def pulse() -> None:
        context.check()
        weigh()
        if time.monotonic() > deadline:
            raise ProviderTimeout(
                f"This took over {timeout_s:g} s and was stopped.",
                error_type="GPU_WORKER_FAILED",
            )

    _nursery.remember(function)
    child = _nursery.take(_limits())
    try:
        child.send(task.request(), pulse)
        reply = _listen(child, pulse, context)
        if reply is None:
            raise _ended(function, child.exit_code())
    finally:
        child.end()
    weigh(at_once=True)
    return _read(function, reply)


def _limits() -> Limits:
    given = settings.SANDBOX
    return Limits(given["memory_bytes"], given["file_bytes"], given["open_files"])


def _scales(out: Path | None) -> Callable[..., None]:
    """A function that raises once the folder is over its limit, and looks once a second, or at
    once where that is asked.

    The size of each file is limited in the child; how many it writes is not.
    """
    following = time.monotonic() + WEIGH_EVERY_S

    def weigh(*, at_once: bool = False) -> None:
        nonlocal following
        if out is None or not (at_once or time.monotonic() >= following):
            return
        following = time.monotonic() + WEIGH_EVERY_S
        limit = int(settings.SANDBOX["folder_bytes"])
        total = 0
        for size in _file_sizes(out):
            total += max(size, LEAST_FILE_BYTES)
            if total > limit:
                raise ProviderError(
                    "This needs too much disk space. Ask for fewer or smaller results.",
                    error_type="PARAMETER_INVALID",
                    retryable=False,
                )

    return weigh


def _file_sizes(folder: Path) -> Iterator[int]:
    """Of all files and folders below. Links are not followed; files that go meanwhile count not."""
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _listen(child: Child, pulse: Callable[[], None], context: Context) -> dict[str, Any] | None:
    """The job's last reply, or None when the child went without one. Calls pulse all the while.

    A child's first word is what confines it. Raises ProviderError when that is less than required.
    """
    is_confined = False
    for line in _lines(child.replies):
        pulse()
        if line is None:
            continue
        message = _parse(line)
        if message is None:
            return None
        if not is_confined:
            if "failed" in message:
                return message
            confinement = Confinement.from_json(message.get("confinement"))
            if confinement is None:
                return None
            _accept(confinement)
            is_confined = True
        elif "progress" in message:
            fraction, text = _progress(message["progress"])
            context.progress(fraction, text)
        else:
            return message
    return None


def _accept(confinement: Confinement) -> None:
    missing = confinement.missing()
    if missing and settings.SANDBOX_REQUIRED:
        raise ProviderError(
            f"This server cannot isolate work on media ({'; '.join(missing)}), as"
            " REELGRAPH_SANDBOX=required demands. Its operator finds more with `manage.py doctor`.",
            error_type="GPU_WORKER_FAILED",
            retryable=False,
        )
    _warn_of(confinement)


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
                "This needs too much memory. Use a smaller or shorter file.",
                error_type="PARAMETER_INVALID",
                retryable=False,
            )
        case {"exhausted": "file"}:
            raise ProviderError(
                "The result is too large. Ask for a smaller or shorter one.",
                error_type="PARAMETER_INVALID",
                retryable=False,
            )
        case {"exhausted": "disk"}:
            raise _disk_full()
        case {"failed": str() as trace}:
            if not outages.has_room():
                # Libraries report a full disk as other errors.
                raise _disk_full()
            logger.error("%s failed in the sandbox:\n%s", function, trace)
        case _:
            logger.error("%s answered the sandbox with something else than a dict", function)
    raise ProviderError("Couldn't process this file.", error_type="GPU_WORKER_FAILED")


def _disk_full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _ended(function: str, code: int | None) -> ProviderError:
    """What it means that the child ended, or fell silent, without an answer."""
    logger.error("%s ended the sandbox with %s", function, code)
    if code == -signal.SIGXCPU:
        return ProviderTimeout(
            "This took too much computing time and was stopped.",
            error_type="GPU_WORKER_FAILED",
        )
    if code == -signal.SIGKILL:
        return ProviderError(
            "The server ran out of memory for this.", error_type="GPU_WORKER_FAILED"
        )
    return ProviderError("Couldn't process this file.", error_type="GPU_WORKER_FAILED")
