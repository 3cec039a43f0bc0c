"""`make check`: everything a change must pass. The quick checks first, then `make test`."""

from __future__ import annotations

import os
import sys
import time

from bootstrap import ROOT, VENV, ensure_or_exit, run
from suite import of_a_change

import frontend

CODE = [
    "core",
    "accounts",
    "notices",
    "media",
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


def quick_checks(python: str) -> list[tuple[str, list[str]]]:
    """(what is checked, the command), none of which changes a file."""
    tool = [python, "-m"]
    return [
        ("lint (make fmt fixes most of it)", [*tool, "ruff", "check", "."]),
        ("format (make fmt fixes it)", [*tool, "ruff", "format", "--check", "."]),
        ("templates: lint", [*tool, "djlint", "--lint", "--quiet", "."]),
        (
            "templates: format (make fmt fixes it)",
            [*tool, "djlint", "--check", "--quiet", "."],
        ),
        ("lines of templates and styles", [python, "scripts/line_lengths.py"]),
        ("names of classes (scripts/class_names.py)", [python, "scripts/class_names.py"]),
        ("types", [*tool, "mypy", *CODE]),
        ("words (scripts/words.txt)", [python, "scripts/words.py"]),
        ("structure (scripts/structure.py)", [python, "scripts/structure.py", "--check"]),
        ("generated files (manage.py generate)", [python, "manage.py", "generate", "--check"]),
        ("layers", [str(VENV / "bin" / "lint-imports"), "--no-cache"]),
        (
            "migrations (manage.py makemigrations)",
            [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        ),
    ]


def editor_checks(node: frontend.Node) -> list[tuple[str, list[str]]]:
    """The same of the editor's frontend."""
    return [
        ("editor: types, lint, format (make fmt fixes most of it)", node.command("run", "check")),
        ("editor: tests", node.command("test")),
    ]


def main() -> int:
    python = ensure_or_exit("runtime", "dev")
    node = frontend.packages_or_exit()
    os.chdir(ROOT)
    failed = []
    for name, command in [*quick_checks(python), *editor_checks(node)]:
        print(f"— {name}", flush=True)
        started = time.monotonic()
        if run(command, **node.environment()):
            failed.append(name)
        print(f"  {time.monotonic() - started:.1f} s", flush=True)
    if failed:
        print("\nNot in order: " + "; ".join(failed), file=sys.stderr)
        return 1
    print("— tests", flush=True)
    return of_a_change()


if __name__ == "__main__":
    sys.exit(main())
