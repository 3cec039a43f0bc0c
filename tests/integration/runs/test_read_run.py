"""Snapshots, lists and logs, as their owner and as an outsider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact
from tests.support.builders.running import chain, start, work_off
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
UNKNOWN = "wf_hosted_tool_sequence_01jd000000000000000000000"


def note_run(user: User) -> Any:
    run = start(
        user,
        [
            {"id": "one", "toolName": "note", "arguments": {"text": "a", "copies": 2}},
            {
                "id": "two",
                "toolName": "note",
                "arguments": {"text": "b"},
                "dependsOn": [
                    {
                        "sourceStepId": "one",
                        "targetArgument": "sourceImageIndex",
                        "transform": "image_index",
                        "sourceArtifactIndex": 1,
                    }
                ],
            },
        ],
    )
    work_off()
    return run


def test_snapshot_of_a_finished_run(mine: Api, alice: User) -> None:
    run = note_run(alice)
    shown = mine.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    assert shown["status"] == "completed"
    assert (shown["estimatedCapacityUnits"], shown["actualCapacityUnits"]) == (3, 3)
    one, two = shown["steps"]
    assert [step["status"] for step in shown["steps"]] == ["completed", "completed"]
    assert one["result"]["indices"] == [0, 1]
    assert (two["result"]["startIndex"], two["result"]["indices"]) == (2, [2])
    assert two["resolvedArguments"]["sourceImageIndex"] == 1
    taken = Artifact.objects.get(public_id=one["artifacts"][1]["id"])
    assert two["artifacts"][0]["metadata"]["saw"] == [taken.blob_id]
    assert len(shown["artifacts"]) == 3
    assert shown["artifacts"] == one["artifacts"] + two["artifacts"]
    for artifact in shown["artifacts"]:
        assert artifact["url"].startswith("http://testserver/media/art_")
        assert (artifact["type"], artifact["mimeType"]) == ("image", "image/png")
        assert isinstance(artifact["seed"], int)
    assert one["result"]["resultUrls"] == [artifact["url"] for artifact in one["artifacts"]]
    assert isinstance(shown["updateTime"], int)
    assert shown["completedAt"].endswith("Z")
    assert "waitingReason" not in shown


def test_log_after_a_cursor(mine: Api, alice: User) -> None:
    run = note_run(alice)
    path = f"{PATH}/{run.public_id}/events"
    everything = mine.get(path).json()["data"]["events"]
    after = mine.get(path, {"after": "3"}).json()["data"]["events"]
    assert after == everything[3:]
    page = mine.get(path, {"limit": "2"}).json()["data"]
    assert (page["events"], page["next"]) == (everything[:2], 2)
    for nonsense in ("x", "-1", "99999999999999999999999"):
        again = mine.get(path, {"after": nonsense}).json()["data"]["events"]
        assert again == everything


def test_list_filters_by_status(mine: Api, alice: User) -> None:
    done = start(alice, chain("noop", 1))
    work_off()
    waiting = start(alice, chain("noop", 1))
    shown = mine.get(PATH, {"status": "completed"}).json()["data"]["workflows"]
    assert [run["id"] for run in shown] == [done.public_id]
    both = mine.get(f"{PATH}?status=completed,queued").json()["data"]["workflows"]
    assert [run["id"] for run in both] == [waiting.public_id, done.public_id]


def test_list_takes_few_queries(mine: Api, alice: User, django_assert_max_num_queries: Any) -> None:
    for _ in range(4):
        start(alice, chain("noop", 3))
    mine.get(PATH)
    with django_assert_max_num_queries(5):
        mine.get(PATH)


def test_media_that_the_caller_brought_have_negative_positions(mine: Api, alice: User) -> None:
    first = note_run(alice)
    shown = mine.get(f"{PATH}/{first.public_id}").json()["data"]["workflow"]
    brought = shown["artifacts"][0]
    body = {
        "input": {
            "steps": [
                {"id": "a", "toolName": "note", "arguments": {"sourceImageIndex": -1}},
                {"id": "b", "toolName": "note", "arguments": {"source_image_url": brought["url"]}},
            ]
        },
        "media_references": [{"kind": "image", "url": brought["url"]}],
    }
    answer = mine.post(PATH, body)
    assert answer.status_code == 201, answer.content
    work_off()
    run = answer.json()["data"]["workflow"]["id"]
    steps = mine.get(f"{PATH}/{run}").json()["data"]["workflow"]["steps"]
    assert [step["status"] for step in steps] == ["completed", "completed"]
    assert steps[0]["resolvedArguments"]["sourceImageIndex"] == -1
    saw = [step["artifacts"][0]["metadata"]["saw"] for step in steps]
    assert saw[0] == saw[1] != []
