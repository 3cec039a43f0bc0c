"""`make test`: set up what is missing, then the tests of a change, or what `T=…` names.

The tests of a change are all that are not marked `slow`; `make test-all` runs the others.

In CI a few failed tests are tried once more, each alone: promises of time ("within 5 s") do not
hold where other programs take the machine. Such a test passes then, and the last lines name it.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from bootstrap import ensure_or_exit, run

import frontend

# Two processes keep two cores busy; what lies in one file stays in one of them.
PARALLEL = ("-n", "2", "--dist", "loadfile")
SLOWEST = "--durations=50"
INTERRUPTED = 130
# pytest's exit code when tests failed and nothing else went wrong.
FAILED = 1
# More than these did not fail for want of a turn. What a module prepares fails all of its tests.
TRIED_AGAIN = 10


def run_tests(arguments: list[str], *, builds_editor: bool = True, **environment: str) -> int:
    """Run pytest on two processes, each with its own data folder; returns its exit code.

    arguments: pytest's. Of options given twice, such as `-n`, pytest takes the last.
    builds_editor: whether the tests need the editor, and with it Node.
    """
    python = ensure_or_exit("runtime", "dev")
    if builds_editor:
        frontend.ensure_or_exit()
    # One folder for all homes and scratch files of this run, gone when it ends.
    scratch = tempfile.mkdtemp(prefix="rg-")
    environment["REELGRAPH_TEST_ROOT"] = scratch
    cache = Path(scratch) / "cache"
    command = [python, "-m", "pytest", "-o", f"cache_dir={cache}", *PARALLEL, SLOWEST, *arguments]
    try:
        code = run(command, **environment)
        if code == FAILED and os.environ.get("CI"):
            failed = list(json.loads((cache / "v/cache/lastfailed").read_text()))
            if len(failed) <= TRIED_AGAIN:
                print(f"— {len(failed)} failed: once more, each alone", flush=True)
                code = run([*command, "-n", "0", "--last-failed"], **environment)
                print("Failed at first:", *failed, sep="\n    ", flush=True)
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def of_a_change() -> int:
    return run_tests(["-m", "not slow"])


def requested() -> list[str]:
    """What `T=` says, as the shell would split it: paths, `-k words`, `-m thorough`, `-x`."""
    return shlex.split(os.environ.get("T", ""))


def main() -> int:
    chosen = sys.argv[1:] or requested()
    # What is named runs whether slow or not. The long forms run when they are asked for.
    return run_tests(["-m", "not thorough", *chosen]) if chosen else of_a_change()


if __name__ == "__main__":
    sys.exit(main())
