"""The acceptance checklist of the public contract, a test or more for each line.

Numbers are the checklist's. Requests are those of the public documentation, word for word where it
prints them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from accounts.models import User
from runs.models import Attempt, Run
from templates_app.models import Template
from tests.support.at_once import at_once
from tests.support.builders.running import chain, start, work_off
from tests.support.builders.templates import documented, make_public, make_template
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.curl import HOST, Curl, commands
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)

WORKFLOWS = "/v1/creative-agent/workflows"
TEMPLATES = f"{WORKFLOWS}/templates"
SEEDS = Path(__file__).parent.parent.parent / "fixtures" / "seeds"
# Where the SDKs' stream loops stop.
SDK_FINAL = {"completed", "failed", "cancelled"}
ApiFactory = Callable[..., Api]


@pytest.fixture
def alices(api: ApiFactory, alice_key: str) -> Api:
    return api(alice_key)


def steps_body(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"input": {"steps": list(steps)}, **more}


def data_of(response: Any, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.content
    body = response.json()
    assert body["status"] == "success"
    return dict(body["data"])


def error_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    body = response.json()
    assert body["status"] == "error"
    assert isinstance(body["errorCode"], int)
    assert body["message"]
    return dict(body)


def documents(name: str, key: str, **replaced: str) -> list[Curl]:
    return commands(SEEDS / f"{name}.curl", {"YOUR_API_KEY": key, **replaced})


def send(curl: Curl) -> Answer:
    """A documented command, with nothing changed but host, key and ids."""
    url = urlsplit(curl.url.removeprefix(HOST))
    method = curl.method or ("GET" if curl.data is None else "POST")
    path = url.path + (f"?{url.query}" if url.query else "")
    return request_app(method, path, curl.headers, (curl.data or "").encode())


def frames(answer: Answer) -> list[tuple[int, str, dict[str, Any]]]:
    """(id, event, data) of each frame of a stream, keep-alive comments skipped."""
    found = []
    for block in answer.text.split("\n\n"):
        lines = dict(
            line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":")
        )
        if lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def listen(run: Run, key: str, query: str = "", meanwhile: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"{WORKFLOWS}/{run.public_id}/events/stream{query}"
    answer = request_app("GET", path, {"api-key": key, **named}, meanwhile=meanwhile)
    assert answer.status == 200, answer.text
    return answer


# --- 1 ------------------------------------------------------------------------------------------


def test_1_three_auth_forms_reach_the_same_account(alice: User, alice_key: str) -> None:
    client = Client()
    client.force_login(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    forms = [
        {"api-key": alice_key},
        {"authorization": f"Bearer {alice_key}"},
        {"authorization": alice_key},
        {"cookie": cookie},
    ]
    accounts = [request_app("GET", "/v1/account/me", headers).json()["data"] for headers in forms]
    assert [account["id"] for account in accounts] == [alice.public_id] * 4


def test_1_no_credentials_is_401_with_number_101(api: ApiFactory) -> None:
    for path in ("/v1/account/me", WORKFLOWS, TEMPLATES, f"{WORKFLOWS}/x/events/stream"):
        answer = request_app("GET", path)
        assert (answer.status, answer.json()["errorCode"]) == (401, 101)
        assert answer.json()["message"] == "Authorization header or auth cookie required"
    bad = request_app("GET", WORKFLOWS, {"api-key": "rg_nothing"})
    assert (bad.status, bad.json()["errorCode"]) == (401, 102)


def test_1_a_foreign_workflow_or_template_is_404(
    api: ApiFactory, alice: User, bob_key: str
) -> None:
    run = start(alice, [{"toolName": "noop"}]).public_id
    template = make_template(alice).public_id
    bob = api(bob_key)
    for path in (f"{WORKFLOWS}/{run}", f"{WORKFLOWS}/{run}/events", f"{TEMPLATES}/{template}"):
        error_of(bob.get(path), 404)
    error_of(bob.post(f"{WORKFLOWS}/{run}/cancel"), 404)
    error_of(bob.patch(f"{TEMPLATES}/{template}", {"name": "Mine"}), 404)
    error_of(bob.delete(f"{TEMPLATES}/{template}"), 404)
    error_of(bob.post(WORKFLOWS, {"workflow_id": template, "inputs": {"brief": "x"}}), 404)


# --- 2 ------------------------------------------------------------------------------------------


def test_2_both_kinds_start_from_the_documented_bodies(alice_key: str) -> None:
    clip = "https://media.example.com/clip.mp4"
    image_to_video, sequence, *_ = documents(
        "creative-agent-workflows", alice_key, **{"https://...presigned-download-url...": clip}
    )
    made = send(image_to_video)
    run = made.json()["data"]["workflow"]
    assert (made.status, run["kind"]) == (201, "image_to_video")
    assert run["workflowId"] == run["id"]
    assert run["id"].startswith("wf_image_to_video_")
    image, video = run["plan"]["steps"]
    assert (image["toolName"], video["toolName"]) == ("generate_image", "generate_video")
    assert video["dependsOn"][0]["sourceStepId"] == image["id"]
    assert video["dependsOn"][0]["targetArgument"] == "referenceImageIndices"
    made = send(sequence)
    run = made.json()["data"]["workflow"]
    assert (made.status, run["kind"], run["title"]) == (
        201,
        "hosted_tool_sequence",
        "Seedance V2V",
    )
    assert run["input"]["steps"][0]["toolName"] == "sogni_video_to_video"
    assert {"events", "artifacts", "plan", "createTime", "updateTime"} <= run.keys()


def test_2_templates_are_made_read_changed_forked_run_and_deleted_as_documented(
    alices: Api, alice_key: str
) -> None:
    create = documents("workflow-templates", alice_key)[0]
    template = send(create).json()["data"]["template"]
    assert template["id"].startswith("wf_two-shot-product-teaser_")
    assert (template["version"], template["visibility"]) == ("0.0.1", "private")
    ids = dict.fromkeys(
        ("wf_two-shot-product-teaser_a1b2c3d4", "wf_source_template"), template["id"]
    )
    _, listing, read, patch, delete, fork, run = documents("workflow-templates", alice_key, **ids)
    listed = send(listing).json()["data"]
    assert ([one["id"] for one in listed["templates"]], listed["next"]) == ([template["id"]], None)
    assert send(read).json()["data"]["template"] == template
    started = send(run)
    assert (started.status, send(run).status) == (201, 200)
    assert started.json()["data"]["workflow"]["templateId"] == template["id"]
    copy = send(fork)
    assert copy.status == 201
    copied = copy.json()["data"]["template"]
    assert (copied["name"], copied["version"], copied["visibility"]) == (
        "My product teaser variant",
        "0.0.1",
        "private",
    )
    assert copied["clonedFromTemplateId"] == template["id"]
    renamed = data_of(alices.post(f"{TEMPLATES}/{template['id']}/fork", {"newName": "Two"}), 201)
    assert renamed["template"]["name"] == "Two"
    changed = send(patch).json()["data"]["template"]
    assert (changed["version"], changed["visibility"], changed["tags"]) == (
        "0.0.2",
        "public",
        ["product", "video"],
    )
    assert send(delete).json()["data"] == {"deleted": True, "id": template["id"]}
    assert send(read).status == 404


# --- 3 ------------------------------------------------------------------------------------------


def test_3_the_documented_template_makes_an_image_then_a_video_of_it(
    alices: Api, settings: Any
) -> None:
    settings.STUDIO = {**settings.STUDIO, "width": 64, "height": 36, "fps": 6}
    template = data_of(alices.post(TEMPLATES, documented()), 201)["template"]
    body = {"workflow_id": template["id"], "inputs": {"brief": "A translucent speaker"}}
    started = data_of(alices.post(WORKFLOWS, body), 201)
    assert [w["code"] for w in started["compileWarnings"]] == ["implicit_media_dependency"]
    work_off()
    run = data_of(alices.get(f"{WORKFLOWS}/{started['workflow']['id']}"))["workflow"]
    assert run["status"] == "completed", run.get("error")
    keyframe, clip = run["steps"]
    assert (keyframe["toolName"], clip["toolName"]) == ("generate_image", "generate_video")
    assert keyframe["resolvedArguments"]["prompt"] == "A translucent speaker"
    assert (
        clip["resolvedArguments"]["referenceImageIndices"] == keyframe["result"]["indices"] == [0]
    )
    assert [artifact["type"] for artifact in run["artifacts"]] == ["image", "video"]
    assert clip["startedAt"] >= keyframe["completedAt"]


# --- 4 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"input": {"steps": [{"toolName": "noop"}]}, "workflow_id": "wf_x"},
        {"kind": "image_to_video", "workflow_id": "wf_x"},
        {},
        {"inputs": {"brief": "x"}},
        steps_body(*[{"toolName": "noop"}] * 13),
        steps_body(),
        steps_body({"toolName": "sogni_make_coffee"}),
        steps_body(
            {"toolName": "note", "arguments": {"source_image_url": "data:image/png;base64,AA=="}}
        ),
        steps_body(
            {"toolName": "noop"},
            media_references=[{"kind": "image", "url": "data:image/png;base64,AA=="}],
        ),
        steps_body({"toolName": "noop"}, media_references=[{"kind": "image", "dataUri": "AA"}]),
    ],
)
def test_4_contradictory_and_misshapen_starts_are_400(alices: Api, body: dict[str, Any]) -> None:
    error_of(alices.post(WORKFLOWS, body), 400)
    assert not Run.objects.exists()


# --- 5 ------------------------------------------------------------------------------------------


def test_5_the_same_key_twice_is_one_workflow(alices: Api) -> None:
    body = steps_body({"toolName": "noop"})
    first = data_of(alices.post(WORKFLOWS, body, idempotency_key="k"), 201)["workflow"]
    again = data_of(alices.post(WORKFLOWS, body, idempotency_key="k"))
    assert (again["workflow"]["id"], again["idempotent"]) == (first["id"], True)


def test_5_the_same_key_in_parallel_is_one_workflow(alice_key: str) -> None:
    body = json.dumps(steps_body({"toolName": "noop"})).encode()

    def post() -> tuple[int, str]:
        client = Client(headers={"api-key": alice_key, "idempotency-key": "k"})
        answer = client.post(WORKFLOWS, body, content_type="application/json")
        return answer.status_code, answer.json()["data"]["workflow"]["id"]

    answers = at_once([post] * 16)
    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert len({run for _, run in answers}) == 1
    assert Run.objects.count() == 1


def test_5_the_same_key_with_another_body_is_409(alices: Api) -> None:
    alices.post(WORKFLOWS, steps_body({"toolName": "noop"}), idempotency_key="k")
    other = steps_body({"toolName": "noop", "id": "other"})
    refused = error_of(alices.post(WORKFLOWS, other, idempotency_key="k"), 409)
    assert refused["details"]["reason"] == "idempotency_key_reuse"


# --- 6 ------------------------------------------------------------------------------------------


def start_to_be(status: str, alice: User, alices: Api) -> Run:
    """A run that working off, or cancelling, brings to this status."""
    fails = {"tool": "fail", "args": {"retryable": False}}
    if status == "partial_failure":
        stages = [
            {"id": "a", "type": "fixed", "tool": "noop", "args": {}},
            {"id": "b", "type": "fixed", "onError": "continue", **fails},
        ]
        template = make_template(alice, inputs=[], stages=stages)
        started = alices.post(WORKFLOWS, {"workflow_id": template.public_id, "inputs": {}})
        return Run.objects.get(public_id=data_of(started, 201)["workflow"]["id"])
    tool = {"toolName": "fail", "arguments": {"retryable": False}}
    return start(alice, [tool] if status == "failed" else chain("noop", 2))


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "partial_failure"])
def test_6_a_stream_replays_tails_says_how_it_ended_and_closes(
    alice: User, alice_key: str, alices: Api, status: str
) -> None:
    run = start_to_be(status, alice, alices)

    def end_it() -> None:
        if status == "cancelled":
            alices.post(f"{WORKFLOWS}/{run.public_id}/cancel")
        else:
            work_off()

    live = listen(run, alice_key, meanwhile=end_it)
    assert live.header("content-type").startswith("text/event-stream")
    run.refresh_from_db()
    assert run.status == status
    *log, last = frames(live)
    assert [seq for seq, _, _ in log] == list(range(1, run.last_seq + 1))
    assert {event for _, event, _ in log} == {"workflow_event"}
    assert log[-1][2]["status"] == status
    assert last == (
        run.last_seq,
        "workflow_status",
        {"workflowId": run.public_id, "status": status},
    )
    assert frames(listen(run, alice_key)) == [*log, last]


def test_6_after_and_last_event_id_give_only_later_entries_and_after_wins(
    alice: User, alice_key: str
) -> None:
    run = start(alice, chain("noop", 3))
    work_off()
    run.refresh_from_db()
    later = list(range(5, run.last_seq + 1))

    def sequences(*args: str, **headers: str) -> list[int]:
        return [seq for seq, event, _ in frames(listen(run, alice_key, *args, **headers))][:-1]

    assert sequences("?after=4") == later
    assert sequences(last_event_id="4") == later
    assert sequences("?after=4", last_event_id="2") == later
    assert sequences(f"?after={run.last_seq}") == []
    assert sequences("?after=nonsense") == list(range(1, run.last_seq + 1))


# --- 7 ------------------------------------------------------------------------------------------


def test_7_a_reader_that_stops_at_the_first_final_status_sees_every_step(
    alice: User, alice_key: str
) -> None:
    run = start(alice, chain("note", 3))
    seen = []
    for _, _, body in frames(listen(run, alice_key, meanwhile=work_off)):
        seen.append((body.get("event"), body.get("stepId")))
        nested = [body, body.get("data") or {}, body.get("workflow") or {}]
        if any(part.get("status") in SDK_FINAL for part in nested):
            break
    for name in ("step_started", "artifact_created", "step_completed"):
        assert [step for event, step in seen if event == name] == ["s0", "s1", "s2"]
    assert seen[-1] == ("workflow_completed", None)


# --- 8 ------------------------------------------------------------------------------------------


def test_8_cancel_twice_says_transitioned_then_not(alice: User, alices: Api) -> None:
    run = start(alice, chain("noop", 2))
    path = f"{WORKFLOWS}/{run.public_id}/cancel"
    first = data_of(alices.post(path))
    assert (first["transitioned"], first["workflow"]["status"]) == (True, "cancelled")
    second = data_of(alices.post(path, {}))
    assert (second["transitioned"], second["workflow"]["status"]) == (False, "cancelled")


def test_8_a_terminal_run_is_not_cancelled(alice: User, alices: Api) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    answer = data_of(alices.post(f"{WORKFLOWS}/{run.public_id}/cancel"))
    assert (answer["transitioned"], answer["workflow"]["status"]) == (False, "completed")


# --- 9 ------------------------------------------------------------------------------------------


def test_9_resume_of_a_failed_run_does_again_only_what_did_not_complete(
    alice: User, alices: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "REFUSED", {"b"})
    steps = [
        {"id": "a", "toolName": "note"},
        {"id": "b", "toolName": "metered", "arguments": {"name": "b"}},
        {"id": "c", "toolName": "note", "dependsOn": ["a", "b"]},
    ]
    run = start(alice, steps)
    work_off()
    path = f"{WORKFLOWS}/{run.public_id}"
    before = data_of(alices.get(path))["workflow"]
    assert before["status"] == "failed"
    assert [step["status"] for step in before["steps"]] == ["completed", "failed", "skipped"]
    tools.REFUSED.clear()
    resumed = data_of(alices.post(f"{path}/resume"), 202)
    assert resumed["resumed"] is True
    assert resumed["workflow"]["status"] in ("queued", "running")
    work_off()
    after = data_of(alices.get(path))["workflow"]
    assert after["status"] == "completed"
    assert after["steps"][0]["artifacts"] == before["steps"][0]["artifacts"]
    assert [step["attempt"] for step in after["steps"]] == [1, 2, 1]
    keys = list(Attempt.objects.filter(step__run=run).values_list("provider_key", flat=True))
    assert keys == [f"{run.public_id}:{place}" for place in ("a:1", "b:1", "b:2", "c:2")]


def test_9_resume_while_a_cost_decision_is_open_is_409(alices: Api) -> None:
    body = steps_body({"toolName": "note"}, confirm_cost=False)
    run = data_of(alices.post(WORKFLOWS, body), 201)["workflow"]
    refused = error_of(alices.post(f"{WORKFLOWS}/{run['id']}/resume"), 409)
    assert "confirm-cost" in refused["message"]
    assert data_of(alices.get(f"{WORKFLOWS}/{run['id']}"))["workflow"]["awaitingCostApproval"]


def test_9_resume_while_an_answer_is_open_changes_nothing(alice: User, alices: Api) -> None:
    asked = {"toolName": "ask_clarifying_question", "arguments": {"question": "Which one?"}}
    run = start(alice, [asked])
    work_off()
    path = f"{WORKFLOWS}/{run.public_id}"
    before = data_of(alices.get(path))["workflow"]
    assert (before["status"], before["waitingReason"]) == (
        "waiting_for_user",
        "ask_clarifying_question",
    )
    for body in (None, {}, {"token_type": "spark", "billing_mode": "auto"}):
        answer = data_of(alices.post(f"{path}/resume", body), 202)
        assert (answer["resumed"], answer["workflow"]["status"]) == (False, "waiting_for_user")
    assert data_of(alices.get(path))["workflow"]["events"] == before["events"]
    said = {"resume_input": {"type": "answer", "stepId": before["steps"][0]["id"], "text": "Red"}}
    assert data_of(alices.post(f"{path}/resume", said), 202)["resumed"] is True
    work_off()
    after = data_of(alices.get(path))["workflow"]
    assert after["status"] == "completed"
    assert after["steps"][0]["result"]["answer"] == "Red"


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_9_what_is_over_is_not_resumed(alice: User, alices: Api, status: str) -> None:
    run = start(alice, [{"toolName": "noop"}])
    path = f"{WORKFLOWS}/{run.public_id}"
    if status == "completed":
        work_off()
    else:
        alices.post(f"{path}/cancel")
    answer = data_of(alices.post(f"{path}/resume"), 202)
    assert (answer["resumed"], answer["workflow"]["status"]) == (False, status)


# --- 10 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["max_estimated_capacity_units", "maxEstimatedCapacityUnits", "cost_ceiling"]
)
def test_10_a_cost_above_the_ceiling_is_422_with_details(alices: Api, name: str) -> None:
    refused = error_of(alices.post(WORKFLOWS, steps_body({"toolName": "note"}, **{name: 0})), 422)
    details = refused["details"]
    assert details["reason"] == "cost_ceiling_exceeded"
    assert (details["estimatedCapacityUnits"], details["maxEstimatedCapacityUnits"]) == (1, 0)
    assert details["billingPreview"]["totalEstimatedCapacityUnits"] == 1
    assert not Run.objects.exists()
    data_of(alices.post(WORKFLOWS, steps_body({"toolName": "note"}, **{name: 1.0})), 201)


def test_10_confirm_cost_false_waits_and_confirm_cost_runs(alices: Api) -> None:
    body = steps_body({"toolName": "note"}, confirm_cost=False)
    run = data_of(alices.post(WORKFLOWS, body), 201)["workflow"]
    assert run["status"] == "waiting_for_user"
    assert run["waitingReason"] == "cost_approval_required"
    assert run["awaitingCostApproval"] is True
    assert run["billingPreview"]["totalEstimatedCapacityUnits"] == 1
    work_off()
    path = f"{WORKFLOWS}/{run['id']}"
    assert data_of(alices.get(path))["workflow"]["artifacts"] == []
    accepted = {"acceptedCostPreview": run["billingPreview"]}
    confirmed = data_of(alices.post(f"{path}/confirm-cost", accepted))["workflow"]
    assert confirmed["status"] in ("queued", "running")
    work_off()
    done = data_of(alices.get(path))["workflow"]
    assert (done["status"], done["actualCapacityUnits"]) == ("completed", 1)


# --- 11 -----------------------------------------------------------------------------------------


def test_11_reseed_makes_a_new_run_with_the_seeds_asked_for(alice: User, alices: Api) -> None:
    run = start(alice, chain("note", 3), safe_content_filter=False)
    work_off()
    path = f"{WORKFLOWS}/{run.public_id}/reseed"
    answer = alices.post(path, {"seed_overrides": {"s1": 123}}, **{"Idempotency-Key": "take-2"})
    made = data_of(answer, 201)
    assert made["workflow"]["id"] != run.public_id
    assert made["workflow"]["safeContentFilter"] is False
    assert made["reseed"]["cloned_from_run_id"] == run.public_id
    seeds = {step["id"]: step["seed"] for step in made["reseed"]["steps"]}
    assert seeds["s1"] == 123
    old = dict(run.steps.values_list("key", "seed"))
    assert seeds.keys() == old.keys()
    assert all(seeds[key] != old[key] for key in old)
    assert {step["id"]: step["seed"] for step in made["workflow"]["steps"]} == seeds
    again = data_of(
        alices.post(path, {"seed_overrides": {"s1": 123}}, **{"Idempotency-Key": "take-2"})
    )
    assert (again["idempotent"], again["workflow"]["id"]) == (True, made["workflow"]["id"])
    for overrides in ({"s9": 1}, {"s1": "red"}, {"s1": True}):
        error_of(alices.post(path, {"seed_overrides": overrides}), 400)


# --- 12 -----------------------------------------------------------------------------------------


def test_12_an_invalid_template_says_so_in_both_places(alices: Api) -> None:
    stages = documented()["stages"]
    stages[0]["args"]["prompt"] = "$inputs.nothing"
    refused = error_of(alices.post(TEMPLATES, {**documented(), "stages": stages}), 422)
    validation = refused["data"]["validation"]
    assert validation == refused["details"]["validation"]
    assert validation["valid"] is False
    (issue,) = [one for one in validation["issues"] if one["severity"] == "error"]
    assert (issue["code"], issue["path"]) == ("unknown_input", "stages/keyframe/args")
    assert not Template.objects.exists()


def test_12_what_does_not_compile_says_so_in_three_places(alice: User, alices: Api) -> None:
    template = make_template(alice)
    refused = error_of(alices.post(WORKFLOWS, {"workflow_id": template.public_id}), 422)
    (found,) = refused["compileErrors"]
    assert (found["code"], found["path"]) == ("missing_input", "inputs/brief")
    for place in (refused["data"], refused["details"]):
        assert place["compileErrors"] == refused["compileErrors"]
        assert place["compileWarnings"] == refused["compileWarnings"]
    assert not Run.objects.exists()


# --- 13 -----------------------------------------------------------------------------------------


def test_13_patch_bumps_the_version_and_ignores_id_and_author(alice: User, alices: Api) -> None:
    template = make_template(alice)
    path = f"{TEMPLATES}/{template.public_id}"
    changes = {"description": "New", "id": "wf_other", "author": "system"}
    changed = data_of(alices.patch(path, changes))["template"]
    assert (changed["version"], changed["id"]) == ("0.0.2", template.public_id)
    assert changed["author"]["userId"] == alice.public_id


def test_13_records_keep_the_snapshot_they_were_started_with(alice: User, alices: Api) -> None:
    stages = [{"id": "a", "type": "fixed", "tool": "note", "args": {"text": "before"}}]
    template = make_template(alice, inputs=[], stages=stages)
    started = alices.post(WORKFLOWS, {"workflow_id": template.public_id, "inputs": {}})
    path = f"{WORKFLOWS}/{data_of(started, 201)['workflow']['id']}"
    stages[0]["args"] = {"text": "after"}
    data_of(alices.patch(f"{TEMPLATES}/{template.public_id}", {"stages": stages}))
    data_of(alices.delete(f"{TEMPLATES}/{template.public_id}"))
    work_off()
    run = data_of(alices.get(path))["workflow"]
    assert (run["status"], run["templateVersion"]) == ("completed", "0.0.1")
    assert run["steps"][0]["resolvedArguments"]["text"] == "before"


# --- 14 -----------------------------------------------------------------------------------------


def test_14_a_limit_of_500_gives_100_and_the_right_next(alice: User, alices: Api) -> None:
    head = make_template(alice, id="t0", inputs=[], stages=[]).head
    Template.objects.bulk_create(
        Template(public_id=f"t{number}", owner=alice, name="T", category="custom", head=head)
        for number in range(1, 103)
    )
    page = data_of(alices.get(TEMPLATES, {"limit": 500}))
    assert (len(page["templates"]), page["next"]) == (100, 100)
    last = data_of(alices.get(TEMPLATES, {"limit": 500, "offset": page["next"]}))
    assert (len(last["templates"]), last["next"]) == (3, None)
    ids = [template["id"] for template in page["templates"] + last["templates"]]
    assert ids == [f"t{number}" for number in reversed(range(103))]


def test_14_workflows_have_pages_too(alice: User, alices: Api) -> None:
    runs = [start(alice, [{"toolName": "noop"}]).public_id for _ in range(5)]
    page = data_of(alices.get(WORKFLOWS, {"limit": 3}))
    assert ([run["id"] for run in page["workflows"]], page["next"]) == (runs[:1:-1], 3)
    last = data_of(alices.get(WORKFLOWS, {"limit": 3, "offset": 3}))
    assert ([run["id"] for run in last["workflows"]], last["next"]) == (runs[1::-1], None)


# --- 15 -----------------------------------------------------------------------------------------


def test_15_account_me_answers_200(alices: Api, alice: User) -> None:
    account = data_of(alices.get("/v1/account/me"))
    assert (account["username"], account["id"]) == ("alice", alice.public_id)


@pytest.mark.parametrize("headers", [{"content-type": "application/json"}, {}])
def test_15_an_empty_body_cancels(alice: User, alice_key: str, headers: dict[str, str]) -> None:
    run = start(alice, chain("noop", 2))
    path = f"{WORKFLOWS}/{run.public_id}/cancel"
    answer = request_app("POST", path, {"api-key": alice_key, **headers})
    assert (answer.status, answer.json()["data"]["transitioned"]) == (200, True)


def test_15_ids_may_be_percent_encoded(alice: User, alice_key: str) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    template = make_public(alice, id="my:own.id-1")
    key = {"api-key": alice_key}

    def encoded(public_id: str) -> str:
        return "".join(f"%{ord(letter):02X}" for letter in public_id)

    shown = request_app("GET", f"{WORKFLOWS}/{encoded(run.public_id)}", key)
    assert shown.json()["data"]["workflow"]["id"] == run.public_id
    shown = request_app("GET", f"{TEMPLATES}/{encoded(template.public_id)}", key)
    assert shown.json()["data"]["template"]["id"] == "my:own.id-1"
    stream = request_app("GET", f"{WORKFLOWS}/{encoded(run.public_id)}/events/stream", key)
    assert frames(stream)[-1][1] == "workflow_status"
    for path in (f"{WORKFLOWS}/{quote('wf / one', safe='')}", f"{TEMPLATES}/{quote('wf / one')}"):
        missing = request_app("GET", path, key)
        assert (missing.status, missing.json()["status"]) == (404, "error")
