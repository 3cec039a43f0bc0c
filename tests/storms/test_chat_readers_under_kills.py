"""A chat run of a real server whose workers and web processes are killed in the middle of answers:
a reader that reconnects has each round once, and each call ran and was paid once."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clients.chat_runs import PATH, rounds_read
from tests.support.fakes.compose_model_server import KEY, MODEL, ComposeModelServer, Said, streamed
from tests.support.server import TERMINAL, Site

pytestmark = [pytest.mark.slow]
WORDS = {
    1: "I write a note first, and that takes a good while to say in words.",
    2: "The note is there, and so this is the end of what was asked of me.",
}


def answer(asked: Any) -> Any:
    number = 1 + sum(one["role"] == "assistant" for one in asked.body["messages"])
    calls = [("note", json.dumps({"text": "A fox", "seconds": 0.5}))] if number == 1 else []
    return streamed(Said(WORDS[number], calls=calls), pace_s=0.12)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ComposeModelServer(answer) as model:
        env = {
            "REELGRAPH_COMPOSE_URL": model.url,
            "REELGRAPH_COMPOSE_KEY": KEY,
            "REELGRAPH_COMPOSE_MODEL": MODEL,
        }
        home: Path = tmp_path_factory.mktemp("home")
        with Site(home, workers=2, web=2, env=env) as running:
            yield running


class Reader:
    """Follows a run's stream, and kills something at some of its events."""

    def __init__(self, site: Site, key: str, run: str, chance: random.Random) -> None:
        self.site, self.key, self.run, self.chance = site, key, run, chance
        self.events: list[dict[str, Any]] = []
        self.kills = {"worker": 0, "web": 0}
        self.status = ""

    def read(self) -> None:
        for _ in range(60):
            try:
                self._follow()
            except httpx.HTTPError:
                continue
            if self.status in TERMINAL:
                return
        raise AssertionError(f"{self.run} did not end: {self.events[-3:]}")

    def _follow(self) -> None:
        last = str(self.events[-1]["sequence"]) if self.events else "0"
        address = f"{PATH}/{self.run}/events/stream"
        with (
            self.site.client(self.key) as client,
            client.stream("GET", address, headers={"Last-Event-ID": last}) as stream,
        ):
            name = ""
            for line in stream.iter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name == "run_status":
                    self.status = json.loads(value)["status"]
                elif field == "data":
                    self.events.append(json.loads(value))
                    self._kill_at(name)

    def _kill_at(self, name: str) -> None:
        if name != "assistant_message_delta" or self.chance.random() < 0.5:
            return
        kind = self.chance.choice(("worker", "web"))
        if self.kills[kind] >= 2:
            return
        for pid in self.site.workers() if kind == "worker" else self.site.webs():
            os.kill(pid, signal.SIGKILL)
        self.kills[kind] += 1


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_each_round_is_read_once_though_all_is_killed(site: Site, seed: int) -> None:
    key = site.key(f"reader{seed}")
    body = {
        "messages": [{"role": "user", "content": "Write a note"}],
        "sogni_tools": "creative-agent",
    }
    with site.client(key) as client:
        answered = client.post(PATH, json=body, headers={"Idempotency-Key": "one"})
        assert answered.status_code == 202, answered.text
        run = answered.json()["data"]["run"]["runId"]
    reader = Reader(site, key, run, random.Random(seed))
    reader.read()
    print(f"seed {seed}: {reader.kills} killed, {len(reader.events)} events")
    assert reader.status == "completed"
    assert sum(reader.kills.values()) >= 1
    numbers = [event["sequence"] for event in reader.events]
    assert numbers == sorted(set(numbers))
    assert rounds_read(reader.events) == WORDS
    with site.client(key) as client:
        shown = client.get(f"{PATH}/{run}").json()["data"]["run"]
        listed = client.get("/v1/creative-agent/workflows").json()["data"]["workflows"]
        spent = client.get("/v1/account/balance").json()["data"]["spark"]["debit"]
    assert len(shown["childWorkflowIds"]) == 1
    assert len(listed) == 2
    # Two answers and a note.
    assert float(spent) == 3
