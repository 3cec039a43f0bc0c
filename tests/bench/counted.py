"""The settings of benches, on SQLite with every statement counted: in a file `statements-<pid>` of
the data folder, which a process that is killed leaves as it was."""

import mmap
import os
import struct
from typing import Any

from django.db.backends.signals import connection_created

from tests.bench.settings import *  # noqa: F403
from tests.bench.settings import HOME

_counted: dict[int, mmap.mmap] = {}


def _file() -> mmap.mmap:
    """Of this process: a child must not add to its parent's."""
    pid = os.getpid()
    if pid not in _counted:
        with (HOME / f"statements-{pid}").open("w+b") as file:
            file.write(bytes(8))
            file.flush()
            _counted[pid] = mmap.mmap(file.fileno(), 8)
    return _counted[pid]


def _count(_: str) -> None:
    counted = _file()
    struct.pack_into("<q", counted, 0, struct.unpack_from("<q", counted)[0] + 1)


def _watch(connection: Any, **_: Any) -> None:
    # Postgres counts for itself.
    if connection.vendor == "sqlite":
        connection.connection.set_trace_callback(_count)


connection_created.connect(_watch)
