"""Composition calls over two web processes, of which one is killed in the middle of a call."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.compose_model_server import (
    KEY,
    MODEL,
    ComposeModelServer,
    Said,
    completion,
)
from tests.support.openai_server import Reply
from tests.support.server import Site
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
PATH = "/v1/creative-agent/tools/execute"
CALL = {
    "tool": "compose_workflow_template",
    "arguments": {"brief": "A fox in the snow. A crow above it.", "name": "Fox"},
}
GRANTED = 5


@pytest.fixture(scope="module")
def model() -> Iterator[ComposeModelServer]:
    with ComposeModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, model: ComposeModelServer) -> Iterator[Site]:
    env = {
        "REELGRAPH_COMPOSE_URL": model.url,
        "REELGRAPH_COMPOSE_KEY": KEY,
        "REELGRAPH_COMPOSE_MODEL": MODEL,
        "REELGRAPH_LIMIT_CREDIT": "1",
    }
    home: Path = tmp_path_factory.mktemp("home")
    with Site(home, workers=0, web=2, env=env) as running:
        yield running


def used(client: httpx.Client) -> float:
    balance = client.get("/v1/account/balance").json()["data"]
    return float(balance["spark"]["debit"])


def test_a_call_that_is_killed_costs_nothing_and_can_be_repeated(
    site: Site, model: ComposeModelServer
) -> None:
    key = site.key("alice")
    site.manage("grant", "alice", str(GRANTED))
    release = threading.Event()
    model.script.append(lambda asked: Reply(body=completion(Said("Hello.")), hold=release))
    header = {"Idempotency-Key": "the-fox"}

    def call() -> Any:
        with site.client(key) as client:
            return client.post(PATH, json=CALL, headers=header)

    with ThreadPoolExecutor(1) as pool, site.client(key) as client:
        before = len(model.chats)
        cut = pool.submit(call)
        wait_for(lambda: len(model.chats) > before, "the model is asked")
        # While the model works, nothing is held back or taken.
        assert used(client) == 0
        for pid in site.webs():
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: not psutil.pid_exists(pid), "the process ends")
        with pytest.raises(httpx.HTTPError):
            cut.result()
        release.set()
    with site.client(key) as client:
        assert used(client) == 0
        first = client.post(PATH, json=CALL, headers=header)
        assert first.json()["data"]["result"]["ok"] is True, first.text
        assert used(client) == 1
        again = client.post(PATH, json=CALL, headers=header)
        assert again.json()["data"]["toolCallId"] == first.json()["data"]["toolCallId"]
        assert used(client) == 1


def test_two_processes_sell_no_credit_twice(site: Site) -> None:
    key = site.key("bob")
    site.manage("grant", "bob", str(GRANTED))

    def call(number: int) -> int:
        with site.client(key) as client:
            return client.post(PATH, json=CALL).status_code

    with ThreadPoolExecutor(2 * GRANTED) as pool:
        statuses = Counter(pool.map(call, range(2 * GRANTED)))
    assert statuses == {200: GRANTED, 402: GRANTED}
    with site.client(key) as client:
        assert used(client) == GRANTED
