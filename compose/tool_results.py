"""Answers of tool calls in the public contract's shapes: a failed result, a started run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core import errors

# By error type: what the caller can do about it.
_NEXT: Final[Mapping[str, str]] = {
    "PARAMETER_INVALID": "Change the arguments that the message names and call again.",
    "USER_INPUT_INCOMPLETE": "Add what the message names and call again.",
    "ASSET_NOT_FOUND": "Check the media addresses and call again.",
    "MODEL_UNAVAILABLE": "Choose another tool or model, or ask the owner of this server.",
    "COST_LIMIT_EXCEEDED": "Ask the owner of this server for more credits.",
    "SAFETY_REJECTED": "Change the prompt or the file and call again.",
    "PERMISSION_REQUIRED": "Open the workflow and answer what it asks.",
}
WORKFLOWS: Final = "/v1/creative-agent/workflows"
STEP_ARGUMENTS: Final = "input.steps[0].arguments."
NEEDS_MODEL: Final = "language_model_required"
_AGAIN: Final = "Call again."


@dataclass(frozen=True, slots=True)
class Execution:
    """A call that was answered. tool: as the caller wrote it."""

    call_id: str
    tool: str
    result: dict[str, Any]

    @property
    def message(self) -> str | None:
        """Return what the result says to people: its message, else the text it is about."""
        for name in ("message", "prompt", "script", "lyrics", "structure"):
            text = self.result.get(name)
            if isinstance(text, str) and text:
                return text
            if isinstance(text, list):
                parts = [one.values() for one in text if isinstance(one, Mapping)]
                return "\n".join(" · ".join(map(str, part)) for part in parts) or None
        return None


def run_addresses(run_id: str) -> dict[str, str]:
    """Return where a run that was started can be read and followed."""
    url = f"{WORKFLOWS}/{run_id}"
    return {
        "workflowId": run_id,
        "url": url,
        "eventsUrl": f"{url}/events",
        "streamUrl": f"{url}/events/stream",
    }


def failed(
    tool: str,
    error_type: str,
    message: str,
    *,
    retryable: bool = False,
    next_action: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Make a result with `ok` false. error_type: of the public contract. more: further fields."""
    usual = _AGAIN if retryable else _NEXT.get(error_type, "Change the call and send it again.")
    return {
        "ok": False,
        "success": False,
        "tool": tool,
        "status": "failed",
        "error_type": error_type,
        "message": message,
        "retryable": retryable,
        "suggested_next_action": next_action or usual,
        "warnings": [],
        "metadata": {},
        **more,
    }


def failed_by(tool: str, error: errors.AppError) -> dict[str, Any]:
    """Return the result of a tool that raised this."""
    if isinstance(error, errors.ProviderError):
        return failed(tool, error.error_type, error.message, retryable=error.retryable)
    issues = error.details.get("issues")
    more = {"issues": issues} if issues else {}
    if error.code == NEEDS_MODEL:
        return failed(tool, "MODEL_UNAVAILABLE", error.message, code=NEEDS_MODEL)
    # A tool that is a step is planned as the only one of its run; its caller knows no steps.
    message = error.message.replace(STEP_ARGUMENTS, "")
    codes = {one.get("code") for one in issues or () if isinstance(one, Mapping)}
    kind = "MODEL_UNAVAILABLE" if "model_unavailable" in codes else "PARAMETER_INVALID"
    kind = "USER_INPUT_INCOMPLETE" if error.code == "brief.subject_needed" else kind
    return failed(tool, kind, message, **more)
