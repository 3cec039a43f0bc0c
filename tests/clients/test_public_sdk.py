"""The public Python SDK, unchanged but for its base URL, makes, runs, streams and cancels."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sogni_client import SogniClient
from sogni_client.chat import SogniTools, is_sogni_tool_call, parse_tool_call_arguments
from sogni_client.errors import ChatJobError

from tests.support.clients.tool_calls import CALLS, check_answer
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

TEMPLATE = {
    "name": "Two notes",
    "description": "One after the other",
    "inputs": [{"name": "words", "type": "text", "required": True, "description": "What to say"}],
    "stages": [
        {"id": "one", "type": "fixed", "tool": "note", "args": {"text": "$inputs.words"}},
        {"id": "two", "type": "fixed", "tool": "note", "args": {"text": "and then"}},
    ],
}


def with_client(site: Site, work: Any) -> Any:
    """Run `await work(client)` with a fresh client of alice."""
    key = site.key("alice")

    async def main() -> Any:
        async with await SogniClient.create(
            api_key=key, rest_endpoint=site.url, disable_socket=True
        ) as client:
            return await asyncio.wait_for(work(client), 60)

    # A thread of its own: in this one the loop of an open browser may run.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, main()).result()


def test_template_calls(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        templates = client.workflows.templates
        made = await templates.create(TEMPLATE)
        assert made["id"].startswith("wf_two-notes_")
        assert (await templates.get(made["id"]))["stages"] == made["stages"]
        patched = await templates.update(made["id"], {"tags": ["a", "b"]})
        assert (patched["version"], patched["tags"]) == ("0.0.2", ["a", "b"])
        copy = await templates.fork(made["id"], new_name="My two notes")
        assert (copy["name"], copy["clonedFromTemplateId"]) == ("My two notes", made["id"])
        listed = await templates.list(visibility="own", limit=200)
        assert {made["id"], copy["id"]} <= {item["id"] for item in _items(listed)}
        for template in (made, copy):
            await templates.delete(template["id"])
        with pytest.raises(Exception, match="Template not found"):
            await templates.get(made["id"])

    with_client(site, work)


def test_invalid_template_tells_the_sdk_why(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        broken = {**TEMPLATE, "inputs": []}
        with pytest.raises(Exception, match="invalid") as caught:
            await client.workflows.templates.create(broken)
        issues = caught.value.details["validation"]["issues"]
        assert "unknown_input" in [issue["code"] for issue in issues]

    with_client(site, work)


def test_start_and_stream_to_the_end(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        template = await client.workflows.templates.create(TEMPLATE)
        run = await client.workflows.start(
            workflow_id=template["id"],
            inputs={"words": "first"},
            confirm_cost=True,
            idempotency_key="sdk-run-1",
        )
        again = await client.workflows.start(
            workflow_id=template["id"],
            inputs={"words": "first"},
            confirm_cost=True,
            idempotency_key="sdk-run-1",
        )
        assert again["workflowId"] == run["workflowId"]
        frames = [frame async for frame in client.workflows.stream_events(run["workflowId"])]
        log = [frame["data"] for frame in frames if frame["event"] == "workflow_event"]
        assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
        completed = [event["stepId"] for event in log if event["type"] == "step_completed"]
        assert completed == ["one", "two"]
        done = await client.workflows.get(run["workflowId"])
        assert done["status"] == "completed"
        assert len(done["artifacts"]) == 2
        events = await client.workflows.events(run["workflowId"])
        assert [event["sequence"] for event in events] == [event["sequence"] for event in log]
        listed = await client.workflows.list(limit=5)
        assert run["workflowId"] in [item["workflowId"] for item in _items(listed)]

    with_client(site, work)


def test_explicit_steps_and_cancel(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        step = {"id": "rest", "toolName": "sleep", "arguments": {"seconds": 30}}
        run = await client.workflows.start(input={"title": "A long rest", "steps": [step]})
        async for frame in client.workflows.stream_events(run["workflowId"]):
            if frame["data"].get("type") == "step_started":
                break
        stopped = await client.workflows.cancel(run["workflowId"])
        assert _workflow(stopped)["status"] == "cancelled"

    with_client(site, work)


def test_resume_and_reseed(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        steps = [
            {"id": "one", "toolName": "note"},
            {"id": "two", "toolName": "fail", "arguments": {"times": 1, "retryable": False}},
            {"id": "three", "toolName": "note", "dependsOn": ["two"]},
        ]
        run = await client.workflows.start(input={"title": "Once more", "steps": steps})
        first = [frame async for frame in client.workflows.stream_events(run["workflowId"])]
        assert first[-1]["data"]["status"] == "failed"
        resumed = await client.workflows.resume(run["workflowId"], billing_mode="auto")
        assert resumed["resumed"] is True
        last = first[-1]["data"].get("sequence") or first[-2]["data"]["sequence"]
        rest = [
            frame async for frame in client.workflows.stream_events(run["workflowId"], after=last)
        ]
        again = [frame["data"].get("stepId") for frame in rest]
        assert "one" not in again
        assert "two" in again

        step = {"id": "picture", "toolName": "note"}
        made = await client.workflows.start(input={"title": "A take", "steps": [step]})
        async for _frame in client.workflows.stream_events(made["workflowId"]):
            pass
        take = await client.workflows.reseed(
            made["workflowId"], seed_overrides={"picture": 7}, idempotency_key="take-2"
        )
        assert _workflow(take)["workflowId"] != made["workflowId"]
        assert take["reseed"]["cloned_from_run_id"] == made["workflowId"]
        assert [entry["seed"] for entry in take["reseed"]["steps"]] == [7]

    with_client(site, work)


def _items(listed: Any) -> list[Any]:
    """Lists come as a list or as an object with one, depending on the SDK's version."""
    if isinstance(listed, list):
        return listed
    for name in ("templates", "workflows", "items"):
        if name in listed:
            return list(listed[name])
    raise AssertionError(listed)


