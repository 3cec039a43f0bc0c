"""The identity of this installation: one row of the database, the same on all machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import IntegrityError, transaction

if TYPE_CHECKING:
    from core.models import Installation

_id = ""


def installation_id() -> str:
    """Return the id of this installation. Read once in a process."""
    global _id
    if not _id:
        _id = ensure_installation().id
    return _id


def assume(id: str) -> None:
    """Take this for the id without asking the database, for programs that have none."""
    global _id
    _id = id


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
