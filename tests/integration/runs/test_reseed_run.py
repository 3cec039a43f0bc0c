"""POST …/reseed: the plan of a finished run with other seeds, as a run of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact, Run
from tests.support.builders.running import start, start_template, status_after_work, work_off
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
STEPS = [
    {"id": "img", "toolName": "note", "arguments": {"text": "a", "seed": 7}},
    {"id": "other", "toolName": "note", "arguments": {"text": "b"}},
    {"id": "pause", "toolName": "noop"},
]


def done(alice: User, **body: Any) -> Run:
    run = start(alice, STEPS, **body)
    assert status_after_work(run) == "completed"
    return run


def test_given_seeds_are_taken_and_the_others_are_new(mine: Api, alice: User) -> None:
    run = done(alice, safe_content_filter=False, token_type="sogni", app_source="first")
    body = {"seed_overrides": {"img": 123}, "app_source": "second"}
    answer = mine.post(f"{PATH}/{run.public_id}/reseed", body)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert "idempotent" not in data
    new, reseed = data["workflow"], data["reseed"]
    assert new["id"] != run.public_id
    assert reseed["cloned_from_run_id"] == run.public_id
    first, second = reseed["steps"]
    assert first == {"id": "img", "stepId": "img", "seed": 123, "previousSeed": 7}
    assert second["id"] == "other"
    assert second["seed"] != second["previousSeed"] == run.steps.get(key="other").seed
    assert (new["safeContentFilter"], new["tokenType"], new["appSource"]) == (
        False,
        "sogni",
        "second",
    )
    assert new["input"]["steps"][0]["arguments"]["seed"] == 123
    work_off()
    made = Artifact.objects.filter(run__public_id=new["id"]).values_list("blob_id", flat=True)
    assert not set(made) & set(Artifact.objects.filter(run=run).values_list("blob_id", flat=True))


def test_one_key_makes_one_take(mine: Api, alice: User) -> None:
    run = done(alice)
    path = f"{PATH}/{run.public_id}/reseed"
    first = mine.post(path, {}, idempotency_key="k")
    Run.objects.filter(pk=run.pk).update(status="running")
    second = mine.post(path, b"", idempotency_key="k")
    assert (first.status_code, second.status_code) == (201, 200)
    one, two = first.json()["data"], second.json()["data"]
    assert two["idempotent"] is True
    assert two["workflow"]["id"] == one["workflow"]["id"]
    assert two["reseed"] == one["reseed"]
    clash = mine.post(path, {"seed_overrides": {"img": 1}}, idempotency_key="k")
    assert clash.status_code == 409
    assert clash.json()["details"]["reason"] == "idempotency_key_reuse"
    # A start's keys are others.
    body = {"input": {"steps": STEPS}}
    assert mine.post(PATH, body, idempotency_key="k").status_code == 201


def test_what_is_no_seed_of_a_step_is_refused_by_name(mine: Api, alice: User) -> None:
    run = done(alice)
    for overrides in ({"pause": 1}, {"img": 1.5}, {"img": -1}, {"img": 2**63}, [1]):
        answer = mine.post(f"{PATH}/{run.public_id}/reseed", {"seed_overrides": overrides})
        assert (answer.status_code, "seed_overrides" in answer.json()["message"]) == (400, True)
    assert Run.objects.count() == 1


def test_only_what_is_done_is_reseeded(mine: Api, alice: User) -> None:
    run = start(alice, STEPS)
    path = f"{PATH}/{run.public_id}/reseed"
    for status, code in {
        "queued": 409,
        "failed": 409,
        "cancelled": 409,
        "partial_failure": 201,
    }.items():
        Run.objects.filter(pk=run.pk).update(status=status)
        assert mine.post(path, {}).status_code == code, status


def test_items_of_a_batch_get_other_seeds_too(mine: Api, alice: User) -> None:
    batch = batch_stage("shots", "$inputs.words", "note", {"text": "$item"})
    many = {"name": "words", "type": "text", "multiple": {"min": 1, "max": 9}}
    template = make_public(alice, inputs=[many], stages=[batch])
    run = start_template(alice, template, words=["rain", "snow"])
    work_off()
    answer = mine.post(f"{PATH}/{run.public_id}/reseed", {"seed_overrides": {}})
    assert answer.status_code == 201, answer.content
    work_off()
    again = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    assert again.status == "completed"
    before, after = (
        list(one.steps.filter(parent__isnull=False).values_list("seed", flat=True))
        for one in (run, again)
    )
    assert len(before) == len(after) == 2
    assert None not in after
    assert not set(before) & set(after)
