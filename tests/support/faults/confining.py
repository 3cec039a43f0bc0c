"""Children of the sandbox as on a machine that lacks a part of it, and ones that start quickly."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil
import pytest

from media.sandbox import parent, worker_pool


def light_children() -> Iterator[None]:
    """For a module's fixture to yield from: children that import no media libraries ahead."""
    yield from _children_of("tests.support.faults.light_child")


def usual_children() -> Iterator[None]:
    """For a fixture to yield from, where light ones are: those of the product."""
    yield from _children_of("media.sandbox")


def sandbox_children() -> list[int]:
    """The process ids of the sandbox children that this process has now."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if worker_pool.CHILD in child.cmdline():
                found.append(child.pid)
    return found


def _children_of(program: str) -> Iterator[None]:
    """A pool of its own, which knows no earlier job whose modules a child would import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_pool, "CHILD", program)
        patch.setattr(parent, "_pool", worker_pool.WorkerPool())
        yield
        parent.close()


def without_seccomp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a fixture to yield from. This process has not warned of it yet."""
    monkeypatch.setattr(worker_pool, "CHILD", "tests.support.faults.partly_confined")
    parent._has_warned.clear()
    parent.close()
    yield
    monkeypatch.undo()
    parent._has_warned.clear()
    parent.close()
