"""Requests to a provider: bounded in time and size, and to addresses that the operator allows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from core import errors, jsonsafe
from media import guarded_client
from media.guarded_client import Unanswered
from media.pinned_connection import OutOfBounds
from sign_on.provider import Provider, allowance

# A person waits for the answer, in a thread of the web process.
ANSWER_S: Final = 8.0
MAX_ANSWER: Final = 256 * 1024
# How many of a web process wait for a provider at once: one that hangs leaves threads to others.
AT_ONCE: Final = 4

_slots = threading.BoundedSemaphore(AT_ONCE)


def send(
    provider: Provider,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> httpx.Response:
    """Send a request and return the whole answer, of any status.

    Raises Unavailable where no answer came, the rules forbid the address, or too many wait.
    """
    if not _slots.acquire(timeout=ANSWER_S):
        raise errors.Unavailable(
            f"{provider.name} takes long to respond. Wait a minute and try again."
        )
    try:
        answer = guarded_client.send(
            method,
            url,
            body=body,
            headers={"Accept": "application/json", **(headers or {})},
            allowance=allowance(),
            timeout_s=ANSWER_S,
            max_answer=MAX_ANSWER,
        )
    except (Unanswered, OutOfBounds) as problem:
        raise errors.Unavailable(f"{problem.message} Try again in a minute.") from None
    finally:
        _slots.release()
    if len(answer.body) == MAX_ANSWER:
        raise errors.Unavailable(
            f"{provider.name} sent too much. Ask an owner of this server to look into it."
        )
    return httpx.Response(answer.status, content=answer.body, request=httpx.Request(method, url))


def read_object(
    provider: Provider, url: str, *, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Fetch a JSON object. Raises Unavailable as `send`, and for any other answer."""
    response = send(provider, "GET", url, headers=headers)
    if response.status_code != httpx.codes.OK:
        raise errors.Unavailable(
            f"{response.request.url.host} responded with {response.status_code} where this server"
            " expects its settings for sign-on. Ask an owner of this server to check the issuer."
        )
    try:
        return jsonsafe.loads_object(response.content)
    except errors.InvalidBody:
        raise errors.Unavailable(
            f"{response.request.url.host} sent no JSON object. Ask an owner of this server to check"
            " the issuer."
        ) from None


class TokenSession:
    """The part of an HTTP session that Authlib's client asks for."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> httpx.Response:
        """Post a form with the client's proof of who it is. auth: Authlib's `ClientAuth`."""
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return send(self._provider, "POST", url, headers=headers, body=body.encode())
