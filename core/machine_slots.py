"""Slots of this machine for heavy work, such as decoding a file: so many processes at once.

They only spare the processor: who waits for longer than PATIENCE_S, behind a process that was
stopped or on a disk that is full, goes on without a slot.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PATIENCE_S = 5.0
LOOK_S = 0.01


class MachineSlots:
    """`with slots.take():` waits until fewer than `count` others are inside, in all processes that
    use the same data folder. The kernel frees the slot of a process that dies."""

    def __init__(self, name: str, count: int) -> None:
        self._names = [f"{name}-{number}.lock" for number in range(count)]

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        slot = self._wait()
        try:
            yield
        finally:
            if slot is not None:
                os.close(slot)

    def _wait(self) -> int | None:
        """The descriptor of a locked file. Closing it frees the slot."""
        end = time.monotonic() + PATIENCE_S
        try:
            while (slot := self._try_all()) is None and time.monotonic() < end:
                time.sleep(LOOK_S)
        except OSError:
            return None
        return slot

    def _try_all(self) -> int | None:
        folder = Path(settings.RUN_DIR / "slots")
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in self._names:
            # Opened each time: locks of one descriptor do not keep threads from each other.
            descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            else:
                return descriptor
        return None
