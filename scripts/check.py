"""`make check`: everything a change must pass. The quick checks first, then `make test`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ROOT, VENV, ensure_or_exit, run
from file_facts import digest, load, save
from suite import short_tier

import frontend

CODE = [
    "core",
    "accounts",
    "notices",
    "media",
    "mediakit",
    "studio",
    "tools",
    "templates_app",
    "runs",
    "creations",
    "comments",
    "moderation",
    "compose",
    "builder",
    "scripts",
]


# Name of a check → the state of its inputs when it passed last.
PASSED = VENV / "checks" / "passed.json"
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
        list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
        listing = subprocess.run(
            [*list_files, *self.inputs], cwd=root, capture_output=True, text=True, check=True
        )
        paths = [
            path for path in sorted(set(listing.stdout.split("\0"))) if (root / path).is_file()
        ]
        return digest(
            *self.command, *(part for path in paths for part in (path, (root / path).read_bytes()))
        )


def quick_checks(python: str) -> list[Check]:
    tool = [python, "-m"]
    return [
        Check("lint (make fmt fixes most of it)", [*tool, "ruff", "check", "."]),
        Check("format (make fmt fixes it)", [*tool, "ruff", "format", "--check", "."]),
        Check(
            "templates: lint, format (make fmt fixes format)",
            [*tool, "djlint", "--lint", "--check", "--quiet", "."],
        ),
        Check("lines of templates and styles", [python, "scripts/line_lengths.py"]),
        Check("names of classes (scripts/class_names.py)", [python, "scripts/class_names.py"]),
        Check("types", [*tool, "mypy", *CODE]),
        Check("words (scripts/words.txt)", [python, "scripts/words.py"]),
        Check("structure (scripts/structure.py)", [python, "scripts/structure.py", "--check"]),
        Check("generated files (manage.py generate)", [python, "manage.py", "generate", "--check"]),
        Check("what tests cost (make costs)", [python, "scripts/costs.py", "--check"]),
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


def passes(check: Check, **environment: str) -> bool:
    """Run a check, unless it passed with the same inputs in this checkout."""
    # Taken before the files are read, so that a change meanwhile is checked the next time.
    state = check.state()
    if state and load(PASSED).get(check.name) == state:
        print("  unchanged since it passed", flush=True)
        return True
    if run(list(check.command), **environment):
        return False
    if state:
        save(PASSED, {**load(PASSED), check.name: state})
    return True


def main() -> int:
    python = ensure_or_exit("runtime", "dev")
    node = frontend.packages_or_exit()
    os.chdir(ROOT)
    failed = []
    start = time.monotonic()
    for check in [*quick_checks(python), *editor_checks(node)]:
        print(f"— {check.name}", flush=True)
        started = time.monotonic()
        if not passes(check, **node.environment()):
            failed.append(check.name)
        print(f"  {time.monotonic() - started:.1f} s", flush=True)
    print(f"All checks before the tests: {time.monotonic() - start:.1f} s", flush=True)
    if failed:
        print("\nNot in order: " + "; ".join(failed), file=sys.stderr)
        return 1
    print("— tests", flush=True)
    return short_tier()


if __name__ == "__main__":
    sys.exit(main())
