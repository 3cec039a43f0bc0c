"""Keeps the processes of one machine running: web processes and workers.

A child that dies is started again after a growing pause, however often that is: what killed it may
be a database or a disk that comes back, and the other children keep running. Each child leads a
session of its own, so the terminal's Ctrl-C reaches only the supervisor, which stops the workers
first: what they hand back still reaches the people who watch.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from builder.ops.server.child_logs import ChildLog
from builder.ops.server.processes import ProcessBook, signal_group
from core import outages

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Enough for 5,000 open streams with files beside them.
OPEN_FILES = 65_536
# After so many deaths in a row, no further one is logged until the child stays up.
DEATHS_SAID = 5


@dataclass(frozen=True)
class Timing:
    """All in seconds. The whole of a stop fits in `stop_all_s`.

    settled_after_s: a child that lives for so long has recovered, and its next pause is short.
    """

    first_pause_s: float = 0.2
    longest_pause_s: float = 30.0
    settled_after_s: float = 30.0
    release_s: float = 5.0
    stop_workers_s: float = 2.5
    stop_all_s: float = 4.0
    look_s: float = 0.25


@dataclass(frozen=True)
class ChildSpec:
    """One process to keep running.

    name: names its pid file and log. command: its arguments, given the unique name of this life.
    on_death: called in a thread with the name of a life that is over. cleans_up: an orderly stop
    leaves on_death nothing to do. stops_first: told to stop before those that are not.
    inherits: descriptors that stay open in it.
    """

    name: str
    command: Callable[[str], Sequence[str]]
    on_death: Callable[[str], object] | None = None
    cleans_up: bool = False
    stops_first: bool = False
    inherits: tuple[int, ...] = ()


class RunningProcess(Protocol):
    """The part of `asyncio.subprocess.Process` used here. returncode: None while it runs."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def terminate(self) -> None: ...

    async def wait(self) -> int: ...


class Launcher(Protocol):
    """The starter of a supervisor's processes."""

    async def start(
        self, command: Sequence[str], *, output: int, inherits: Sequence[int], cwd: Path
    ) -> RunningProcess:
        """Start one in a session of its own. Raises OSError."""

    def reap(self, living: set[int]) -> None:
        """Collect ended processes but for the children of these numbers. Called all the time."""

    def close(self) -> None:
        """No process is started any more."""


async def spawn(
    command: Sequence[str], *, output: int, inherits: Sequence[int], cwd: Path
) -> RunningProcess:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=cwd,
        start_new_session=True,
        pass_fds=inherits,
    )


class Spawner:
    """Each process is a program that starts from nothing."""

    start = staticmethod(spawn)

    def reap(self, living: set[int]) -> None:
        pass

    def close(self) -> None:
        pass


class ChildProcess:
    """One spec and its present process, if there is one."""

    def __init__(self, spec: ChildSpec, log_dir: Path) -> None:
        self.spec = spec
        self.log = ChildLog(log_dir / f"{spec.name}.log")
        self.stop = asyncio.Event()
        self.process: RunningProcess | None = None
        self.task: asyncio.Task[None] | None = None
        # Since it last settled.
        self.deaths = 0

    def ask_to_stop(self) -> None:
        """Idempotent. A child between two lives is not started again."""
        self.stop.set()
        self._terminate()

    def _terminate(self) -> None:
        # To the process alone: what it started is its own to stop, until time is up.
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            signal_group(self.process.pid, signal.SIGKILL)

    async def live(self, incarnation: str, book: ProcessBook, cwd: Path, launcher: Launcher) -> int:
        """Start it and wait for its end; returns the exit code, negative for a signal.

        Raises OSError when it cannot be started.
        """
        with self.log.open() as log:
            self.process = await launcher.start(
                self.spec.command(incarnation),
                output=log.fileno(),
                inherits=self.spec.inherits,
                cwd=cwd,
            )
        try:
            book.remember(self.spec.name, self.process.pid, incarnation)
            if self.stop.is_set():
                # Asked to stop while it was being started.
                self._terminate()
            return await self.process.wait()
        finally:
            # Nothing it started may outlive it.
            signal_group(self.process.pid, signal.SIGKILL)
            book.forget(self.spec.name)


