"""One WebSocket to the ASGI application, by Channels' communicator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from channels.testing import WebsocketCommunicator
from django.test import Client

from builder.asgi import application
from tests.support.asyncapi import misfits
from tests.support.clients.streams import answer_of
from tests.support.waiting import WAIT_S, Late

T = TypeVar("T")
HOST = "testserver"
ORIGIN = f"http://{HOST}"


def page_headers(browser: Client) -> dict[str, str]:
    """Return the headers of a page of ours in a browser that someone is signed in to."""
    session = browser.cookies["sessionid"].value
    return {"origin": ORIGIN, "cookie": f"sessionid={session}"}


class _Output(asyncio.Queue[dict[str, Any]]):
    """What the application sends, seen as it is sent: a client that does not read holds it up."""

    def __init__(self, take: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        super().__init__()
        self._take = take

    async def put(self, item: dict[str, Any]) -> None:
        await self._take(item)
        await super().put(item)


class Socket(WebsocketCommunicator):
    """`async with Socket(run_id, headers) as socket:` opens `/ws/runs/<run_id>`.

    headers: beside Host; a browser's page sends `origin` and `cookie`, a program its key.
    subprotocols: what the handshake offers; `subprotocol` is then what it was answered with.
    """

    def __init__(
        self,
        run_id: str,
        headers: Mapping[str, str] | None = None,
        *,
        query: str = "",
        path: str = "",
        subprotocols: Sequence[str] = (),
    ) -> None:
        named = {"host": HOST, **(headers or {})}
        pairs = [(name.encode(), value.encode()) for name, value in named.items()]
        super().__init__(application, path or f"/ws/runs/{run_id}", pairs, list(subprotocols))
        self.scope |= {
            "query_string": query.encode(),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self.accepted = False
        self.subprotocol: str | None = None
        self.closed: int | None = None
        self.said: list[dict[str, Any]] = []
        self._reads = asyncio.Event()
        self._reads.set()
        self._output_queue = _Output(self._take)
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Socket:
        await self.send_input({"type": "websocket.connect"})
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.hang_up()

    async def _take(self, message: dict[str, Any]) -> None:
        await self._reads.wait()
        assert self.closed is None, "something came after the close"
        if message["type"] == "websocket.accept":
            assert not self.accepted
            self.accepted = True
            self.subprotocol = message.get("subprotocol")
        elif message["type"] == "websocket.close":
            self.closed = message["code"]
        else:
            assert self.accepted, "a message came before the handshake"
            said = json.loads(message["text"])
            assert not (wrong := misfits(self.scope["path"], said)), wrong
            self.said.append(said)
        async with self._changed:
            self._changed.notify_all()

    def tell(self, text: str) -> None:
        self.input_queue.put_nowait({"type": "websocket.receive", "text": text})

    def hold(self) -> None:
        """Read nothing more until `release`."""
        self._reads.clear()

    def release(self) -> None:
        self._reads.set()

    async def hang_up(self) -> None:
        """Close the client's end and wait until the application is done with it."""
        self.release()
        await self.disconnect(1001, timeout=WAIT_S)

    async def until(self, look: Callable[[Socket], T], what: str, within_s: float = WAIT_S) -> T:
        """The first truthy answer of `look` at what came so far."""
        try:
            return await answer_of(lambda: look(self), self._changed, within_s)
        except TimeoutError:
            raise Late(f"{what} did not come; so far: {self.said}") from None

    def events(self) -> list[dict[str, Any]]:
        """The events of the log that came so far."""
        return [said["data"] for said in self.said if said["event"] == "workflow_event"]

    async def to_the_end(self) -> int:
        """The close code, once the server has closed."""
        await self.until(lambda socket: socket.closed is not None, "the close")
        assert self.closed is not None
        return self.closed
