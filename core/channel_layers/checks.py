"""The check of the channel layer: that a message comes back through it."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from core.channel_layers import publish
from core.channel_layers.base import HintLayer
from core.channel_layers.remote import RemoteLayer
from core.checks import Checks, ok, register, warning
from core.logs import scrubbed
from core.outages import reason_of

ROUND_TRIP_S = 3.0


@register("channel layer", every_s=60)
def channel_layer() -> Checks:
    """Send a message through it. An unavailable one delays pages by half a second: a warning."""
    layer = get_channel_layer()
    where = "local"
    if isinstance(layer, RemoteLayer):
        where = layer.server
        try:
            layer.ping()
        except Exception as problem:
            says = f"{where} can't be reached: {scrubbed(reason_of(problem))}"
            yield warning(says, "Start it, or fix REELGRAPH_CHANNEL_LAYER.")
            return
    took_s = asyncio.run(_round_trip(layer))
    if took_s is None:
        remedy = (
            "Connect to Postgres directly, or through a pooler in session mode."
            if where == "Postgres"
            else f"See who may write in {settings.RUN_DIR}, or what the server allows its clients."
        )
        says = f"{where}: a message didn't come back within {ROUND_TRIP_S:.0f} s"
        yield warning(says, remedy)
    else:
        yield ok(f"{where}: a message came back in {1000 * took_s:.1f} ms")


async def _round_trip(layer: Any) -> float | None:
    """Measure the seconds from a hint of code without an event loop to its reader; None: lost."""
    group = f"doctor.{secrets.token_hex(8)}"
    try:
        async with asyncio.timeout(2 * ROUND_TRIP_S):
            channel = await layer.new_channel()
            await layer.group_add(group, channel)
        began = time.monotonic()
        await asyncio.to_thread(publish, group, {"type": "doctor.message"})
        async with asyncio.timeout(ROUND_TRIP_S):
            await layer.receive(channel)
        return time.monotonic() - began
    except Exception:
        return None
    finally:
        if isinstance(layer, HintLayer):
            await layer.close()
