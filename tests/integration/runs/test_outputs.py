"""The outputs of a run: what its template declares, as files or as text."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Run
from tests.support.builders.drafts import note
from tests.support.builders.running import start_template, work_off
from tests.support.builders.stage_bodies import batch_stage, stage
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = "/v1/creative-agent/workflows"


def shown(run: Run, key: str) -> list[dict[str, Any]]:
    record = Api(key).get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]
    return list(record["outputs"])


def test_a_run_shows_the_outputs_of_its_template(alice: User, alice_key: str) -> None:
    stages = [
        note("cover", args={"copies": 2}),
        batch_stage("looks", "$inputs.words", "note", {"text": "$item"}),
        stage("say", "mood", values={"text": "Calm"}),
    ]
    words = {"name": "words", "type": "text", "multiple": True, "default": ["red", "blue"]}
    outputs = {
        "mood": {"from": "$artifacts.mood", "position": 2},
        "second": {"from": "$artifacts.cover[1]", "position": 1},
        "all": {"from": "$artifacts.looks", "label": "All looks"},
    }
    template = make_template(alice, stages=stages, inputs=[words], outputs=outputs)
    run = start_template(alice, template)
    assert [(one["name"], one["artifacts"]) for one in shown(run, alice_key)] == [
        ("all", []),
        ("second", []),
        ("mood", []),
    ]
    work_off()
    looks, second, mood = shown(run, alice_key)
    assert looks["label"] == "All looks"
    assert [one["stepId"] for one in looks["artifacts"]] == ["looks_0", "looks_1"]
    assert [one["stepId"] for one in second["artifacts"]] == ["cover"]
    assert (mood["artifacts"], mood["text"]) == ([], "Calm")
