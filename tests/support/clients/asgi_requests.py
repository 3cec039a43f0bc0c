"""Requests through the server's one ASGI application, streams and media included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.db import connections

from tests.support.waiting import WAIT_S

HOST = "testserver"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. headers: (lower-case name, value) in order."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known == name), "")

    def json(self) -> Any:
        return json.loads(self.body)


def request_app(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    meanwhile: Callable[[], object] | None = None,
) -> Answer:
    """Send one request and wait for all of its answer. url: a path, or an address of HOST.

    meanwhile: called in a thread once the first part of the answer is there, for streams that end
    only when something happens.
    """
    from builder.asgi import application

    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "client": ("127.0.0.1", 50_000),
        "server": (HOST, 80),
        "headers": [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in {
                "host": HOST,
                "content-length": str(len(body)),
                **(headers or {}),
            }.items()
        ],
    }

    async def talk() -> Answer:
        app = ApplicationCommunicator(application, scope)
        await app.send_input({"type": "http.request", "body": body, "more_body": False})
        start = await app.receive_output(WAIT_S)
        received, more, aside = b"", True, None
        while more:
            part = await app.receive_output(WAIT_S)
            received += part.get("body", b"")
            more = part.get("more_body", False)
            if meanwhile is not None and aside is None:
                aside = asyncio.ensure_future(asyncio.to_thread(_with_own_database, meanwhile))
        await app.wait(WAIT_S)
        if aside is not None:
            await aside
        pairs = ((n.decode().lower(), v.decode("latin-1")) for n, v in start["headers"])
        return Answer(start["status"], tuple(pairs), received)

    return async_to_sync(talk)()


def _with_own_database(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connections.close_all()
