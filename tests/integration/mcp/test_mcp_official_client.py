"""The official client, of both eras, against the product as `make run` starts it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, stage
from tests.support.clients.agent_clients import ERAS, TaskClient, agent, play, told
from tests.support.clients.agents import HANDSHAKE, MODERN
from tests.support.server import Site
from tests.support.waiting import family, promised

pytestmark = pytest.mark.slow
CHOOSING = {
    "name": "Choose a look",
    "inputs": [BRIEF],
    "stages": [LOOKS, PICK, stage("film", args={"source_image_url": "$artifacts.pick"})],
}
SLOW = {
    "name": "Slow",
    "inputs": [],
    "stages": [stage(f"s{n}", args={"text": "x", "seconds": 1.0}) for n in range(4)],
}
TEMPLATES = "/v1/creative-agent/workflows/templates"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(Path(tmp_path_factory.mktemp("mcp")), workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.key("alice")


def saved(site: Site, key: str, body: Mapping[str, Any]) -> str:
    with site.client(key) as client:
        answer = client.post(TEMPLATES, json=dict(body))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["template"]["id"])


@pytest.mark.parametrize("era", ERAS)
def test_a_template_is_found_run_answered_and_stopped(site: Site, key: str, era: str) -> None:
    template = saved(site, key, {**CHOOSING, "name": f"Choose in {era}"})

    async def scene() -> None:
        async with agent(site.url, key, era) as client:
            assert "untrusted" in (client.instructions or "")
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert {"search_templates", "run_template", "get_run", "answer"} <= tools
            assert client.protocol_version == {"auto": MODERN, "legacy": HANDSHAKE}[era]
            found = await told(client, "search_templates", query=f"Choose {era}")
            assert [one["id"] for one in found["templates"]] == [template]
            inputs = {"brief": "A lamp"}
            quoted = await told(client, "quote", template_id=template, inputs=inputs)
            assert quoted["inputs_complete"] is True
            start = {"template_id": template, "inputs": inputs, "idempotency_key": era}
            run = (await told(client, "run_template", **start))["run_id"]
            assert (await told(client, "run_template", **start))["run_id"] == run
            asked = await told(client, "get_run", run_id=run, wait_s=25)
            assert asked["status"] == "waiting_for_user"
            await told(client, "answer", run_id=run, choices=[1])
            assert (await told(client, "get_run", run_id=run, wait_s=25))["status"] == "completed"
            other = await told(client, "run_template", **{**start, "idempotency_key": era + "2"})
            assert (await told(client, "cancel", run_id=other["run_id"]))["status"] == "cancelled"
            [part] = (await client.read_resource(f"reelgraph://runs/{run}")).contents
            assert run in part.text

    play(scene())


def test_a_task_asks_and_ends(site: Site, key: str) -> None:
    template = saved(site, key, CHOOSING)

    def choose(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert asked["method"] == "elicitation/create"
        return {"action": "accept", "content": {"choices": "1"}}

    async def scene() -> None:
        tasks = TaskClient(choose)
        async with agent(site.url, key, "auto", tasks) as client:
            start = {
                "template_id": template,
                "inputs": {"brief": "A lamp"},
                "idempotency_key": "task",
            }
            answer = await client.call_tool("run_template", start)
            assert answer.structured_content["status"] == "completed"
        assert "input_required" in tasks.seen
        assert tasks.seen[-1] == "completed"

    play(scene())


@pytest.mark.parametrize("era", ERAS)
def test_progress_is_told_while_it_waits(site: Site, key: str, era: str) -> None:
    template = saved(site, key, SLOW)
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert total == 4
        assert message
        heard.append(progress)

    async def scene() -> None:
        async with agent(site.url, key, era) as client:
            start = {"template_id": template, "idempotency_key": f"slow {era}"}
            run = (await told(client, "run_template", **start))["run_id"]
            waited = {"run_id": run, "wait_s": 25}
            answer = await client.call_tool("get_run", waited, progress_callback=hear)
            assert answer.structured_content["status"] == "completed"

    play(scene())
    assert heard == sorted(set(heard))
    assert heard


def test_a_revoked_key_ends_an_open_wait_within_five_seconds(site: Site) -> None:
    key = site.key("carol")
    template = saved(site, key, {**SLOW, "stages": [stage("s", args={"text": "x", "seconds": 60})]})

    async def scene() -> None:
        async with agent(site.url, key) as client:
            start = {"template_id": template, "idempotency_key": "once"}
            run = (await told(client, "run_template", **start))["run_id"]
            waiting = asyncio.ensure_future(
                client.call_tool("get_run", {"run_id": run, "wait_s": 25})
            )
            await asyncio.sleep(1)
            assert not waiting.done()
            await asyncio.to_thread(revoke, site, key)
            assert site.program is not None
            processes = family(site.program.process.pid)
            with promised(5, of=processes), pytest.raises(Exception, match=r"(?i)key"):
                await waiting

    play(scene())


def revoke(site: Site, key: str) -> None:
    lookup = key.split("_")[1]
    code = (
        "from accounts.models import ApiKey; from core import clock;"
        f" ApiKey.objects.filter(lookup={lookup!r}).update(revoked_at=clock.now())"
    )
    site.manage("shell", "-c", code)


def test_a_hundred_agents_at_once(site: Site, key: str) -> None:
    template = saved(site, key, {**SLOW, "name": "Short", "stages": [stage("s")]})
    keys = [key, *(site.key(f"person-{n}") for n in range(9))]
    with site.client(key) as client:
        shared = client.patch(f"{TEMPLATES}/{template}", json={"visibility": "public"})
        assert shared.status_code == 200, shared.text

    async def one(number: int) -> str:
        era = ERAS[number % 2]
        async with agent(site.url, keys[number % len(keys)], era) as client:
            start = {"template_id": template, "idempotency_key": f"agent {number}"}
            run = await told(client, "run_template", **start)
            for _ in range(6):
                found = await told(client, "get_run", run_id=run["run_id"], wait_s=25)
                if found["status"] == "completed":
                    return str(found["run_id"])
            raise AssertionError(found)

    async def scene() -> list[str]:
        return await asyncio.gather(*(one(number) for number in range(100)))

    assert len(set(play(scene()))) == 100


def test_a_client_that_leaves_ends_its_wait(site: Site, key: str) -> None:
    template = saved(site, key, {**SLOW, "stages": [stage("s", args={"text": "x", "seconds": 60})]})

    async def scene() -> None:
        async with agent(site.url, key) as client:
            start = {"template_id": template, "idempotency_key": "left"}
            run = (await told(client, "run_template", **start))["run_id"]
        headers = {"Authorization": f"Bearer {key}", "mcp-protocol-version": "2025-11-25"}
        call = {"name": "get_run", "arguments": {"run_id": run, "wait_s": 25}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        for _ in range(55):
            async with httpx2.AsyncClient(headers=headers, timeout=0.3) as http:
                with pytest.raises(httpx2.TimeoutException):
                    await http.post(f"{site.url}/mcp", json=body)
        # More than a person may have open: those that left do not count.
        async with agent(site.url, key) as client:
            began = time.monotonic()
            await told(client, "get_run", run_id=run, wait_s=2)
            assert time.monotonic() - began >= 2
            await told(client, "cancel", run_id=run)

    play(scene())
