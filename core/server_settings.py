"""Settings that an operator may change while the server runs: which there are, and what holds.

A row of `ServerSetting` holds instead of the setting of the same name. Code asks `value(name)`. A
change is known everywhere KNOWN_S after it: each process asks for all rows at most so often.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Manager

from core import database
from core.declared_settings import DECLARED

# How long a process goes without asking what was changed elsewhere.
KNOWN_S: Final = 1.0
# What those who change settings lock, one after the other. It holds no setting.
_LOCK: Final = "_lock"
# What rows of earlier releases are now: name, and the values of today.
FORMER: Final[Mapping[str, tuple[str, Mapping[Any, Any]]]] = {
    "STAFF_SECOND_FACTOR": ("SECOND_FACTOR", {"optional": "off", "required": "staff"}),
}


class _Known:
    """The rows as this process last read them."""

    def __init__(self) -> None:
        self._rows: Mapping[str, Any] | None = None
        self._read_at = float("-inf")
        self._asking = threading.Lock()

    def forget(self) -> None:
        self._read_at = float("-inf")

    def assume(self, rows: Mapping[str, Any]) -> None:
        """Take these for what is stored until `forget`: a test's tables are empty at its start."""
        self._rows, self._read_at = rows, float("inf")

    def last(self) -> Mapping[str, Any]:
        """Without asking the database: also where it is away, and in an event loop."""
        return self._rows or {}

    def get(self) -> Mapping[str, Any]:
        if time.monotonic() - self._read_at <= KNOWN_S:
            return self.last()
        if _is_in_event_loop():
            database.submit(self._load)
            return self.last()
        if self._rows is not None and connection.needs_rollback:
            return self.last()
        return self._load()

    def _load(self) -> Mapping[str, Any]:
        # One thread asks for all. Those that were served before need not wait for it.
        if not self._asking.acquire(blocking=self._rows is None):
            return self.last()
        try:
            # Before the query: what is written while it runs is read again in time.
            began = time.monotonic()
            try:
                self._rows = stored()
            except (DatabaseError, InterfaceError):
                # A database that is away changes no setting. What was never read is not guessed:
                # by the environment's value runs might be deleted that are to be kept.
                if self._rows is None or connection.in_atomic_block:
                    raise
            self._read_at = began
            return self.last()
        finally:
            self._asking.release()


known = _Known()


def value(name: str) -> Any:
    """Return the current value of a declared setting. In an event loop: as last read."""
    setting = DECLARED[name]
    rows = known.get()
    return rows.get(name, setting.without_row)


def last_value(name: str) -> Any:
    """The same, as last read: for pages that must come out when the database does not answer."""
    setting = DECLARED[name]
    return known.last().get(name, setting.without_row)


def stored() -> dict[str, Any]:
    """Read what operators have set, by name, from the database."""
    rows = dict(_table().values_list("name", "value"))
    for former, (name, values) in FORMER.items():
        if former in rows:
            rows.setdefault(name, values.get(rows[former]))
    return {
        name: value
        for name, value in rows.items()
        if name in DECLARED and DECLARED[name].accepts(value)
    }


def locked() -> dict[str, Any]:
    """As `stored`, in a transaction, and no one else changes a setting until it ends."""
    rows = _table()
    rows.bulk_create([rows.model(name=_LOCK, value=0)], ignore_conflicts=True)
    rows.select_for_update().get(name=_LOCK)
    return stored()


def digest(text: str) -> str:
    """The SHA-256 of a text that people accept or dismiss."""
    return hashlib.sha256(text.encode()).hexdigest()


def _table() -> Manager[Any]:
    # Looked up when it is asked: a web process answers errors before its models are loaded.
    return apps.get_model("core", "ServerSetting")._default_manager


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
