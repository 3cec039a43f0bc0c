"""An operator's ComfyUI graphs in the palette, over REST and in the doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runs.models import Run
from tests.support.builders.running import work_off
from tests.support.checks import checks_of
from tests.support.clients.api import Api
from tests.support.fakes.comfyui_server import ComfyServer
from tools import registry
from tools.palette import palette

pytestmark = pytest.mark.django_db(transaction=True)

INK = {
    "_reelgraph": {"title": "Ink wash"},
    "1": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{prompt}}"}},
    "4": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
}


@pytest.fixture
def comfy(tmp_path: Path, settings: Any) -> Iterator[ComfyServer]:
    """A configured server, with a graph that works and one that was exported the wrong way."""
    (tmp_path / "ink_wash.json").write_text(json.dumps(INK))
    (tmp_path / "storm.json").write_text('{"nodes": [{"id": 1}], "links": []}')
    with ComfyServer() as server:
        settings.PROVIDERS = {
            "comfyui": {"kind": "comfyui", "urls": [server.url], "graphs": str(tmp_path)}
        }
        registry.rebuild()
        yield server
    del settings.PROVIDERS
    registry.rebuild()


def test_a_graph_that_cannot_be_used_says_why_in_the_palette(comfy: ComfyServer):
    shown = {tool["name"]: tool for tool in palette(registry.table(), registry.offers)}
    assert shown["ink_wash"]["isProvided"]
    assert not shown["storm"]["isProvided"]
    assert "Use Workflow → Export (API)" in shown["storm"]["unusable"]


def test_a_stage_with_such_a_graph_is_told_what_to_export(comfy: ComfyServer, alice_key: str):
    answer = Api(alice_key).post(
        "/v1/creative-agent/workflows",
        {"input": {"steps": [{"id": "a", "toolName": "storm", "arguments": {}}]}},
    )
    assert answer.status_code == 400
    said = answer.json()["message"]
    assert said.startswith("The tool \"storm\" can't be used: storm.json: This is ComfyUI's")
    assert said.endswith("Use Workflow → Export (API).")


def test_an_own_graphs_input_is_taken_by_the_name_it_has_in_the_graph(
    comfy: ComfyServer, alice_key: str
):
    steps = [
        {"id": "a", "toolName": "generate_image", "arguments": {"prompt": "fox"}},
        {"id": "b", "toolName": "ink_wash", "arguments": {"prompt": "fox", "image": 0}},
    ]
    answer = Api(alice_key).post("/v1/creative-agent/workflows", {"input": {"steps": steps}})
    assert answer.status_code < 300, answer.json()
    work_off()
    run = Run.objects.get()
    assert run.status == "completed", run.error
    assert comfy.entries("upload")


def test_a_failure_in_characters_that_no_column_holds_ends_the_run(
    comfy: ComfyServer, alice_key: str
):
    comfy.switches.raises = ("ValueError", "caf\udce9\0 broke it")
    asked = registry.provider_named("comfyui")
    assert asked is not None
    arguments = {"prompt": "fox", "model": asked.models("generate_image")[0]}
    steps = [{"id": "a", "toolName": "generate_image", "arguments": arguments}]
    answer = Api(alice_key).post("/v1/creative-agent/workflows", {"input": {"steps": steps}})
    assert answer.status_code < 300, answer.json()
    work_off()
    run = Run.objects.get()
    assert run.status == "failed"
    assert "caf\ufffd broke it" in str(run.error)


def test_the_doctor_tells_what_an_own_tool_takes_and_which_weights_are_missing(
    comfy: ComfyServer,
):
    comfy.switches.no_weights = True
    found = [check for check in checks_of("services") if check.name == "comfyui"]
    said = "\n".join(check.says for check in found if check.level == "warning")
    assert "models/checkpoints/sd_xl_base_1.0.safetensors" in said
    assert [check.says for check in found if check.level == "ok"][-1] == (
        "the tool ink_wash takes source_image_url, prompt"
    )
