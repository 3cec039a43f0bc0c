"""Every environment variable is documented, and read in one place."""

from __future__ import annotations

import ast
import re

from tests.support.patterns import PACKAGES, ROOT

NAME = r"PORT|DATABASE_URL|REELGRAPH_[A-Z_]+"
READERS = {"builder/settings.py", "builder/ops/environment.py"}
# It looks names up by the readers' functions.
NAMERS = READERS | {"builder/ops/database_settings.py", "builder/ops/provider_settings.py"}
# These only name the settings module, or pass the environment on to a child.
PASSERS = {
    "backups/postgres_dump.py",
    "builder/asgi.py",
    "builder/management/commands/move-database.py",
    "media/sandbox/child.py",
    "media/sandbox/breakouts.py",
}


def variables_read(source: str) -> set[str]:
    """Names in capitals that are looked up in `os.environ`, straight or through our readers."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call | ast.Subscript):
            first = [*node.args, None][0] if isinstance(node, ast.Call) else node.slice
            text = first.value if isinstance(first, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(NAME, text):
                names.add(text)
    return names


def documented() -> set[str]:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.M))


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    read = set().union(*(variables_read((ROOT / path).read_text()) for path in NAMERS))
    assert {"PORT", "DATABASE_URL", "REELGRAPH_HOME"} <= read
    assert read == documented()


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv|from os import environ", path.read_text())
    }
    assert readers - PASSERS == READERS
