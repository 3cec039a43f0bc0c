"""The official client of the Model Context Protocol, against a server in processes of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import httpx2
import mcp_types as types
from mcp.client import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from pydantic import ConfigDict

from tests.support.clients.agents import TASKS

T = TypeVar("T")
# As the client names the eras: `auto` finds 2026-07-28, `legacy` is the handshake of 2025-11-25.
ERAS = ("auto", "legacy")
# A request that a killed server had taken in is never answered.
ANSWER_S = 5.0
# What a call raises while the server is away.
AWAY = (httpx2.TransportError, MCPError)
Answering = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class TaskResult(types.Result):
    model_config = ConfigDict(extra="allow")

    result_type: Literal["task"] = "task"
    taskId: str = ""


class Anything(types.Result):
    model_config = ConfigDict(extra="allow")


class TaskParams(types.RequestParams):
    taskId: str


class UpdateParams(TaskParams):
    inputResponses: dict[str, Any]


class GetTask(types.Request[TaskParams, Literal["tasks/get"]]):
    name_param = "taskId"
    method: Literal["tasks/get"] = "tasks/get"
    params: TaskParams


class UpdateTask(types.Request[UpdateParams, Literal["tasks/update"]]):
    name_param = "taskId"
    method: Literal["tasks/update"] = "tasks/update"
    params: UpdateParams


class TaskClient(ClientExtension):
    """Follows a task to its end, and answers what it asks. seen: the statuses, once each."""

    identifier = TASKS

    def __init__(self, answer: Answering, *, again_s: float = 0.2) -> None:
        self.answer = answer
        self.again_s = again_s
        self.seen: list[str] = []
        self.task_id = ""

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=TaskResult, resolve=self._resolve)]

    async def _resolve(self, made: TaskResult, context: ClaimContext) -> types.CallToolResult:
        self.task_id = made.taskId
        while True:
            told = await self._get(context)
            status = told["status"]
            if self.seen[-1:] != [status]:
                self.seen.append(status)
            if status == "input_required":
                given = {name: self.answer(one) for name, one in told["inputRequests"].items()}
                params = UpdateParams(taskId=made.taskId, inputResponses=given)
                # What did not arrive is asked again.
                with contextlib.suppress(*AWAY):
                    await context.session.send_request(
                        UpdateTask(params=params), Anything, ANSWER_S
                    )
            if status == "completed":
                return types.CallToolResult.model_validate(told["result"])
            if status in ("cancelled", "failed"):
                return types.CallToolResult(content=[], is_error=True)
            await asyncio.sleep(self.again_s)

    async def _get(self, context: ClaimContext) -> dict[str, Any]:
        """The task; a server that is away is asked again."""
        params = TaskParams(taskId=self.task_id)
        while True:
            try:
                found = await context.session.send_request(
                    GetTask(params=params), Anything, ANSWER_S
                )
                return found.model_dump(by_alias=True)
            except AWAY:
                await asyncio.sleep(self.again_s)


@asynccontextmanager
async def agent(
    url: str, key: str, mode: str = "auto", *extensions: ClientExtension
) -> AsyncIterator[Client]:
    """A connected client of one era."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        transport = streamable_http_client(f"{url}/mcp", http_client=http)
        async with Client(transport, mode=mode, extensions=extensions) as client:
            yield client


def play(scene: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(scene)


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a call answers that goes well."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer
    return dict(answer.structured_content)
