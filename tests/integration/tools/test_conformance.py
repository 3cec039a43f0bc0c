"""Every provider that comes with the project keeps the promises of tools/providers/base.py."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.fakes.openai_server import OpenAIServer
from tests.support.fakes.webhooks import SECRET
from tests.support.provider_conformance import (
    KEY,
    ParkingConformance,
    ProviderConformance,
    ServiceConformance,
    SlowService,
)
from tools.providers import comfyui, openai
from tools.providers.base import Provider
from tools.providers.bookkeeping import BookkeepingProvider
from tools.providers.studio import StudioProvider


class TestOpenAI(ServiceConformance):
    def make(self, url: str) -> Provider:
        models = {"images": ["gpt-image-1"], "speech": ["tts-1"]}
        return openai.configured("openai", {"base_url": url, "key": KEY, **models})

    @contextmanager
    def serving(self) -> Iterator[str]:
        with OpenAIServer() as server:
            server.key = KEY
            yield server.url


class TestOpenAIThatKnowsRepeatedRequests(TestOpenAI):
    def make(self, url: str) -> Provider:
        options = {"base_url": url, "key": KEY, "images": ["gpt-image-1"], "idempotency_key": True}
        return openai.configured("openai", options)


class TestComfyUI(ServiceConformance):
    arguments = {"prompt": "a red fox", "width": 96, "height": 64, "steps": 4}

    def make(self, url: str) -> Provider:
        folder = Path(tempfile.gettempdir(), "no-such-folder-of-graphs")
        options = {"url": url.removesuffix("/v1"), "key": KEY, "graphs": str(folder)}
        return comfyui.configured("comfyui", options)

    @contextmanager
    def serving(self) -> Iterator[str]:
        with ComfyServer() as server:
            server.switches.token = KEY
            yield server.url


class TestOpenAIVideos(ParkingConformance):
    tool = "generate_video"
    arguments = {"prompt": "a red fox", "duration": 4}

    def make(self, url: str) -> Provider:
        options = {"base_url": url, "key": KEY, "videos": ["sora-2"], "poll_s": 0.05}
        return openai.configured("openai", {**options, "webhook_secret": SECRET})

    @contextmanager
    def serving(self) -> Iterator[str]:
        with OpenAIServer(key=KEY) as server:
            yield server.url

    @contextmanager
    def serving_slowly(self) -> Iterator[SlowService]:
        with OpenAIServer(key=KEY) as server:
            server.jobs_may_end.clear()
            yield SlowService(
                server.url,
                finish=lambda: [server.end_job(job) for job in server.jobs],
                submitted=lambda: len(server.calls("/videos")),
                stopped=lambda: sum(job["status"] == "deleted" for job in server.jobs.values()),
            )


class TestComfyUIPrompts(ParkingConformance):
    arguments = TestComfyUI.arguments
    make = TestComfyUI.make
    serving = TestComfyUI.serving

    @contextmanager
    def serving_slowly(self) -> Iterator[SlowService]:
        with ComfyServer() as server:
            server.switches.token = KEY
            server.switches.gate.clear()
            yield SlowService(
                server.url,
                finish=server.switches.gate.set,
                submitted=lambda: len(server.entries("prompt")),
                stopped=lambda: len(server.entries("delete")),
            )


class TestStudio(ProviderConformance):
    arguments = {"prompt": "a red fox", "width": 96, "height": 64}

    def make(self, url: str) -> Provider:
        return StudioProvider()


class TestBookkeeping(ProviderConformance):
    tool = "finalize_response"
    arguments = {"outcome": "Done."}

    def make(self, url: str) -> Provider:
        return BookkeepingProvider()
