"""What is really answered is what `/v1/openapi.json` says: each field, and no other."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from builder.openapi.document import document
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.builders.running import work_off
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.openapi import misfits

pytestmark = pytest.mark.django_db(transaction=True)

WORKFLOWS = "/v1/creative-agent/workflows"
TEMPLATES = f"{WORKFLOWS}/templates"
PICTURE = {"jobId": "j", "id": "i", "type": "referenceImage"}


class Asker:
    """Sends requests and holds each answer against the document."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.wrong: list[str] = []

    def __call__(
        self, method: str, url: str, body: Any = None, *, expected: int = 200, **headers: str
    ) -> Any:
        sent = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        kind = {"content-type": "application/json"}
        answer: Answer = request_app(method, url, {**kind, **self.headers, **headers}, sent)
        assert answer.status == expected, f"{method} {url}: {answer.text[:500]}"
        path = urlsplit(url).path
        self.wrong += [
            f"{method} {path} {answer.status}: {one}"
            for one in misfits(method, path, answer.status, answer.json())
        ]
        data = answer.json()
        return data.get("data", data) if isinstance(data, dict) else data


@pytest.fixture
def ask(alice: User) -> Asker:
    return Asker({"api-key": make_key(alice)})


def test_runs_fit(ask: Asker) -> None:
    steps = [
        {"id": "a", "toolName": "sogni_note", "arguments": {"text": "x", "copies": 2, "seed": 5}},
        {"id": "b", "toolName": "note", "arguments": {"text": "y"}, "dependsOn": ["a"]},
    ]
    body = {"input": {"title": "Two", "steps": steps}, "app_source": "tests"}
    first = ask("POST", WORKFLOWS, body, expected=201, **{"idempotency-key": "k"})["workflow"]
    ask("POST", WORKFLOWS, body, **{"idempotency-key": "k"})
    ask("POST", WORKFLOWS, {**body, "app_source": "x"}, expected=409, **{"idempotency-key": "k"})
    work_off()
    one = f"{WORKFLOWS}/{first['id']}"
    done = ask("GET", one)["workflow"]
    assert done["status"] == "completed"
    assert done["artifacts"]
    assert ask("GET", f"{one}/events?limit=3")["next"] == 3
    ask("GET", f"{one}/events?after=3")
    ask("GET", f"{WORKFLOWS}?limit=1")
    assert ask("POST", f"{one}/cancel", {})["transitioned"] is False
    assert ask("POST", f"{one}/resume", expected=202)["resumed"] is False
    ask("POST", f"{one}/reseed", {"seed_overrides": {"a": 7}}, expected=201)
    broken = [{"id": "a", "toolName": "break", "arguments": {}}]
    failing = ask("POST", WORKFLOWS, {"input": {"steps": steps[:1] + broken}}, expected=400)
    assert failing
    for bad, status in (({}, 400), ({"workflow_id": "wf_none"}, 404)):
        ask("POST", WORKFLOWS, bad, expected=status)
    ask("GET", f"{WORKFLOWS}/unknown", expected=404)
    paused = ask("POST", WORKFLOWS, {**body, "confirm_cost": False}, expected=201)["workflow"]
    if paused["status"] == "waiting_for_user":
        waiting = f"{WORKFLOWS}/{paused['id']}"
        ask("POST", f"{waiting}/resume", expected=409)
        ask("POST", f"{waiting}/confirm-cost", {"decision": "cancel"})
    assert ask.wrong == []


def test_templates_fit(ask: Asker, bob: User) -> None:
    stages = [{"id": "s", "type": "fixed", "tool": "note", "args": {"text": "$inputs.words"}}]
    inputs = [{"name": "words", "type": "text", "required": True, "description": "What"}]
    whole = {"name": "One", "stages": stages, "inputs": inputs, "mine": {"kept": 1}}
    made = ask("POST", TEMPLATES, whole, expected=201)["template"]
    one = f"{TEMPLATES}/{made['id']}"
    ask("GET", one)
    ask("GET", f"{TEMPLATES}?visibility=own&limit=1")
    ask("PATCH", one, {"tags": ["a"], "brief": "b", "visibility": "public"})
    ask("PATCH", one, {"tags": []}, expected=409, **{"if-match": '"0.0.1"'})
    ask("POST", TEMPLATES, {"name": "Bad", "stages": [{"id": "x"}]}, expected=422)
    ask("POST", TEMPLATES, {"id": made["id"], "name": "Again"}, expected=409)
    started = ask(
        "POST", WORKFLOWS, {"workflow_id": made["id"], "inputs": {"words": "w"}}, expected=201
    )
    assert started["workflow"]["templateId"] == made["id"]
    ask("POST", WORKFLOWS, {"workflow_id": made["id"], "inputs": {}}, expected=422)
    bobs = Asker({"api-key": make_key(bob)})
    bobs("POST", f"{one}/fork", {}, expected=201)
    bobs("PATCH", one, {}, expected=404)
    ask("DELETE", one)
    assert ask.wrong + bobs.wrong == []


