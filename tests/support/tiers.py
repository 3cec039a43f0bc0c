"""The tiers of tests: those of `make test`, and those that only `make test-all` runs.

`make test` runs what is not marked `slow`. A test is slow by its own mark or its module's, by its
folder (SLOW_FOLDERS), or because it is `browser`, `postgres` or `thorough`. `make gate` runs some
of these, `make test-all` all, with the property tests, which draw all of their examples there.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
# The studio is a folder of its own; `make test-studio` runs all of its tests.
RENDERS = tuple(ROOT / "studio" / "tests" / name for name in ("artist", "jobs"))
# Each test here starts the whole product, breaks it, or does both; or it draws.
SLOW_FOLDERS = (TESTS / "e2e", TESTS / "clients", TESTS / "storms", *RENDERS)
SLOW_MARKS = ("browser", "postgres", "thorough")
# Of 586 files outside those folders 99 hold it. The others cost each process of `-m slow` half of
# its time to collect.
_MARK = rf"\bmark\.({'|'.join(('slow', *SLOW_MARKS))})\b"
SLOW_TEXT = re.compile(_MARK)
# How Hypothesis marks a property test, and the library that brings it, in a file's text.
PROPERTY_TEXT = re.compile(r"\b(hypothesis|schemathesis)\b")
# The marks of a whole file: its tests are all slow.
SLOW_FILE = re.compile(rf"^pytestmark = (\[[^\]]*|pytest\.){_MARK}", re.MULTILINE)
# Expressions of `-m` for which only files are collected that may hold such tests.
FAST, SLOW, SLOW_OR_PROPERTY = "not slow", "slow", "slow or hypothesis"


def is_slow(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(mark) for mark in SLOW_MARKS):
        return True
    return in_slow_folder(item)


def in_slow_folder(node: pytest.Item | pytest.Collector) -> bool:
    return _is_below(node.path, SLOW_FOLDERS)


# Each file has many tests.
@functools.cache
def _is_below(path: Path, places: tuple[Path, ...]) -> bool:
    """Whether a file is one of these places, or in one of them."""
    return path in places or any(place in path.parents for place in places)


@functools.cache
def may_be_slow(path: Path) -> bool:
    """Whether a test file may hold slow tests, by its text alone."""
    return _is_below(path, SLOW_FOLDERS) or SLOW_TEXT.search(path.read_text()) is not None


@functools.cache
def is_slow_file(path: Path) -> bool:
    """Whether a test file holds slow tests alone, by its place or its text."""
    return _is_below(path, SLOW_FOLDERS) or SLOW_FILE.search(path.read_text()) is not None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    marks = config.option.markexpr
    if marks not in (FAST, SLOW, SLOW_OR_PROPERTY) or not collection_path.match("test_*.py"):
        return None
    if marks == FAST:
        return True if is_slow_file(collection_path) else None
    if may_be_slow(collection_path):
        return None
    has_properties = PROPERTY_TEXT.search(collection_path.read_text()) is not None
    return None if marks == SLOW_OR_PROPERTY and has_properties else True


# First: `-m` chooses among the items in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        is_marked = item.get_closest_marker("slow") is not None
        if is_slow(item):
            item.add_marker(pytest.mark.slow)
        elif not is_marked:
            continue
        if not may_be_slow(item.path):
            raise pytest.UsageError(
                f"{item.nodeid} is slow by a mark of another file: write `pytest.mark.slow` in its"
                " own, or `-m slow` doesn't find it."
            )
