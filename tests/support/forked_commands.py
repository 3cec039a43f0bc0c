"""Processes for management commands, forked from one that has imported the product.

Each process of pytest keeps one to fork from for each settings module and kind of database. A fork
reads the settings again, with its own environment. Importing the product costs 1.7 s of CPU, and
most tests ask a server for one key.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib import import_module

from tests.support import commands

MESSAGE_BYTES = 1 << 18
# Of the environment, what may differ between a fork and the process it comes from: our settings.
OURS = ("REELGRAPH_", "DATABASE_URL", "PORT", "TEST_MODEL_PORTS", "PROVIDER_URLS")
IS_POSSIBLE = sys.platform == "linux" and hasattr(os, "pidfd_open")

_lock = threading.Lock()
# What a fork takes over from the environment → our end of a socket of the process to fork from.
_origins: dict[tuple[tuple[str, str], ...], socket.socket] = {}


class Fork:
    """A forked process, with what `Commands` uses of a `subprocess.Popen`."""

    def __init__(self, origin: socket.socket, env: Mapping[str, str]) -> None:
        (stdin, written), (read, stdout) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(written, "wb"), os.fdopen(read, "rb")
        try:
            with _lock:
                socket.send_fds(origin, [json.dumps(dict(env)).encode()], [stdin, stdout, 2])
        finally:
            os.close(stdin)
            os.close(stdout)
        self._process = os.pidfd_open(int(self.stdout.readline()))

    def kill(self) -> None:
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


def start(env: Mapping[str, str]) -> commands.Running:
    """Start a process that takes commands. env: the whole environment."""
    return Fork(_origin(env), env) if IS_POSSIBLE else commands.start(env)


def _origin(env: Mapping[str, str]) -> socket.socket:
    database = "postgres" if env.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    rest = {name: value for name, value in env.items() if not name.startswith(OURS)}
    # pytest tells in it which test runs.
    rest.pop("PYTEST_CURRENT_TEST", None)
    key = (("", database), *sorted(rest.items()))
    with _lock:
        if key not in _origins:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                # It ends with us, as no one else has our end.
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.commands", str(theirs.fileno())],
                    cwd=commands.ROOT,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
            _origins[key] = ours
        return _origins[key]


# -- in the process to fork from ------------------------------------------------------------------


def become_forks(descriptor: int) -> None:
    """Return in each fork; end this process when no one asks for forks any more."""
    import django
    from django.conf import settings

    django.setup()
    # Commands check them.
    import_module(settings.ROOT_URLCONF)
    # No fork is waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connection = socket.socket(fileno=descriptor)
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, 3)
        if not request:
            os._exit(0)
        if os.fork() == 0:
            break
        for one in descriptors:
            os.close(one)
    connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, one in enumerate(descriptors):
        os.dup2(one, number)
        os.close(one)
    os.environ.clear()
    os.environ.update(json.loads(request))
    _read_settings()
    os.write(1, f"{os.getpid()}\n".encode())


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
    for name in [*sys.modules]:
        if f"{name}.".startswith(("builder.settings.", "tests.support.settings.")):
            del sys.modules[name]
    settings._wrapped = empty
    for handler in (connections, caches):
        handler.__dict__.pop("settings", None)
        handler._settings = None
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    registry.rebuild()
