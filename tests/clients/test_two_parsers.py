"""Two parsers that are not ours, httpx-sse and eventsource-parser, read every kind of stream alike.

Both are cut off on the way and come back, both only stop when the server closes, and signs of life
are between nearly all entries.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse

from tests.support.node import node
from tests.support.program import ROOT
from tests.support.server import Site, snapshot, start
from tests.support.waiting import wait_for

SITE_OPTIONS = {"settings": "tests.support.settings.eager"}

WORKFLOWS = "/v1/creative-agent/workflows"
SCRIPT = Path(__file__).parent.parent / "support" / "clients" / "read_stream.mjs"
REFUSED = {"id": "b", "toolName": "fail", "arguments": {"retryable": False}}
REST = {"id": "a", "toolName": "sleep", "arguments": {"seconds": 0.6}}
QUESTION = {"id": "q", "toolName": "ask_clarifying_question", "arguments": {"question": "Why?"}}
# Who comes back with the very last entry of a run that waits is held: there is nothing to tell yet.
CLOSING = {"completed", "failed", "cancelled", "partial_failure", "waiting_for_user"}
Frames = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.key("alice")


@pytest.fixture(scope="module")
def alices(site: Site, key: str) -> Iterator[httpx.Client]:
    with site.client(key) as client:
        yield client


def begin(alices: httpx.Client, status: str) -> str:
    """A run that takes a moment and then comes to this status."""
    if status == "partial_failure":
        stages = [
            {"id": "a", "type": "fixed", "tool": "sleep", "args": {"seconds": 0.6}},
            {
                "id": "b",
                "type": "fixed",
                "tool": "fail",
                "args": {"retryable": False},
                "onError": "continue",
            },
        ]
        made = alices.post(f"{WORKFLOWS}/templates", json={"name": "Half", "stages": stages})
        template = made.json()["data"]["template"]["id"]
        return start(alices, {"workflow_id": template, "inputs": {}})["id"]
    steps = {
        "completed": [REST],
        "failed": [REST, {**REFUSED, "dependsOn": ["a"]}],
        "cancelled": [{**REST, "arguments": {"seconds": 60}}],
        "waiting_for_user": [REST, {**QUESTION, "dependsOn": ["a"]}],
    }[status]
    return start(alices, {"input": {"steps": steps}})["id"]


def by_python(site: Site, key: str, run_id: str, cut: int) -> Frames:
    """What httpx-sse reads, dropping the connection after every `cut` entries (0: never)."""
    found: Frames = []
    url = f"{site.url}{WORKFLOWS}/{run_id}/events/stream"
    with httpx.Client(timeout=60) as client:
        while True:
            headers = {"api-key": key, **({"Last-Event-ID": found[-1][0]} if found else {})}
            here = 0
            with connect_sse(client, "GET", url, headers=headers) as source:
                for event in source.iter_sse():
                    found.append((event.id, event.event, event.json()))
                    here += 1
                    if cut and here >= cut and event.json().get("status") not in CLOSING:
                        break
                else:
                    return found


def by_javascript(site: Site, key: str, run_id: str, cut: int) -> tuple[Frames, dict[str, int]]:
    """What eventsource-parser reads under Node, and how often it called and heard a comment."""
    url = f"{site.url}{WORKFLOWS}/{run_id}/events/stream"
    done = subprocess.run(
        [node(), str(SCRIPT), url, key, str(cut)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    frames = [(frame["id"], frame["event"], frame["data"]) for frame in said["frames"]]
    return frames, {"calls": said["calls"], "comments": said["comments"]}


def check(frames: Frames, run: dict[str, Any]) -> None:
    """Every entry once, in order, and one last frame that says how it is."""
    *log, (last_id, last_name, last) = frames
    count = len(log)
    assert [int(number) for number, _, _ in log] == list(range(1, count + 1))
    assert {name for _, name, _ in log} == {"workflow_event"}
    assert (int(last_id), last_name) == (count, "workflow_status")
    assert last["status"] == run["status"]


@pytest.mark.parametrize(
    "status", ["completed", "failed", "cancelled", "partial_failure", "waiting_for_user"]
)
def test_both_read_a_live_stream_to_its_end(
    site: Site, key: str, alices: httpx.Client, status: str
) -> None:
    run_id = begin(alices, status)
    with ThreadPoolExecutor(4) as pool:
        python = [pool.submit(by_python, site, key, run_id, cut) for cut in (0, 2)]
        javascript = [pool.submit(by_javascript, site, key, run_id, cut) for cut in (0, 2)]
        if status == "cancelled":
            wait_for(lambda: snapshot(alices, run_id)["status"] == "running", "its start")
            assert alices.post(f"{WORKFLOWS}/{run_id}/cancel").json()["data"]["transitioned"]
        whole, cut_python = (done.result() for done in python)
        (whole_js, _), (cut_js, told) = (done.result() for done in javascript)
    run = snapshot(alices, run_id)
    assert run["status"] == status
    check(whole, run)
    assert cut_python == cut_js == whole_js == whole
    assert told["calls"] > 2
    log = alices.get(f"{WORKFLOWS}/{run_id}/events").json()["data"]["events"]
    assert [data for _, _, data in whole[:-1]] == log


def test_signs_of_life_are_comments_to_both(site: Site, key: str, alices: httpx.Client) -> None:
    # Long enough for Node to start while it runs: what is over gives no signs of life.
    steps = [{**REST, "arguments": {"seconds": 5}}]
    run_id = start(alices, {"input": {"steps": steps}})["id"]
    frames, told = by_javascript(site, key, run_id, 0)
    assert told["comments"] > 0
    assert {name for _, name, _ in frames} == {"workflow_event", "workflow_status"}


def test_a_resumed_run_is_read_past_its_first_end(
    site: Site, key: str, alices: httpx.Client
) -> None:
    run_id = begin(alices, "failed")
    first = by_python(site, key, run_id, 0)
    assert first[-1][2]["status"] == "failed"
    assert alices.post(f"{WORKFLOWS}/{run_id}/resume").json()["data"]["resumed"]
    again, _ = by_javascript(site, key, run_id, 3)
    assert again == by_python(site, key, run_id, 0)
    check(again, snapshot(alices, run_id))
    ends = [data for _, _, data in again if data.get("type") == "workflow_failed"]
    assert ["status" in data for data in ends] == [False, True]
    assert ends[0]["previousStatus"] == "failed"
