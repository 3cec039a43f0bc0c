"""The public TypeScript SDK, as npm has it, calls tools, chats and keeps records here.

It is no dependency of ours: the test installs it into a folder of its own, so it needs the npm
registry. Without one it is skipped, and in CI it fails (see `tests.support.required`).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.clients.tool_calls import CALLS, check_answer
from tests.support.node import node, npm_packages
from tests.support.program import ROOT
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PACKAGE = "@sogni-ai/sogni-client"
VERSION = "5.54.0"

Caller = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's folder."""
    folder = npm_packages(tmp_path_factory.mktemp("npm"), f"{PACKAGE}@{VERSION}")
    return folder / "node_modules" / PACKAGE


@pytest.fixture
def call(site: Site, sdk: Path) -> Caller:
    """`call([parameters, …])`: what `chat.hosted.executeTool` answers to each."""
    key = site.key("alice")

    def run(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
        env = {"SDK": str(sdk), "URL": site.url, "KEY": key, "CALLS": json.dumps(calls)}
        done = subprocess.run(
            [node(), str(ROOT / "tests" / "support" / "clients" / "call_tools.mjs")],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout.splitlines()[-1]))

    return run


def test_every_composition_tool_answers(call: Caller) -> None:
    wanted = [{"tool": tool, "arguments": arguments} for tool, arguments in CALLS.items()]
    answers = call([{**one, "tokenType": "spark", "appSource": "tests"} for one in wanted])
    for one, answer in zip(wanted, answers, strict=True):
        assert answer["status"] == "success", answer
        check_answer(one["tool"], answer["data"])


def test_refusals_and_failures_arrive_as_the_sdk_has_them(call: Caller) -> None:
    unknown, media, failed = call(
        [
            {"tool": "compose_films", "arguments": {}},
            {"tool": "generate_image", "arguments": {"prompt": "A cat"}},
            {"tool": "compose_workflow_template", "arguments": {}},
        ]
    )
    assert unknown["status"] == 400
    assert "Unknown tool" in unknown["failed"]
    assert (media["status"], media["details"]["route"]) == (400, "/v1/creative-agent/workflows")
    result = failed["data"]["result"]
    assert (result["ok"], result["success"], result["error_type"]) == (
        False,
        False,
        "PARAMETER_INVALID",
    )


def test_a_tool_that_is_a_step_waits_for_its_run(call: Caller) -> None:
    [answer] = call([{"tool": "sogni_create_asset_manifest", "arguments": {}}])
    assert answer["data"]["result"]["ok"] is True
    assert answer["data"]["message"] == "The run has no media yet."


@pytest.mark.slow
def test_chats_that_last_and_replay_records(site: Site, sdk: Path) -> None:
    env = {"SDK": str(sdk), "URL": site.url, "KEY": site.key("alice")}
    done = subprocess.run(
        [node(), str(ROOT / "tests" / "support" / "clients" / "chat_runs.mjs")],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    run = found["done"]
    assert run["status"] == "completed"
    assert found["again"] == run["runId"]
    assert run["timestamps"]["completedAt"]
    assert found["events"][0]["type"] == "run_created"
    assert found["events"][-1]["type"] == "run_completed"
    assert found["later"] == found["events"][2:]
    assert len(run["artifacts"]) == len(run["childWorkflowIds"]) == 1
    assert found["waiting"][-1]["type"] == "run_waiting_for_user"
    assert found["waiting"][-1]["payload"]["details"]["costApprovalPreview"]
    assert found["unseen"] == 400
    assert found["confirmed"]["status"] == "completed"
    assert found["cancelled"]["status"] == "cancelled"
    assert found["missing"] == 404
    assert found["written"]["redacted"] is True
    assert {"ts-replay", run["runId"]} <= {one["runId"] for one in found["list"]}
    assert found["read"]["record"]["rounds"] == [{"text": "Hello"}]
    said = found["ofRun"]["record"]["final_response"]
    # Without what signs the addresses in it.
    assert said[:60] == run["finalResponse"]["content"][:60]
