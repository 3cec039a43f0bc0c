"""A relay before Postgres that breaks the connections of single machines.

It runs in a thread of the test, in the namespace of Postgres, so that the machines reach Postgres
through it alone. A link that is cut drops packets; this is for what a link can't do.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.support.faults.hosts.namespaces import inside
from tests.support.waiting import WAIT_S

# Closing such a socket sends RST instead of FIN, and drops what was not sent.
_AT_ONCE = struct.pack("ii", 1, 0)
_CHUNK = 1 << 16


@dataclass(eq=False)
class _Pair:
    """One connection of a machine and the one to Postgres that belongs to it."""

    address: str
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter


class Relay:
    """`with Relay(namespace, address, {5432: 40123}):` passes its ports on to 127.0.0.1 there."""

    def __init__(self, namespace: str, address: str, ports: Mapping[int, int]) -> None:
        self._namespace = namespace
        self._address = address
        self._ports = ports
        self._pairs: set[_Pair] = set()
        self._refused: set[str] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        for port, target in self._ports.items():
            self._call(self._listen(port, target))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def reset(self, address: str) -> int:
        """Both ends of a machine's connections get a reset. Returns how many there were."""

        async def reset() -> int:
            return self._reset(address)

        return int(self._call(reset()))

    def refuse(self, address: str) -> int:
        """Reset a machine's connections, and each new one, until `accept`."""
        self._refused.add(address)
        return self.reset(address)

    def accept(self, address: str) -> None:
        self._refused.discard(address)

    def _reset(self, address: str) -> int:
        own = [pair for pair in self._pairs if pair.address == address]
        for pair in own:
            _abort(pair.near)
            _abort(pair.far)
        return len(own)

    def _run(self) -> None:
        with inside(self._namespace):
            asyncio.set_event_loop(self._loop)
            self._loop.run_forever()

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    async def _listen(self, port: int, target: int) -> None:
        async def pass_on(reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
            # Cancelled at the end: asyncio would log it as a failure.
            with contextlib.suppress(asyncio.CancelledError):
                await self._pass_on(reader, near, target)

        self._servers.append(await asyncio.start_server(pass_on, self._address, port))

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _pass_on(
        self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter, target: int
    ) -> None:
        address = near.get_extra_info("peername")[0]
        try:
            if address in self._refused:
                raise ConnectionRefusedError
            far_reader, far = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            _abort(near)
            return
        pair = _Pair(address, near, far)
        self._pairs.add(pair)
        try:
            await asyncio.gather(_pump(near_reader, far), _pump(far_reader, near))
        finally:
            self._pairs.discard(pair)
            near.close()
            far.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    # Postgres speaks by request and answer: a side that has ended has nothing more to hear.
    with contextlib.suppress(OSError):
        writer.close()


def _abort(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()
