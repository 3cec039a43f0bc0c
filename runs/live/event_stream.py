"""Server-sent events of a run, by a Channels consumer: no thread per open stream.

Replay after the cursor, then the live tail, then one `workflow_status` frame, then close: many
clients stop only when the server closes. Framing is the public contract's §5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qs

from channels.exceptions import StopConsumer

from accounts import scopes
from accounts.auth import principal_from_headers
from core import errors, jsonsafe
from core.asgi import (
    check_host,
    cors_headers,
    cursor,
    headers_of,
    origin_of,
    send_error,
    send_preflight,
)
from core.database import in_database
from core.openapi import Operation, Parameter, whole_number
from runs.live.reading import RunReader

# One comment line without the blank line that ends a frame: it glues to the next frame, and the
# SDKs' readers skip it. A full comment frame would show up there as a bogus message.
KEEP_ALIVE = b": keep-alive\n"


class RunEventStream(RunReader):
    """`GET /v1/creative-agent/workflows/<id>/events/stream?after=N`."""

    kind: ClassVar[str] = "sse"

    _has_ended = False

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamEvents",
            "Stream a run's events",
            "Workflows",
            parameters=(
                Parameter(
                    "after",
                    "query",
                    "The sequence number to begin after; wins over Last-Event-ID.",
                    whole_number("0 and up"),
                ),
                Parameter("Last-Event-ID", "header", "The `id` of the last frame received."),
            ),
            answers={200: {"type": "string", "description": "Server-sent events."}},
            answer_type="text/event-stream",
            flat=True,
            description="Each entry of the log as `event: workflow_event` with an `EventOut` as"
            " `data`; then one `event: workflow_status` with `workflowId` and `status`, and the"
            " server closes: when the run is over, and when it waits for a person.",
        )
    }

    async def http_request(self, message: Mapping[str, Any]) -> None:
        """The request. A body is ignored: a GET has no use for one."""
        if self._open_connection is not None:
            return
        headers = headers_of(self.scope)
        if self.scope["method"] == "OPTIONS":
            await send_preflight(self.base_send, headers)
            raise StopConsumer
        query = self.scope.get("query_string", b"").decode("latin-1")
        proof = partial(principal_from_headers, headers, query_string=query, scope=scopes.READ)
        try:
            check_host(headers)
            if self.scope["method"] not in ("GET", "HEAD"):
                raise errors.NotAllowed("A stream is only read: use GET.")
            self.base_url = origin_of(self.scope)
            principal, run = await in_database(self.admitted, proof)
            await self.join(principal, run, proof)
        except Exception as error:
            await send_error(self.base_send, error, headers, allow="GET, HEAD, OPTIONS")
            raise StopConsumer from None
        await self.base_send(opening(headers))
        if self.scope["method"] == "HEAD":
            await self._end_body()
            raise StopConsumer
        await self.follow(_cursor(headers, query))
        self.listen()

    async def http_disconnect(self, message: Mapping[str, Any]) -> None:
        raise StopConsumer

    def encode(self, seq: int, name: str, body: Mapping[str, Any]) -> bytes:
        return frame(seq, name, body)

    async def put(self, frames: list[bytes]) -> None:
        await self._put(b"".join(frames))

    async def keepalive(self) -> None:
        await self._put(KEEP_ALIVE)

    async def finish(self, frame: bytes) -> None:
        await self._end_body(frame)

    async def reject(self, error: errors.AppError) -> None:
        await self._end_body()

    async def _end_body(self, last: bytes = b"") -> None:
        if not self._has_ended:
            self._has_ended = True
            await self.base_send({"type": "http.response.body", "body": last})

    async def _put(self, data: bytes) -> None:
        if not self._has_ended:
            self.spoke()
            await self.base_send({"type": "http.response.body", "body": data, "more_body": True})


def _cursor(headers: Mapping[str, str], query: str) -> int:
    """`after` wins over Last-Event-ID; what cannot be read replays everything."""
    after = parse_qs(query).get("after")
    return cursor(after[0] if after else headers.get("last-event-id"))


def opening(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the message that begins an answer of server-sent events. headers: of the request."""
    return {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-cache, no-transform"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            *cors_headers(headers),
        ],
    }


def frame(seq: int, name: str, body: Mapping[str, Any]) -> bytes:
    """One SSE frame: id, event name and a JSON object in one data line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), jsonsafe.dumps(body))
