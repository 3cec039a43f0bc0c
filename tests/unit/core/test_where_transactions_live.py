"""Each `atomic` block takes SQLite's only write lock, so reads and views never open one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
APPS = ("core", "accounts", "media", "tools", "templates_app", "runs", "moderation", "builder")
READING = ("selectors.py", "views.py", "api.py", "pages.py", "middleware.py", "schemas.py")


def _reading_modules() -> list[Path]:
    return [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
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


@pytest.mark.parametrize("path", _reading_modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_reading_modules_open_no_transaction(path: Path) -> None:
    lines = _uses_of_atomic(path.read_text())
    assert not lines, f"{path.relative_to(ROOT)} line {lines}: move the write to services.py"


@pytest.mark.parametrize(
    "source",
    [
        "from django.db.transaction import atomic",
        "with transaction.atomic():\n    pass",
        "@transaction.atomic\ndef f(): ...",
    ],
)
def test_the_check_sees_every_spelling(source: str) -> None:
    assert _uses_of_atomic(source)
