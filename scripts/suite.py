"""`make test`: set up what is missing, then the whole short tier, or what `T=…` names.

The short tier is all tests that are not marked `slow`; `make test-all` runs the others.

Up to MOST_AGAIN failed tests of a run are tried once more when all others have ended, in a new
process with nothing beside it: a test that was late on a busy machine is no defect. The last lines
name those that passed then. More failures, a crashed process and a file that can't be collected
are red at once, and `make test-all` tries nothing twice.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ensure_or_exit, run

import frontend

# One process more than cores: tests wait for servers and children a third of their time. What lies
# in one file stays in one of them.
PARALLEL = ("-n", str(min(os.cpu_count() or 2, 4) + 1), "--dist", "loadfile")
SLOWEST = "--durations=25"
INTERRUPTED = 130
# pytest's exit code when tests failed and nothing else went wrong.
FAILED = 1
# More failures of one run are a defect, or a machine that can't be used.
MOST_AGAIN = 4


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a part of the suite.

    code: pytest's exit code, 0 when all passed. failures: ids of the tests that failed, in the
    second try where there was one. second_tries: ids of those that passed in the second try only.
    """

    code: int
    failures: Sequence[str] = ()
    second_tries: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The file that `tests/support/outcomes.py` writes."""

    passes: Sequence[str]
    failures: Sequence[str]
    errors: Sequence[str]


def run_tests(
    arguments: list[str],
    *,
    builds_editor: bool = True,
    tries_again: bool = True,
    **environment: str,
) -> Result:
    """Run pytest on several processes, each with its own data folder.

    arguments: pytest's. Of options given twice, such as `-n`, pytest takes the last.
    builds_editor: whether the tests need the editor, and with it Node.
    tries_again: whether a few failed tests may pass in a second try.
    """
    python = ensure_or_exit("runtime", "dev")
    if builds_editor:
        frontend.ensure_or_exit()
    # One folder for all homes and scratch files of this run, gone when it ends.
    scratch = Path(tempfile.mkdtemp(prefix="rg-"))
    environment["REELGRAPH_TEST_ROOT"] = str(scratch)
    # Where a machine sets it, each process compiles all modules, and pytest rewrites all tests.
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    command = [python, "-m", "pytest", "-o", f"cache_dir={scratch / 'cache'}", *PARALLEL, SLOWEST]
    command += ["-p", "tests.support.outcomes", *arguments]
    try:
        code, first = _run_once(command, scratch / "first.json", environment)
        if code != FAILED or first.errors or not tries_again or len(first.failures) > MOST_AGAIN:
            return Result(code, first.failures)
        print("— once more, alone:", *first.failures, sep="\n  ", flush=True)
        alone = ["-n", "0", "--last-failed", "--last-failed-no-failures=none"]
        code, again = _run_once([*command, *alone], scratch / "second.json", environment)
        if code == 0 and again.passes == first.failures:
            return Result(0, second_tries=again.passes)
        return Result(code or FAILED, again.failures or first.failures)
    except KeyboardInterrupt:
        return Result(INTERRUPTED)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run_once(command: list[str], file: Path, environment: dict[str, str]) -> tuple[int, Outcomes]:
    """Return pytest's exit code and what it wrote; nothing where it did not begin."""
    code = run([*command, f"--outcomes={file}"], **environment)
    return code, Outcomes(**json.loads(file.read_text())) if file.exists() else Outcomes([], [], [])


def short_tier(folders: Sequence[str] = ()) -> Result:
    """Run the short tests of these folders, or of all that have tests."""
    return run_tests(["-m", "not slow", *folders])


def run_parts(parts: Mapping[str, Callable[[], Result]]) -> int:
    """Run parts of the suite one after another, the others even if one fails.

    The last lines say of each whether it passed, and how many minutes and how much processor time
    of the machine it took, and name the tests that failed. Returns the exit code of a script.
    """
    lines, results = [], []
    for name, part in parts.items():
        print(f"— {name}", flush=True)
        start, cpu_before = time.monotonic(), machine_cpu_s()
        result = part()
        if result.code == INTERRUPTED:
            return INTERRUPTED
        minutes, cpu_s = (time.monotonic() - start) / 60, machine_cpu_s() - cpu_before
        word = "FAILED" if result.code else "passed"
        lines.append(f"{name}: {word} in {minutes:.1f} min, {cpu_s:.0f} CPU-s of this machine")
        lines += [f"  {test}" for test in result.failures if result.code]
        results.append(result)
    print("\n".join(lines), flush=True)
    return exit_code(*results)


def exit_code(*results: Result) -> int:
    """Return a script's exit code, after naming the tests that passed in the second try only.

    With REELGRAPH_SECOND_TRIES their ids are also added to that file: the last lines of `.ci/run`
    are those of several commands.
    """
    tests = [test for result in results for test in result.second_tries]
    if tests:
        print("Passed in the second try only:", *tests, sep="\n  ", flush=True)
        file = os.environ.get("REELGRAPH_SECOND_TRIES")
        if file:
            with open(file, "a") as lines:
                lines.writelines(f"{test}\n" for test in tests)
    return next((result.code for result in results if result.code), 0)


def machine_cpu_s() -> float:
    """Processor seconds this machine has spent since it started; 0 where that is unknown."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return 0.0
    user, nice, system = (int(number) for number in line.split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def requested_arguments() -> list[str]:
    """Return `T=` split as the shell would: paths, `-k words`, `-m thorough`, `-x`."""
    return shlex.split(os.environ.get("T", ""))


def main() -> int:
    arguments = sys.argv[1:] or requested_arguments()
    # What is named runs whether slow or not. The long forms run when they are asked for.
    return exit_code(run_tests(["-m", "not thorough", *arguments]) if arguments else short_tier())


if __name__ == "__main__":
    sys.exit(main())
