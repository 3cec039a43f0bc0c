"""Which tests `make test` runs, which only `make test-all`, and which of those take turns in CI.

`make test` runs what is not marked `slow`. A test is slow by its own mark or its module's, by its
folder (SLOW_FOLDERS), or because it is `browser`, `postgres` or `thorough`. `journey` takes a test
back into `make test`: those are the one short walk through a browser and the one killed worker.

With REELGRAPH_TURN=n (CI: the number in tests/turn.txt) some files run in one of seven turns: the
studio's renders, the long forms (marked `thorough`), and on Postgres what has no tables of its own
or is about what is drawn. All of these have run in another form, or are about one tool. All other
tests run in every turn.
"""

from __future__ import annotations

import functools
import os
import re
import zlib
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
# The studio is a folder of its own; `make test-studio` runs all of its tests.
RENDERS = tuple(ROOT / "studio" / "tests" / name for name in ("artist", "jobs"))
# Each test here starts the whole product, breaks it, or does both; or it draws.
SLOW_FOLDERS = (TESTS / "e2e", TESTS / "storms", *RENDERS)
SLOW_MARKS = ("browser", "postgres", "thorough")
# Of 586 files outside those folders 99 hold it. The others cost each process of `-m slow` half of
# its time to collect.
SLOW_TEXT = re.compile(rf"\bmark\.({'|'.join(('slow', *SLOW_MARKS))})\b")
TURNS = 7
# They reach the database by the apps whose tests run on Postgres in every turn.
NO_TABLES = tuple(
    TESTS / "integration" / name for name in ("builder", "contract", "mcp", "scripts")
)
# They draw, decode or draft, on SQLite in every turn. Of the database they see as much as the runs
# beside them, which are on Postgres in every turn.
DRAWN = tuple(
    TESTS / "integration" / name
    for name in (
        "compose/test_draft_steps.py",
        "compose/test_drafts_of_any_brief.py",
        "compose/test_drafts_of_the_corpus.py",
        "compose/test_drafts_run.py",
        "media/test_hostile_media.py",
        "media/test_stills.py",
        "runs/test_composed_videos.py",
    )
)


def is_slow(item: pytest.Item) -> bool:
    if item.get_closest_marker("journey"):
        return False
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


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    is_test_file = collection_path.match("test_*.py")
    if config.option.markexpr == "slow" and is_test_file and not may_be_slow(collection_path):
        return True
    return None


def takes_turns(item: pytest.Item) -> bool:
    if item.get_closest_marker("thorough"):
        return True
    if item.get_closest_marker("postgres"):
        return False
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    return _is_below(item.path, (*RENDERS, *NO_TABLES, *DRAWN) if on_postgres else RENDERS)


@functools.cache
def turn_of(path: Path) -> int:
    """The turn of a test file, 0 to 6. Other files that come or go don't change it."""
    name = path
    for folder in (TESTS, ROOT):
        if name.is_relative_to(folder):
            name = name.relative_to(folder)
    return zlib.crc32(name.as_posix().encode()) % TURNS


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
    turn = os.environ.get("REELGRAPH_TURN", "")
    if turn:
        waiting = [
            item for item in items if takes_turns(item) and turn_of(item.path) != int(turn) % TURNS
        ]
        config.hook.pytest_deselected(items=waiting)
        items[:] = [item for item in items if item not in set(waiting)]
