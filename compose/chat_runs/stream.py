"""Server-sent events of a chat run: as of any run, in a chat's names, with its own last frame."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from accounts.auth import Principal
from compose.chat_runs.event_wire import chat_event
from compose.chat_runs.record import chat_run
from core import jsonsafe
from core.openapi import Operation, Parameter, whole_number
from runs.live.event_stream import RunEventStream
from runs.models import Event, Run

# A whole comment frame: a chat run's readers discard a frame that begins so, and would discard the
# next one if a comment line were glued to it.
KEEP_ALIVE = b": keep-alive\n\n"


class ChatRunEventStream(RunEventStream):
    """`GET /v1/chat/runs/<id>/events/stream?after=N`."""

    kind: ClassVar[str] = "chat sse"

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamChatRunEvents",
            "Stream a chat run's events",
            "Chat",
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
            description="Each entry as `event: <its type>` with a `ChatEventOut` as `data`; then"
            " one `event: run_status` with `runId` and `status`, and the server closes: when the"
            " run is over, and when it waits for a person. A further `llm_round_started` of a round"
            " means that a worker was lost: drop the deltas of the attempt before.",
        )
    }

    def admit(self, principal: Principal) -> Run:
        return chat_run(principal.user, self.scope["url_route"]["kwargs"]["chat_id"])

    async def keepalive(self) -> None:
        await self._put(KEEP_ALIVE)

    def _event(self, event: Event, superseded: bool = False) -> bytes:
        shown = chat_event(event)
        return b"" if shown is None else _frame(event.seq, shown["type"], shown)

    async def _close(self, status: str) -> None:
        # As of any run: what was sent leaves the process first.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        body = {"runId": self.thing.public_id, "status": status}
        await self.finish(_frame(self.last, "run_status", body))
        self.end()


def _frame(seq: int, name: str, body: Any) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), jsonsafe.dumps(body))
