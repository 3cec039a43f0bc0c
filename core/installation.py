"""The identity of this installation: one row of the database, the same on all machines.

A restored copy is quiet until an operator takes it over: the original may be at work still, and
what both asked a service for would be paid twice. A quiet copy calls no service, sends no mail,
stops no job elsewhere and deletes nothing by itself; people may sign in, look, and run what works
on this machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.db import DatabaseError, IntegrityError, InterfaceError, transaction

from core import database
from core.errors import ProviderError

if TYPE_CHECKING:
    from core.models import Installation

QUIET: Final = "This server is a restored copy. An operator decides whether it takes over."
# How long a process goes without asking whether a copy was taken over.
_ASKED_EVERY_S = 1.0
_id = ""
# What this process last read, at most one. Nothing makes a server quiet while it runs.
_known: list[_State] = []


def installation_id() -> str:
    """Return the id of this installation. Read once in a process."""
    global _id
    if not _id:
        _id = ensure_installation().id
    return _id


def assume(id: str) -> None:
    """Take this for the id of a server that isn't quiet, for programs without its database."""
    global _id
    _id = id
    _known[:] = [_State(False, None, time.monotonic())]


def ensure_installation(wanted_id: str = "") -> Installation:
    """Return the row of this installation. The migration makes it.

    wanted_id: of a new one, where all rows were emptied; else the id that this process knows.
    """
    # Not imported: logging is set up, and knows outages, before there are models.
    objects = apps.get_model("core", "Installation")._default_manager
    row: Installation | None = objects.first()
    if row is not None:
        return row
    fields = {"id": wanted_id or _id} if wanted_id or _id else {}
    try:
        with transaction.atomic():
            return objects.create(**fields)
    except IntegrityError:
        # Another process inserted it first.
        return objects.get()


def is_quiet() -> bool:
    """Return whether this is a restored copy that no one has taken over, or can't be told not to
    be, as the database is away."""
    if not _known and not database.exists():
        return False
    try:
        return _state().is_quiet
    except (DatabaseError, InterfaceError):
        return True


def check_calls() -> None:
    """Raise ProviderError where no service may be called: in a quiet copy."""
    if is_quiet():
        raise ProviderError(QUIET, error_type="MODEL_UNAVAILABLE", retryable=False)


def restored_to() -> datetime | None:
    """Return the last moment that the backup knew which this was restored from, if it was."""
    return _state().restored_to


def take_over() -> bool:
    """End the quiet of a restored copy: from now on it is the server. False: it wasn't quiet."""
    objects = apps.get_model("core", "Installation")._default_manager
    has_ended = bool(objects.filter(quiet_since__isnull=False).update(quiet_since=None))
    _known.clear()
    return has_ended


@dataclass(frozen=True, slots=True)
class _State:
    is_quiet: bool
    restored_to: datetime | None
    read_at: float


def _state() -> _State:
    now = time.monotonic()
    if _known and (not _known[0].is_quiet or now - _known[0].read_at < _ASKED_EVERY_S):
        return _known[0]
    objects = apps.get_model("core", "Installation")._default_manager
    row = objects.values_list("quiet_since", "restored_to").first()
    quiet_since, restored_to = row or (None, None)
    state = _State(quiet_since is not None, restored_to, now)
    _known[:] = [state]
    return state
