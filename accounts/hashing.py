"""The number of passwords that are hashed at once. Hashing is slow on purpose, and takes a whole
core.

One core of the machine stays free for everyone else's requests, however many web processes there
are. A caller waits while all slots are taken. Network addresses take turns, so that many tries from
one address do not delay another's.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from core import errors
from core.machine_slots import MachineSlots

# Of one address, at work or in line.
PER_ADDRESS = 6
# Of everyone. Each waits in a thread of its own.
IN_LINE = 32
RETRY_AFTER_S = 2


class HashGate:
    """At most `slots` callers inside at once; the rest wait, addresses in turn.

    patience_s: how long one waits before it is told to come again.
    """

    def __init__(self, slots: int, patience_s: float = 10.0) -> None:
        self._free = slots
        self._on_machine = MachineSlots("hashing", slots)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._lines: OrderedDict[str, deque[threading.Event]] = OrderedDict()
        self._present: Counter[str] = Counter()

    @contextmanager
    def slot(self, address: str) -> Iterator[None]:
        """Hold a slot while the block runs.

        Raises QuotaExceeded when PER_ADDRESS of this address are here, Unavailable when IN_LINE
        wait or no slot came free in time.
        """
        turn = self._join(address)
        try:
            if (
                turn is not None
                and not turn.wait(self._patience_s)
                and self._give_up(address, turn)
            ):
                raise _busy()
            try:
                with self._on_machine.take():
                    yield
            finally:
                self._leave()
        finally:
            with self._lock:
                self._present[address] -= 1
                if not self._present[address]:
                    del self._present[address]

    def _join(self, address: str) -> threading.Event | None:
        """None: go in at once. An event: wait for it."""
        with self._lock:
            if self._present[address] >= PER_ADDRESS:
                raise errors.QuotaExceeded(
                    "Too many sign-ins at once from your network. Wait a few seconds and try"
                    " again.",
                    code="quota.rate",
                    details={"limit": PER_ADDRESS, "per": "address", "what": "sign-ins at once"},
                    retry_after_s=RETRY_AFTER_S,
                )
            if not self._free and sum(map(len, self._lines.values())) >= IN_LINE:
                raise _busy()
            self._present[address] += 1
            if self._free:
                self._free -= 1
                return None
            turn = threading.Event()
            self._lines.setdefault(address, deque()).append(turn)
            return turn

    def _give_up(self, address: str, turn: threading.Event) -> bool:
        """Leave the line. False when a place came free in the last moment."""
        with self._lock:
            if turn.is_set():
                return False
            line = self._lines[address]
            line.remove(turn)
            if not line:
                del self._lines[address]
            return True

    def _leave(self) -> None:
        """Give the slot to the next in line and move their address to the end."""
        with self._lock:
            if not self._lines:
                self._free += 1
                return
            address, line = self._lines.popitem(last=False)
            line.popleft().set()
            if line:
                self._lines[address] = line


def _busy() -> errors.Unavailable:
    return errors.Unavailable(
        "Too many people are signing in right now. Wait a few seconds and try again.",
        retry_after_s=RETRY_AFTER_S,
    )


gate = HashGate(max(1, (os.cpu_count() or 1) - 1))