def test_tool_calls_fit(ask: Asker, settings: Any) -> None:
    settings.TOOL_CALL_WAIT_S = 0.05
    execute = "/v1/creative-agent/tools/execute"
    draft = {"tool": "compose_workflow_template", "arguments": {"brief": "A fox", "name": "Fox"}}
    keyed = {"idempotency-key": "k"}
    assert ask("POST", execute, draft, **keyed)["result"]["ok"] is True
    ask("POST", execute, {**draft, "arguments": {"brief": "A"}}, expected=409, **keyed)
    steps = ask("POST", execute, {"tool": "compose_workflow", "args": {"brief": "A fox runs"}})
    ask("POST", WORKFLOWS, {"input": {"steps": steps["result"]["steps"]}}, expected=201)
    assert ask("POST", execute, {**draft, "arguments": {}})["result"]["ok"] is False
    late = ask("POST", execute, {"tool": "create_asset_manifest"})["result"]
    assert (late["ok"], late["retryable"]) == (False, True)
    assert ask("GET", late["url"])["workflow"]["kind"] == "tool_call"
    for bad in ({}, {"tool": "nothing"}, {"tool": "generate_image"}, {**draft, "arguments": 1}):
        ask("POST", execute, bad, expected=400)
    settings.LIMIT_CREDIT = True
    ask("POST", execute, draft, expected=402)
    Asker({})("POST", execute, draft, expected=401)
    assert ask.wrong == []


def test_questions_and_batches_fit(ask: Asker) -> None:
    asking = {"toolName": "ask_clarifying_question", "arguments": {"question": "Which one?"}}
    run = ask("POST", WORKFLOWS, {"input": {"steps": [asking]}}, expected=201)["workflow"]
    work_off()
    one = f"{WORKFLOWS}/{run['id']}"
    waiting = ask("GET", one)["workflow"]
    assert waiting["waiting"]["message"] == "Which one?"
    assert ask("POST", f"{one}/resume", expected=202)["resumed"] is False
    answer = {"type": "answer", "stepId": waiting["steps"][0]["id"], "text": "The left one"}
    assert ask("POST", f"{one}/resume", {"resume_input": answer}, expected=202)["resumed"] is True
    work_off()
    ask("GET", f"{one}/events")
    batch = {
        "id": "all",
        "type": "batch",
        "overBinding": "$inputs.names",
        "itemName": "name",
        "produces": ["notes"],
        "itemStage": {"type": "fixed", "tool": "note", "args": {"text": "$item.name"}},
    }
    names = {"name": "names", "type": "text", "multiple": {"min": 1, "max": 3}}
    template = {"name": "Each", "inputs": [names], "stages": [batch]}
    made = ask("POST", TEMPLATES, template, expected=201)["template"]
    body = {"workflow_id": made["id"], "inputs": {"names": ["a", "b"]}}
    run = ask("POST", WORKFLOWS, body, expected=201)["workflow"]
    work_off()
    done = ask("GET", f"{WORKFLOWS}/{run['id']}")["workflow"]
    assert [len(step["items"]) for step in done["steps"] if "items" in step] == [2]
    ask("GET", f"{WORKFLOWS}/{run['id']}/events")
    assert ask.wrong == []


