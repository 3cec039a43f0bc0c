"""`make test`: set up what is missing, then the whole short tier, or what `T=…` names.

The short tier is all tests that are not marked `slow`; `make test-all` runs the others.

In CI the tests that tests/retried.json names are tried once more when they fail, each alone. All
others are red at once: a failure that a second try hides is a defect that stays.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bootstrap import ROOT, ensure_or_exit, run

import frontend

# One process more than cores: tests wait for servers and children a third of their time. What lies
# in one file stays in one of them.
PARALLEL = ("-n", str(min(os.cpu_count() or 2, 4) + 1), "--dist", "loadfile")
SLOWEST = "--durations=25"
INTERRUPTED = 130
# pytest's exit code when tests failed and nothing else went wrong.
FAILED = 1
# Id of a test → why it fails now and then. May only get shorter.
RETRIED = ROOT / "tests" / "retried.json"


def run_tests(arguments: list[str], *, builds_editor: bool = True, **environment: str) -> int:
    """Run pytest on several processes, each with its own data folder; returns its exit code.

    arguments: pytest's. Of options given twice, such as `-n`, pytest takes the last.
    builds_editor: whether the tests need the editor, and with it Node.
    """
    python = ensure_or_exit("runtime", "dev")
    if builds_editor:
        frontend.ensure_or_exit()
    # One folder for all homes and scratch files of this run, gone when it ends.
    scratch = tempfile.mkdtemp(prefix="rg-")
    environment["REELGRAPH_TEST_ROOT"] = scratch
    # Where a machine sets it, each process compiles all modules, and pytest rewrites all tests.
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    cache = Path(scratch) / "cache"
    command = [python, "-m", "pytest", "-o", f"cache_dir={cache}", *PARALLEL, SLOWEST, *arguments]
    try:
        code = run(command, **environment)
        if code == FAILED and os.environ.get("CI"):
            failures = set(json.loads((cache / "v/cache/lastfailed").read_text()))
            if may_be_retried(failures, json.loads(RETRIED.read_text())):
                print(f"— {len(failures)} of retried.json failed: each alone", flush=True)
                code = run([*command, "-n", "0", "--last-failed"], **environment)
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def may_be_retried(failures: set[str], causes: dict[str, str]) -> bool:
    """Return whether all of these failures are of named tests: one other failure is red at once."""
    return failures <= causes.keys()


def short_tier(folders: Sequence[str] = ()) -> int:
    """Run the short tests of these folders, or of all that have tests."""
    return run_tests(["-m", "not slow", *folders])


def requested_arguments() -> list[str]:
    """Return `T=` split as the shell would: paths, `-k words`, `-m thorough`, `-x`."""
    return shlex.split(os.environ.get("T", ""))


def main() -> int:
    arguments = sys.argv[1:] or requested_arguments()
    # What is named runs whether slow or not. The long forms run when they are asked for.
    return run_tests(["-m", "not thorough", *arguments]) if arguments else short_tier()


if __name__ == "__main__":
    sys.exit(main())
