"""Children of the sandbox as on a machine that lacks a part of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from media.sandbox import parent, worker_pool


def without_seccomp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a fixture to yield from. This process has not warned of it yet."""
    monkeypatch.setattr(worker_pool, "CHILD", "tests.support.partly_confined")
    parent._warned.clear()
    parent.close()
    yield
    monkeypatch.undo()
    parent._warned.clear()
    parent.close()
