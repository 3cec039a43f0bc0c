"""The name of this process, unique to one life of it: `web-1-5f3a91c2`.

The supervisor gives it to its children; any other process makes one up.
"""

from __future__ import annotations

import functools
import os
import secrets

_given: list[str] = []


def use(name: str) -> None:
    """Set the name of this process. Must be called before `process_name`."""
    _given[:] = [name]
    process_name.cache_clear()


@functools.cache
def process_name() -> str:
    """The same answer for as long as the process lives."""
    return _given[0] if _given else f"process-{secrets.token_hex(6)}"


# A forked process is another one.
os.register_at_fork(after_in_child=process_name.cache_clear)
