"""What the tests of `compose` have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.support.clients.streams import close_pool_connections
from tests.support.fakes.compose_model_server import ComposeModelServer, configure


@pytest.fixture
def streams() -> Iterator[None]:
    """Let the threads of the server's application go of the database in the end."""
    yield
    close_pool_connections()


@pytest.fixture
def model(settings: Settings, streams: None) -> Iterator[ComposeModelServer]:
    """Configure a language model that says "Hello."."""
    with ComposeModelServer() as server:
        configure(settings, server)
        yield server
