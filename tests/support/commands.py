"""Management commands in one process that stays: to start Python and Django costs most of a second.

Run as a program it takes one JSON line per command, the words after `manage.py`, and answers with
one: the exit code and what was printed. It ends when no one can write to it any more. With a
descriptor's number it forks such processes and servers instead (tests.support.forked_commands).
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

ROOT = Path(__file__).resolve().parent.parent.parent
# Migrating on a busy machine takes minutes.
WITHIN_S = 300.0


class Running(Protocol):
    """A process that takes commands, as `Commands` uses it."""

    @property
    def stdin(self) -> IO[bytes] | None: ...

    @property
    def stdout(self) -> IO[bytes] | None: ...

    def kill(self) -> None: ...

    def wait(self, within_s: float, /) -> int: ...

    def communicate(self) -> object: ...


class Commands:
    """`with Commands(env) as commands:` `commands.run("key", "--user", "ada")` is what it prints.

    env: added to ours. The process starts with the first command. begin: starts it in another way,
    given its whole environment.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        begin: Callable[[Mapping[str, str]], Running] | None = None,
    ) -> None:
        self.env = env
        self._begin = begin or start
        self._process: Running | None = None

    def run(self, *command: str) -> str:
        """What a command prints. Raises subprocess.CalledProcessError when it fails."""
        process = self._process = self._process or self._begin({**os.environ, **self.env})
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(command).encode() + b"\n")
        process.stdin.flush()
        # There is never more than one line on its way, so none can hide in a buffer.
        if not select.select([process.stdout], [], [], WITHIN_S)[0]:
            raise subprocess.TimeoutExpired(command, WITHIN_S)
        line = process.stdout.readline()
        if not line:
            raise subprocess.CalledProcessError(process.wait(WITHIN_S), command)
        answer = json.loads(line)
        if answer["code"]:
            # The log of pytest shows stderr, not what an exception carries.
            sys.stderr.write(answer["said"])
            raise subprocess.CalledProcessError(
                answer["code"], command, answer["printed"], answer["said"]
            )
        return str(answer["printed"])

    def __enter__(self) -> Commands:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        problem: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def start(env: Mapping[str, str]) -> Running:
    """Start a process that takes commands. env: the whole environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.commands"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def manage(env: Mapping[str, str], *command: str) -> str:
    """What a command prints that has a process of its own, as an operator starts it."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )
    return done.stdout


def _obey(command: list[str]) -> dict[str, object]:
    from django.core.management import execute_from_command_line

    printed, said = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        try:
            execute_from_command_line(["manage.py", *command])
        except SystemExit as end:
            code = end.code or 0
        except Exception:
            code = 1
            traceback.print_exc()
    return {
        "code": code if isinstance(code, int) else 1,
        "printed": printed.getvalue(),
        "said": said.getvalue(),
    }


def _serve() -> None:
    # Whatever prints past Python's own stdout must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_obey(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    # As manage.py does.
    gc.disable()
    if sys.argv[1:]:
        import manage
        from tests.support import forked_commands

        if words := forked_commands.become_forks(int(sys.argv[1])):
            sys.argv = ["manage.py", *words]
            sys.exit(manage.main())
    _serve()
