"""The parent's side of one job: send it to a child, read its replies, and end the child.

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
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings

from core import outages
from core.command_names import command
from core.errors import ProviderError, ProviderTimeout
from media.sandbox.confine import Confinement, available, not_inspectable
from media.sandbox.context import Context
from media.sandbox.worker_pool import CHECK_EVERY_S, JobLimits, SandboxChild, WorkerPool

logger = logging.getLogger(__name__)

ALLOWED_PREFIXES = ("media.sandbox.", "studio.clip_ends.", "studio.jobs.")
WEIGH_EVERY_S = 1.0
# What an empty file or folder counts for, in bytes.
LEAST_FILE_BYTES = 4096
MAX_REPLY_BYTES = 8 << 20
MAX_SIGNED_BYTES = 1 << 16
# Sig_structure in CBOR: an array of four, of which the first is this text.
COSE_OPENING = b"\x84\x6aSignature1"

Sign: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Task:
    """A request to a child. reads: files it may open. out: the folder it may write to, or
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


_pool = WorkerPool()
atexit.register(_pool.close)


_has_warned = threading.Event()


def prewarm() -> None:
    _pool.warm(_limits())


def keep_spare() -> None:
    if settings.SANDBOX["keeps_spare"]:
        prewarm()


def protect() -> None:
    not_inspectable()
    _warn_of(available())


def _warn_of(confinement: Confinement) -> None:
    """Once in a process."""
    missing = confinement.missing()
    if missing and not _has_warned.is_set():
        _has_warned.set()
        logger.warning(
            "The media sandbox is incomplete on this machine: %s. Limits of time, memory and size"
            f" hold. See `{command('doctor')}`.",
            "; ".join(missing),
        )


def close() -> None:
    """End the waiting child. The next job starts a new one."""
    _pool.close()


def run(
    function: str,
    arguments: Mapping[str, Any],
    *,
    reads: Iterable[Path],
    out: Path | None,
    timeout_s: float,
    context: Context,
    sign: Sign | None,
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

    _pool.remember(function)
    child = _pool.take(_limits())
    try:
        keep_spare()
        child.send(task.request(), pulse)
        reply = _listen(child, pulse, context, sign)
        if reply is None:
            raise _failure_of(function, child.exit_code())
    finally:
        child.end()
    weigh(at_once=True)
    return _result_of(function, reply)


def _limits() -> JobLimits:
    limits = settings.SANDBOX
    return JobLimits(limits["memory_bytes"], limits["file_bytes"], limits["open_files"])


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
    """Yield the sizes of all files and folders below. Links are not followed; files that
    are deleted during the walk are left out."""
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _listen(
    child: SandboxChild, pulse: Callable[[], None], context: Context, sign: Sign | None
) -> dict[str, Any] | None:
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
        elif "to_sign" in message:
            data = _signable(message["to_sign"])
            if sign is None or data is None:
                return None
            child.send({"signature": sign(data).hex()}, pulse)
            # One for each job: a child that was taken over gets no more.
            sign = None
        else:
            return message
    return None


def _signable(value: Any) -> bytes | None:
    """The bytes that a child wants signed; None for all but the structure of COSE (RFC 9052) that
    is signed, so that the key signs no certificate."""
    try:
        data = bytes.fromhex(value)
    except (TypeError, ValueError):
        return None
    return data if data.startswith(COSE_OPENING) and len(data) <= MAX_SIGNED_BYTES else None


def _accept(confinement: Confinement) -> None:
    missing = confinement.missing()
    if missing and settings.SANDBOX_REQUIRED:
        raise ProviderError(
            f"This server cannot isolate work on media ({'; '.join(missing)}), as"
            f" REELGRAPH_SANDBOX=required demands. Its operator sees more: `{command('doctor')}`.",
            error_type="GPU_WORKER_FAILED",
            retryable=False,
        )
    _warn_of(confinement)


def _lines(descriptor: int) -> Iterator[bytes | None]:
    """Lines as they come, None at least every CHECK_EVERY_S, until the other end is closed."""
    buffer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if not selector.select(CHECK_EVERY_S):
                yield None
                continue
            chunk = os.read(descriptor, 65536)
            if not chunk:
                return
            *lines, rest = chunk.split(b"\n")
            for end in lines:
                yield bytes(buffer + end)
                buffer.clear()
            buffer += rest
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


def _result_of(function: str, reply: dict[str, Any]) -> dict[str, Any]:
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


def _failure_of(function: str, code: int | None) -> ProviderError:
    """Say what it means that the child ended, or fell silent, without an answer."""
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
