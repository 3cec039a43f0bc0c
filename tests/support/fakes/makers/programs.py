"""Servers of providers as programs that a storm kills, and a product that is set up for them."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from scripts.ports import free_port
from tests.support.fakes.makers import fal_server, router_server, runway_server
from tests.support.fakes.makers.configured import options_of
from tests.support.program import Program
from tests.support.waiting import WAIT_S, wait_for

# A request that has no answer for so long is given up.
TIMEOUT_S = 2
# So long the job of such a request is looked for.
SEARCH_S = 5
TOOL = "generate_image"
ORBIT = "orbit_video"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to submit. server: what is asked; path: of its paid requests. statements: a worker
    that dies has done at most so many, one of these numbers by chance."""

    server: str
    model: str
    path: str
    # One has sent its request after 60, and stored a result after 180.
    statements: tuple[int, ...] = (70, 180)

    def arguments(self, prompt: str, results: int) -> dict[str, Any]:
        """Write the arguments of a step. results: how many are wanted."""
        return {"prompt": prompt, "model": self.model, "numberOfVariations": results}

    def steps(self, prompt: str, results: int) -> list[dict[str, Any]]:
        """Write the steps of a run."""
        arguments = self.arguments(prompt, results)
        return [{"id": "a", "toolName": TOOL, "arguments": arguments}]


class Composed(Kind):
    """A video of parts, each begun with the last frame of the one before."""

    def steps(self, prompt: str, results: int) -> list[dict[str, Any]]:
        angles = ["back view"] if results == 1 else ["right side view", "left side view"]
        arguments = {"prompt": prompt, "angles": angles, "sourceImageIndex": 0}
        photo = {"prompt": f"{prompt}, the photo"}
        return [
            {"id": "photo", "toolName": TOOL, "arguments": photo},
            {
                "id": "film",
                "toolName": ORBIT,
                "arguments": arguments,
                "dependsOn": ["photo"],
            },
        ]


KINDS: Mapping[str, Kind] = {
    "queue": Kind("router", "storm-queue", "/v2/models/bfl/*/requests"),
    "sync": Kind("router", "storm-sync", "/v2/models/openai/gpt-image-2"),
    "fal": Kind("fal", "storm-fal", "/queue/fal-ai/storm"),
    "runway": Kind("runway", "storm-runway", "/v1/text_to_image"),
}
COMPOSED = Composed("fal", "storm-parts", "/queue/fal-ai/parts/image-to-video", (150, 400, 900))
CHOICE = {f"{TOOL}:{one.model}": one.server for one in KINDS.values()}
CHOICE |= {ORBIT: COMPOSED.server}
# What may become of the answer to a request that was taken.
PAGE = "<!doctype html><title>502 Bad Gateway</title>"
ANSWERS: tuple[Mapping[str, Any], ...] = (
    {"drop": True},
    {"cut": 7},
    {"body": PAGE},
    {"body": '{"status": "IN_QUE'},
    {"body": "null"},
    {"body": PAGE, "status": 502},
    {"body": "\n", "status": 500},
    {"body": '{"detail": "Internal Server Error", "error": "Internal error"}', "status": 500},
    {"body": '{"detail": "Try again.", "error": "Try again."}', "status": 503},
    {"body": "\n\n\n\n", "pace_s": TIMEOUT_S / 3},
)


def _model(name: str, title: str, by: str, service: str, *place: str, tool: str = TOOL) -> str:
    """Write a row of the models file. place: lines that say how the service is asked for it."""
    head = [f'name = "{name}"', f'title = "{title}"', f'by = "{by}"', f'tools = ["{tool}"]']
    usual = [f'service = "{service}"', "usual_s = 1", "price = { usd = 0.05 }"]
    return "\n".join(["[[model]]", *head, "[[model.at]]", *usual, *place])


_PROMPT, _SEED = 'body.prompt = "prompt"', 'body.seed = "seed"'
_ROWS = (
    _model("storm-queue", "Queued", "Router", "comfy-router",
           'id = "bfl/flux-2-pro"', _PROMPT, _SEED,
           'result = { path = "result.sample", kind = "image" }'),
    # It takes no seed: another field makes requests differ.
    _model("storm-sync", "Synchronous", "Router", "comfy-router",
           'id = "openai/gpt-image-2"', "sync = true", _PROMPT,
           'body.user = { slot = "seed", as = "text" }',
           'result = { path = "data[].b64_json", as = "base64", kind = "image" }'),
    _model("storm-fal", "Findable", "fal", "fal",
           'id = "fal-ai/storm"', _PROMPT, 'result = { path = "images[].url", kind = "image" }'),
    _model("storm-parts", "Findable parts", "fal", "fal",
           'id = "fal-ai/parts/image-to-video"', "seconds = [1, 1]", _PROMPT,
           'body.image_url = "start"', 'body.duration = { slot = "seconds", as = "int" }',
           'result = { path = "video.url", kind = "video" }', tool="animate_photo"),
    _model("storm-runway", "Blind", "Runway", "runway",
           'id = "gen4_image"', 'path = "/v1/text_to_image"', _SEED,
           'body.model = { const = "gen4_image" }', 'body.promptText = "prompt"',
           'body.ratio = { const = "1280:720" }', 'result = { path = "output[]", kind = "image" }'),
)  # fmt: skip
MODELS = "\n".join(["schema = 1", "read = 2026-11-23", *_ROWS, ""])
_SERVERS = {"router": router_server, "fal": fal_server, "runway": runway_server}
_SERVICES = {"router": "comfy-router", "fal": "fal", "runway": "runway"}
# Sizes that are quick to draw and to check.
_USUAL_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # A cut call may use its key up, as at its worst.
    "router": {"script": {"looks": 1}, "set": {"loses_cut_calls": True}},
    "fal": {"script": {"looks": 1}, "set": {"hooks": "at_end"}},
    "runway": {"script": {"looks": 1}},
}


