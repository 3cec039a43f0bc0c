"""Meanings of a service's refusals here. Nothing it says is passed on unread: never a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tools.providers import http_failures
from tools.providers.openai.endpoint import Endpoint
from tools.providers.service import Answer

SAID_MAX = 300
# Refusals of content, by `error.code` or `error.type`: those of GPT images and videos, of DALL·E,
# and of Azure, which many compatible services copy.
REFUSALS = frozenset(
    {
        "moderation_blocked",
        "content_policy_violation",
        "content_filter",
        "content_filter_error",
        "image_generation_user_error",
        "input_moderation",
        "output_moderation",
        "safety_violations",
        "ResponsibleAIPolicyViolation",
    }
)
OUT_OF_MONEY = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"}
)
UNKNOWN_MODEL = frozenset({"model_not_found", "invalid_model", "model_not_available"})
UNAVAILABLE = "MODEL_UNAVAILABLE"
_KEYS = re.compile(r"\b(sk|pk|rk)[-_][\w*.-]{6,}|Bearer\s+\S+", re.I)


def of_status(name: str, endpoint: Endpoint, answer: Answer) -> ProviderError:
    """The failure that an answer with a status of 300 and more is. It ends a job when the service
    itself says that the job isn't there."""
    document = _parse(answer.body)
    failure = _failure(name, endpoint, answer, _error_of(document))
    failure.ends_job = answer.is_free and answer.status in (404, 410) and _is_own(document)
    return failure


def of_error(
    name: str, endpoint: Endpoint, error: Mapping[str, Any], status: int = 400
) -> ProviderError:
    """The failure that an `error` object means, as in an answer of that status."""
    return _failure(name, endpoint, Answer(status, {}, b""), error)


def _failure(
    name: str, endpoint: Endpoint, answer: Answer, error: Mapping[str, Any] | None
) -> ProviderError:
    who = f"{name} ({endpoint.host})"
    if error is None:
        return http_failures.of_status(who, answer)
    codes = {str(error.get("code")), str(error.get("type"))}
    message = _words(error.get("message"), endpoint)
    because = f": {message}" if message else "."
    if codes & REFUSALS:
        return ProviderRefused(f"{who} refused this content{because}")
    if codes & OUT_OF_MONEY:
        return http_failures.of_status(who, Answer(402, {}, b""))
    if codes & UNKNOWN_MODEL:
        return http_failures.final(f"{who} doesn't have that model{because}", UNAVAILABLE)
    return http_failures.of_status(who, answer, message)


def read_json(name: str, endpoint: Endpoint, answer: Answer, may_be_paid: bool) -> dict[str, Any]:
    """The object an answer holds.

    may_be_paid: of a request that the service may charge for. Raises ProviderError for an `error`;
    for anything else that is no object too, or ProviderUnsure if it may be paid.
    """
    who = f"{name} ({endpoint.host})"
    document = _parse(answer.body)
    if isinstance(document, dict):
        error = _error_of(document)
        if error is not None and "data" not in document and "id" not in document:
            raise of_error(name, endpoint, error)
        return document
    if answer.mime.startswith("text/html") or answer.body[:64].lstrip().lower().startswith(b"<"):
        message = f"{who} returned a web page instead of JSON. Check base_url."
        failure = http_failures.final(message, UNAVAILABLE)
    else:
        message = f"{who} returned something that isn't JSON, or not all of it."
        failure = ProviderError(message, error_type="PROVIDER_TIMEOUT")
    raise ProviderUnsure(message, retryable=failure.retryable) if may_be_paid else failure


def nothing_made(name: str, endpoint: Endpoint, what: str) -> ProviderError:
    """The service took a paid request, and there is no result in its answer."""
    return ProviderUnsure(f"{name} ({endpoint.host}) returned no {what}.", retryable=False)


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _error_of(body: Any) -> Mapping[str, Any] | None:
    """OpenAI writes `{"error": {…}}`; others put a string there, or in `detail` or `message`."""
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {"message": error, "code": body.get("code"), "type": body.get("type")}
    for name in ("detail", "message"):
        if isinstance(body.get(name), str) and "data" not in body and "choices" not in body:
            return {"message": body[name], "code": body.get("code"), "type": body.get("type")}
    return None


def _is_own(document: Any) -> bool:
    """Return whether the service itself wrote an error. Proxies write HTML or a `message`;
    frameworks write "Not Found" for an unknown path, such as while a service starts."""
    if not isinstance(document, dict):
        return False
    error = document.get("error") or document.get("detail")
    return bool(error) and str(error).strip(" .").lower() != "not found"


def _words(message: Any, endpoint: Endpoint) -> str:
    """A service's own sentence for people: on one line, not too long, without anything secret."""
    if not isinstance(message, str):
        return ""
    text = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    if endpoint.key is not None and (secret := endpoint.key.get_secret_value()):
        text = text.replace(secret, "***")
    text = _KEYS.sub("***", text)
    if len(text) > SAID_MAX:
        text = f"{text[:SAID_MAX].rstrip()}…"
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."
