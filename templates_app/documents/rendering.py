"""How people who edit together read a document's changes, and each other."""

from __future__ import annotations

from typing import Any

from accounts import avatars
from accounts.models import User
from core import clock
from templates_app.models import Change


def known_as(person: User) -> str:
    """What people who work together call someone: they let each other in by these names."""
    return person.display_name or person.username


def change_out(row: Change) -> dict[str, Any]:
    """A change as editors read it, `messages.RecordedChange`. Its actor is loaded."""
    return {
        "rev": row.rev,
        "id": str(row.change_id),
        "clientId": str(row.client_id),
        "actor": {"id": row.actor.public_id, "name": known_as(row.actor)},
        "label": row.label,
        "ops": row.ops,
        "at": clock.iso(row.created_at),
    }


def face(person: User) -> dict[str, Any]:
    """How one of them is drawn."""
    return {
        "id": person.public_id,
        "name": known_as(person),
        "hue": avatars.hue_of(person),
    }
