"""An OpenAI-compatible server, providers that ask it, and a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from core import clock
from tests.support.fakes.openai_server import KEY, OpenAIServer
from tools.providers.openai import OpenAIProvider, configured

MODELS: dict[str, Any] = {
    "images": ["gpt-image-1", "gpt-image-2", "dall-e-3", "dall-e-2", "sd-turbo"],
    "edits": ["gpt-image-2", "dall-e-2"],
    "speech": ["gpt-4o-mini-tts", "tts-1"],
    "chat": ["gpt-4o-mini"],
    "videos": ["sora-2"],
}
Make = Callable[..., OpenAIProvider]


@pytest.fixture(autouse=True)
def listed(settings: Settings) -> None:
    """Services of the one who has the machine, whose failures are told in all detail."""
    settings.SERVICES_ALLOW = ["127.0.0.1"]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def make(server: OpenAIServer) -> Make:
    """A provider at the server; keywords replace its settings."""

    def build(**options: Any) -> OpenAIProvider:
        usual = {"base_url": server.url, "key": KEY, "poll_s": 0.05, **MODELS}
        provider = configured("openai", {**usual, **options})
        assert isinstance(provider, OpenAIProvider)
        return provider

    return build


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock: seconds from now."""
    began = clock.now()

    def set_to(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=seconds))

    set_to(0)
    return set_to
