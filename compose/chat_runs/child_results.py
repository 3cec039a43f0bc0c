"""Results of a call's run, for the model and for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compose.chat import fallback_answers
from compose.chat_runs.rounds import Call
from runs import states

# What a model is told of a file.
_FILE_FIELDS = ("id", "type", "mimeType", "width", "height", "duration", "url")


def result_of(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a call for the model. record: its run as the public API shows it."""
    status = record["status"]
    result: dict[str, Any] = {
        "ok": status == states.COMPLETED,
        "tool": call.name,
        "status": status,
        "workflowId": record["workflowId"],
    }
    artifacts = [
        {name: file[name] for name in _FILE_FIELDS if name in file} for file in record["artifacts"]
    ]
    if artifacts:
        result["artifacts"] = artifacts
    step = record["steps"][0] if record["steps"] else {}
    if not artifacts and isinstance(step.get("result"), Mapping):
        result = {**step["result"], **result}
    error = step.get("error") or record.get("error")
    if error:
        result |= {"message": error["message"], "error_type": error["errorType"]}
    elif status == states.CANCELLED:
        result |= {"message": "The workflow was stopped.", "error_type": "USER_CANCELLED"}
    return result


def words_of(
    call: Call,
    result: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
    *,
    title: str,
    page: str,
) -> str:
    """Return a result for people, Markdown. files: with `kind` and `url`. page: its run's."""
    if not result["ok"]:
        return f"“{title}” {result['status']}: {result.get('message') or f'see {page}'}"
    if files:
        links = ", ".join(f"[{file['kind']}]({file['url']})" for file in files)
        return f"“{title}” is done: {links}. [Open the run]({page})."
    return fallback_answers.of_result(call.tool, result, None)
