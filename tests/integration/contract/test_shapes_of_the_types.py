"""What the published types promise of templates and runs, beyond the acceptance checklist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests.support.builders.running import work_off
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

WORKFLOWS = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]


@pytest.fixture
def alices(api: ApiFactory, alice_key: str) -> Api:
    return api(alice_key)


def ran(api: Api, *stages: dict[str, Any]) -> dict[str, Any]:
    """A run of a saved template with these stages, after all that needs no person."""
    saved = api.post(f"{WORKFLOWS}/templates", {"name": "Shapes", "stages": list(stages)})
    assert saved.status_code == 201, saved.content
    body = {"workflow_id": saved.json()["data"]["template"]["id"], "inputs": {}}
    started = api.post(WORKFLOWS, body)
    assert started.status_code == 201, started.content
    work_off()
    path = f"{WORKFLOWS}/{started.json()['data']['workflow']['id']}"
    return dict(api.get(path).json()["data"]["workflow"])


def note(name: str = "look", **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "fixed", "tool": "note", "args": {"text": name}, **more}


def test_runtime_means_the_run_as_run_does(alice: User, alices: Api) -> None:
    run = ran(
        alices,
        note("a", args={"text": "$runtime.id"}),
        note("b", args={"text": "$run.id"}),
        note("c", condition={"type": "expr", "expression": "$runtime.title == 'Shapes'"}),
    )
    assert run["status"] == "completed", run.get("error")
    texts = [step["resolvedArguments"]["text"] for step in run["steps"]]
    assert texts == [run["id"], run["id"], "c"]


@pytest.mark.parametrize("flags", [{"humanApprovalDefault": True}, {"checkpointRequired": True}])
def test_a_stage_that_asks_for_approval_pauses(
    alice: User, alices: Api, flags: dict[str, bool]
) -> None:
    run = ran(alices, note(**flags), note("film"))
    assert (run["status"], run["waitingReason"]) == (
        "waiting_for_user",
        "workflow_user_input_required",
    )
    assert run["waiting"]["details"]["stageId"] == "look"
    body = {"resume_input": {"type": "approve_checkpoint"}}
    assert alices.post(f"{WORKFLOWS}/{run['id']}/resume", body).status_code == 202
    work_off()
    after = alices.get(f"{WORKFLOWS}/{run['id']}").json()["data"]["workflow"]
    assert after["status"] == "completed"


def test_a_plan_names_the_versions_of_its_schema(alice: User, alices: Api) -> None:
    backbone = ran(alices, note())["plan"]["backbone"]
    assert set(backbone) == {"schemaVersion", "modelKnowledgeVersion", "routingPolicyVersion"}
    assert all(isinstance(version, str) and version for version in backbone.values())
