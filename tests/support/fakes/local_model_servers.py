"""Programs that serve language models on a person's machine, as their own documentation has them.

Ollama: docs/api.md and docs/openai.md (`/api/tags`, `/v1/models`, `/v1/chat/completions`).
LM Studio: its REST API v0 and OpenAI's (`/api/v0/models`, `/v1/models`); of a path that it doesn't
know it says so with status 200. llama.cpp: tools/server/README.md (`/health`, `/v1/models`,
`/props`); while it loads, all of them are 503.

`with LocalModelServer(ollama("qwen3:8b")) as server:` answers. `server.paths` is what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from pytest_django import Settings

from tests.support.clients.api import Api
from tests.support.fakes.compose_answers import plan
from tests.support.fakes.http_server import ApiServer, Asked, Reply

# By path, what a GET is answered with: an object; or a status and an object or text.
Routes = Mapping[str, Any]
# What the model says to a request's body.
Saying = Callable[[Mapping[str, Any]], str]
EMBEDDING = "nomic-embed-text:latest"
FOX = json.dumps({"animal": "fox", "seconds": 6})
# What small models answer when they are asked for FOX.
POOR = {
    "in prose": f"Sure! Here is the JSON you asked for:\n```json\n{FOX}\n```\nAnything else?",
    "after thinking": f"<think>A fox, six seconds.\nAs JSON.</think>\n{FOX}",
    "cut": FOX[:14],
    "wrong fields": json.dumps({"creature": "fox", "length": "six"}),
    "words alone": "The film shows a fox for six seconds.",
    "nothing": "",
}


def ollama(*names: str) -> Routes:
    """Ollama with these models, the last pulled first, and one for embeddings."""
    rows = [_pulled(EMBEDDING, "nomic-bert"), *(_pulled(name, "qwen3") for name in names)]
    cloud = {"name": "gpt-oss:120b-cloud", "remote_host": "https://ollama.com:443"}
    return {
        "/": (200, "Ollama is running"),
        "/api/tags": {"models": [*rows, cloud]},
        "/v1/models": _listing(*names, owned_by="library"),
    }


def lm_studio(*names: str) -> Routes:
    rows = [
        {"id": name, "object": "model", "type": kind, "publisher": "lmstudio-community",
         "arch": "qwen2", "state": "not-loaded", "max_context_length": 32768}
        for name, kind in [("text-embedding-nomic", "embeddings"), *((one, "llm") for one in names)]
    ]  # fmt: skip
    return {
        "/api/v0/models": {"object": "list", "data": rows},
        "/v1/models": _listing(*names, owned_by="organization_owner"),
        "*": (200, {"error": "Unexpected endpoint or method. (GET /)"}),
    }


def llama_cpp(name: str, *, loads: bool = False) -> Routes:
    if loads:
        error = {"code": 503, "message": "Loading model", "type": "unavailable_error"}
        return {"*": (503, {"error": error})}
    return {
        "/health": {"status": "ok"},
        "/v1/models": _listing(name, owned_by="llamacpp"),
        "/props": {"total_slots": 1, "model_path": name, "chat_template": "{{ messages }}"},
    }


def sensible(body: Mapping[str, Any]) -> str:
    """A model that answers as it is asked: to a trial, and to a brief."""
    return FOX if "animal" in json.dumps(body) else json.dumps(plan())


class LocalModelServer(ApiServer):
    """paths: of its requests. bodies: of those for an answer."""

    def __init__(self, routes: Routes, say: Saying = sensible, *, port: int = 0) -> None:
        self.known, self.say = routes, say
        super().__init__(port=port)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    @property
    def bodies(self) -> list[Mapping[str, Any]]:
        return [one.body for one in self.asked if one.method == "POST"]

    def respond(self, asked: Asked) -> Reply:
        if asked.method == "POST":
            message = {"role": "assistant", "content": self.say(asked.body)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            head = {"object": "chat.completion", "model": asked.body["model"]}
            return Reply(body={**head, "choices": [choice]})
        told = self.known.get(asked.path, self.known.get("*", (404, "404 page not found")))
        status, body = told if isinstance(told, tuple) else (200, told)
        if isinstance(body, str):
            return Reply(status, body.encode(), {"Content-Type": "text/plain"})
        return Reply(status, body)


@contextmanager
def listening(settings: Settings, **routes: Routes) -> Iterator[dict[str, LocalModelServer]]:
    """Have programs listen where this test's server looks, by the names of their ports."""
    with ExitStack() as stack:
        servers = {
            name.replace("_", "-"): stack.enter_context(LocalModelServer(one))
            for name, one in routes.items()
        }
        ports = {name: server.port for name, server in servers.items()}
        settings.LOCAL_MODEL_PORTS = settings.LOCAL_MODEL_PORTS | ports
        yield servers


def drafted(key: str) -> dict[str, Any]:
    """The result of a draft over the API, by a person's key."""
    arguments = {"brief": "A teaser for a candle shop. Three shots", "name": "Candles"}
    body = {"tool": "compose_workflow_template", "arguments": arguments}
    answer = Api(key).post("/v1/creative-agent/tools/execute", body)
    assert answer.status_code == 200, answer.content[:500]
    return dict(answer.json()["data"]["result"])


def planner_of(result: Mapping[str, Any]) -> str:
    return str(result["metadata"]["planner"])


def _listing(*names: str, owned_by: str) -> dict[str, Any]:
    rows = [
        {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": owned_by}
        for name in names
    ]
    return {"object": "list", "data": rows}


def _pulled(name: str, family: str) -> dict[str, Any]:
    details = {
        "parent_model": "", "format": "gguf", "family": family, "families": [family],
        "parameter_size": "8.2B", "quantization_level": "Q4_K_M",
    }  # fmt: skip
    return {
        "name": name, "model": name, "modified_at": "2026-05-10T08:06:48Z", "size": 5_225_388_164,
        "digest": "e4b5fd7f8af0", "details": details,
    }  # fmt: skip
