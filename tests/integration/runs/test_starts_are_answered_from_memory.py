"""A start is answered with what it has written, which is not read back: byte for byte what reading
it gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from builder.ops.samples import sample_files
from builder.ops.server.prepare import prepare
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.factories import make_key
from tests.support.builders.samples import start_body
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = "/v1/creative-agent/workflows"
# Why a step waits is told when someone reads the run, and not by a start.
OF_READING = ("message", "queueReason")
# What JSON columns are known to change: the order of members, numbers, and characters of any plane.
ODD: dict[str, Any] = {
    "zz": 1,
    "a": 1.0,
    "bb": 1e16,
    "é": -0.0,
    "ab": 1e-9,
    "😀": "\u2028 😀 \\u0000",
    "b": {"bbb": [], "c": {}, "": None, "aa": [True, {"y": 0.1, "x": 123456789012345678}]},
}
STEPS: dict[str, dict[str, Any]] = {
    "one": {"input": {"steps": [{"toolName": "noop", "arguments": {}}]}},
    "titled": {
        "input": {"title": "Tïtle " * 50, "steps": [{"id": "a", "toolName": "noop"}]},
        "token_type": "spark",
        "billing_mode": "auto",
        "app_source": "tests",
        "max_estimated_capacity_units": 1000,
    },
    "odd": {
        "input": {"zz": ODD, "steps": [{"id": "a", "toolName": "noop", "arguments": {}, "x": ODD}]}
    },
    "two bound": {
        "kind": "image_to_video",
        "input": {"prompt": "A robot", "videoPrompt": "It wakes", "duration": 5},
    },
    "with a file": {
        "input": {
            "steps": [{"toolName": "generate_video", "arguments": {"prompt": "It wakes"}}],
            "mediaReferences": [{"kind": "image", "url": "https://example.org/a.png"}],
        }
    },
}


def as_read(caller: Api, shown: dict[str, Any]) -> dict[str, Any]:
    read = caller.get(f"{RUNS}/{shown['workflowId']}").json()["data"]["workflow"]
    for step in read["steps"]:
        for name in OF_READING:
            step.pop(name, None)
    return dict(read)


def check(caller: Api, body: dict[str, Any]) -> None:
    answer = caller.post(RUNS, body)
    assert answer.status_code == 201, answer.content
    shown = answer.json()["data"]["workflow"]
    assert json.dumps(shown) == json.dumps(as_read(caller, shown))


def test_explicit_steps(alice_key: str) -> None:
    for body in STEPS.values():
        check(Api(alice_key), body)
        check(Api(alice_key), {**body, "confirm_cost": False})


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.thorough)])
def test_templates(alice: User, settings: Any, step: int) -> None:
    settings.ACTIVE_RUNS_PER_USER = 100
    prepare()
    caller = Api(make_key(alice), SERVER_NAME="localhost")
    samples = list(Template.objects.filter(owner__username="system").order_by("public_id"))
    assert len(samples) == len(sample_files.names())
    for sample in samples[::step]:
        check(caller, start_body(sample))


def test_a_run_that_asks_at_once(alice_key: str) -> None:
    asks = {"id": "which", "toolName": "ask_clarifying_question"}
    step = {**asks, "arguments": {"question": "Which one?"}}
    check(Api(alice_key), {"input": {"steps": [step, {"id": "a", "toolName": "noop"}]}})


def test_a_run_with_other_seeds(alice_key: str) -> None:
    caller = Api(alice_key)
    steps = [{"id": "a", "toolName": "generate_image", "arguments": {"prompt": "A lamp"}}]
    first = caller.post(RUNS, {"input": {"steps": steps}}).json()["data"]["workflow"]
    Run.objects.update(status="completed")
    answer = caller.post(f"{RUNS}/{first['workflowId']}/reseed", {})
    assert answer.status_code == 201, answer.content
    shown = answer.json()["data"]["workflow"]
    assert json.dumps(shown) == json.dumps(as_read(caller, shown))
