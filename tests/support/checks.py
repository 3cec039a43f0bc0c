"""Looking at one check of the server, and asking whether it is ready."""

from __future__ import annotations

import asyncio

import httpx

from builder.ops.health import ReadyApp
from core.checks import ENTRIES, Check


def checks_of(name: str) -> list[Check]:
    return list(ENTRIES[name].checks())


def only_check(name: str) -> Check:
    """The one that this entry yields."""
    [check] = checks_of(name)
    return check


def readiness(app: ReadyApp | None = None, method: str = "GET") -> httpx.Response:
    """`/readyz`; without an app of a process that has not been asked yet."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app or ReadyApp())  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, "/readyz")

    return asyncio.run(ask())
