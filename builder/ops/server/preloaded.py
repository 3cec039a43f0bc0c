"""One process that has imported the server, and forks the web processes and workers from it.

Forked processes share the memory of what is imported, and start within milliseconds: importing
costs each process seconds of CPU. On Linux alone; elsewhere, with REELGRAPH_FORK=0, and after the
death of the preloaded process, the supervisor starts each process by itself.

The supervisor sends a command and descriptors over a socket. The preloaded process forks twice and
answers with a process id: the middle process ends, and the kernel gives its child to the
supervisor, which waits for it as for one of its own.

Nothing that a fork copies in a broken state may exist in the preloaded process: no other thread, no
connection to a database, no event loop, no OpenCV. What modules keep across a fork registers with
`os.register_at_fork`.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import errno
import gc
import importlib
import inspect
import json
import logging
import os
import runpy
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from django.apps import apps
from django.core.management import get_commands
from django.template import engines
from django.urls import reverse
from django.utils.functional import cached_property

from builder.ops.server.supervisor import (
    STOP_SIGNALS,
    RunningProcess,
    ending,
    raise_open_files,
    spawn,
)
from core.process_death import die_with
from core.releases import migrations_on_disk
from core.spared_imports import hide_for_servers
from tools.catalog import catalogue

logger = logging.getLogger(__name__)

PR_SET_CHILD_SUBREAPER = 36
# Each would be shared by all processes: Twisted's event loop, and OpenCV's threads.
NOT_BEFORE_A_FORK = ("twisted.internet.reactor", "cv2")
# What web processes and workers import anyway, but for what must not be there before a fork.
MODULES = (
    "manage",
    "builder.asgi",
    "builder.urls",
    "runs.management.commands.worker",
    "runs.dispatch.embedded",
    "core.spool_folders",
    "core.wakeup",
    "core.web_group",
    "tools.declaration.drafts",
    "tools.providers.bookkeeping",
    "tools.providers.studio",
    "django.db.models.sql.compiler",
    "twisted.internet.asyncioreactor",
    "autobahn.twisted.websocket",
    "daphne.access",
    "daphne.http_protocol",
    "daphne.ws_protocol",
)
MESSAGE_BYTES = 65_536
MOST_DESCRIPTORS = 16
# A descriptor that came is moved here before it gets the number that the command names.
ROOM = 512


class Unforkable(RuntimeError):
    """The preloaded process has something that a fork would break. The message names it."""


class ForkedProcess:
    """A process that the preloaded one started; the supervisor's own child by then."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """Its exit code, negative for a signal, once it has ended."""
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        descriptor = os.pidfd_open(self.pid)
        loop.add_reader(descriptor, end.set)
        try:
            await end.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


class PreloadedProcess:
    """The supervisor's side of it, and a `Launcher`.

    Once it has died, processes start by themselves.
    """

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.is_alive = True
        self._connection = connection
        self._turn = threading.Lock()
        self._starting = 0

    async def start(
        self, command: Sequence[str], *, output: int, inherits: Sequence[int], cwd: Path
    ) -> RunningProcess:
        """Run a command of this Python: `[python, …, script or -m module, arguments]`.

        output: the descriptor of its stdout and stderr. inherits: those it keeps, by their numbers.
        cwd: ours. Raises OSError when it can't be started.
        """
        self._starting += 1
        try:
            if self.is_alive:
                with contextlib.suppress(ConnectionError):
                    request = asyncio.to_thread(self._ask, list(command), [output, *inherits])
                    return ForkedProcess(await request)
                self.is_alive = False
                logger.warning("The preloaded process has died. Processes start by themselves now.")
            return await spawn(command, output=output, inherits=inherits, cwd=cwd)
        finally:
            self._starting -= 1

    def _ask(self, command: list[str], descriptors: list[int]) -> int:
        """The process id. Raises OSError; ConnectionError when there is no answer."""
        request = json.dumps({"command": command, "numbers": descriptors[1:]}).encode()
        with self._turn:
            socket.send_fds(self._connection, [request], descriptors)
            answer = self._connection.recv(MESSAGE_BYTES)
        if not answer:
            raise ConnectionResetError
        number = int(answer)
        if number < 0:
            raise OSError(-number, os.strerror(-number))
        return number

    def reap(self, living: set[int]) -> None:
        """Collect ended processes that children left behind: the kernel gives them to us now.

        living: children that others wait for.
        """
        with contextlib.suppress(ChildProcessError):
            # One that is being started may have ended before its number is known.
            while not self._starting:
                child = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if child is None or child.si_pid in living:
                    return
                os.waitpid(child.si_pid, os.WNOHANG)

    def close(self) -> None:
        """It ends, and so does a start that still waits for it."""
        self.is_alive = False
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


