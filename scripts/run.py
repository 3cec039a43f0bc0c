"""`make run`: set up what is missing, then become the supervisor until Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap import ROOT, SetupProblem, ensure_or_exit, further_locks

import frontend


@contextmanager
def editor_built_meanwhile() -> Iterator[subprocess.Popen[str] | None]:
    """Build the editor beside what the block does: each takes a dozen seconds. Yields the process
    that builds it, if it is missing.

    Where Node itself is one of the packages, or this fails, `build_editor` builds it afterwards.
    """
    if frontend.is_built() or frontend.system_node() is None:
        yield None
        return
    command = [sys.executable, str(Path(__file__).with_name("frontend.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as build:
        try:
            yield build
        except BaseException:
            build.terminate()
            raise
        # Not before: the packages' progress rewrites its line.
        assert build.stdout is not None
        for line in build.stdout:
            print(line, end="", flush=True)


def prepare_new_database(python: str) -> None:
    """Make the database of a first start. Where that fails, the server says why."""
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(
            [python, "manage.py", "prepare", "--new"], cwd=ROOT, stdout=quiet, stderr=quiet
        )
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


def build_editor() -> None:
    """Build it; without it, the studio still makes films, and the editor's page says what to do."""
    try:
        frontend.ensure()
    except SetupProblem as problem:
        print(f"{problem}\nStarting without the newest editor.", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


def main() -> None:
    with editor_built_meanwhile() as build:
        python = ensure_or_exit("runtime", *further_locks())
        # Otherwise the server does it, which has imported everything.
        if build is not None and build.poll() is None:
            prepare_new_database(python)
    build_editor()
    # A Ctrl-C while the server command is still loading waits for it; it unblocks both.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.chdir(ROOT)
    os.execv(python, [python, "manage.py", "serve"])


if __name__ == "__main__":
    main()
