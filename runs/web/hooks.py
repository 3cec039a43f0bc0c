"""`POST /hooks/<provider>/<secret>`, also with `/<token>`: services say here that a job has news.

The address is a secret of its provider, the body only a hint: it makes a parked step due now, and
the worker that takes it asks the service itself. So a lost, doubled or invented one does no harm. A
plain ASGI app: no session, no CSRF, no cookie, and no host name, for services on the same network
may know this machine by its address alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.crypto import constant_time_compare

from core import asgi, errors
from core.database import in_database
from runs.engine import remote_jobs
from runs.engine.remote_jobs import path_of as path_of
from tools import registry
from tools.providers import webhooks
from tools.providers.base import Forged, Provider

LIMIT_BYTES: Final = 64 * 1024


def largest_body(
    method: str, path: str, headers: Mapping[str, str], content_length: int | None
) -> int:
    """As `core.admission.Admission`."""
    return LIMIT_BYTES


class WebhookApp:
    """204 for a service's own webhook, whether a step waits for it or not: else it is sent again
    for days. 404 for all others, without saying which part is wrong."""

    async def __call__(self, scope: asgi.Scope, receive: Any, send: asgi.Send) -> None:
        headers = asgi.headers_of(scope)
        try:
            if scope["method"] != "POST":
                raise errors.NotAllowed()
            place = scope["url_route"]["kwargs"]
            token = place.get("token", "")
            provider = _provider_at(
                scope["path"].removesuffix(f"/{token}") if token else scope["path"],
                place["provider"],
            )
            body = await _whole(receive)
            if body is None:
                return
            await in_database(_hear, provider, headers, body, token)
        except Exception as error:
            # `envelope` logs what was not expected.
            await asgi.send_error(send, error, headers, allow="POST")
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def _provider_at(path: str, name: str) -> Provider:
    """Raises NotFound. The address is compared first: who has it may know the rest."""
    provider = registry.provider_named(name) if constant_time_compare(path, path_of(name)) else None
    if provider is None or not provider.takes_webhooks:
        raise errors.NotFound()
    return provider


async def _whole(receive: Any) -> bytes | None:
    """The body; None when its sender has gone. Raises TooLarge."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LIMIT_BYTES:
            raise errors.TooLarge()
    return body


def _hear(provider: Provider, headers: Mapping[str, str], body: bytes, token: str) -> None:
    # Taken once the wake is stored: after a failure in between the service's next try counts.
    with webhooks.taking():
        try:
            keys = provider.heard(headers, body)
        except Forged:
            raise errors.NotFound() from None
        if keys:
            remote_jobs.wake(provider.name, keys, token)
