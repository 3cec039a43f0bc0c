"""The public TypeScript clients of both revisions of the protocol, as npm has them, at work here.

They are no dependencies of ours: the test installs them into a folder of its own, so it needs the
npm registry. Without one it is skipped, and in CI it fails (see `tests.support.required`).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, stage
from tests.support.clients.agents import HANDSHAKE, MODERN
from tests.support.node import node, npm_packages
from tests.support.program import ROOT
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PACKAGES = ("@modelcontextprotocol/sdk@1.32.2", "@modelcontextprotocol/client@2.4.0")
TEMPLATES = "/v1/creative-agent/workflows/templates"
CHOOSING = {
    "name": "Choose a look",
    "inputs": [BRIEF],
    "stages": [LOOKS, PICK, stage("film", args={"source_image_url": "$artifacts.pick"})],
    "exposeToLLM": True,
}
FAILING = {
    "name": "Fails",
    "inputs": [],
    "stages": [{"id": "s", "type": "fixed", "tool": "fail", "args": {"retryable": False}}],
}
Client = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that they are installed in."""
    return npm_packages(tmp_path_factory.mktemp("npm"), *PACKAGES)


@pytest.fixture
def key(site: Site) -> str:
    return site.key("agents-person")


@pytest.fixture
def rest(site: Site, key: str) -> Iterator[httpx.Client]:
    with site.client(key) as client:
        yield client


@pytest.fixture(params=[MODERN, HANDSHAKE])
def client(request: pytest.FixtureRequest, site: Site, packages: Path, key: str) -> Client:
    """`client(steps)`: what `mcp_client.mjs` prints."""

    def run(*steps: Mapping[str, Any], agrees: bool = False) -> dict[str, Any]:
        env = {
            "SDK": str(packages),
            "ERA": str(request.param),
            "URL": site.url,
            "KEY": key,
            "AGREES": "yes" if agrees else "",
            "STEPS": json.dumps(steps),
        }
        done = subprocess.run(
            [node(), str(ROOT / "tests" / "support" / "clients" / "mcp_client.mjs")],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert done.returncode == 0, done.stderr
        told = dict(json.loads(done.stdout.splitlines()[-1]))
        assert told["revision"] == request.param
        return told

    run.era = request.param  # type: ignore[attr-defined]
    return run


def saved(rest: httpx.Client, body: Mapping[str, Any]) -> str:
    answer = rest.post(TEMPLATES, json=dict(body))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["template"]["id"])


def step(tool: str, as_: str = "", until: str = "", **arguments: Any) -> dict[str, Any]:
    given = {"tool": tool, "arguments": arguments, "as": as_, "until": until}
    return {name: value for name, value in given.items() if value}


def test_a_run_with_a_question_from_search_to_its_end(client: Client, rest: httpx.Client) -> None:
    era = client.era  # type: ignore[attr-defined]
    word = f"npm{era.replace('-', '')}"
    template = saved(rest, {**CHOOSING, "name": f"Choose a look {word}"})
    inputs = {"brief": "A lamp"}
    start = {"template_id": template, "inputs": inputs, "idempotency_key": f"npm {era}"}
    told = client(
        step("tools/list"),
        step("search_templates", query=word),
        step("quote", template_id=template, inputs=inputs),
        step("run_template", "run", **start),
        step("run_template", **start),
        step("get_run", until="waiting_for_user", run_id="$run.run_id", wait_s=25),
        step("answer", run_id="$run.run_id", choices=[2]),
        step("get_run", until="completed", run_id="$run.run_id", wait_s=25),
    )
    tools, found, quoted, run, again, asked, _, done = told["answers"]
    names = {one["name"] for one in tools["tools"]}
    assert {"search_templates", "quote", "run_template", "edit_template", "upload_asset"} <= names
    assert any(name.startswith("template_") for name in names)
    assert [one["id"] for one in found["templates"]] == [template]
    assert quoted["credits"] > 0
    assert run["run_id"] == again["run_id"]
    assert [one["number"] for one in asked["questions"][0]["choices"]] == [1, 2, 3]
    links = [part for part in done["content"] if part["type"] == "resource_link"]
    assert links
    assert rest.get(links[0]["uri"]).status_code == 200


