"""Each `atomic` block takes SQLite's only write lock, so reads and views never open one."""

import ast
from pathlib import Path

from tests.support.patterns import PACKAGES, ROOT

READING = ("selectors.py", "views.py", "api.py", "pages.py", "middleware.py", "schemas.py")


def _reading_modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name in READING or "selectors" in path.parts or "middleware" in path.parts
    ]


def _uses_of_atomic(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr == "atomic")
        or (isinstance(node, ast.Name) and node.id == "atomic")
        or (isinstance(node, ast.alias) and node.name == "atomic")
    ]


def test_reading_modules_open_no_transaction() -> None:
    assert _uses_of_atomic((ROOT / "media/services.py").read_text()), "the check sees no use"
    found = {
        str(path.relative_to(ROOT)): lines
        for path in _reading_modules()
        if (lines := _uses_of_atomic(path.read_text()))
    }
    assert found == {}, "move these writes to services.py"
