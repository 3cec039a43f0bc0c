"""Channel layers for hints: which run or document has something new in the tables.

Lossy and bounded. A reader that misses a hint finds what is new by its next poll. What Channels
asks of a layer is in `base`. `local` reaches the processes of one machine, `postgres` and `redis`
those of several.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

# A layer that fails is logged this often at most, in seconds.
LOG_EVERY_S = 60.0
_lock = threading.Lock()
_failed_at: float | None = None


def publish(group: str, message: dict[str, Any]) -> None:
    """Send a hint to a group's members in all processes, from code without an event loop.

    Call it after the commit. Never raises: a hint that is lost costs a poll. Code with an event
    loop awaits `get_channel_layer().group_send` instead.
    """
    try:
        layer = get_channel_layer()
        if layer is None:
            return
        if hasattr(layer, "publish"):
            layer.publish(group, message)
        else:
            async_to_sync(layer.group_send)(group, message)
    except Exception as problem:
        log_failure(problem)


def log_failure(problem: Exception) -> None:
    """Log that the layer raised this; once in LOG_EVERY_S."""
    global _failed_at
    with _lock:
        now = time.monotonic()
        if _failed_at is not None and now - _failed_at < LOG_EVERY_S:
            return
        _failed_at = now
    # Without the error's text: that of a driver may hold an address with a password.
    logger.warning(
        "the channel layer failed (%s): pages update by polling",
        type(problem).__name__,
    )
