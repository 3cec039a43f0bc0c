"""Requests to the media server alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from media.serve import MediaApp


def request_media(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    host: str = "localhost",
) -> httpx.Response:
    """Ask for a path, or for an address of a host."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=MediaApp())
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, url, headers=headers)

    return asyncio.run(ask())
