"""A paid service on this machine, and the tools that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.fakes import maker as service
from tests.support.fakes.maker import Maker
from tools import registry


@pytest.fixture
def maker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    settings.EXTRA_TOOL_MODULES = [*settings.EXTRA_TOOL_MODULES, "tests.support.fakes.maker"]
    registry.rebuild()
    with Maker() as running:
        monkeypatch.setenv(service.URL, running.url)
        yield running
    monkeypatch.undo()
    settings.EXTRA_TOOL_MODULES = settings.EXTRA_TOOL_MODULES[:-1]
    registry.rebuild()
