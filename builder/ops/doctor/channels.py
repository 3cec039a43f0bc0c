"""The channel layer: whether it answers, and whether a message comes back through it."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from builder.ops.doctor import Checks, fault, ok, warning
from core.channel_layers import publish
from core.channel_layers.local import LocalChannelLayer
from core.channel_layers.remote import RemoteLayer
from core.logs import scrubbed
from core.outages import reason_of

NAME = "channel layer"
ROUND_TRIP_S = 3.0


def all_checks() -> Checks:
    """One line. An unavailable layer delays pages by half a second, so it is a warning."""
    layer = get_channel_layer()
    if layer is None:
        remedy = "Remove your change of CHANNEL_LAYERS from the settings."
        yield fault(NAME, "none is configured", remedy)
        return
    kind = type(layer).__name__
    if isinstance(layer, LocalChannelLayer):
        kind = "local"
    if isinstance(layer, RemoteLayer):
        kind = layer.server
        try:
            layer.ping()
        except Exception as problem:
            says = f"{kind} can't be reached: {scrubbed(reason_of(problem))}"
            yield warning(NAME, says, "Start it, or fix REELGRAPH_CHANNEL_LAYER.")
            return
    took_s = asyncio.run(_round_trip(layer))
    if took_s is None:
        remedy = (
            "Connect to Postgres directly, or through a pooler in session mode."
            if kind == "Postgres"
            else f"See who may write in {settings.RUN_DIR}, or what the server allows its clients."
        )
        says = f"{kind}: a message didn't come back within {ROUND_TRIP_S:.0f} s"
        yield warning(NAME, says, remedy)
    else:
        yield ok(NAME, f"{kind}: a message came back in {1000 * took_s:.1f} ms")


async def _round_trip(layer: Any) -> float | None:
    """Seconds from a hint of code without an event loop to its reader; None when it is lost."""
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
