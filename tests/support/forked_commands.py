"""Servers and processes for management commands, forked from one that has imported the product.

Each process of pytest keeps one to fork from for each kind of database. A fork reads the settings
again, with its own environment. Importing the product costs 1.7 s of CPU: most tests want a server
with a key, and how that starts is the subject of few.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import IO, NoReturn

from tests.support import commands

MESSAGE_BYTES = 1 << 18
# Of the environment, what may differ between a fork and the process it comes from: our settings.
OURS = (
    "REELGRAPH_",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "PORT",
    "TEST_MODEL_PORTS",
    "PROVIDER_URLS",
)
# What modules read when they are imported: with these a server needs a Python of its own.
READ_AT_IMPORT = ("REELGRAPH_BACKUP_DIR", "REELGRAPH_PUBLIC_URL")
IS_POSSIBLE = sys.platform == "linux" and hasattr(os, "pidfd_open")

_lock = threading.Lock()
# What a fork takes over from the environment → our end of a socket of the process to fork from.
_origins: dict[tuple[tuple[str, str], ...], socket.socket] = {}


class Fork:
    """A forked process, with what `Commands` uses of a `subprocess.Popen`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        (stdin, written), (read, stdout) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(written, "wb"), os.fdopen(read, "rb")
        try:
            _request(env, (), [stdin, stdout, 2])
        finally:
            os.close(stdin)
            os.close(stdout)
        self._process = os.pidfd_open(int(self.stdout.readline()))

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self, within_s: float) -> int:
        """No one knows with which code it ended."""
        select.select([self._process], [], [], within_s)
        return 1

    def communicate(self) -> None:
        """It has been killed."""
        self.wait(commands.WITHIN_S)
        for file in (self.stdin, self.stdout):
            file.close()
        os.close(self._process)


class ForkedProgram:
    """A forked process in a session of its own, with what `Program` uses of a `subprocess.Popen`.

    stdout: all that it and its children print.
    """

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        (read, stdout), (code, written) = os.pipe(), os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        self.stdout = os.fdopen(read, "r", errors="replace")
        self._code = os.fdopen(code, "r")
        self.returncode: int | None = None
        try:
            _request(env, words, [nothing, stdout, stdout, written])
        finally:
            for descriptor in (nothing, stdout, written):
                os.close(descriptor)
        self.pid = int(self._code.readline())

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._code], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked program", timeout or 0)
            self.returncode = int(self._code.readline())
            self._code.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def start(env: Mapping[str, str]) -> commands.Running:
    """Start a process that takes commands. env: the whole environment."""
    return Fork(env) if IS_POSSIBLE else commands.start(env)


def start_server(words: Sequence[str], env: Mapping[str, str]) -> ForkedProgram | None:
    """Run `manage.py <words>` in a fork; None where it needs a Python of its own.

    env: the whole environment.
    """
    is_usual = all(env.get(name) == os.environ.get(name) for name in READ_AT_IMPORT)
    return ForkedProgram(words, env) if IS_POSSIBLE and is_usual else None


def _request(env: Mapping[str, str], words: Sequence[str], descriptors: list[int]) -> None:
    """Have a process forked; where the one to fork from has died, from a new one."""
    message = json.dumps({"env": dict(env), "words": words}).encode()
    with _lock:
        try:
            socket.send_fds(_origin(env), [message], descriptors)
        except ConnectionError:
            _origins.pop(_key(env)).close()
            socket.send_fds(_origin(env), [message], descriptors)


def _key(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    database = "postgres" if env.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    rest = {name: value for name, value in env.items() if not name.startswith(OURS)}
    # pytest tells in it which test runs.
    rest.pop("PYTEST_CURRENT_TEST", None)
    return (("", database), *sorted(rest.items()))


def _origin(env: Mapping[str, str]) -> socket.socket:
    """Return our end of the socket of the process to fork from, which is started first if need be.
    Call it with the lock."""
    key = _key(env)
    if key not in _origins:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        first = {name: text for name, text in env.items() if name not in READ_AT_IMPORT}
        with theirs:
            # It ends with us, as no one else has our end.
            subprocess.Popen(
                [sys.executable, "-m", "tests.support.commands", str(theirs.fileno())],
                cwd=commands.ROOT,
                env={**first, "DJANGO_SETTINGS_MODULE": "tests.support.settings"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        _origins[key] = ours
    return _origins[key]


# -- in the process to fork from ------------------------------------------------------------------


def become_forks(descriptor: int) -> list[str]:
    """Return in each fork, the words of its program, none where it takes commands; end this
    process when no one asks for forks any more."""
    import django
    import setproctitle
    from django.conf import settings

    # Its first call looks for the words of the command beside the environment, which forks replace.
    setproctitle.getproctitle()
    django.setup()
    # Commands check them.
    import_module(settings.ROOT_URLCONF)
    _import_what_servers_use()
    # No fork is waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connection = socket.socket(fileno=descriptor)
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, 4)
        if not request:
            os._exit(0)
        if os.fork() == 0:
            break
        for one in descriptors:
            os.close(one)
    connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message = json.loads(request)
    words: list[str] = message["words"]
    if words:
        _leave_a_parent(descriptors.pop())
        setproctitle.setproctitle(" ".join(["manage.py", *words]))
    for number, one in enumerate(descriptors):
        os.dup2(one, number)
        os.close(one)
    os.environ.clear()
    os.environ.update(message["env"])
    _read_settings()
    if not words:
        os.write(1, f"{os.getpid()}\n".encode())
    return words


def _import_what_servers_use() -> None:
    """Import what web processes and workers do, but for what reads the settings meanwhile."""
    from builder.ops.server import preloaded

    application = "builder.asgi"
    for name in preloaded.MODULES:
        if name != application:
            import_module(name)
    for name in ("serve", "prepare"):
        import_module(f"builder.management.commands.{name}")
    source = (commands.ROOT / f"{application.replace('.', '/')}.py").read_text()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            import_module(node.module)


def _leave_a_parent(codes: int) -> None:
    """Fork once more: the child returns. Its parent writes its id and its exit code, a line each,
    and ends with it."""
    child = os.fork()
    if child == 0:
        os.close(codes)
        os.setsid()
        return
    _report(child, os.fdopen(codes, "w"))


def _report(child: int, codes: IO[str]) -> NoReturn:
    print(child, file=codes, flush=True)
    # What it prints ends with the child, not with us.
    kept = codes.fileno()
    os.closerange(0, kept)
    os.closerange(kept + 1, 1024)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=codes, flush=True)
    os._exit(0)


def _read_settings() -> None:
    """Have all settings read again, from an environment that has changed."""
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections
    from django.utils.functional import empty
    from django.utils.log import configure_logging

    from tools import registry

    for one in connections.all(initialized_only=True):
        assert one.connection is None, "All forks would share a connection."
        del connections[one.alias]
    for name, module in [*sys.modules.items()]:
        # All settings are built on the product's and hold its names, wherever their file is.
        if "ROOT_URLCONF" in getattr(module, "__dict__", ()):
            del sys.modules[name]
    settings._wrapped = empty
    for handler in (connections, caches):
        handler.__dict__.pop("settings", None)
        handler._settings = None
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    registry.rebuild()
