"""The work inside the child: limits first, then heavy imports, then one job, confined.

Requests come through one pipe and line-JSON replies leave through another, because libraries write
to stdout as they please. The job itself is run as `python -m studio` runs it
(`mediakit.job_protocol`). No Django here.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from types import ModuleType
from typing import Any, NoReturn

from core.process_death import die_with
from media.sandbox import signature
from media.sandbox.confine import CODE_ROOT, Confinement, code_paths, confine
from mediakit.job_protocol import Report, encoded, failure, perform

# Runs a program that a job needs, see there.
HELPER = "media.sandbox.helper"

_reply_lock = threading.Lock()


def main(options: str) -> NoReturn:
    """options: JSON with request and reply (descriptors), parent (pid), memory_bytes, file_bytes,
    open_files, and imports: modules of jobs that are likely to come."""
    job_options = json.loads(options)
    request_fd, reply_fd = job_options["request"], job_options["reply"]
    # Programs a job may start must not hold the pipes open.
    os.set_inheritable(request_fd, False)
    os.set_inheritable(reply_fd, False)
    die_with(job_options["parent"])
    _limit(job_options)
    _import_heavy()
    _import_likely(job_options["imports"])
    request = json.loads(_read_line(request_fd))
    _limit_cpu(request["timeout_s"])
    try:
        module = _prepare(request)
        confinement = _confine(request)
    except Exception:
        _reply(reply_fd, failure())
        os._exit(0)
    # The parent hears what holds before anything of the job is opened.
    _reply(reply_fd, {"confinement": asdict(confinement)})
    if request["required"] and confinement.missing():
        os._exit(0)
    # Not earlier: a thread that exists already is not confined.
    threading.Thread(target=_watch, args=(request_fd,), daemon=True).start()
    signature.connect(lambda data: _reply(reply_fd, {"to_sign": data.hex()}))
    _reply(reply_fd, _work(module, request, reply_fd))
    # Interpreter shutdown with media libraries loaded takes tens of milliseconds and helps no one.
    os._exit(0)


def _prepare(request: dict[str, Any]) -> ModuleType:
    """Import the job's module, and let it start what cannot be started later.

    A module may have `before_confinement(command)`. It gets nothing of the job, because it acts
    outside the sandbox, only the command that runs a module by name confined like a job.
    """
    module = importlib.import_module(request["function"].rpartition(".")[0])
    start: Callable[[list[str]], None] | None = getattr(module, "before_confinement", None)
    if start is not None:
        start([sys.executable, "-P", "-s", "-m", HELPER, str(os.getpid())])
    return module


def _confine(request: dict[str, Any]) -> Confinement:
    """Only the job's inputs, its folder and our code stay in reach."""
    out = request["out"]
    if out:
        os.chdir(out)
        os.environ["TMPDIR"] = out
    # Jobs of tests lie in a package of their own.
    package = CODE_ROOT / request["function"].partition(".")[0]
    return confine([*code_paths(), str(package), *request["reads"]], [out] if out else [])


def _work(module: ModuleType, request: dict[str, Any], reply_fd: int) -> dict[str, Any]:
    """Run the job; its result or its failure as one reply."""
    name = request["function"].rpartition(".")[2]

    def function(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
        result: dict[str, Any] = getattr(module, name)(arguments, report)
        return result

    return perform(function, request["arguments"], lambda message: _reply(reply_fd, message))


def _reply(reply_fd: int, message: dict[str, Any]) -> None:
    data = memoryview(encoded(message))
    with _reply_lock:
        while data:
            data = data[os.write(reply_fd, data) :]


def _read_line(descriptor: int) -> bytes:
    """The request: one line. The parent's end of the pipe stays open for as long as it lives."""
    data = b""
    while not data.endswith(b"\n"):
        chunk = os.read(descriptor, 65536)
        if not chunk:
            os._exit(0)  # the parent left, or does not need this child any more
        data += chunk
    return data


def _watch(request_fd: int) -> None:
    """A signature may come; the pipe ends when the parent dies, however it dies."""
    line = b""
    while chunk := os.read(request_fd, 4096):
        line += chunk
        if line.endswith(b"\n"):
            signature.answers.put(bytes.fromhex(json.loads(line)["signature"]))
            line = b""
    os.killpg(0, signal.SIGKILL)


def _limit(limits: dict[str, Any]) -> None:
    _set_limit("RLIMIT_CORE", 0)
    _set_limit("RLIMIT_FSIZE", limits["file_bytes"])
    _set_limit("RLIMIT_NOFILE", limits["open_files"])
    _set_limit("RLIMIT_AS", limits["memory_bytes"])
    # Past RLIMIT_FSIZE a write then fails with EFBIG instead of killing us without a word.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _limit_cpu(timeout_s: float) -> None:
    """A backstop behind the parent's clock: no more than all cores can do in that time."""
    cores = os.cpu_count() or 1
    _set_limit("RLIMIT_CPU", int(time.process_time() + cores * timeout_s) + 10)


def _set_limit(name: str, value: int) -> None:
    # macOS knows RLIMIT_AS but rejects it; wall clock, CPU and file size still hold there.
    with contextlib.suppress(AttributeError, ValueError, OSError):
        resource.setrlimit(getattr(resource, name), (value, value))


def _import_heavy() -> None:
    """Half a second of imports, over before the job comes. numpy reads its thread count here."""
    import av  # noqa: F401
    import cv2
    import numpy  # noqa: F401
    import PIL.Image
    import PIL.ImageDraw
    import PIL.ImageFont
    import PIL.ImageOps  # noqa: F401

    cv2.setNumThreads(1)


def _import_likely(modules: Iterable[str]) -> None:
    # One that cannot be imported fails with its own job.
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
