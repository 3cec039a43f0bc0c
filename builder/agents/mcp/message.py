"""One message of JSON-RPC, checked before the official package sees it.

The package answers in the words of its own checks, and takes some messages for notifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import errors, jsonsafe


def read_message(body: bytes) -> dict[str, Any]:
    """A request, notification or response. Raises InvalidBody, naming the field."""
    message = jsonsafe.loads(body)
    if not isinstance(message, dict):
        raise errors.InvalidBody(
            "The body must be one JSON-RPC message; batches aren't part of the protocol.",
            code="body.not_an_object",
        )
    if message.get("jsonrpc") != "2.0":
        raise errors.InvalidBody('`jsonrpc` must be "2.0".')
    if not isinstance(message.get("id", ""), (str, int)) or isinstance(message.get("id"), bool):
        raise errors.InvalidBody("`id` must be a string or an integer.")
    if not isinstance(message.get("method"), str) and not _is_response(message):
        raise errors.InvalidBody("`method` must be a string.")
    if not isinstance(message.get("params", {}), (dict, type(None))):
        raise errors.InvalidBody("`params` must be an object.")
    return message


def _is_response(message: Mapping[str, Any]) -> bool:
    if "method" in message or "id" not in message:
        return False
    error = message.get("error")
    if isinstance(error, dict):
        return type(error.get("code")) is int and isinstance(error.get("message"), str)
    return isinstance(message.get("result"), dict)