def _workflow(answer: Any) -> Any:
    return answer.get("workflow", answer)


def test_hosted_chat_makes_what_is_asked_for(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        answer = await client.chat.hosted.create(
            model="qwen3.6-35b-a3b-gguf-iq4xs",
            messages=[{"role": "user", "content": "Draw a picture of a small lighthouse at dawn"}],
            token_type="spark",
            think=False,
        )
        [workflow] = answer["creative_workflows"]
        async for _frame in client.workflows.stream_events(workflow["workflowId"]):
            pass
        run = await client.workflows.get(workflow["workflowId"])
        assert run["status"] == "completed"

    with_client(site, work)


def test_hosted_chat_drafts_a_template_that_can_be_saved(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        answer = await client.chat.hosted.create(
            model="qwen3.6-35b-a3b-gguf-iq4xs",
            messages=[{"role": "user", "content": "A candle advert, 3 shots"}],
            tool_choice={"type": "function", "function": {"name": "compose_workflow_template"}},
            sogni_tools="creative-agent",
        )
        [result] = answer["sogni_tool_results"]
        assert result["tool"] == "compose_workflow_template"
        made = await client.workflows.templates.create(result["result"]["template_draft"])
        assert made["visibility"] == "private"

    with_client(site, work)


def test_hosted_chat_hands_calls_back(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        answer = await client.chat.hosted.create(
            model="qwen3.6-35b-a3b-gguf-iq4xs",
            messages=[{"role": "user", "content": "Compose a slow song about rain"}],
            tools=[SogniTools.generateMusic],
            tool_choice={"type": "function", "function": {"name": "generate_music"}},
            sogni_tools=False,
            sogni_tool_execution=False,
        )
        [call] = answer["choices"][0]["message"]["tool_calls"]
        assert is_sogni_tool_call(call)
        assert parse_tool_call_arguments(call)["prompt"]
        assert answer["choices"][0]["finish_reason"] == "tool_calls"

    with_client(site, work)


def test_a_refused_chat_tells_the_sdk_why(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        messages = [{"role": "user", "content": "Hello"}]
        with pytest.raises(ChatJobError) as caught:
            await client.chat.hosted.create(model="gpt-9", messages=messages)
        assert (caught.value.status, caught.value.code) == (404, "model_not_found")
        assert caught.value.error_type == "not_found_error"

    with_client(site, work)


def test_every_composition_tool_is_called_directly(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        hosted = client.chat.hosted
        for tool, arguments in CALLS.items():
            answer = await hosted.execute_tool(tool=tool, arguments=arguments, token_type="spark")
            assert answer["status"] == "success"
            check_answer(tool, answer["data"])
        drafted = await hosted.execute_tool(
            {"tool": "compose_workflow", "arguments": CALLS["compose_workflow"]}
        )
        steps = drafted["data"]["result"]["steps"]
        # Waits for a yes: the pictures are not what this is about.
        run = await client.workflows.start(input={"steps": steps}, confirm_cost=False)
        assert run["status"] == "waiting_for_user"
        await client.workflows.cancel(run["workflowId"])
        template = await hosted.execute_tool(
            tool="compose_workflow_template", arguments=CALLS["compose_workflow_template"]
        )
        saved = await client.workflows.templates.create(
            template["data"]["result"]["template_draft"]
        )
        assert saved["name"] == "Bakery"

    with_client(site, work)


def test_a_failed_call_and_a_refused_one(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        failed = await client.chat.hosted.execute_tool(
            tool="compose_workflow_template", arguments={}
        )
        assert failed["data"]["result"]["ok"] is False
        with pytest.raises(Exception, match="Start a workflow") as caught:
            await client.chat.hosted.execute_tool(tool="generate_image", arguments={"prompt": "x"})
        assert caught.value.status == 400
        step = await client.chat.hosted.execute_tool(tool="create_asset_manifest")
        assert step["data"]["message"] == "The run has no media yet."

    with_client(site, work)


def test_a_chat_that_lasts_is_followed_to_its_end(site: Site) -> None:
    async def work(client: SogniClient) -> None:
        runs = client.chat.runs
        started = {
            "messages": [{"role": "user", "content": "Draw a picture of a lighthouse at dusk"}],
            "token_type": "spark",
            "idempotency_key": "py-1",
        }
        run = await runs.create(**started)
        assert (await runs.create(**started))["runId"] == run["runId"]
        events = [event async for event in runs.stream_events(run["runId"])]
        assert (events[0]["type"], events[-1]["type"]) == ("run_created", "run_completed")
        cursor = events[1]["sequence"]
        later = [event async for event in runs.stream_events(run["runId"], last_event_id=cursor)]
        assert later == events[2:]
        done = await runs.get(run["runId"])
        assert done["status"] == "completed"
        said = [one["payload"]["content"] for one in events if one["type"].endswith("_delta")]
        assert "".join(said).endswith(done["finalResponse"]["content"])
        [child] = done["childWorkflowIds"]
        assert (await client.workflows.get(child))["status"] == "completed"

    with_client(site, work)


def test_a_chat_that_asks_is_confirmed_or_stopped(site: Site) -> None:
    async def asked(client: SogniClient) -> Any:
        run = await client.chat.runs.create(
            messages=[{"role": "user", "content": "Draw a picture of a small harbor at dusk"}],
            runtime_config={"requireJobConfirmation": True},
        )
        events = [event async for event in client.chat.runs.stream_events(run["runId"])]
        assert events[-1]["type"] == "run_waiting_for_user"
        return await client.chat.runs.get(run["runId"])

    async def work(client: SogniClient) -> None:
        runs = client.chat.runs
        run = await asked(client)
        details = run["waiting"]["details"]
        decision = {"tool_call_id": details["toolCallId"], "decision": "confirm"}
        with pytest.raises(Exception, match="acceptedCostPreview"):
            await runs.confirm_cost(run["runId"], **decision)
        await runs.confirm_cost(
            run["runId"],
            **decision,
            accepted_cost_preview=details["costApprovalPreview"],
            idempotency_key="yes",
        )
        async for _event in runs.stream_events(run["runId"]):
            pass
        assert (await runs.get(run["runId"]))["status"] == "completed"
        other = await asked(client)
        assert (await runs.cancel(other["runId"], "enough"))["status"] == "cancelled"

    with_client(site, work)