def is_possible() -> bool:
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def preload() -> PreloadedProcess:
    """Import the server and fork the preloaded process, which ends when the caller does.

    Call it before anything opens a connection or starts a thread. The caller imports, too: so it
    shares that memory.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    import_all()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _run_to_exit(_serve, theirs)
    theirs.close()
    return PreloadedProcess(pid, ours)


def import_all() -> None:
    """Import what is shared, and build what modules build when they are first asked."""
    hide_for_servers()
    # Nothing of it becomes garbage, see manage.py.
    gc.disable()
    for name in MODULES:
        importlib.import_module(name)
    catalogue()
    migrations_on_disk()
    get_commands()
    engines.all()
    reverse("gallery")  # reads every route
    gc.collect()
    # They take the room that garbage left, which each process would write to.
    _fill_caches()
    gc.enable()
    # Collections would write to every page that is shared.
    gc.freeze()


def _fill_caches() -> None:
    """Compute the cached properties of models and fields once, for all forked processes."""
    names: dict[type, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for thing in (model._meta, *model._meta.get_fields(include_hidden=True)):
            kind = type(thing)
            if kind not in names:
                members = inspect.getmembers_static(kind)
                names[kind] = [name for name, one in members if isinstance(one, cached_property)]
            for name in names[kind]:
                # Some fields have no other side.
                with contextlib.suppress(AttributeError, NotImplementedError):
                    getattr(thing, name)


def run_in_fork(work: Callable[[], str]) -> str:
    """Call it in a process of its own, whose memory ends with it; its answer, a few words at most.

    What it prints is printed. Raises SystemExit when it ended in another way than by returning. An
    exception that interrupts the wait, and our own death, end it too.
    """
    reading, writing = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    caller = os.getpid()
    pid = os.fork()
    if pid == 0:
        die_with(caller)
        _run_to_exit(lambda: os.write(writing, work().encode()))
    os.close(writing)
    with open(reading) as answer:
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except BaseException:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            raise
        if code:
            # With an exit code it has said why.
            raise SystemExit(code if code > 0 else f"A process of the start was {ending(code)}.")
        return answer.read()


# -- in the preloaded process ---------------------------------------------------------------------


def _serve(connection: socket.socket) -> None:
    os.setsid()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise_open_files()
    _title("reelgraph: preloaded")
    check()
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, MOST_DESCRIPTORS)
        if not request:
            return
        details = json.loads(request)
        answer = _fork_twice(connection, details["command"], details["numbers"], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        try:
            connection.send(str(answer).encode())
        except OSError:
            # It is unknown to everyone else.
            if answer > 0:
                os.kill(answer, signal.SIGKILL)
            return


def check() -> None:
    """Raises Unforkable."""
    from django.db import connections

    names = [name for name in NOT_BEFORE_A_FORK if name in sys.modules]
    names += [f"thread {thread.name}" for thread in threading.enumerate()[1:]]
    names += [
        f"connection {one.alias}"
        for one in connections.all(initialized_only=True)
        if one.connection is not None
    ]
    if names:
        raise Unforkable(f"Before a fork there must not be: {', '.join(names)}.")


def _fork_twice(
    connection: socket.socket, command: list[str], numbers: list[int], descriptors: list[int]
) -> int:
    """Start a process that belongs to the supervisor; its id, or an error's negative number."""
    reading, writing = os.pipe()
    try:
        middle = os.fork()
        if middle:
            os.close(writing)
            answer = os.read(reading, 32)
            # From its end the child belongs to the supervisor.
            os.waitpid(middle, 0)
            return int(answer or -errno.ECHILD)
        if os.fork():
            os._exit(0)
    except OSError as problem:
        return -(problem.errno or errno.EIO)
    finally:
        os.close(reading)
    connection.close()
    os.setsid()
    _take(numbers, descriptors)
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _title(" ".join(command))
    os.write(writing, str(os.getpid()).encode())
    os.close(writing)
    return _run_to_exit(_run, command)


def _take(numbers: list[int], descriptors: list[int]) -> None:
    """Give each descriptor that came the number it has in the supervisor; the first is the log."""
    import fcntl

    copies = [fcntl.fcntl(one, fcntl.F_DUPFD, ROOM) for one in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    for target, descriptor in zip((1, *numbers), copies, strict=True):
        os.dup2(descriptor, target, inheritable=True)
        os.close(descriptor)
    os.dup2(1, 2)


def _run(command: list[str]) -> None:
    """Do what `python <command>` would, with what is imported already."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = [word for word in command[1:] if word not in ("-u", "-m")]
    if "-m" in command:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        # The only script there is. To compile it again would take memory that is not shared.
        importlib.import_module("manage").main()


def _run_to_exit(work: Callable[..., object], *arguments: Any) -> NoReturn:
    """Run it as a program of its own: nothing of the caller's stack is left by an exception."""
    code = 1
    try:
        work(*arguments)
        code = 0
    except SystemExit as end:
        code = _code_of(end)
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def _title(words: str) -> None:
    """Set what `ps` shows of this process."""
    import setproctitle

    setproctitle.setproctitle(words)
