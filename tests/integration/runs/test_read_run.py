"""Snapshots, lists and logs, as their owner and as an outsider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
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


def test_snapshot_of_a_finished_run(api: ApiFactory, alice: User, alice_key: str) -> None:
    run = note_run(alice)
    shown = api(alice_key).get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    assert shown["status"] == "completed"
    assert (shown["estimatedCapacityUnits"], shown["actualCapacityUnits"]) == (3, 3)
    one, two = shown["steps"]
    assert [step["status"] for step in shown["steps"]] == ["completed", "completed"]
    assert one["result"]["indices"] == [0, 1]
    assert (two["result"]["startIndex"], two["result"]["indices"]) == (2, [2])
    assert two["resolvedArguments"]["sourceImageIndex"] == 1
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


def test_step_events_never_carry_a_final_status(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = note_run(alice)
    log = api(alice_key).get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
    finals = [event for event in log if event.get("status") == "completed"]
    assert [event["event"] for event in finals] == ["workflow_completed"]
    step_ends = [event for event in log if event["event"] == "step_completed"]
    assert [event["stepStatus"] for event in step_ends] == ["completed", "completed"]
    assert all(isinstance(event["timestamp"], int) and event["createdAt"] for event in log)
    made = [event for event in log if event["event"] == "artifact_created"]
    assert all(event["data"]["artifact"]["url"].startswith("http://") for event in made)


def test_log_after_a_cursor(api: ApiFactory, alice: User, alice_key: str) -> None:
    run = note_run(alice)
    path = f"{PATH}/{run.public_id}/events"
    everything = api(alice_key).get(path).json()["data"]["events"]
    after = api(alice_key).get(path, {"after": "3"}).json()["data"]["events"]
    assert after == everything[3:]
    page = api(alice_key).get(path, {"limit": "2"}).json()["data"]
    assert (page["events"], page["next"]) == (everything[:2], 2)
    for nonsense in ("x", "-1", "99999999999999999999999"):
        again = api(alice_key).get(path, {"after": nonsense}).json()["data"]["events"]
        assert again == everything


def test_list_is_newest_first_and_pages(api: ApiFactory, alice: User, alice_key: str) -> None:
    runs = [start(alice, chain("noop", 1)).public_id for _ in range(5)]
    first = api(alice_key).get(PATH, {"limit": "2"}).json()["data"]
    assert [run["id"] for run in first["workflows"]] == runs[:2:-1]
    assert first["next"] == 2
    last = api(alice_key).get(PATH, {"limit": "500", "offset": "4"}).json()["data"]
    assert [run["id"] for run in last["workflows"]] == runs[:1]
    assert last["next"] is None


def test_list_filters_by_status(api: ApiFactory, alice: User, alice_key: str) -> None:
    done = start(alice, chain("noop", 1))
    work_off()
    waiting = start(alice, chain("noop", 1))
    shown = api(alice_key).get(PATH, {"status": "completed"}).json()["data"]["workflows"]
    assert [run["id"] for run in shown] == [done.public_id]
    both = api(alice_key).get(f"{PATH}?status=completed,queued").json()["data"]["workflows"]
    assert [run["id"] for run in both] == [waiting.public_id, done.public_id]


def test_list_takes_few_queries(
    api: ApiFactory, alice: User, alice_key: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        start(alice, chain("noop", 3))
    api(alice_key).get(PATH)
    with django_assert_max_num_queries(5):
        api(alice_key).get(PATH)


@pytest.mark.parametrize("tail", ["", "/events", "/events?after=0"])
def test_private_and_unknown_answer_alike(
    api: ApiFactory, alice: User, bob_key: str, tail: str
) -> None:
    run = start(alice, chain("noop", 1))
    theirs = api(bob_key).get(f"{PATH}/{run.public_id}{tail}")
    unknown = api(bob_key).get(f"{PATH}/{UNKNOWN}{tail}")
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json() == unknown.json()


def test_no_one_gets_401(api: ApiFactory, alice: User) -> None:
    run = start(alice, chain("noop", 1))
    for path in (PATH, f"{PATH}/{run.public_id}", f"{PATH}/{run.public_id}/events"):
        assert api().get(path).status_code == 401


def test_encoded_ids_that_are_nobodys_are_404(api: ApiFactory, alice_key: str) -> None:
    assert api(alice_key).get(f"{PATH}/wf%20%2F%20one").status_code == 404


def test_media_that_the_caller_brought_have_negative_positions(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    first = note_run(alice)
    shown = api(alice_key).get(f"{PATH}/{first.public_id}").json()["data"]["workflow"]
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
    answer = api(alice_key).post(PATH, body)
    assert answer.status_code == 201, answer.content
    work_off()
    run = answer.json()["data"]["workflow"]["id"]
    steps = api(alice_key).get(f"{PATH}/{run}").json()["data"]["workflow"]["steps"]
    assert [step["status"] for step in steps] == ["completed", "completed"]
    assert steps[0]["resolvedArguments"]["sourceImageIndex"] == -1
    saw = [step["artifacts"][0]["metadata"]["saw"] for step in steps]
    assert saw[0] == saw[1] != []
