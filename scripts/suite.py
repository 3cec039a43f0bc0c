"""`make test`: set up what is missing, then the whole suite, or what `T=…` names.

The long forms of tests, marked `thorough`, are left out: `make test-thorough` runs them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile

from bootstrap import ensure_or_exit, run

import frontend


def run_tests(arguments: list[str], **environment: str) -> int:
    """Run pytest on two processes, each with its own data folder; returns its exit code."""
    python = ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    # One folder for all homes and scratch files of this run, gone when it ends.
    scratch = tempfile.mkdtemp(prefix="rg-")
    parallel = ["-n", "2", "--dist", "loadfile"]
    # Of several `-m` pytest takes the last: one among the arguments chooses otherwise.
    short = ["-m", "not thorough"]
    try:
        return run(
            [python, "-m", "pytest", *parallel, *short, *arguments],
            REELGRAPH_TEST_ROOT=scratch,
            **environment,
        )
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def requested() -> list[str]:
    """What `T=` says, as the shell would split it: paths, `-k words`, `-x`."""
    return shlex.split(os.environ.get("T", ""))


if __name__ == "__main__":
    sys.exit(run_tests(sys.argv[1:] or requested()))
