"""Wakes processes of this machine by datagrams. A lost one costs a poll, nothing else.

Every subscriber binds `<folder>/<group>-<name>.sock`; `notify` sends to each of a group. The tables
are the truth: a datagram only says "look now".
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

# A socket's address holds about 104 bytes on the strictest system we run on.
_LONGEST_PATH = 90
# What is left of a longer message is lost.
LONGEST_MESSAGE = 16 * 1024
# Linux holds ten datagrams for a socket: the rest of a burst waits for its owner to read.
RETRIES, RETRY_S = 10, 0.001


def folder() -> Path:
    """Return the sockets' folder: the run folder, or a short private one when its path is long."""
    run_dir = Path(settings.RUN_DIR)
    if len(str(run_dir)) <= _LONGEST_PATH - 40:
        return run_dir
    digest = hashlib.sha256(str(run_dir).encode()).hexdigest()[:12]
    # The same for all processes: `tempfile` is told another folder in the web process.
    short = Path("/tmp") / f"reelgraph-{os.getuid()}-{digest}"  # noqa: S108
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError(f"{short} belongs to someone else")
    return short


class Subscriber:
    """A bound socket that receives its group's messages. Close it to leave the group."""

    def __init__(self, group: str, name: str) -> None:
        self.path = folder() / f"{group}-{name}.sock"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.socket.bind(str(self.path))
        except OSError:
            self.socket.close()
            raise
        self.socket.setblocking(False)

    def wait(self, timeout_s: float) -> bool:
        """Sleep until a message comes or timeout_s passed. True when one came; drops all so far."""
        self.socket.settimeout(timeout_s)
        try:
            self.socket.recv(LONGEST_MESSAGE)
        except (TimeoutError, InterruptedError):
            return False
        self.drain()
        return True

    def drain(self, limit: int | None = None) -> list[bytes]:
        """The messages that have come and were not read yet; at most so many."""
        self.socket.setblocking(False)
        messages: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while limit is None or len(messages) < limit:
                messages.append(self.socket.recv(LONGEST_MESSAGE))
        return messages

    def close(self) -> None:
        self.socket.close()
        self.path.unlink(missing_ok=True)


def notify(group: str, message: bytes = b"") -> int:
    """Wake every subscriber of a group. Never raises; how many lost the message.

    Tries again each millisecond where a queue is full. Not with an empty message: a subscriber with
    a full queue wakes up anyway. Not for an event loop that subscribes itself: this would block its
    reading.
    """
    full = send(message, subscribers(group))
    for _ in range(RETRIES if message else 0):
        if not full:
            break
        time.sleep(RETRY_S)
        full = send(message, full)
    return len(full)


def subscribers(group: str) -> list[Path]:
    """The sockets of a group, those of killed processes included."""
    try:
        path = folder()
        return [
            path / name
            for name in os.listdir(path)
            if name.startswith(f"{group}-") and name.endswith(".sock")
        ]
    except OSError:
        return []


def send(message: bytes, sockets: Iterable[Path]) -> list[Path]:
    """Send once to each socket. Never blocks, never raises: those whose queue is full.

    Sockets of killed processes are deleted.
    """
    full: list[Path] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in sockets:
            try:
                sender.sendto(message, str(path))
            except ConnectionRefusedError:
                with contextlib.suppress(OSError):
                    path.unlink()
            except OSError as problem:
                # ENOBUFS: how macOS says EAGAIN.
                if problem.errno in (errno.EAGAIN, errno.ENOBUFS):
                    full.append(path)
    return full
