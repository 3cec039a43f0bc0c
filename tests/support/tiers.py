"""Which tests belong to a change, and which only `make test-all` runs.

`make test` runs what is not marked `slow`. A test is slow by its own mark or its module's, by its
folder (SLOW_FOLDERS), or because it is `browser`, `postgres` or `thorough`. `journey` takes a test
back into `make test`: those are the one short walk through a browser and the one killed worker.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# Each test here starts the whole product, breaks it, or does both; or it draws: the studio is a
# package of its own, and `make test-studio` runs all of its tests.
SLOW_FOLDERS = tuple(TESTS / name for name in ("e2e", "storms", "studio/artist", "studio/jobs"))
SLOW_MARKS = ("browser", "postgres", "thorough")


def is_slow(item: pytest.Item) -> bool:
    if item.get_closest_marker("journey"):
        return False
    if any(item.get_closest_marker(mark) for mark in SLOW_MARKS):
        return True
    return in_slow_folder(item)


def in_slow_folder(node: pytest.Item | pytest.Collector) -> bool:
    return any(folder in node.path.parents for folder in SLOW_FOLDERS)


# First: `-m` chooses among the items in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item):
            item.add_marker(pytest.mark.slow)
