"""What the writing tools say about music starts a run of `generate_music` as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db
ApiFactory = Callable[..., Api]
RUNS = "/v1/creative-agent/workflows"
EXECUTE = "/v1/creative-agent/tools/execute"


@pytest.mark.parametrize("tool", ["compose_lyrics", "compose_instrumental"])
@pytest.mark.parametrize(
    "prompt",
    [
        "A song about my dog Bruno",
        "Waltz in F# minor for Anna",
        "ein schnelles Lied über Regen, 172 bpm",
    ],
)
def test_written_music_starts_a_run(
    api: ApiFactory, alice_key: str, tool: str, prompt: str
) -> None:
    body = {"tool": tool, "arguments": {"prompt": prompt, "durationSeconds": 45}}
    result = api(alice_key).post(EXECUTE, body).json()["data"]["result"]
    assert result["ok"] is True
    assert result["duration_seconds"] == 45
    song = {
        "prompt": result["music_prompt"],
        "duration": result["duration_seconds"],
        "bpm": result["bpm"],
        "keyscale": result["keyscale"],
        "timesig": result["timesig"],
        "lyrics": result.get("lyrics"),
    }
    started = api(alice_key).post(
        RUNS, {"input": {"steps": [{"toolName": "generate_music", "arguments": song}]}}
    )
    assert started.status_code in (201, 202), started.content
