"""Failures at ComfyUI, as ProviderErrors that say what to do. Nothing here is secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.errors import ProviderError, ProviderTimeout, ProviderUnsure
from tools.providers.http_failures import Unreachable, retry_after_s
from tools.providers.service import Answer

_LONGEST: Final = 300
# A restart takes so long or a little longer.
AWAY_S: Final = 15
# Inputs that name a file of weights: what such a one lacks is a model, not a better argument.
_MODEL_INPUT: Final = re.compile(
    r"(ckpt|unet|lora|vae|clip|model|control_net|style)\w{0,60}_?name\d?$"
)
_MODEL_FILE: Final = re.compile(r"\.(safetensors|ckpt|pth?|gguf|onnx|bin|sft)\b", re.IGNORECASE)
_MEMORY: Final = re.compile(
    r"out of memory|OutOfMemory|Allocation on device|CUBLAS_STATUS_ALLOC_FAILED", re.IGNORECASE
)
_MISSING: Final = re.compile(r"not found|No such file|does not exist", re.IGNORECASE)
# How ComfyUI begins to tell that Comfy refused an account, and what is to be done.
_OF_ACCOUNTS: Final = {
    "Unauthorized: Please login": "Check the Comfy account key (account_key).",
    "Payment Required: Please add credits": "This is the operator's account at Comfy.",
}


class Away(ProviderError):
    """The server does not answer, or not as itself: it may be back soon.

    is_down: the machine answers, and no ComfyUI runs there, so its queue is lost.
    """

    error_type = "GPU_WORKER_FAILED"
    message = "ComfyUI can't be reached."

    def __init__(self, message: str = "", *, is_down: bool = False, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.is_down = is_down


def away(host: str, says: str, rest_s: float | None = None) -> Away:
    """rest_s: how long the server asks to be left alone, if it does."""
    return Away(f"ComfyUI at {host} {says}.", retry_after_s=AWAY_S if rest_s is None else rest_s)


def no_answer(problem: ProviderError) -> Away:
    """A request that was not answered: why, and what helps, as `tools.providers.http` says it."""
    is_final = isinstance(problem, Unreachable) and not problem.retryable
    return Away(
        problem.message,
        error_type="MODEL_UNAVAILABLE" if is_final else "",
        retryable=not is_final,
        is_down=isinstance(problem, Unreachable) and problem.refused,
        retry_after_s=None if is_final else AWAY_S,
    )


def perhaps_queued(problem: Away) -> ProviderError:
    """The failure of a prompt whose answer never came or has no id."""
    return ProviderUnsure(
        problem.message, error_type=problem.error_type, retry_after_s=problem.retry_after_s
    )


def odd(host: str, says: str) -> ProviderError:
    return ProviderError(
        f"No ComfyUI server at {host}: it {says}.",
        error_type="GPU_WORKER_FAILED",
        retryable=False,
    )


def result_gone(host: str, name: str) -> ProviderError:
    return ProviderError(
        f"ComfyUI at {host} no longer has its result {_short(name)}.",
        error_type="ASSET_NOT_FOUND",
        # It would not make it again: it keeps the record of having made it.
        retryable=False,
    )


def result_too_large(host: str, limit: int) -> ProviderError:
    return ProviderError(
        f"ComfyUI at {host} made a file over {limit >> 20} MB.",
        error_type="GPU_WORKER_FAILED",
        retryable=False,
    )


def nothing_made(graph: str, only_previews: bool) -> ProviderError:
    why = (
        "only previews: end it with a node that saves, such as Save Image"
        if only_previews
        else "no saved files"
    )
    return ProviderError(
        f"The ComfyUI graph {graph} gave {why}.", error_type="GPU_WORKER_FAILED", retryable=False
    )


def lost_prompt(host: str, *, is_paid: bool) -> ProviderError:
    """is_paid: a partner of Comfy may have done its work, and charged the account."""
    message = f"ComfyUI at {host} lost the prompt, probably by a restart."
    if is_paid:
        return ProviderUnsure(message, ends_job=True, may_repeat=False)
    return ProviderError(message, error_type="GPU_WORKER_FAILED", ends_job=True)


def dead_server(host: str, *, is_paid: bool) -> ProviderError:
    message = f"ComfyUI at {host} stopped running, and its queue is lost."
    if is_paid:
        return ProviderUnsure(message, ends_job=True, may_repeat=False)
    return ProviderError(
        f"{message} Start it again.",
        error_type="GPU_WORKER_FAILED",
        ends_job=True,
        retry_after_s=AWAY_S,
    )


def too_long(host: str, seconds: float) -> ProviderError:
    return ProviderTimeout(
        f"ComfyUI at {host} took longer than {seconds:g} seconds.", ends_job=True
    )


def no_account_key() -> ProviderError:
    return ProviderError(
        "This workflow uses a paid partner node of Comfy; the operator has not set a Comfy account"
        " key.",
        error_type="MODEL_UNAVAILABLE",
        retryable=False,
    )


def of_answer(host: str, answer: Answer) -> ProviderError:
    """An answer that is not 200."""
    status = answer.status
    if status in (401, 403):
        return ProviderError(
            f"ComfyUI at {host} refused access. Set its token or headers: see"
            " docs/howto/use-comfyui.md.",
            error_type="MODEL_UNAVAILABLE",
            retryable=False,
        )
    if status == 413:
        return ProviderError(
            f"ComfyUI at {host} doesn't accept files that large. Start it with a larger"
            " --max-upload-size.",
            error_type="PARAMETER_INVALID",
            retryable=False,
        )
    if status == 400:
        return _refusal(host, _object(answer.body))
    if status in (408, 425, 429) or status >= 500:
        return away(host, f"returned {status}", retry_after_s(answer.headers))
    return odd(host, f"returned {status}")


def _refusal(host: str, answer: Mapping[str, Any]) -> ProviderError:
    """A graph that did not pass: `{"error": {type, message, details}, "node_errors": {id: …}}`."""
    problems = list(node_problems(answer.get("node_errors")))
    if problems:
        says, is_model = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return ProviderError(
            f"ComfyUI at {host} refused {says}{more}.",
            error_type="MODEL_UNAVAILABLE" if is_model else "PARAMETER_INVALID",
            retryable=False,
        )
    error = answer.get("error")
    reason: Mapping[str, Any] = error if isinstance(error, dict) else {"message": error or ""}
    message = _short(f"{reason.get('message', '')} {reason.get('details', '')}")
    lacks_node = reason.get("type") in ("missing_node_type",) or (
        "does not exist" in message and "node" in message
    )
    remedy = " Install the nodes that it needs there." if lacks_node else ""
    return ProviderError(
        f"ComfyUI at {host} refused the graph: {message.rstrip('.')}.{remedy}",
        error_type="MODEL_UNAVAILABLE" if lacks_node else "PARAMETER_INVALID",
        retryable=False,
    )


def node_problems(node_errors: Any) -> Iterator[tuple[str, bool]]:
    """Each problem of a graph's nodes as words, and whether a model file is what is missing.

    node_errors: `{node id: {"class_type", "errors": [{type, message, details, extra_info}]}}`.
    """
    if not isinstance(node_errors, dict):
        return
    for node_id, node in node_errors.items():
        errors = node.get("errors") if isinstance(node, dict) else None
        for error in errors if isinstance(errors, list) else ():
            if not isinstance(error, dict):
                continue
            extra = error.get("extra_info")
            name = str(extra.get("input_name", "")) if isinstance(extra, dict) else ""
            details = _short(error.get("details", ""))
            kind = str(error.get("type", ""))
            where = f"{node.get('class_type', 'node')} ({node_id})"
            what = f"{name} of {where}" if name else where
            says = f"{what}: {_short(error.get('message', kind))}; {details}"
            is_model = kind == "value_not_in_list" and bool(
                _MODEL_INPUT.search(name) or _MODEL_FILE.search(details)
            )
            yield says.rstrip("; ."), is_model


def of_history(host: str, status: Mapping[str, Any]) -> ProviderError:
    """A prompt that did not succeed, by what its history says of it."""
    messages = status.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, (list, tuple)) and len(message) == 2:
            event, data = message
            if event == "execution_error" and isinstance(data, dict):
                return of_error(host, data)
            if event == "execution_interrupted":
                return interruption(host)
    return ProviderError(
        f"ComfyUI at {host} failed without a reason. See its own log.",
        error_type="GPU_WORKER_FAILED",
        ends_job=True,
    )


def interruption(host: str) -> ProviderError:
    return ProviderError(
        f"Interrupted in ComfyUI ({host}).",
        error_type="USER_CANCELLED",
        retryable=False,
    )


def of_error(host: str, data: Mapping[str, Any]) -> ProviderError:
    """An `execution_error`: node_id, node_type, exception_type, exception_message."""
    kind, message = str(data.get("exception_type", "")), str(data.get("exception_message", ""))
    where = f"{data.get('node_type', 'a node')} ({data.get('node_id', '?')})"
    if _MEMORY.search(kind) or _MEMORY.search(message):
        return ProviderError(
            f"ComfyUI at {host} ran out of memory in {where}. Try a smaller size.",
            error_type="GPU_WORKER_FAILED",
            ends_job=True,
        )
    for begins, remedy in _OF_ACCOUNTS.items():
        if message.startswith(begins):
            return ProviderError(
                f"ComfyUI at {host} failed in {where}: {_short(message)} {remedy}",
                error_type="MODEL_UNAVAILABLE",
                retryable=False,
            )
    is_missing = "FileNotFound" in kind or (
        _MODEL_FILE.search(message) and _MISSING.search(message)
    )
    return ProviderError(
        f"ComfyUI at {host} failed in {where}: {_short(message) or kind}",
        error_type="MODEL_UNAVAILABLE" if is_missing else "GPU_WORKER_FAILED",
        retryable=False,
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _short(text: Any) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
