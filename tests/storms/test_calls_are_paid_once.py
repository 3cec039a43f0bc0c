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

from tests.support.fakes.compose_model_server import (
    KEY,
    MODEL,
    ComposeModelServer,
    Said,
    completion,
)
from tests.support.fakes.openai_server import Reply
from tests.support.server import Site
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow]
PATH = "/v1/creative-agent/tools/execute"
CALL = {
    "tool": "compose_workflow_template",
    "arguments": {"brief": "A fox in the snow. A crow above it.", "name": "Fox"},
}
GRANTED = 5
RACING = 40


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
        # While the model works, what it costs is held.
        assert used(client) == 1
        for pid in site.webs():
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: not psutil.pid_exists(pid), "the process ends")
        with pytest.raises(httpx.HTTPError):
            cut.result()
        release.set()
    with site.client(key) as client:

        def answered() -> Any:
            answer = client.post(PATH, json=CALL, headers=header)
            # Until the process is known to be dead.
            return answer if answer.status_code != 409 else None

        first = wait_for(answered, "the call is answered")
        assert first.json()["data"]["result"]["ok"] is True, first.text
        assert used(client) == 1
        again = client.post(PATH, json=CALL, headers=header)
        assert again.json()["data"]["toolCallId"] == first.json()["data"]["toolCallId"]
        assert used(client) == 1


def test_a_key_that_many_send_at_once_asks_the_model_once(
    site: Site, model: ComposeModelServer
) -> None:
    key = site.key("carol")
    site.manage("grant", "carol", str(GRANTED))
    release, before = threading.Event(), len(model.chats)
    model.script.append(lambda asked: Reply(body=completion(Said("Hello.")), hold=release))

    def call(number: int) -> int:
        with site.client(key) as client:
            headers = {"Idempotency-Key": "the-crow"}
            return client.post(PATH, json=CALL, headers=headers).status_code

    with ThreadPoolExecutor(RACING) as pool:
        calls = [pool.submit(call, number) for number in range(RACING)]
        wait_for(lambda: sum(one.done() for one in calls) == RACING - 1, "the others are refused")
        release.set()
        assert Counter(one.result() for one in calls) == {200: 1, 409: RACING - 1}
    # What cannot be used as a draft is asked for once more, by the same call.
    asked = len(model.chats) - before
    assert [call(number) for number in range(5)] == [200] * 5
    assert len(model.chats) - before == asked <= 3
    with site.client(key) as client:
        assert used(client) == 1


def test_two_processes_sell_no_credit_twice(site: Site, model: ComposeModelServer) -> None:
    key, before = site.key("bob"), len(model.chats)
    site.manage("grant", "bob", str(GRANTED))

    def call(number: int) -> int:
        with site.client(key) as client:
            return client.post(PATH, json=CALL).status_code

    with ThreadPoolExecutor(RACING) as pool:
        statuses = Counter(pool.map(call, range(RACING)))
    assert statuses == {200: GRANTED, 402: RACING - GRANTED}
    # At most three times for each: what it said was no draft.
    assert len(model.chats) - before <= 3 * GRANTED
    with site.client(key) as client:
        assert used(client) == GRANTED