class ProviderPrograms:
    """`with ProviderPrograms(folder) as providers:` runs one of each, with journals there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in _SERVERS}
        self._running: dict[str, ExitStack] = {}

    def __enter__(self) -> ProviderPrograms:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _SERVERS:
            self._start(name)
        for name in _SERVERS:
            self._until_ready(name)
        return self

    def __exit__(self, *problem: object) -> None:
        for name in _SERVERS:
            self.hold(name).unlink(missing_ok=True)
            self._running.pop(name).close()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def hold(self, name: str) -> Path:
        """While this file exists, what it accepted is not answered."""
        return self.folder / f"{name}.hold"

    def _start(self, name: str) -> None:
        command = [sys.executable, "-m", _SERVERS[name].__name__, "--journal"]
        command += [str(self.folder / f"{name}.jsonl"), "--hold", str(self.hold(name))]
        opened = ExitStack()
        program = Program([*command, "--port", str(self.ports[name])])
        opened.enter_context(program)
        self._running[name] = opened

    def _until_ready(self, name: str) -> None:
        def answers() -> bool:
            with suppress(httpx.HTTPError):
                self.control(name, **_USUAL_SETTINGS[name])
                return True
            return False

        wait_for(answers, f"{name} to answer", 60)

    def kill(self, name: str) -> None:
        """End a server as a failing machine does, and start it again at the same address."""
        self._running.pop(name).close()
        self._start(name)
        self._until_ready(name)

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url(name)}/_server", json=body, timeout=WAIT_S)
        said: dict[str, Any] = answer.json()
        return said

    def entries(self) -> list[dict[str, Any]]:
        """List what they took and how it ended, in order of each server."""
        lines: list[dict[str, Any]] = []
        for name in _SERVERS:
            path = self.folder / f"{name}.jsonl"
            whole = path.read_bytes() if path.exists() else b""
            lines += map(json.loads, whole[: whole.rfind(b"\n") + 1].splitlines())
        return lines

    def environment(self, home: Path, public_url: str) -> dict[str, str]:
        """Set up a product in this home to use them; its environment."""
        (home / "models.d").mkdir(parents=True, exist_ok=True)
        (home / "models.d" / "storm.toml").write_text(MODELS)
        path = self.folder / "providers.toml"
        tables = {name: service_of(name, self.url(name)) for name in _SERVERS}
        path.write_text("".join(map(_toml, tables, tables.values())))
        return {
            "REELGRAPH_PROVIDERS_FILE": str(path),
            "REELGRAPH_PROVIDERS": ",".join(f"{what}={who}" for what, who in CHOICE.items()),
            "REELGRAPH_PUBLIC_URL": public_url,
            "PROVIDER_URLS": json.dumps({name: self.url(name) for name in _SERVERS}),
        }


def service_of(name: str, origin: str) -> dict[str, Any]:
    """Write the entry of settings.PROVIDERS for a server at this origin."""
    models = [one.model for one in (*KINDS.values(), COMPOSED) if one.server == name]
    options = {"models": models, "timeout_s": TIMEOUT_S, "search_s": SEARCH_S}
    return options_of(_SERVICES[name], origin, _SERVERS[name].KEY, **options)


def _toml(name: str, table: dict[str, Any]) -> str:
    hosts = table.pop("hosts")
    lines = [f"{option} = {json.dumps(value)}" for option, value in table.items()]
    lines += [f'hosts.{host} = "{url}"' for host, url in hosts.items()]
    return "\n".join([f"[{name}]", *lines, "", ""])


def spoil_answer(url: str, kind: Kind, chance: random.Random) -> None:
    """Have the next paid request of a kind taken, and its answer spoiled."""
    fault = {"accepts": True, **chance.choice(ANSWERS)}
    body = {"replies": [[f"POST {kind.path}", fault]]}
    httpx.post(f"{url}/_server", json=body, timeout=WAIT_S).raise_for_status()
