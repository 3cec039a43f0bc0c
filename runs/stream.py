"""Server-sent events of a run, as a plain ASGI app: no thread per open stream.

Replay after the cursor, then the live tail, then one `workflow_status` frame, then close: many
clients stop only when the server closes. Framing is the public contract's §5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from accounts.auth import Principal
from accounts.places import leave_place, take_place
from core import errors, jsonsafe
from core.asgi import (
    check_host,
    cors_headers,
    cursor,
    headers_of,
    origin_of,
    send_error,
    send_preflight,
    until_gone,
)
from core.database import in_database
from core.openapi import Operation, Parameter, whole_number
from runs.following import Follower, admit
from runs.models import Run

# One comment line without the blank line that ends a frame: it glues to the next frame, and the
# SDKs' readers skip it. A full comment frame would show up there as a bogus message.
KEEP_ALIVE = b": keep-alive\n"


class RunStreamApp:
    """`GET /v1/creative-agent/workflows/<id>/events/stream?after=N`."""

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

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Any, send: Any, *, run_id: str
    ) -> None:
        headers = headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await send_preflight(send, headers)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            check_host(headers)
            if scope["method"] not in ("GET", "HEAD"):
                raise errors.NotAllowed("A stream is only read: use GET.")
            base_url = origin_of(scope)
            principal, run = await in_database(admit, headers, query, run_id)
            take_place(principal)
        except Exception as error:
            return await send_error(send, error, headers, allow="GET, HEAD, OPTIONS")
        try:
            await send(_opening(headers))
            if scope["method"] == "HEAD":
                return await send({"type": "http.response.body", "body": b""})
            stream = _Stream(
                send=send,
                run=run,
                base_url=base_url,
                last=_cursor(headers, query),
                principal=principal,
                recheck=lambda: admit(headers, "", run.public_id),
            )
            await until_gone(stream.serve(), receive)
        finally:
            leave_place(principal)
        return None


def _cursor(headers: Mapping[str, str], query: str) -> int:
    """`after` wins over Last-Event-ID; what cannot be read replays everything."""
    after = parse_qs(query).get("after")
    return cursor(after[0] if after else headers.get("last-event-id"))


def _opening(headers: Mapping[str, str]) -> dict[str, Any]:
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


class _Stream(Follower):
    """One open stream."""

    kind: ClassVar[str] = "sse"

    __slots__ = ("_send",)

    def __init__(
        self,
        *,
        send: Any,
        run: Run,
        base_url: str,
        last: int,
        principal: Principal,
        recheck: Callable[[], tuple[Principal, Run]],
    ) -> None:
        super().__init__(
            run=run, base_url=base_url, last=last, principal=principal, recheck=recheck
        )
        self._send = send

    def frame(self, seq: int, name: str, body: Mapping[str, Any]) -> bytes:
        return frame(seq, name, body)

    async def put(self, frames: list[bytes]) -> None:
        await self._put(b"".join(frames))

    async def sign_of_life(self) -> None:
        await self._put(KEEP_ALIVE)

    async def close(self, last: bytes) -> None:
        await self._send({"type": "http.response.body", "body": last})

    async def turn_away(self, error: errors.AppError) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def _put(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})


def frame(seq: int, name: str, body: Mapping[str, Any]) -> bytes:
    """One SSE frame: id, event name and a JSON object in one data line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), jsonsafe.dumps(body))
