"""The web processes of one machine. They accept from one listening socket, which the supervisor
binds and they inherit: whichever of them lives answers, and requests wait while none does."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from types import TracebackType

from builder.ops.server.supervisor import ChildSpec
from core import spool_folders
from core.command_names import start_at
from core.web_group import WebGroup, make_memory

logger = logging.getLogger(__name__)

# The kernel's default makes a thousand clients that connect at once wait for seconds.
BACKLOG = 4096


class PortRefused(Exception):
    """The port cannot be bound. The message is one line that says what to do."""


def names(count: int) -> list[str]:
    """Return the names of the web processes: they name pid files and logs."""
    if not count:
        return []
    return ["web"] if count == 1 else [f"web-{number}" for number in range(1, count + 1)]


class WebProcesses:
    """`with WebProcesses("127.0.0.1", 8000, 2) as webs:` holds the port; `webs.listen()` begins to
    listen.

    address: an IP address of this machine. count: 0 holds no port. Raises PortRefused.
    """

    def __init__(self, address: str, port: int, count: int) -> None:
        self.names = names(count)
        self.socket = bind(address, port) if count else socket.socket()
        self._memory = make_memory(count)
        # A child writes its name when it accepts connections.
        self._started, self._told = os.pipe()
        for end in (self._started, self._told):
            os.set_blocking(end, False)
        self._waiting = set(self.names)

    def __enter__(self) -> WebProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()
        for descriptor in (self._memory, self._started, self._told):
            os.close(descriptor)

    def listen(self) -> None:
        self.socket.listen(BACKLOG)

    def specs(self, python: str) -> list[ChildSpec]:
        return [self._spec(python, slot, name) for slot, name in enumerate(self.names)]

    def have_started(self) -> bool:
        """Return whether each has accepted connections, or died, at least once."""
        if self._waiting:
            with contextlib.suppress(BlockingIOError):
                for line in os.read(self._started, 65_536).decode().split():
                    self._waiting.discard(line.rpartition("-")[0])
        return not self._waiting

    def _spec(self, python: str, slot: int, name: str) -> ChildSpec:
        def command(life: str) -> list[str]:
            address = f"fd:fileno={self.socket.fileno()}"
            return [
                *(python, "-u", "-m", "core.server", "--no-server-name", "-e", address),
                *("--process-name", life, "--ready-fd", str(self._told)),
                *("--group-fd", str(self._memory), "--group-slot", str(slot)),
                "builder.asgi:application",
            ]

        def on_death(life: str) -> None:
            self._waiting.discard(name)
            WebGroup(self._memory, slot).clear()
            forget(life)

        return ChildSpec(
            name,
            command,
            on_death=on_death,
            inherits=(self.socket.fileno(), self._memory, self._told),
        )


def forget(life: str) -> None:
    """A web process is dead: its connections count no more, its temporary files go."""
    from django.db import connections

    from accounts.connection_limits import forget_process

    spool_folders.remove(life)
    try:
        forget_process(life)
    except Exception:
        # It falls silent all the same, and then counts no more.
        logger.info("the connections of %s could not be forgotten", life, exc_info=True)
    finally:
        # Called from threads that end: their connections end with them.
        connections.close_all()


def bind(address: str, port: int) -> socket.socket:
    """Return a socket that holds the port on an address of this machine. Raises PortRefused."""
    try:
        return _bind(address, port)
    except OSError as problem:
        if problem.errno == errno.EADDRNOTAVAIL:
            raise PortRefused(f"REELGRAPH_BIND={address} is no address of this machine.") from None
        if problem.errno == errno.EACCES:
            raise PortRefused(
                f"Port {port} needs root rights. Use another one: {start_at(8000)}"
            ) from None
        if problem.errno != errno.EADDRINUSE:
            raise
        raise PortRefused(
            f"Port {port} is in use. Use another one: {start_at(_free_port_after(address, port))}"
        ) from None


def _free_port_after(address: str, port: int) -> int:
    for candidate in range(port + 1, min(port + 100, 65_536)):
        with contextlib.suppress(OSError):
            _bind(address, candidate).close()
            return candidate
    return 8000


def _bind(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        # A port that only rests after its last use is free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::":
            # All of IPv4, too, whatever the system's default is.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((address, port))
    except BaseException:
        sock.close()
        raise
    return sock
