"""Services that cost money, configured and chosen for every tool: each call to them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.fakes.openai_server import KEY, OpenAIServer

MODELS = {
    "images": ["gpt-image-1"],
    "edits": ["gpt-image-1"],
    "speech": ["gpt-4o-mini-tts"],
    "chat": ["gpt-4o-mini"],
    "videos": ["sora-2"],
}

# Of the ComfyUI server's ledger.
ASKED_TO_WORK = ("upload", "prompt")


@dataclass(frozen=True, slots=True)
class Services:
    """An OpenAI-compatible service and a ComfyUI server."""

    openai: OpenAIServer
    comfyui: ComfyServer

    def table(self) -> dict[str, dict[str, Any]]:
        """For settings.PROVIDERS."""
        openai = {"kind": "openai", "base_url": self.openai.url, "key": KEY, "poll_s": 0.1}
        comfyui = {"kind": "comfyui", "urls": [self.comfyui.url]}
        return {"openai": openai | MODELS, "comfyui": comfyui}

    def environment(self, *, choice: str) -> dict[str, str]:
        """For processes of the product. choice: REELGRAPH_PROVIDERS."""
        listed = {
            f"REELGRAPH_OPENAI_{name}_MODELS": ",".join(MODELS[heading])
            for name, heading in (
                ("IMAGE", "images"),
                ("EDIT", "edits"),
                ("SPEECH", "speech"),
                ("CHAT", "chat"),
                ("VIDEO", "videos"),
            )
        }
        return {
            "REELGRAPH_OPENAI_API_KEY": KEY,
            "REELGRAPH_OPENAI_BASE_URL": self.openai.url,
            "REELGRAPH_COMFYUI_URL": self.comfyui.url,
            "REELGRAPH_PROVIDERS": choice,
            **listed,
        }

    def paid_calls(self) -> list[str]:
        """What they were asked to make, in no order. Questions about their state are free."""
        asked = [one.path for one in self.openai.asked if one.method == "POST"]
        return asked + [one["what"] for one in self.comfyui.ledger if one["what"] in ASKED_TO_WORK]


@contextmanager
def running_services() -> Iterator[Services]:
    """Both services, listening on 127.0.0.1."""
    with OpenAIServer() as openai, ComfyServer() as comfyui:
        yield Services(openai, comfyui)
