"""Taking secrets out of a record: keys, tokens, and what signs an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from core.logs import JWT_PATTERN

REDACTION: Final = "[redacted]"
DEEPEST: Final = 32
# Of a field whose name has one of these in it, nothing is kept but that it was there.
_SECRET_FIELD = re.compile(
    r"authorization|api[_-]?key|password|passwd|secret|cookie|credential|private[_-]?key"
    r"|(?:access|refresh|auth|session|bearer|id)[_-]?token|^token$|signature",
    re.IGNORECASE,
)
_TOKEN = re.compile(JWT_PATTERN)
_SECRETS = (
    re.compile(r"\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE),
    # Keys of this server, and of services that put their name before one.
    re.compile(r"\brg_\w{6,}\w*"),
    re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA|AIza|hf|glpat)[-_]?[\w-]{12,}"),
)
# What makes an address more than an address: its query, which may sign it, and who is in it.
# An address without a query is taken as well, and stays: others that begin in it end as it does.
_ADDRESS = re.compile(r"(https?://[^\s\"'<>?#]++)(\?[^\s\"'<>)\]]*+)?", re.IGNORECASE)
_PERSON = re.compile(r"(https?://)[^\s/@\"'<>]+@", re.IGNORECASE)
_INLINE = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=]*", re.IGNORECASE)


def redacted(value: Any, depth: int = 0) -> Any:
    """Copy a JSON value without what opens anything. What is nested too deep is left out."""
    if depth > DEEPEST:
        return REDACTION
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {
            _text(name): REDACTION if _hides(name, one) else redacted(one, depth + 1)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [redacted(one, depth + 1) for one in value]
    return value


def _hides(name: str, value: Any) -> bool:
    # Numbers of tokens are no secret.
    may_hide = value is not None and not isinstance(value, (int, float))
    return may_hide and _SECRET_FIELD.search(name) is not None


def _text(text: str) -> str:
    text = _INLINE.sub(REDACTION, text)
    text = _ADDRESS.sub(_without_signature, text)
    text = _PERSON.sub(rf"\1{REDACTION}@", text)
    text = _TOKEN.sub(rf"\1{REDACTION}", text)
    for secret in _SECRETS:
        text = secret.sub(REDACTION, text)
    return text


def _without_signature(address: re.Match[str]) -> str:
    return f"{address[1]}?{REDACTION}" if address[2] else address[0]
