"""Background threads of every web process and every worker, for checks while it serves.

Commands and tests don't start them: they look once, when they need it.
"""

from __future__ import annotations

from collections.abc import Callable

_registered: list[Callable[[], None]] = []


def register(start: Callable[[], None]) -> None:
    """Have it called when a process begins to serve. Call this in `AppConfig.ready`.

    start: looks once, starts a daemon thread and returns; never raises.
    """
    _registered.append(start)


def start_all() -> None:
    for start in _registered:
        start()
