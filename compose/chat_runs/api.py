"""The faces of chat runs: REST, and the stream of their events."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import Principal, require_api_key
from accounts.authentication import principal_of
from accounts.rate_limits import check_start_rate
from accounts.suspension import allowed_while_suspended
from compose.chat_runs import costs, schemas
from compose.chat_runs.event_wire import chat_event
from compose.chat_runs.record import chat_run, events_after, record
from compose.chat_runs.request import ChatRunIn, ConfirmIn
from compose.chat_runs.start import start_chat
from core import durable
from core.asgi import cursor
from core.http import body_of, parse, success
from core.openapi import Operation, Parameter, operation, whole_number
from core.paging import read_page
from core.public_url import base_url
from runs.engine import cancelling
from runs.live.event_stream import RunEventStream, frame
from runs.models import Event, Run
from runs.planning.schemas import CancelIn

TAG = "Chat"
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Repeating a request with the same key has no further effect. The same key with another body"
    " returns 409.",
    {"type": "string", "maxLength": 255},
)


class ChatRunsView(APIView):
    """`/v1/chat/runs`."""

    @operation(
        "createChatRun",
        "Start a chat that lasts",
        scope="run",
        tag=TAG,
        parameters=(
            KEY,
            Parameter("X-Token-Type", "header", "As `token_type`, which wins."),
            Parameter("X-App-Source", "header", "As `app_source`, which wins."),
        ),
        body=ChatRunIn,
        body_example={
            "messages": [{"role": "user", "content": "Draw a lighthouse, then animate it"}]
        },
        answers={202: schemas.ChatRunOut},
        errors=(402, 404, 409, 422),
        description="A chat whose rounds are done by workers: it goes on when its caller leaves and"
        " when a process is killed. Media tools run as workflows (`childWorkflowIds`), whose"
        " results the next round reads. Needs an API key: a session or a token is a 403.",
    )
    def post(self, request: Request) -> Response:
        principal = principal_of(request)
        require_api_key(principal)
        check_start_rate(principal)
        headers = request.headers
        run_start = start_chat(
            actor=principal,
            body=body_of(request),
            key=headers.get("Idempotency-Key"),
            token_type=headers.get("X-Token-Type"),
            app_source=headers.get("X-App-Source"),
            origin=base_url(request),
            own_hosts=[request.get_host()],
        )
        data = _run_out(request, run_start.run.public_id, is_replay=run_start.replayed)
        return success(data, status=202)


class ChatRunView(APIView):
    """`/v1/chat/runs/<id>`."""

    @operation("getChatRun", "Get a chat run", tag=TAG, answers={200: schemas.ChatRunOut})
    def get(self, request: Request, chat_id: str) -> Response:
        # It tells of steps and of the run's end, as events do.
        data: schemas.ChatRunOut = {"run": durable.flushed(_record_of(request, chat_id))}
        return success(data)


class ChatRunEventsView(APIView):
    """`…/<id>/events?after=N&limit=M`."""

    @operation(
        "listChatRunEvents",
        "List a chat run's events",
        tag=TAG,
        parameters=(
            Parameter(
                "after",
                "query",
                "The sequence number to begin after; anything unreadable is 0.",
                whole_number("0 and up"),
            ),
            Parameter(
                "limit",
                "query",
                "How many at most. Larger numbers are clamped; anything unreadable is 1,000.",
                whole_number("1 to 1000", 1000),
            ),
        ),
        answers={200: schemas.ChatEventsOut},
    )
    def get(self, request: Request, chat_id: str) -> Response:
        run = chat_run(principal_of(request).user, chat_id)
        page = read_page(request.query_params, default=1000, cap=1000)
        after = cursor(request.query_params.get("after"))
        events, following = durable.flushed(events_after(run, after, page.limit))
        data: schemas.ChatEventsOut = {"events": events, "runId": run.public_id, "next": following}
        return success(data)


class ChatRunCancelView(APIView):
    """`…/<id>/cancel`: stop it and the workflows it started."""

    @operation(
        "cancelChatRun",
        "Stop a chat run",
        scope="run",
        tag=TAG,
        body=CancelIn,
        answers={200: schemas.ChatCancelOut},
    )
    @allowed_while_suspended("POST")
    def post(self, request: Request, chat_id: str) -> Response:
        run = chat_run(principal_of(request).user, chat_id)
        form = parse(CancelIn, body_of(request))
        is_new = cancelling.cancel_run(run=run, reason=form.reason or "")
        data: schemas.ChatCancelOut = {"run": _record_of(request, chat_id), "transitioned": is_new}
        return success(data)


class ChatRunConfirmCostView(APIView):
    """`…/<id>/confirm-cost`: accept or decline what the calls of a round cost."""

    @operation(
        "confirmChatRunCost",
        "Confirm or decline the cost of a chat run's calls",
        scope="run",
        tag=TAG,
        parameters=(KEY,),
        body=ConfirmIn,
        answers={200: schemas.ChatRunOut},
        errors=(402, 409),
    )
    def post(self, request: Request, chat_id: str) -> Response:
        """Needs an API key, as a start does: accepting is spending."""
        principal = principal_of(request)
        require_api_key(principal)
        run = chat_run(principal.user, chat_id)
        check_start_rate(principal)
        key = request.headers.get("Idempotency-Key")
        is_new = costs.decide(run=run, actor=principal, body=body_of(request), key=key)
        return success(_run_out(request, chat_id, is_replay=not is_new))


def _run_out(request: Request, chat_id: str, *, is_replay: bool) -> schemas.ChatRunOut:
    data: schemas.ChatRunOut = {"run": _record_of(request, chat_id)}
    return {**data, "idempotent": True} if is_replay else data


def _record_of(request: Request, chat_id: str) -> schemas.ChatRunRecord:
    run = chat_run(principal_of(request).user, chat_id)
    return record(run, base_url=base_url(request))


# --- the stream -----------------------------------------------------------------------------------

# A whole comment frame: a chat run's readers discard a frame that begins so, and would discard the
# next one if a comment line were glued to it.
KEEP_ALIVE = b": keep-alive\n\n"


class ChatRunEventStream(RunEventStream):
    """`GET /v1/chat/runs/<id>/events/stream?after=N`."""

    kind: ClassVar[str] = "chat sse"

    operations: ClassVar[dict[str, Operation]] = {
        "get": replace(
            RunEventStream.operations["get"],
            name="streamChatRunEvents",
            summary="Stream a chat run's events",
            tag=TAG,
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

    def _event(self, event: Event, is_superseded: bool = False) -> bytes:
        entry = chat_event(event)
        return b"" if entry is None else frame(event.seq, entry["type"], entry)

    async def _close(self, status: str) -> None:
        # As of any run: what was sent leaves the process first.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        body = {"runId": self.thing.public_id, "status": status}
        await self.finish(frame(self.last, "run_status", body))
        self.end()