class Supervisor:
    """Runs children until a signal.

    is_ready: polled until it answers True; then `announce` is called, once.
    say: prints one line for the person at the terminal.
    """

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        run_dir: Path,
        log_dir: Path,
        cwd: Path,
        is_ready: Callable[[], Awaitable[bool]],
        announce: Callable[[], object],
        say: Callable[[str], object],
        timing: Timing | None = None,
        launcher: Launcher | None = None,
    ) -> None:
        self.specs = specs
        self.book = ProcessBook(run_dir)
        self.log_dir = log_dir
        self.cwd = cwd
        self.is_ready = is_ready
        self.announce = announce
        self.say = say
        self.timing = timing or Timing()
        self.launcher = launcher or Spawner()

    async def run(self) -> None:
        """Keep all children running until a signal; then stop them."""
        loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        for number in STOP_SIGNALS:
            # One that is ignored stays so: `nohup make run` outlives its terminal.
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            loop.add_signal_handler(number, self.stopping.set)
        # Only now: whatever came while the program was loading is delivered here. The children
        # must not inherit a blocked signal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self.children = [ChildProcess(spec, self.log_dir) for spec in self.specs]
        for child in self.children:
            child.task = asyncio.create_task(self._keep(child))
        side = [asyncio.create_task(self._watch_logs()), asyncio.create_task(self._greet())]
        try:
            await self.stopping.wait()
            self.say("Stopping…")
            await self._stop_all()
        finally:
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
            self._show_errors()
            self.launcher.close()
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    async def _keep(self, child: ChildProcess) -> None:
        """Start it again and again until it is asked to stop."""
        spec, timing = child.spec, self.timing
        pause = timing.first_pause_s
        while not child.stop.is_set():
            incarnation = f"{spec.name}-{secrets.token_hex(4)}"
            settling = asyncio.create_task(self._settle(child))
            try:
                code = await child.live(incarnation, self.book, self.cwd, self.launcher)
                reason = ending(code)
            except OSError as problem:
                # Not even started: no memory, no process number, no file descriptor is left.
                code, reason = None, f"can't start: {problem.strerror or problem}"
            finally:
                settling.cancel()
            is_stopping = child.stop.is_set()
            if spec.on_death is not None and not (is_stopping and code == 0 and spec.cleans_up):
                await self._tell_of_death(spec.on_death, incarnation)
            if is_stopping:
                return
            if child.deaths == 0:
                pause = timing.first_pause_s
            child.deaths += 1
            self.book.note_death(spec.name, incarnation, reason, child.deaths)
            self._show_errors_of(child)
            self._say_that_it_died(child, reason, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.stop.wait(), pause)
            pause = min(pause * 2, timing.longest_pause_s)

    async def _settle(self, child: ChildProcess) -> None:
        await asyncio.sleep(self.timing.settled_after_s)
        if child.deaths >= DEATHS_SAID:
            self.say(f"{child.spec.name} is running again.")
        child.deaths = 0
        self.book.forgive(child.spec.name)

    def _say_that_it_died(self, child: ChildProcess, reason: str, pause: float) -> None:
        name, path = child.spec.name, child.log.path
        if child.deaths < DEATHS_SAID:
            self.say(f"{name} crashed ({reason}). Restarting. Log: {path}")
        elif child.deaths == DEATHS_SAID:
            self.say(
                f"{name} keeps crashing ({reason}). It is restarted after"
                f" {pause:.0f}–{self.timing.longest_pause_s:.0f} s each time, without further"
                f" messages until it runs. Log: {path}"
            )

    async def _tell_of_death(self, on_death: Callable[[str], object], incarnation: str) -> None:
        telling = asyncio.create_task(asyncio.to_thread(on_death, incarnation))
        try:
            await asyncio.wait_for(asyncio.shield(telling), self.timing.release_s)
        except Exception as problem:
            # Not fatal: what a dead worker held also comes back when its lease ends. And
            # a database that hangs must not keep the next life waiting.
            telling.add_done_callback(lambda done: done.cancelled() or done.exception())
            if outages.kind_of(problem) or isinstance(problem, TimeoutError):
                return  # the worker's own log says so
            self.say(f"Couldn't release the work of {incarnation}: {problem}")

    async def _stop_all(self) -> None:
        end = time.monotonic() + self.timing.stop_all_s
        first = [child for child in self.children if child.spec.stops_first]
        rest = [child for child in self.children if not child.spec.stops_first]
        await self._stop(first, time.monotonic() + self.timing.stop_workers_s)
        await self._stop(rest, end)

    async def _stop(self, children: list[ChildProcess], end: float) -> None:
        tasks = [child.task for child in children if child.task is not None]
        if not tasks:
            return
        for child in children:
            child.ask_to_stop()
        await asyncio.wait(tasks, timeout=max(0.0, end - time.monotonic()))
        for child in children:
            child.kill()
        await asyncio.wait(tasks, timeout=1.0)

    async def _greet(self) -> None:
        while not await self.is_ready():
            await asyncio.sleep(self.timing.look_s / 2)
        self.announce()

    async def _watch_logs(self) -> None:
        while True:
            await asyncio.sleep(self.timing.look_s)
            self._show_errors()
            for child in self.children:
                child.log.rotate()
            # What a full disk refused.
            self.book.catch_up()
            processes = [child.process for child in self.children if child.process is not None]
            self.launcher.reap({one.pid for one in processes if one.returncode is None})

    def _show_errors(self) -> None:
        for child in self.children:
            self._show_errors_of(child)

    def _show_errors_of(self, child: ChildProcess) -> None:
        for line in child.log.new_errors():
            # One that dies again and again writes the same each time, and its log keeps it.
            if child.deaths < DEATHS_SAID:
                self.say(f"{child.spec.name} | {line}")


def ending(code: int) -> str:
    """Describe how a process ended."""
    if code == os.EX_IOERR:
        return "the disk did not take what it had to keep"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


async def answers(endpoint: tuple[str, int], timeout_s: float = 5.0) -> bool:
    """Return whether the web process answers. It is asked for no page: to draw one takes 10 MB,
    which it has no use for before anyone opens one."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(*endpoint)
            try:
                writer.write(
                    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                words = (await reader.readline()).split()
            finally:
                writer.close()
        return len(words) > 1 and words[1] < b"500"
    except (OSError, TimeoutError):
        return False


def raise_open_files() -> int:
    """Lift the soft limit on open files as far as it may go, for the children too; returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    # macOS reports no hard limit and still refuses more than 10,240.
    for limit in (target, 10_240):
        if limit <= soft:
            break
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return limit
    return soft


def worker_command(python: str, cwd: Path, incarnation: str) -> list[str]:
    return [python, "-u", os.fspath(cwd / "manage.py"), "worker", "--name", incarnation]
