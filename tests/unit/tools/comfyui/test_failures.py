"""What ComfyUI answers when it does not work, as errors that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.providers.comfyui import failures
from tools.providers.service import Answer


@pytest.mark.parametrize(
    ("status", "error_type", "retryable"),
    [
        (401, "MODEL_UNAVAILABLE", False),
        (403, "MODEL_UNAVAILABLE", False),
        (404, "GPU_WORKER_FAILED", False),
        (413, "PARAMETER_INVALID", False),
        (429, "GPU_WORKER_FAILED", True),
        (500, "GPU_WORKER_FAILED", True),
        (503, "GPU_WORKER_FAILED", True),
    ],
)
def test_statuses(status: int, error_type: str, retryable: bool):
    error = failures.of_answer("gpu:8188", Answer(status, {}, b"<html>"))
    assert (error.error_type, error.retryable) == (error_type, retryable)
    assert "gpu:8188" in error.message


@pytest.mark.parametrize(
    ("error", "error_type", "says"),
    [
        (
            {"type": "invalid_prompt", "message": "node Fancy does not exist.", "details": "#3"},
            "MODEL_UNAVAILABLE",
            "Install the nodes",
        ),
        (
            {"type": "missing_node_type", "message": "Node 'Fancy' not found", "details": ""},
            "MODEL_UNAVAILABLE",
            "Install the nodes",
        ),
        (
            {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": ""},
            "PARAMETER_INVALID",
            "Prompt has no outputs",
        ),
        ("no prompt", "PARAMETER_INVALID", "no prompt"),
        (None, "PARAMETER_INVALID", "refused the graph"),
    ],
)
def test_refused_graphs(error: Any, error_type: str, says: str):
    body = json.dumps({"error": error, "node_errors": {}}).encode()
    found = failures.of_answer("gpu", Answer(400, {}, body))
    assert found.error_type == error_type
    assert says in found.message
    assert not found.retryable


@pytest.mark.parametrize("node_errors", [None, [], {"1": None}, {"1": {"errors": [3, {}]}}, "x"])
def test_node_errors_of_any_shape_are_borne(node_errors: Any):
    assert len(list(failures.node_problems(node_errors))) <= 1


def test_long_answers_are_cut():
    data = {"exception_message": "word " * 10_000, "node_type": "KSampler", "node_id": "3"}
    assert len(failures.of_error("gpu", data).message) < 500


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Unauthorized: Please login first to use this node.\n", "account key"),
        ("Payment Required: Please add credits to your account to use this node.\n", "operator's"),
    ],
)
def test_an_account_that_comfy_refuses_is_no_failure_of_the_machine(said: str, remedy: str):
    data = {"exception_message": said, "exception_type": "Exception", "node_type": "OpenAIDalle3"}
    found = failures.of_error("gpu", data)
    assert (found.error_type, found.retryable) == ("MODEL_UNAVAILABLE", False)
    assert said.strip() in found.message
    assert remedy in found.message


@pytest.mark.parametrize(
    "status",
    [
        {"status_str": "error", "messages": None},
        {"status_str": "error", "messages": [["execution_start", {}]]},
        {"status_str": "error", "messages": [7, [], ["execution_error"]]},
    ],
)
def test_a_failure_without_a_reason_is_one_all_the_same(status: dict[str, Any]):
    assert "without a reason" in failures.of_history("gpu", status).message


def test_an_interrupt_by_someone_is_not_tried_again():
    status = {"messages": [["execution_interrupted", {"node_id": "3"}]]}
    found = failures.of_history("gpu", status)
    assert (found.error_type, found.retryable) == ("USER_CANCELLED", False)
