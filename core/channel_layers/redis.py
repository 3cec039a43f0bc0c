"""The channel layer of several machines on a Redis server: its publish and subscribe."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import redis
import redis.asyncio
from django.utils.crypto import salted_hmac
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.channel_layers.remote import RemoteLayer

# A server that doesn't answer keeps a sender no longer than this, in seconds.
ANSWER_S = 0.5
CONNECT_S = 5.0
# Seconds until a dead network is looked for, between the tries, and how many.
_KEEPALIVES = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


class RedisChannelLayer(RemoteLayer):
    """url: `redis://[user:password@]host[:port][/db]`; `rediss://` for TLS.

    Servers of several installations may share a Redis: the topic's name depends on SECRET_KEY.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        self.server = f"Redis at {display_address(url)}"
        super().__init__(**options)

    async def _receive(self, on_connect: Callable[[], None]) -> AsyncGenerator[bytes, None]:
        client = redis.asyncio.Redis.from_url(
            self._url, retry=redis.asyncio.retry.Retry(NoBackoff(), 0), **_options(CONNECT_S)
        )
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(self._topic)
            async for message in subscription.listen():
                if message["type"] == "subscribe":
                    on_connect()
                elif message["type"] == "message":
                    yield message["data"]
        raise redis.ConnectionError("the connection was closed")

    def _send(self, data: bytes) -> None:
        # A sender must not wait for a server that is known to be down.
        if not self.outage.is_on:
            self._client.publish(self._topic, data)

    async def _send_in_thread(self, data: bytes) -> None:
        await asyncio.to_thread(self._send, data)

    def ping(self) -> None:
        self._client.ping()

    @cached_property
    def _topic(self) -> str:
        return f"reelgraph:{salted_hmac('core.channel_layers', 'topic').hexdigest()[:16]}"

    @cached_property
    def _client(self) -> redis.Redis:
        """Return the client that all threads of this process share."""
        # Once more for a connection that the server closed while nothing was sent.
        retry = Retry(NoBackoff(), 1)
        return redis.Redis.from_url(
            self._url, retry=retry, socket_timeout=ANSWER_S, **_options(ANSWER_S)
        )


def display_address(url: str) -> str:
    """The address without name, password and options."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"


def _options(connect_s: float) -> dict[str, Any]:
    options = {getattr(socket, name, None): value for name, value in _KEEPALIVES.items()}
    options.pop(None, None)
    return {
        "socket_connect_timeout": connect_s,
        "socket_keepalive": True,
        "socket_keepalive_options": options,
    }
