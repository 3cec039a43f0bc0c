"""Wakes sleeping processes on this machine by a datagram. A lost one costs a poll, nothing else.

Every listener binds `<folder>/<group>-<name>.sock`; ringing a group sends to each of them. The
tables are the truth: a datagram only says "look now".
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
from pathlib import Path

from django.conf import settings

# A socket's address holds about 104 bytes on the strictest system we run on.
_LONGEST_PATH = 90
# What is left of a longer message is lost.
LONGEST_MESSAGE = 16 * 1024


def folder() -> Path:
    """Where the sockets are: the run folder, or a short private one when that path is too long."""
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


class Listener:
    """A bound socket that hears its group's rings. Close it to leave the group."""

    def __init__(self, group: str, name: str) -> None:
        self.path = folder() / f"{group}-{name}.sock"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)

    def wait(self, timeout_s: float) -> bool:
        """Sleep until rung or timeout_s passed. True when rung; swallows all rings heard so far."""
        self.socket.settimeout(timeout_s)
        try:
            self.socket.recv(LONGEST_MESSAGE)
        except (TimeoutError, InterruptedError):
            return False
        self.drain()
        return True

    def drain(self) -> list[bytes]:
        """Every message heard and not yet read."""
        self.socket.setblocking(False)
        heard = []
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(self.socket.recv(LONGEST_MESSAGE))
        return heard

    def close(self) -> None:
        self.socket.close()
        self.path.unlink(missing_ok=True)


def ring(group: str, message: bytes = b"") -> None:
    """Wake every listener of a group. Never blocks, never raises: a dead one is swept away."""
    try:
        place = folder()
        names = [name for name in os.listdir(place) if name.startswith(f"{group}-")]
    except OSError:
        return
    if not names:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for name in names:
            if not name.endswith(".sock"):
                continue
            try:
                sender.sendto(message, str(place / name))
            except ConnectionRefusedError:
                with contextlib.suppress(OSError):
                    (place / name).unlink()
            except OSError:
                # Its buffer is full: it has plenty to wake up for already.
                continue
