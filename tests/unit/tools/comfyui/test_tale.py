"""What a socket tells of a prompt, and that nothing it says can break the wait."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.providers.comfyui.following import Tale


def tale(*messages: tuple[str, Any]) -> Tale:
    told = Tale("p", "c", {"1": "Load", "2": "KSampler", "3": "Decode", "4": "Save"})
    for kind, data in messages:
        told.hear(json.dumps({"type": kind, "data": data}))
    return told


def of(**data: Any) -> dict[str, Any]:
    return {"prompt_id": "p", **data}


def test_nodes_and_steps_add_up():
    told = tale(
        ("execution_start", of()),
        ("execution_cached", of(nodes=["1"])),
        ("executing", of(node="2")),
        ("progress", of(node="2", value=5, max=10)),
    )
    assert told.fraction == pytest.approx(0.375)
    assert told.note == "KSampler 5 of 10"
    assert not told.is_over


def test_a_node_that_is_left_is_done():
    told = tale(
        ("executing", of(node="1")), ("executing", of(node="2")), ("executing", of(node="3"))
    )
    assert told.fraction == pytest.approx(0.5, abs=0.01)


def test_states_of_newer_servers_say_the_same():
    states = {
        "1": {"state": "finished", "value": 1, "max": 1},
        "2": {"state": "running", "value": 3, "max": 4},
    }
    told = tale(("progress_state", of(nodes=states)))
    assert told.fraction == pytest.approx((1 + 0.75) / 4)


def test_progress_never_goes_back_and_never_beyond_the_end():
    told = tale(
        ("progress", of(node="2", value=9, max=10)), ("progress", of(node="2", value=1, max=9))
    )
    assert told.fraction == pytest.approx(0.225)
    told = tale(*(("executed", of(node=str(node), output={})) for node in range(20)))
    assert told.fraction == 1


@pytest.mark.parametrize("kind", ["execution_success", "execution_error", "execution_interrupted"])
def test_these_end_it(kind: str):
    assert tale((kind, of())).is_over


def test_no_node_any_more_ends_it_too():
    assert tale(("executing", of(node=None))).is_over


def test_other_prompts_say_nothing_but_that_the_queue_moved():
    told = tale(("execution_success", {"prompt_id": "other"}), ("executing", {"node": None}))
    assert (told.is_over, told.is_stirred, told.has_begun) == (False, False, False)
    told = tale(("status", {"status": {"exec_info": {"queue_remaining": 2}}}))
    assert told.is_stirred


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"type": 1}',
        '{"type": "progress", "data": {"prompt_id": "p"}}',
        '{"type": "progress", "data": {"prompt_id": "p", "node": "2", "value": "x", "max": {}}}',
        '{"type": "executing", "data": {"prompt_id": "p"}}',
        '{"type": "progress_state", "data": {"prompt_id": "p", "nodes": [1]}}',
        '{"type": "execution_cached", "data": {"prompt_id": "p", "nodes": 5}}',
        "[" * 100_000,
        '{"type": "progress", "data": {"prompt_id": "p", "node": "2", "value": %s, "max": 3}}'
        % ("9" * 400),
    ],
)
def test_nonsense_is_passed_over(text: str):
    told = tale()
    told.hear(text)
    assert told.fraction == 0
    assert not told.is_over
