"""A program under test: its lines as they come, its end, and no leftovers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

from tests.support.waiting import WAIT_S, Late, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent


class Process(Protocol):
    """What `Program` uses of a `subprocess.Popen`, whose stdout is text."""

    pid: int
    returncode: int | None

    @property
    def stdout(self) -> IO[str] | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...


class Program:
    """Runs a command in a session of its own; `lines` grows while it runs. cwd: a checkout.

    process: one that was started otherwise, instead of the command.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path = ROOT,
        process: Process | None = None,
    ) -> None:
        self.lines: list[str] = []
        self.process: Process = process or subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def text(self) -> str:
        return "\n".join(self.lines)

    def line_with(self, part: str, within_s: float = WAIT_S) -> str:
        """Return the first line that contains `part`. Raises Late, with all lines, when none
        comes, and AssertionError when the program has ended without it."""

        def look() -> str | None:
            found = [line for line in list(self.lines) if part in line]
            if not found and self.process.poll() is not None and not self._reader.is_alive():
                raise AssertionError(f"it ended without saying {part!r}:\n{self.text()}")
            return found[0] if found else None

        try:
            return wait_for(look, f"a line with {part!r}", within_s) or ""
        except Late as problem:
            raise Late(f"{problem}\n{self.text()}") from None

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, within_s: float = WAIT_S) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        code = self.process.wait(within_s)
        self._reader.join(5)
        return code

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def pid_of(home: Path, name: str, *, other_than: int = 0) -> int:
    """The pid in run/<name>.pid, once it names a process other than the given one."""

    def look() -> int:
        try:
            pid = int((home / "run" / f"{name}.pid").read_text())
        except (OSError, ValueError):
            return 0
        return pid if pid != other_than else 0

    return wait_for(look, f"a pid file of {name}")
