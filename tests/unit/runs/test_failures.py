"""One sentence for people about a step that failed at a provider, by code, type and retryable."""

from __future__ import annotations

import pytest

from runs.web import failures

ERROR = {
    "code": "provider.refused",
    "errorType": "SAFETY_REJECTED",
    "message": "Hosted AI (ai.example) refused this content.",
    "retryable": False,
}


@pytest.mark.parametrize(
    ("code", "error_type", "retryable", "said"),
    [
        (
            "provider.refused",
            "SAFETY_REJECTED",
            False,
            "OpenAI rejected this prompt or file. Change it and retry.",
        ),
        ("provider.failed", "GPU_WORKER_FAILED", True, "OpenAI failed. Retry."),
        ("provider.failed", "GPU_WORKER_FAILED", False, "OpenAI failed."),
        ("provider.timeout", "PROVIDER_TIMEOUT", True, "OpenAI took too long. Retry."),
        ("provider.timeout", "PROVIDER_TIMEOUT", False, "OpenAI took too long."),
        ("provider.unsure", "PROVIDER_TIMEOUT", True, "OpenAI didn't reply. Retry."),
        (
            "step.may_be_charged",
            "PERMISSION_REQUIRED",
            False,
            "OpenAI may have charged for this, so we didn't retry.",
        ),
        (
            "provider.failed",
            "PARAMETER_INVALID",
            False,
            "OpenAI can't use these settings. Change them and retry.",
        ),
        ("provider.failed", "PERMISSION_REQUIRED", False, "OpenAI denied access to this server."),
        ("provider.failed", "COST_LIMIT_EXCEEDED", False, "OpenAI is out of credit."),
        ("provider.failed", "MODEL_UNAVAILABLE", False, "OpenAI isn't set up for this."),
        # A provider of a later version may give types and codes that are not known here.
        ("provider.melted", "HARDWARE", False, "OpenAI failed."),
    ],
)
def test_a_failure_at_a_provider_has_one_headline(
    code: str, error_type: str, retryable: bool, said: str
) -> None:
    assert failures.headline(code, error_type, "OpenAI", retryable) == said


def test_a_provider_that_is_not_configured_any_more_is_named_by_its_id() -> None:
    shown = failures.shown({**ERROR, "provider": "gone"})
    assert shown["headline"] == "gone rejected this prompt or file. Change it and retry."
    assert (shown["cause"], shown["provider"]) == (ERROR["message"], "gone")


@pytest.mark.parametrize("provider", ["", "studio"])
def test_a_failure_that_no_service_is_to_blame_for_speaks_for_itself(provider: str) -> None:
    shown = failures.shown({**ERROR, "provider": provider})
    assert shown["headline"] == ERROR["message"]
    assert "cause" not in shown
