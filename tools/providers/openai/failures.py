"""What a service's refusals mean here. Nothing it says is passed on unread: never a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from core import clock
from core.errors import ProviderError, ProviderRefused, ProviderTimeout, ProviderUnsure
from tools.providers.openai.endpoint import Endpoint

if TYPE_CHECKING:
    from tools.providers.openai.client import Received

SAID_MAX = 300
# A service that asks for a longer rest than this is asked again anyway, a few times.
REST_MAX_S = 900.0
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
# What stands between us and the service answers so when the service itself does not, or not in
# time: it may be at work.
GATEWAY = frozenset({499, 502, 504, *range(520, 528)})
_KEYS = re.compile(r"\b(sk|pk|rk)[-_][\w*.-]{6,}|Bearer\s+\S+", re.I)


def of_status(
    name: str, endpoint: Endpoint, response: httpx.Response, body: bytes
) -> ProviderError:
    """The failure that an answer with a status of 300 and more is."""
    who = f"{name} ({endpoint.host})"
    status = response.status_code
    told = _error_of(_parsed(body))
    if told is None and status in GATEWAY:
        return ProviderUnsure(f"{who} answered {status}, which comes from what stands before it.")
    if status < 400:
        return _final(f"{who} redirects. Its base_url should be where it leads.", UNAVAILABLE)
    failure = of_error(name, endpoint, told or {}, status)
    failure.retry_after_s = _rest(response.headers) if failure.retryable else None
    return failure


UNAVAILABLE = "MODEL_UNAVAILABLE"


def of_error(
    name: str, endpoint: Endpoint, told: Mapping[str, Any], status: int = 400
) -> ProviderError:
    """The failure that an `error` object means, in an answer of that status."""
    who = f"{name} ({endpoint.host})"
    codes = {str(told.get("code")), str(told.get("type"))}
    said = _words(told.get("message"), endpoint)
    because = f": {said}" if said else "."
    if codes & REFUSALS:
        return ProviderRefused(f"{who} refused this content{because}")
    if codes & OUT_OF_MONEY or status == 402:
        return _final(
            f"The account at {who} is used up. Whoever runs this server can add to it.",
            "COST_LIMIT_EXCEEDED",
        )
    if codes & UNKNOWN_MODEL:
        return _final(f"{who} does not have that model{because}", UNAVAILABLE)
    if status == 401:
        # Without its words, which repeat part of the key.
        return _final(
            f"{who} does not accept the key of this server. Whoever runs it must set another.",
            "PERMISSION_REQUIRED",
        )
    if status == 403:
        return _final(f"{who} does not let this server do that{because}", "PERMISSION_REQUIRED")
    if status in (404, 405, 501):
        return _final(
            f"{who} has nothing there ({status}){because} Check its base_url, and what its settings"
            " list.",
            UNAVAILABLE,
        )
    if status == 408:
        return ProviderTimeout(f"{who} did not get the request in time.")
    if status == 409:
        return _busy(f"{who} is at work on something that clashes{because}")
    if status == 413:
        return _final(f"{who} does not take that much{because}", "PARAMETER_INVALID")
    if status == 425 or status == 429:
        return _busy(f"{who} has too much to do{because}")
    if status >= 500:
        return _busy(f"{who} failed ({status}){because}")
    return _final(f"{who} does not take this{because}", "PARAMETER_INVALID")


def read_json(
    name: str, endpoint: Endpoint, received: Received, may_be_paid: bool
) -> dict[str, Any]:
    """The object an answer holds. Raises ProviderError for anything else, and for an `error`."""
    who = f"{name} ({endpoint.host})"
    read = _parsed(received.body)
    if isinstance(read, dict):
        told = _error_of(read)
        if told is not None and "data" not in read and "id" not in read:
            raise of_error(name, endpoint, told)
        return read
    kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/html") or received.body[:64].lstrip().lower().startswith(b"<"):
        raise _final(
            f"{who} answered with a page instead of JSON: its base_url is probably wrong.",
            UNAVAILABLE,
        )
    message = f"{who} answered with something that is not JSON, or not all of it."
    raise (
        ProviderUnsure(message)
        if may_be_paid
        else ProviderError(message, error_type="PROVIDER_TIMEOUT")
    )


def nothing_made(name: str, endpoint: Endpoint, what: str) -> ProviderError:
    """The service said it is done, and there is no result in its answer."""
    return _final(f"{name} ({endpoint.host}) answered without {what}.", "UNKNOWN_ERROR")


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _error_of(read: Any) -> Mapping[str, Any] | None:
    """OpenAI says `{"error": {…}}`; others put a string there, or in `detail` or `message`."""
    if not isinstance(read, dict):
        return None
    error = read.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {"message": error, "code": read.get("code"), "type": read.get("type")}
    for name in ("detail", "message"):
        if isinstance(read.get(name), str) and "data" not in read and "choices" not in read:
            return {"message": read[name], "code": read.get("code"), "type": read.get("type")}
    return None


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


def _rest(headers: httpx.Headers) -> float | None:
    """How long the service wants to be left alone, in seconds; None: it does not say."""
    try:
        if milli := headers.get("retry-after-ms"):
            seconds = float(milli) / 1000
        elif (after := headers.get("retry-after", "")).strip().isdigit():
            seconds = float(after)
        elif after:
            when: datetime = parsedate_to_datetime(after)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = (when - clock.now()).total_seconds()
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), REST_MAX_S) if seconds == seconds else None


def _busy(message: str) -> ProviderError:
    return ProviderError(message, error_type="GPU_WORKER_FAILED", retryable=True)


def _final(message: str, error_type: str) -> ProviderError:
    return ProviderError(message, error_type=error_type, retryable=False)
