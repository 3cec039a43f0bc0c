"""The outputs of a run: what its template declares, as files or as text."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Run
from tests.support.builders.drafts import note
from tests.support.builders.running import start_template, work_off
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = "/v1/creative-agent/workflows"


def shown(run: Run, key: str) -> list[dict[str, Any]]:
    record = Api(key).get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]
    return list(record["outputs"])


def test_a_run_shows_the_outputs_of_its_template(alice: User, alice_key: str) -> None:
    stages = [
        note("cover", args={"copies": 2}),
        {
            "id": "looks",
            "type": "batch",
            "overBinding": "$inputs.words",
            "itemName": "word",
            "produces": ["looks"],
            "itemStage": {"tool": "note", "args": {"text": "$item"}},
        },
        {"id": "mood", "type": "fixed", "tool": "say", "produces": ["mood"]},
    ]
    stages[2]["args"] = {"values": {"text": "Calm"}}
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


def test_a_template_without_outputs_gives_its_last_result(alice: User, alice_key: str) -> None:
    run = start_template(alice, make_template(alice, stages=[note("a"), note("b")], inputs=[]))
    work_off()
    (output,) = shown(run, alice_key)
    assert output["name"] == "result"
    assert [one["stepId"] for one in output["artifacts"]] == ["b"]


def test_outputs_are_kept_checked_and_versioned(alice_key: str) -> None:
    api = Api(alice_key)
    outputs = {"picture": {"from": "$artifacts.a", "label": "Picture"}}
    body = {"name": "Outputs", "stages": [note("a")], "outputs": outputs}
    saved = api.post(TEMPLATES, body).json()["data"]["template"]
    assert saved["outputs"] == outputs
    path = f"{TEMPLATES}/{saved['id']}"
    refused = api.patch(path, {"outputs": {"picture": {"from": "$artifacts.gone"}}})
    assert refused.status_code == 422, refused.json()
    (found,) = refused.json()["details"]["validation"]["issues"]
    assert found["path"] == "outputs/picture"
    changed = api.patch(path, {"outputs": {"image": {"from": "$artifacts.a"}}})
    assert changed.status_code == 200, changed.json()
    assert api.get(path).json()["data"]["template"]["outputs"] == {
        "image": {"from": "$artifacts.a"}
    }
