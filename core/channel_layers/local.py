"""The channel layer of one machine: its processes reach each other by datagrams."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from core import wakeup
from core.channel_layers.base import HintLayer
from core.channel_layers.members import Members

logger = logging.getLogger(__name__)

# Of sockets in the run folder; see `core.wakeup`.
GROUP = "layer"
# Messages that are delivered before their readers run. More would overflow small mailboxes.
AT_ONCE = 4


class LocalChannelLayer(HintLayer):
    """Needs nothing installed. Messages up to 16 KB.

    lost: messages of this process that others did not get, as their sockets stayed full for 10 ms.
    """

    largest = wakeup.LONGEST_MESSAGE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lost = 0
        self._subscribers: dict[str, wakeup.Subscriber] = {}

    def _subscribe(self, members: Members) -> None:
        try:
            subscriber = wakeup.Subscriber(GROUP, members.name)
        except OSError as problem:
            # Polls go on without it.
            logger.warning("no hints from other processes: %s", problem)
            return
        self._subscribers[members.name] = subscriber
        members.loop.add_reader(subscriber.socket.fileno(), self._drain, members, subscriber)

    def _unsubscribe(self, members: Members) -> None:
        subscriber = self._subscribers.pop(members.name, None)
        if subscriber is None:
            return
        if not members.loop.is_closed():
            members.loop.remove_reader(subscriber.socket.fileno())
        subscriber.close()

    def _drain(self, members: Members, subscriber: wakeup.Subscriber) -> None:
        for data in subscriber.drain(AT_ONCE):
            self._deliver(members, data)

    async def _send_out(self, data: bytes, only: str = "") -> None:
        here = self._members.get(asyncio.get_running_loop())
        full = wakeup.send(data, _sockets(only, here.name if here else ""))
        for _ in range(wakeup.RETRIES):
            if not full:
                break
            await asyncio.sleep(wakeup.RETRY_S)
            full = wakeup.send(data, full)
        self.lost += len(full)

    def _send_out_from_thread(self, data: bytes) -> None:
        self.lost += wakeup.notify(GROUP, data)


def _sockets(only: str, without: str) -> list[Path]:
    if only:
        return [wakeup.folder() / f"{GROUP}-{only}.sock"]
    return [path for path in wakeup.subscribers(GROUP) if path.stem != f"{GROUP}-{without}"]
