"""Numbers that the web processes of one machine share in memory.

The supervisor makes the memory and its children inherit it. Each process writes only its own slot
and reads all of them. Nothing here waits for another process: a limit that two processes check in
the same instant may be exceeded by what both take in then.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from collections import Counter
from collections.abc import Iterable

# Addresses of the network, by a hash with a secret salt. Two that share a bucket share a limit.
BUCKETS = 1024
SALT_BYTES = 16
# By so much the numbers of open connections may differ: to make them equal slows down bursts.
UNEVEN, UNEVEN_SHARE = 2, 1 / 32
# Of a slot, as numbers of eight bytes: whether it is in use, open connections, bytes of bodies;
# then the bytes and the half-arrived bodies by bucket.
_IN_USE, _CONNECTIONS, _BYTES, _BYTES_BY, _HALF_BY = 0, 1, 2, 3, 3 + BUCKETS
_SLOT = 3 + 2 * BUCKETS
_HEAD = SALT_BYTES // 8


def make_memory(slots: int) -> int:
    """A descriptor of new shared memory for so many processes. The caller closes it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("reelgraph-web")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, _size(slots))
    os.pwrite(descriptor, os.urandom(SALT_BYTES), 0)
    return descriptor


def _size(slots: int) -> int:
    return 8 * (_HEAD + slots * _SLOT)


class WebGroup:
    """The shared memory as the process of one slot sees it.

    descriptor: None for memory of its own. size: how many processes it is for.
    """

    def __init__(self, descriptor: int | None = None, slot: int = 0) -> None:
        if descriptor is None:
            self._map = mmap.mmap(-1, _size(1))
        else:
            self._map = mmap.mmap(descriptor, 0)
        self._salt = self._map[:SALT_BYTES]
        self._numbers = memoryview(self._map).cast("q")
        self.size = (len(self._numbers) - _HEAD) // _SLOT
        self._mine = _HEAD + slot * _SLOT
        self._others = [_HEAD + one * _SLOT for one in range(self.size) if one != slot]
        # Of this process exactly; only the others' are known by bucket.
        self._bytes_of: Counter[str] = Counter()
        self._half_of: Counter[str] = Counter()

    def join(self) -> None:
        """Begin with nothing in this process's slot, whatever an earlier life left there."""
        self.clear()
        self._numbers[self._mine + _IN_USE] = 1

    def clear(self) -> None:
        """The process of this slot is dead or about to begin."""
        self._numbers[self._mine : self._mine + _SLOT] = memoryview(bytes(8 * _SLOT)).cast("q")

    def add_connections(self, number: int) -> None:
        self._numbers[self._mine + _CONNECTIONS] += number

    def has_too_many_connections(self) -> bool:
        """Return whether another living process holds so few that it should take the next ones."""
        mine = self._numbers[self._mine + _CONNECTIONS]
        most = mine - UNEVEN - int(mine * UNEVEN_SHARE)
        return any(
            self._numbers[one + _IN_USE] and self._numbers[one + _CONNECTIONS] < most
            for one in self._others
        )

    def bytes_held(self) -> int:
        """By the bodies of all requests of all processes."""
        return self._numbers[self._mine + _BYTES] + self._sum(_BYTES)

    def bytes_of(self, address: str) -> int:
        """Return how many of these bytes are one address's."""
        return self._bytes_of[address] + self._sum_of(_BYTES_BY, address)

    def add_bytes(self, address: str, number: int) -> None:
        self._numbers[self._mine + _BYTES] += number
        self._numbers[self._mine + _BYTES_BY + self._bucket(address)] += number
        _add(self._bytes_of, address, number)

    def half_arrived_of(self, address: str) -> int:
        """Bodies of an address that take their time, in all processes."""
        return self._half_of[address] + self._sum_of(_HALF_BY, address)

    def add_half_arrived(self, address: str, number: int) -> None:
        self._numbers[self._mine + _HALF_BY + self._bucket(address)] += number
        _add(self._half_of, address, number)

    def _sum(self, place: int) -> int:
        numbers: Iterable[int] = (self._numbers[one + place] for one in self._others)
        return sum(numbers)

    def _sum_of(self, first: int, address: str) -> int:
        return self._sum(first + self._bucket(address)) if self._others else 0

    def _bucket(self, address: str) -> int:
        digest = hashlib.blake2b(address.encode(), digest_size=4, key=self._salt).digest()
        return int.from_bytes(digest, "big") % BUCKETS


def _add(counter: Counter[str], address: str, number: int) -> None:
    counter[address] += number
    if not counter[address]:
        del counter[address]
