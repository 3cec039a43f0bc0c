"""`make check`: everything a change must pass. The checks first, two at a time, then `make test`.

The studio is left out while nothing has changed of what its checks read since all of them passed;
with CI=1 it never is.
"""

from __future__ import annotations

import os
import sys
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ROOT, VENV, ensure_or_exit, run_quietly
from code_tree import checkout_files
from file_facts import digest, load, save
from suite import exit_code, short_tier

import frontend

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CODE = (*PYPROJECT["tool"]["importlinter"]["root_packages"], "scripts")
STUDIO = "studio"
# What checks of the studio read, with its tests, which also use the sandbox, samples and briefs.
STUDIO_READS = (
    STUDIO,
    "mediakit",
    "media/sandbox",
    "builder/ops/samples",
    "static/fonts",
    "tests/fixtures/briefs.json",
    "tests/support/tiers.py",
    "pyproject.toml",
    "requirements",
    "scripts",
)
# Name of a check → the state of its inputs when it passed last.
PASSED = VENV / "checks" / "passed.json"
# Most checks keep one core busy.
AT_ONCE = 2
# What the editor's checks read: its styles import those of the pages.
EDITOR = ("frontend", "static", "biome.json")


@dataclass(frozen=True, slots=True)
class Check:
    """A command that changes no file.

    inputs: folders and files that hold all it depends on; without any it always runs.
    """

    name: str
    command: Sequence[str]
    inputs: Sequence[str] = ()

    def state(self, root: Path = ROOT) -> str:
        """Hash the command and the tracked and new files of the inputs; "" when it must run."""
        if not self.inputs or os.environ.get("CI"):
            return ""
        paths = checkout_files(root, *self.inputs)
        return digest(
            *self.command, *(part for path in paths for part in (path, (root / path).read_bytes()))
        )


def quick_checks(python: str, without: Sequence[str] = ()) -> list[Check]:
    """without: folders that are left out where a check reads single files."""
    tool = [python, "-m"]
    ruff = [*tool, "ruff"]
    ruff_options = [f"--exclude={folder}" for folder in without]
    less = [f"--without={folder}" for folder in without]
    # The server's types follow what it imports of a folder that is left out.
    mypy_folders = [folder for folder in CODE if folder not in without]
    return [
        Check("types", [*tool, "mypy", *mypy_folders]),
        Check("lint (make fmt fixes most of it)", [*ruff, "check", *ruff_options, "."]),
        Check("format (make fmt fixes it)", [*ruff, "format", "--check", *ruff_options, "."]),
        Check(
            "templates: lint, format (make fmt fixes format)",
            [*tool, "djlint", "--lint", "--check", "--quiet", "."],
        ),
        Check("lines of templates and styles", [python, "scripts/line_lengths.py"]),
        Check("names of classes (scripts/class_names.py)", [python, "scripts/class_names.py"]),
        Check("words (scripts/words.txt)", [python, "scripts/words.py", *less]),
        Check(
            "structure (scripts/structure.py)", [python, "scripts/structure.py", "--check", *less]
        ),
        Check("names (scripts/names.py)", [python, "scripts/names.py", "--check"]),
        Check("generated files (manage.py generate)", [python, "manage.py", "generate", "--check"]),
        Check("layers", [str(VENV / "bin" / "lint-imports"), "--no-cache"]),
        Check(
            "migrations (manage.py makemigrations)",
            [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        ),
    ]


def editor_checks(node: frontend.Node) -> list[Check]:
    """The same of the editor's frontend."""
    return [
        Check(
            "editor: types, lint, format (make fmt fixes most of it)",
            node.command("run", "check"),
            EDITOR,
        ),
        Check("editor: tests", node.command("test"), EDITOR),
    ]


def has_passed(check: Check, state: str) -> bool:
    return bool(state) and load(PASSED).get(check.name) == state


def keep(check: Check, state: str) -> None:
    """Record that a check passed. state: taken before the check read its files, so that a change
    made during it is checked next time."""
    if state:
        save(PASSED, {**load(PASSED), check.name: state})


def failures_of(checks: Sequence[Check], **environment: str) -> list[str]:
    """Run checks, two at a time in their order; returns the names of those that failed.

    Each prints what it wrote when it has ended. One that passed with the same inputs in this
    checkout doesn't run.
    """
    failures, running = [], {}
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for check in checks:
            state = check.state()
            if has_passed(check, state):
                print(f"— {check.name}\n  unchanged since it passed", flush=True)
            else:
                future = pool.submit(run_timed, list(check.command), **environment)
                running[future] = (check, state)
        for future in as_completed(running):
            check, state = running[future]
            code, text, seconds = future.result()
            print(f"— {check.name}\n{text}  {seconds:.1f} s", flush=True)
            if code:
                failures.append(check.name)
            else:
                keep(check, state)
    finally:
        # Where Ctrl-C ended those that run, the others don't begin.
        pool.shutdown(cancel_futures=True)
    return failures


def run_timed(command: list[str], **environment: str) -> tuple[int, str, float]:
    """Return a command's exit code, what it wrote, and the seconds that it took."""
    start = time.monotonic()
    code, text = run_quietly(command, **environment)
    return code, text, time.monotonic() - start


def main() -> int:
    python = ensure_or_exit("runtime", "dev")
    node = frontend.packages_or_exit()
    os.chdir(ROOT)
    studio = Check("studio", [python], STUDIO_READS)
    state = studio.state()
    without = [STUDIO] if has_passed(studio, state) else []
    if without:
        print("The studio is left out: unchanged since it passed.", flush=True)
    start = time.monotonic()
    # The longest ones first: the editor's and the types take as long as all others.
    checks = [*editor_checks(node), *quick_checks(python, without)]
    failures = failures_of(checks, **node.environment())
    print(f"All checks before the tests: {time.monotonic() - start:.1f} s", flush=True)
    if failures:
        print("\nNot in order: " + "; ".join(failures), file=sys.stderr)
        return 1
    print("— tests", flush=True)
    # Named: pytest ignores no folder that pyproject.toml names.
    folders = PYPROJECT["tool"]["pytest"]["ini_options"]["testpaths"]
    result = short_tier([path for path in folders if path.partition("/")[0] not in without])
    if not result.code:
        keep(studio, state)
    return exit_code(result)


if __name__ == "__main__":
    sys.exit(main())
