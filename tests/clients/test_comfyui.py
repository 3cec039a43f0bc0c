"""ComfyUI's graphs through REST, by real workers: killed, cancelled, and graphs of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.faults.kept_waiting import family_of
from tests.support.faults.workers import holder, kill, rows
from tests.support.server import Site, finished, snapshot, start
from tests.support.waiting import promised, wait_for

CANCELLED_WITHIN_S = 2.0
PATH = "/v1/creative-agent/workflows"
GRAPH = {
    "_reelgraph": {"title": "Ink wash", "help": "Paint a picture over in ink."},
    "1": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "ink wash, {{prompt}}"}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": "{{seed}}",
            "steps": "{{steps:int=4}}",
            "positive": ["2", 0],
            "latent_image": ["1", 0],
        },
    },
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
}


@pytest.fixture(scope="module")
def comfy() -> Iterator[ComfyServer]:
    with ComfyServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(comfy: ComfyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    (home / "comfyui").mkdir()
    (home / "comfyui" / "ink_wash.json").write_text(json.dumps(GRAPH))
    (home / "comfyui" / "broken.json").write_text("{")
    env = {"REELGRAPH_COMFYUI_URL": comfy.url, "REELGRAPH_PROVIDERS": "generate_image=comfyui"}
    with Site(home, workers=1, env=env) as site:
        yield site


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture(autouse=True)
def _again(comfy: ComfyServer) -> Iterator[None]:
    comfy.ledger.clear()
    yield
    comfy.switches.gate.set()


def draw(prompt: str) -> dict[str, Any]:
    arguments = {"prompt": prompt, "width": 96, "height": 64, "steps": 4}
    return {"id": "draw", "toolName": "generate_image", "arguments": arguments}


def begun(client: httpx.Client, comfy: ComfyServer) -> str:
    """A run whose prompt ComfyUI is in the middle of."""
    comfy.switches.gate.clear()
    run_id = start(client, {"input": {"steps": [draw(f"prompt {len(comfy.engine.executed)}")]}})[
        "id"
    ]
    wait_for(lambda: comfy.engine.running, "the prompt being worked on")
    return run_id


def test_a_killed_worker_s_prompt_is_attached_to(
    site: Site, alice: httpx.Client, comfy: ComfyServer
) -> None:
    run_id = begun(alice, comfy)
    _, pid, held = holder(site, run_id)
    kill(held, pid)
    wait_for(lambda: len(comfy.entries("socket")) > 1, "another worker listening")
    comfy.switches.gate.set()
    shown = finished(alice, run_id)
    assert shown["status"] == "completed", shown
    assert len(comfy.entries("prompt")) == 1
    (artifact,) = shown["artifacts"]
    assert artifact["type"] == "image"


def test_a_long_prompt_on_the_only_worker_stops_no_one_elses_steps(
    site: Site, alice: httpx.Client, comfy: ComfyServer
) -> None:
    run_id = begun(alice, comfy)
    song = {
        "id": "a",
        "toolName": "generate_music",
        "arguments": {"prompt": "rain", "duration": 10},
    }
    with site.client(site.key("bob")) as bob:
        for _ in range(2):
            other = start(bob, {"input": {"steps": [song]}})["id"]
            done = finished(bob, other)
            assert done["status"] == "completed", done
    assert snapshot(alice, run_id)["status"] == "running"
    (prompt,) = comfy.entries("prompt")
    comfy.switches.gate.set()
    shown = finished(alice, run_id)
    assert shown["status"] == "completed", shown
    assert comfy.submitted() == {prompt["id"]: 1}
    assert not comfy.entries("upload")
    assert shown["steps"][0]["attempt"] == 1


def test_a_prompt_that_no_one_waits_behind_shows_each_step(
    alice: httpx.Client, comfy: ComfyServer
) -> None:
    comfy.switches.step_s = 0.6
    steps = {**draw("a prompt that is watched"), "id": "live"}
    steps["arguments"] |= {"steps": 8}
    run_id = start(alice, {"input": {"steps": [steps]}})["id"]
    assert finished(alice, run_id)["status"] == "completed"
    comfy.switches.step_s = 0.0
    events = alice.get(f"{PATH}/{run_id}/events").json()["data"]["events"]
    notes = [one["data"].get("note", "") for one in events if one["type"] == "step_progress"]
    told = [note for note in notes if re.search(r"\d of 8", note)]
    assert len(set(told)) >= 3, notes


def test_stopping_a_run_whose_prompt_is_parked_interrupts_it(
    site: Site, alice: httpx.Client, comfy: ComfyServer
) -> None:
    first, second = begun(alice, comfy), start(alice, {"input": {"steps": [draw("second")]}})["id"]
    is_parked = "SELECT 1 FROM runs_step WHERE status = 'parked'"
    wait_for(lambda: rows(site, is_parked) and len(comfy.entries("prompt")) == 2, "one is parked")
    for run_id in (first, second):
        assert alice.post(f"{PATH}/{run_id}/cancel").status_code == 200
    wait_for(lambda: comfy.engine.running is None and not comfy.engine.pending, "both stopped")
    assert set(comfy.submitted().values()) == {1}


def test_a_cancelled_run_s_prompt_is_interrupted_soon(
    site: Site, alice: httpx.Client, comfy: ComfyServer
) -> None:
    run_id = begun(alice, comfy)
    assert alice.post(f"{PATH}/{run_id}/cancel").status_code == 200
    with promised(CANCELLED_WITHIN_S, of=family_of(site)):
        wait_for(lambda: comfy.engine.running is None, "the interrupt")
    (interrupt,) = comfy.entries("interrupt")
    assert interrupt["did"]
    assert len(comfy.entries("prompt")) == 1


def test_a_graph_file_is_a_tool_of_the_palette_that_runs(
    site: Site, alice: httpx.Client, comfy: ComfyServer
) -> None:
    palette = {tool["name"]: tool for tool in alice.get("/app/tools").json()["tools"]}
    shown = palette["ink_wash"]
    assert (shown["title"], shown["provider"], shown["output"]) == ("Ink wash", "comfyui", "image")
    assert [port["name"] for port in shown["ports"]] == ["image"]
    assert [parameter["name"] for parameter in shown["parameters"]] == ["prompt", "seed", "steps"]
    assert palette["generate_image"]["provider"] == "comfyui"
    paint = {
        "id": "paint",
        "toolName": "ink_wash",
        "arguments": {"prompt": "a heron", "sourceImageIndex": 0},
        "dependsOn": ["draw"],
    }
    done = finished(alice, start(alice, {"input": {"steps": [draw("a heron"), paint]}})["id"])
    assert done["status"] == "completed", done
    first, second = comfy.entries("prompt")
    assert second["nodes"]["2"]["inputs"]["text"] == "ink wash, a heron"
    assert second["nodes"]["1"]["inputs"]["image"].startswith("reelgraph/")
    assert first["id"] != second["id"]
    assert [artifact["type"] for artifact in done["artifacts"]] == ["image", "image"]


def test_missing_arguments_of_a_graph_are_refused_at_the_start(alice: httpx.Client) -> None:
    step = {"toolName": "ink_wash", "arguments": {"sourceImageIndex": -1}}
    answer = alice.post(PATH, json={"input": {"steps": [step]}})
    assert answer.status_code in (400, 422)
    assert "`prompt` is required" in answer.text


def test_the_doctor_names_the_server_and_the_broken_file(site: Site, comfy: ComfyServer) -> None:
    said = site.manage("doctor")
    assert f"ComfyUI 0.3.64 at 127.0.0.1:{comfy.port}" in said
    assert "broken.json: It isn't JSON" in said
