"""kill -9 of web and workers in the middle of a task: it goes on, and each answer counts once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, stage
from tests.support.clients.agent_clients import ANSWER_S, AWAY, TaskClient, agent, play
from tests.support.server import Site

TEMPLATES = "/v1/creative-agent/workflows/templates"
RUNS = "/v1/creative-agent/workflows"
SLOW = {"text": "x", "seconds": 1.5}
TEMPLATE = {
    "name": "Three looks, slowly",
    "inputs": [BRIEF],
    "stages": [
        stage("first", args=SLOW),
        {**LOOKS, "args": {**LOOKS["args"], "seconds": 1.5}},
        PICK,
        stage("film", args={"source_image_url": "$artifacts.pick", "seconds": 1.5}),
        stage("last", args=SLOW),
    ],
}


def kill(site: Site) -> None:
    for pid in [*site.webs(), *site.workers()]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def storm(site: Site, times: int) -> None:
    """Kill everything but the supervisor, again and again."""
    for _ in range(times):
        await asyncio.sleep(2)
        await asyncio.to_thread(kill, site)


async def started(site: Site, key: str, tasks: TaskClient, template: str) -> Any:
    """The result of a run as a task. The call that starts it is sent until it is answered."""
    start = {"template_id": template, "inputs": {"brief": "A lamp"}, "idempotency_key": "once"}
    while True:
        try:
            async with agent(site.url, key, "2026-07-28", tasks) as client:
                return await client.call_tool("run_template", start, ANSWER_S)
        except* AWAY:
            await asyncio.sleep(0.3)


@pytest.mark.parametrize("web", [2, pytest.param(1, marks=pytest.mark.thorough)])
def test_a_task_goes_on_over_killed_processes(tmp_path: Path, web: int) -> None:
    with Site(tmp_path, workers=2, web=web) as site:
        key = site.key("alice")
        with site.client(key) as client:
            saved = client.post(TEMPLATES, json=TEMPLATE)
            assert saved.status_code == 201, saved.text
            template = saved.json()["data"]["template"]["id"]
        answered = 0

        def choose(asked: Mapping[str, Any]) -> Mapping[str, Any]:
            nonlocal answered
            answered += 1
            if answered == 1:
                kill(site)
            return {"action": "accept", "content": {"choices": "2"}}

        async def scene() -> Any:
            tasks = TaskClient(choose)
            killing = asyncio.ensure_future(storm(site, 3))
            answer = await started(site, key, tasks, template)
            await killing
            return answer

        answer = play(scene())
        assert answered
        assert answer.structured_content["status"] == "completed"
        run = answer.structured_content["run_id"]

        async def after() -> dict[str, Any]:
            while True:
                try:
                    async with agent(site.url, key) as client:
                        arguments = {"run_id": run, "after": 0}
                        found = await client.call_tool("get_run", arguments, ANSWER_S)
                        return dict(found.structured_content)
                except* AWAY:
                    await asyncio.sleep(0.3)

        found = play(after())
        assert found["status"] == "completed"
        with site.client(key) as client:
            listed = client.get(RUNS).json()["data"]["workflows"]
            assert [one["id"] for one in listed] == [run]
            log = client.get(f"{RUNS}/{run}/events").json()["data"]["events"]
        ended = [one["stepId"] for one in log if one["event"] == "step_completed"]
        assert sorted(ended) == ["film", "first", "last", "looks", "pick"]
