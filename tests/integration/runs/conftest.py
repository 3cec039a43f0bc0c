"""A client of the API, and services of this machine that are paid for their work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.clients.api import Api
from tests.support.clients.streams import close_pool_connections
from tests.support.fakes import maker as service
from tests.support.fakes.maker import Maker
from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.configured import serving
from tests.support.fakes.openai_server import OpenAIServer
from tools import registry


@pytest.fixture
def mine(alice_key: str) -> Api:
    """A client of the API with alice's key."""
    return Api(alice_key)


@pytest.fixture
def closed_pool() -> Iterator[None]:
    """Let the threads of streams and sockets let go of the database behind a test."""
    yield
    close_pool_connections()


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


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., ProviderServer]]:
    """Start the server of a kind and set it up; keywords are further options of the service."""
    with ExitStack() as servers:
        yield lambda kind, server=None, **options: servers.enter_context(
            serving(settings, kind, server, **options)
        )


@pytest.fixture
def provide(settings: Any) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Have these be the services, by their names."""

    def set_up(services: dict[str, Any]) -> None:
        settings.PROVIDERS = services
        registry.rebuild()

    yield set_up
    del settings.PROVIDERS
    registry.rebuild()


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server
