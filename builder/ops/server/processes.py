"""The supervisor's files about its processes, and how a later start reads them.

`run/web.pid`, `run/worker-N.pid`   one number each, for people and tools; of several web processes
                                    `run/web-N.pid`
`run/processes.json`                the same with each process's start time: a number alone may by
                                    now belong to another program's process; and how those ended
                                    that have not settled since
`run/studio.lock`                   held while a supervisor lives; the kernel drops it with it
`run/address`                       where the server listens, see `core.server_address`
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

# Two readings of one process's start time may differ when the wall clock was set in between.
SAME_START_S = 1.5


class AlreadyRunning(Exception):
    """A supervisor of this data folder is alive. The message says which."""


@dataclass(frozen=True)
class Recorded:
    """One child as it was started. incarnation: the unique name this one life of it works under."""

    name: str
    pid: int
    started: float
    incarnation: str


@contextlib.contextmanager
def sole_supervisor(run_dir: Path) -> Iterator[None]:
    """Be the only supervisor of this data folder. Raises AlreadyRunning."""
    descriptor = os.open(run_dir / "studio.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise AlreadyRunning(
                f"Reelgraph is already running on {run_dir.parent} (process {pid})."
                " Stop it first, or set REELGRAPH_HOME to another folder."
            ) from None
        # The lock is what counts: without room for the number a start goes on.
        with contextlib.suppress(OSError):
            os.pwrite(descriptor, f"{os.getpid():<16}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Death:
    """The end of a child's last life. deaths: since it last ran for a while."""

    name: str
    incarnation: str
    reason: str
    deaths: int


class ProcessBook:
    """The pid files of one data folder, and the start times behind them.

    Writing never fails: what a full disk refuses is written by `catch_up`.
    """

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.path = run_dir / "processes.json"
        self._entries: dict[str, Recorded] = {}
        self._deaths: dict[str, Death] = {}
        self._is_behind = False

    def remember(self, name: str, pid: int, incarnation: str) -> None:
        try:
            start_time = psutil.Process(pid).create_time()
        except psutil.Error:
            return  # it died at once; anyone who waits for it says so
        self._entries[name] = Recorded(name, pid, start_time, incarnation)
        self._write()

    def forget(self, name: str) -> None:
        self._entries.pop(name, None)
        self._write()
        with contextlib.suppress(OSError):
            (self.run_dir / f"{name}.pid").unlink()

    def note_death(self, name: str, incarnation: str, reason: str, deaths: int) -> None:
        self._deaths[name] = Death(name, incarnation, reason, deaths)
        self._write()

    def forgive(self, name: str) -> None:
        """It has settled: how it ended before does not matter any more."""
        if self._deaths.pop(name, None) is not None:
            self._write()

    def catch_up(self) -> None:
        """Write what could not be written, if there is anything."""
        if self._is_behind:
            self._write()

    def left_behind(self) -> list[Recorded]:
        """Return what an earlier supervisor recorded and never took back; it may be dead by now."""
        try:
            return [Recorded(**row) for row in self._read()["running"]]
        except (KeyError, TypeError):
            return []

    def deaths(self) -> list[Death]:
        """Children that a supervisor keeps, and that have died and not settled since."""
        try:
            return [Death(**row) for row in self._read()["died"]]
        except (KeyError, TypeError):
            return []

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        # Until 2026 the file was the list of those running.
        return document if isinstance(document, dict) else {"running": document}

    def living(self) -> list[Recorded]:
        """Recorded processes that still run; those that a living supervisor keeps, too."""
        return [entry for entry in self.left_behind() if _living(entry) is not None]

    def stale(self) -> list[str]:
        """Names of pid files whose process is gone, or was never recorded."""
        living = {entry.name for entry in self.living()}
        return sorted(path.name for path in self.run_dir.glob("*.pid") if path.stem not in living)

    def stop_left_behind(self, grace_s: float = 3.0) -> list[Recorded]:
        """Stop the children of a supervisor that was killed; returns all it had recorded.

        Only processes whose start time matches are touched.
        """
        entries = self.left_behind()
        alive = [process for process in map(_living, entries) if process is not None]
        for process in alive:
            signal_group(process.pid, signal.SIGTERM)
        psutil.wait_procs(alive, timeout=grace_s)
        for process in alive:
            signal_group(process.pid, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=grace_s)
        for entry in entries:
            self.forget(entry.name)
        # Of processes that no longer have this name, or of releases that recorded nothing else.
        for path in self.run_dir.glob("*.pid"):
            path.unlink(missing_ok=True)
        return entries

    def _write(self) -> None:
        document = {
            "running": [asdict(entry) for entry in self._entries.values()],
            "died": [asdict(death) for death in self._deaths.values()],
        }
        results = [_replace(self.path, json.dumps(document))]
        results += [
            _replace(self.run_dir / f"{entry.name}.pid", f"{entry.pid}\n")
            for entry in self._entries.values()
        ]
        self._is_behind = not all(results)


def is_web(name: str) -> bool:
    """Return whether a child of this name is a web process; the others are workers."""
    return name == "web" or name.startswith("web-")


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a child and everything it started: each child leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _living(entry: Recorded) -> psutil.Process | None:
    try:
        process = psutil.Process(entry.pid)
        same = abs(process.create_time() - entry.started) <= SAME_START_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _replace(path: Path, text: str) -> bool:
    """Write it, whole or not at all: a reader never sees half a number. False: the disk is full.

    A file that is there is then overwritten where it is, which needs no room.
    """
    scratch = path.with_name(path.name + ".new")
    try:
        scratch.write_text(text)
        scratch.replace(path)
        return True
    except OSError:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
    try:
        with path.open("r+b") as file:
            room = os.fstat(file.fileno()).st_size
            file.write(text.encode().ljust(room))
    except OSError:
        return False
    return False
