"""A model gives prompts, scripts, lyrics and music better words; numbers and layout stay the
rules'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_django import Settings

from compose.model.writing import WRITERS
from tests.support.clients.api import Api
from tests.support.fakes.compose_answers import MODEL, RULES
from tests.support.fakes.compose_model_server import ComposeModelServer as Server
from tests.support.fakes.compose_model_server import Said, configure, unvisited
from tests.support.fakes.openai_server import Asked, failure

pytestmark = pytest.mark.django_db
EXECUTE = "/v1/creative-agent/tools/execute"
ARGUMENTS: Mapping[str, dict[str, Any]] = {
    "enhance_prompt": {
        "prompt": "a lighthouse",
        "target_output": "image_prompt",
        "destination_model": "flux",
    },
    "compose_script": {"brief": "A lighthouse keeper. A storm comes. 12 seconds, two scenes"},
    "compose_lyrics": {"prompt": "A song about a lighthouse keeper"},
    "compose_instrumental": {"prompt": "A calm piece for a lighthouse at dawn"},
}
TOOLS = sorted(ARGUMENTS.keys() & WRITERS.keys())
VERSE = ["[verse]", "The keeper climbs the winding stair", "With salt and starlight in his hair"]


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with Server(lambda asked: says(asked, "better"), takes_turns=True) as server:
        configure(settings, server)
        yield server


def says(asked: Asked, word: str) -> Said:
    """Words for whatever is asked, in the number that is wanted."""
    draft = json.loads(asked.body["messages"][1]["content"])["draft"]
    music = {"music_prompt": f"{word} music, solo cello"}
    if "scenes" in draft:
        keys = ("title", "visual", "action", "camera", "line", "sound", "music")
        scenes = [dict.fromkeys(keys, f"{word} {n}") for n in range(len(draft["scenes"]))]
        return Said(json.dumps({"title": f"{word} title", "scenes": scenes}))
    if "lyrics" in draft:
        lyrics = "\n".join([*VERSE, "[chorus]", f"{word} light, turn and turn"])
        return Said(json.dumps({"title": f"{word} title", "lyrics": lyrics, **music}))
    if "structure" in draft:
        texts = [f"{word} {n}" for n in range(len(draft["structure"]))]
        return Said(json.dumps({"descriptions": texts, **music}))
    return Said(json.dumps({"prompt": f"{word} lighthouse, dusk", "negative_prompt": "blur"}))


def written(key: str, tool: str, **more: Any) -> dict[str, Any]:
    arguments = {**ARGUMENTS[tool], **more}
    answer = Api(key).post(EXECUTE, {"tool": tool, "arguments": arguments})
    assert answer.status_code == 200, answer.content[:500]
    result = dict(answer.json()["data"]["result"])
    assert result["ok"] is True, result
    return result


@pytest.mark.parametrize("tool", TOOLS)
def test_a_model_gives_the_words_and_numbers_stay_those_of_the_rules(
    server: Server, settings: Settings, tool: str, alice_key: str
) -> None:
    better = written(alice_key, tool)
    assert better["metadata"]["planner"] == MODEL
    assert "better" in json.dumps(better)
    assert len(server.chats) == 1
    settings.PROVIDERS = {}
    plain = written(alice_key, tool)
    assert better.keys() == plain.keys()
    for name in ("bpm", "keyscale", "timesig", "duration_seconds", "target_output"):
        assert better.get(name) == plain.get(name)
    for parts, number in (("scenes", "duration_seconds"), ("structure", "bars")):
        numbers = [[part[number] for part in one.get(parts, ())] for one in (better, plain)]
        assert numbers[0] == numbers[1]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "bad", ["", '{"scenes": [], "prompt": "", "lyrics": "la", "descriptions": ["a"]}', "503"]
)
def test_the_words_of_the_rules_are_used_where_the_model_gives_none(
    server: Server, settings: Settings, tool: str, bad: str, alice_key: str
) -> None:
    settings.COMPOSE_DEADLINE_S = 1.0
    server.usual = lambda asked: failure(503, "Loading") if bad == "503" else Said(bad)
    result = written(alice_key, tool)
    assert result["metadata"]["planner"] == RULES
    assert any("This was written without it." in warning for warning in result["warnings"])
    settings.PROVIDERS = {}
    plain = written(alice_key, tool)
    assert {**result, "warnings": []} == {**plain, "warnings": []}


@pytest.mark.parametrize("tool", TOOLS)
def test_words_of_a_model_have_no_addresses(server: Server, tool: str, alice_key: str) -> None:
    with unvisited() as evil:
        server.usual = lambda asked: says(asked, f"See {evil}/a.png <script>now</script>")
        result = written(alice_key, tool)
    assert result["metadata"]["planner"] == MODEL
    assert evil.removeprefix("http://") not in json.dumps(result)
    assert "<script" not in json.dumps(result)


@pytest.mark.parametrize("mode", ["preserve", "validate", "payload"])
def test_modes_that_keep_the_words_ask_no_model(server: Server, mode: str, alice_key: str) -> None:
    result = written(alice_key, "enhance_prompt", prompt_mode=mode)
    assert result["metadata"]["planner"] == RULES
    assert server.chats == []
