"""Stages that were read lately, by their content. One for each process.

A version never changes, so its stages are the same at every start, quote, check and picture of it;
of a draft the same stages are read several times for one change. Inputs are not kept: their
defaults are links that are signed again each time.
"""

from __future__ import annotations

import marshal
import threading
from collections import OrderedDict
from typing import Any, Final, NamedTuple

from templates_app.graph.issues import Issue
from templates_app.graph.spec import Stage

# Characters of stored stages, all in all. What is made of them takes about four times as much.
CAPACITY: Final = 16_000_000
# Without references between equal texts: they would make the bytes depend on who made the value.
_MARSHAL_FORMAT: Final = 2


class ReadStages(NamedTuple):
    """stages: those that can be read. issues: why others cannot, in order."""

    stages: tuple[Stage, ...]
    issues: tuple[Issue, ...]


class StageCache:
    """The least lately used go first. Safe for threads; two may read the same stages at once."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.size = 0
        self.known: OrderedDict[bytes, ReadStages] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, content: bytes) -> ReadStages | None:
        with self.lock:
            stages = self.known.get(content)
            if stages is not None:
                self.known.move_to_end(content)
            return stages

    def keep(self, content: bytes, stages: ReadStages) -> None:
        with self.lock:
            if content in self.known or len(content) > self.capacity:
                return
            self.known[content] = stages
            self.size += len(content)
            while self.size > self.capacity:
                oldest, _ = self.known.popitem(last=False)
                self.size -= len(oldest)


def pack(raw: Any) -> bytes | None:
    """A JSON value as bytes, equal for equal values; None for a value that is not JSON.

    Much quicker than reading the stages, or than writing JSON and hashing it.
    """
    try:
        return marshal.dumps(raw, _MARSHAL_FORMAT)
    except ValueError:
        return None


def unpack(content: bytes) -> Any:
    """A copy of the value: stages keep parts of what they are read from, and that may change."""
    return marshal.loads(content)  # noqa: S302 - written by pack, in this process