def test_a_template_as_a_tool_is_run_and_stopped(client: Client, rest: httpx.Client) -> None:
    era = client.era  # type: ignore[attr-defined]
    template = saved(rest, {**CHOOSING, "name": "Typed", "llmPriority": -1})
    tools = client(step("tools/list"))["answers"][0]["tools"]
    slug = template.removeprefix("wf_").replace("-", "_")
    [name] = [one["name"] for one in tools if one["name"].startswith(f"template_{slug}_")]
    told = client(
        step(name, "run", inputs={"brief": "A lamp"}, idempotency_key=f"typed {era}"),
        step("cancel", run_id="$run.run_id"),
        step("get_run", run_id="$run.run_id"),
    )
    run, _, stopped = told["answers"]
    assert run["template_id"] == template
    assert stopped["status"] == "cancelled"


def test_a_run_that_failed_is_resumed(client: Client, rest: httpx.Client) -> None:
    era = client.era  # type: ignore[attr-defined]
    template = saved(rest, FAILING)
    told = client(
        step("run_template", "run", template_id=template, idempotency_key=f"fails {era}"),
        step("get_run", until="failed", run_id="$run.run_id", wait_s=25),
        step("resume", run_id="$run.run_id"),
        step("get_run", until="failed", run_id="$run.run_id", wait_s=25, after=0),
    )
    assert told["answers"][1]["error"]["message"]
    assert told["answers"][2]["resumed"] is True
    events = [one["event"] for one in told["answers"][3]["events"]]
    assert events.count("workflow_failed") == 2, events


def test_a_template_is_edited_after_its_sketch_and_undone(
    client: Client, rest: httpx.Client
) -> None:
    template = saved(rest, CHOOSING)
    named = {"template_id": template}
    op = {"op": "set", "table": "stages", "key": "looks", "path": ["args", "copies"], "value": 2}
    told = client(
        step("edit_template", "shown", **named, ops=[op], label="Two looks"),
        step("edit_template", "before", **named),
        step("edit_template", "done", **named, proposal="$shown.proposal", confirm=True),
        step("edit_template", **named, proposal="$shown.proposal", confirm=True),
        step("edit_template", **named, proposal="$done.undo", confirm=True),
        step("edit_template", **named),
    )
    shown, before, done, again, undone, after = told["answers"]
    assert "copies 3 → 2" in shown["changes"]
    assert "1. looks: Note" in shown["sketch"]
    assert (shown["stages"], shown["changed"]) == (3, 1)
    assert shown["credits_before"] > shown["credits_after"] > 0
    assert before["revision"] == shown["revision"] == 0
    assert (done["revision"], again["revision"], undone["revision"]) == (1, 1, 2)
    assert done["change_id"] == again["change_id"]
    assert after["sketch"] == before["sketch"]


def test_a_brief_becomes_a_template_that_is_changed_in_words(client: Client) -> None:
    told = client(
        step("compose_template", "draft", brief="A lighthouse, two shots, 16:9", name="Light"),
        step("compose_template", "saved", proposal="$draft.proposal", save=True),
        step("edit_template", "shown", template_id="$saved.template_id", wish="make it vertical"),
        step(
            "edit_template",
            template_id="$saved.template_id",
            proposal="$shown.proposal",
            confirm=True,
            save_version=True,
        ),
    )
    draft, kept, shown, done = told["answers"]
    assert (draft["saved"], kept["saved"], kept["visibility"]) == (False, True, "private")
    assert kept["sketch"] == draft["sketch"]
    assert shown["changed"] >= 1
    assert done["version"] == "0.0.2"


def test_a_client_with_questions_asks_its_person(client: Client, rest: httpx.Client) -> None:
    """Of the first revision none is asked: no sessions are kept."""
    era = client.era  # type: ignore[attr-defined]
    template = saved(rest, CHOOSING)
    start = {"template_id": template, "inputs": {"brief": "x"}, "idempotency_key": f"ask {era}"}
    told = client(
        step("run_template", "run", **start), step("cancel", run_id="$run.run_id"), agrees=True
    )
    assert told["answers"][0]["run_id"]
    if era == MODERN:
        assert told["asked"][0].startswith("Start a run of your template “Choose a look”?")
        assert len(told["asked"]) == 2
    else:
        assert told["asked"] == []