def test_accounts_uploads_and_models_fit(ask: Asker) -> None:
    make_user("ada", password=PASSWORD)
    no_one = Asker({})
    login = "/v1/account/login"
    pair = no_one("POST", login, {"username": "ada", "password": PASSWORD})
    no_one("POST", login, {"username": "ada", "password": "wrong"}, expected=401)
    no_one("POST", login, {"username": 1}, expected=400)
    no_one("POST", login, {"walletAddress": "0x"}, expected=501)
    no_one("POST", "/v1/account/nonce", {"walletAddress": "0x"}, expected=501)
    fresh = no_one("POST", "/v1/account/refresh-token", {"refreshToken": pair["refreshToken"]})
    session = Asker({"authorization": f"Bearer {fresh['token']}"})
    session("GET", "/v1/account/me")
    session("POST", WORKFLOWS, {"input": {"steps": []}}, expected=403)
    session("POST", "/v1/account/logout")
    no_one("GET", "/v1/account/me", expected=401)
    for path in (
        *("/v1/account/balance", "/v4/account/balance", "/v1/subscriptions/status"),
        *("/v1/announcements/active", "/v1/model-catalog", "/v1/loras/comfy"),
        *("/v1/loras/personal", "/v1/loras/personal/catalog", "/api/v2/models/tiers"),
    ):
        ask("GET", path)
    listed = ask("GET", "/v1/models?all=true")
    media = [one["id"] for one in listed if one["owned_by"] != "reelgraph"]
    assert [one["id"] for one in ask("GET", "/api/v1/models/list")] == media
    ask("GET", f"/v1/models/{listed[0]['id']}")
    ask("GET", "/v1/models/none", expected=404)
    query = "&".join(f"{name}={value}" for name, value in PICTURE.items())
    ask("GET", f"/v1/image/downloadUrl?{query}", expected=404)
    ask("GET", "/v1/image/uploadUrl", expected=400)
    form = ask("GET", f"/v2/image/uploadUrl?{query}")
    where = ask("GET", f"/v1/image/uploadUrl?{query}")["uploadUrl"]
    assert form["fields"] == {"key": "j/i"}
    no_one("PUT", where, jpeg_with_place())
    no_one("PUT", where, b"nothing", expected=422)
    no_one("POST", where, b"{}", expected=415)
    no_one("PUT", "/uploads/x", expected=403)
    ask("GET", f"/v1/image/downloadUrl?{query}")
    ask("POST", "/v1/replay/records", {"run_id": "r 1", "rounds": [{}]}, expected=201)
    ask("POST", "/v1/replay/records", {"run_id": 5}, expected=400)
    ask("GET", "/v1/replay/records")
    ask("GET", "/v1/replay/records/r%201")
    ask("GET", "/v1/replay/records/none", expected=404)
    hello = {"messages": [{"role": "user", "content": "Hi"}]}
    chat = ask("POST", "/v1/chat/runs", hello, expected=202)
    address = f"/v1/chat/runs/{chat['run']['runId']}"
    ask("GET", address)
    ask("GET", f"{address}/events")
    ask("POST", f"{address}/confirm-cost", {}, expected=400)
    ask("POST", f"{address}/cancel", {})
    ask("GET", address)
    no_one("GET", "/v1/openapi.json")
    assert ask.wrong + no_one.wrong + session.wrong == []


def test_the_announcement_is_the_operators(ask: Asker, settings: Any) -> None:
    assert ask("GET", "/v1/announcements/active") == {"announcements": []}
    settings.ANNOUNCEMENT = "Down on Sunday from 8 to 9 UTC."
    [shown] = ask("GET", "/v1/announcements/active")["announcements"]
    assert shown["message"] == settings.ANNOUNCEMENT
    assert ask.wrong == []


def test_the_catalogue_says_what_runs_here(ask: Asker) -> None:
    catalogue = ask("GET", "/v1/model-catalog")["models"]
    by_id = {one["id"]: one for one in catalogue}
    assert by_id["ltx23"]["media"] == "video"
    assert by_id["ltx23"]["available"] is True
    assert {"generate_video", "animate_photo"} <= set(by_id["ltx23"]["tools"])
    assert all(one["available"] is bool(one.get("provider")) for one in catalogue)
    listed = ask("GET", "/v1/models?all=true")
    offered = {one["id"] for one in listed if one["owned_by"] != "reelgraph"}
    assert offered == {one["id"] for one in catalogue if one["available"]}


def test_anyone_may_read_the_reference(db: None) -> None:
    client = Client()
    answer = client.get("/v1/openapi.json", headers={"origin": "https://pages.example"})
    whole = answer.json()
    assert (whole["openapi"], whole["servers"]) == ("3.1.0", [{"url": "http://testserver"}])
    assert answer["Access-Control-Allow-Origin"] == "https://pages.example"
    again = client.get("/v1/openapi.json", headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    page = client.get("/docs/api")
    text = page.content.decode()
    assert page.status_code == 200
    for methods in whole["paths"].values():
        for said in methods.values():
            assert f'id="{said["operationId"]}"' in text
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids
    assert len(re.findall(r'\bid="', text)) == len(ids)
    # Nothing from elsewhere, nothing inline.
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert " style=" not in text
    assert "<style" not in text


def test_a_method_that_no_route_has_is_named_as_such(alice_key: str) -> None:
    """Also where a page would first ask for its token against forgery."""
    client = Client(enforce_csrf_checks=True, headers={"api-key": alice_key})
    for path in document()["paths"]:
        address = re.sub(r"\{\w+\}", "x", path)
        answer = client.generic("QUERY", address)
        assert answer.status_code in (404, 405), (path, answer.status_code)
